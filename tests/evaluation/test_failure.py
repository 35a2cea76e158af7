import numpy as np
import pytest

from sovereign_robot.evaluation.failure import phase_of
from sovereign_robot.evaluation.results import Phase
from tests.sim.tasks.playing import let_pass, put


@pytest.mark.parametrize(
    ("progress", "phase"),
    [
        ([], Phase.NOT_BEGUN),
        ([0.0, 0.05, 0.02], Phase.NOT_BEGUN),
        ([0.0, 0.3, 0.5], Phase.UNDER_WAY),
        ([0.0, 0.7, 0.3], Phase.LOST_AGAIN),
        ([0.0, 0.6, 0.95], Phase.AT_THE_END),
        ([0.0, 0.95, 0.2], Phase.LOST_AGAIN),
    ],
)
def test_the_phase_is_how_far_it_came_and_whether_it_stayed_there(simulation, progress, phase):
    simulation.reset(0)

    assert phase_of(simulation, progress) is phase


def test_another_goal_of_the_picture_is_the_wrong_thing_however_far_it_came(simulation):
    scene = simulation.reset(0)
    other = next(choice for choice in scene.choices if choice["colour"] != scene.goal["colour"])
    bin_m = simulation.state.position_m(f"{other['bin']}_bin")
    put(simulation, other["colour"], bin_m + np.array([0.0, 0.0, 0.016]))
    let_pass(simulation, 0.3)

    assert phase_of(simulation, [0.0, 0.5]) is Phase.WRONG_THING


def test_what_was_spoilt_is_the_wrong_thing(simulation):
    simulation.reset(0)
    simulation.judge.spoilt = True

    assert phase_of(simulation, [0.0, 0.5]) is Phase.WRONG_THING
