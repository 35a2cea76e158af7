"""One cube on another: which one is on top is what counts."""

from collections.abc import Iterator

import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.sampling import sample_scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.stack import CUBE_HALF_M, CUBE_M, Stack
from tests.sim.tasks.playing import first_plan, follow, let_pass, play, play_on, put

SEEDS = 12


@pytest.fixture(scope="module")
def simulation(robot: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(robot, "stack")
    yield simulation
    simulation.close()


def put_on(simulation: Simulation, upper: str, lower: str, aside_m: float = 0.0) -> None:
    """Set a cube on another one, `aside_m` from its middle, and let it settle."""
    put(simulation, upper, simulation.state.position_m(lower) + np.array([0.0, aside_m, CUBE_M + 0.0005]))
    let_pass(simulation, 0.2)


def set_aside(simulation: Simulation, cube: str) -> None:
    """Lay a cube where the hand is not."""
    put(simulation, cube, (0.2, 0.15, CUBE_HALF_M))
    let_pass(simulation, 0.1)


def with_three(simulation: Simulation) -> tuple[str, str, str]:
    """Begin the first scene with three cubes; the upper, the lower and the third one."""
    seed = next(seed for seed in range(100) if len(simulation.reset(seed).props) == 3)
    scene = simulation.reset(seed)
    upper, lower = scene.goal["colour"], scene.goal["onto"]
    (third,) = set(scene.props) - {upper, lower}
    return upper, lower, third


def test_two_or_three_cubes_leave_open_every_ordered_pair(robot):
    scenes = [sample_scene(robot, Stack(), seed, "layout") for seed in range(100)]
    for scene in scenes:
        pairs = {(goal["colour"], goal["onto"]) for goal in scene.choices}
        assert pairs == {(a, b) for a in scene.props for b in scene.props if a != b}
        assert len(scene.choices) == len(pairs)
    assert {len(scene.props) for scene in scenes} == {2, 3}


def test_the_expert_succeeds_and_leaves_the_lower_cube_where_it_is(simulation):
    for seed in range(SEEDS):
        lower = simulation.reset(seed, "layout").goal["onto"]
        before = simulation.state.position_m(lower)
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        assert np.linalg.norm(simulation.state.position_m(lower) - before) < 0.01


def test_one_stack_is_no_success_for_any_other_goal(simulation):
    upper, lower, _ = with_three(simulation)
    set_aside(simulation, lower)
    put_on(simulation, upper, lower)

    reached = [g for g in simulation.scene.choices if simulation.task.in_place(simulation.state, g)]

    assert reached == [{"colour": upper, "onto": lower}]


def test_a_cube_counts_up_to_10_mm_beside_the_middle(simulation):
    upper, lower, _ = with_three(simulation)
    set_aside(simulation, lower)
    put_on(simulation, upper, lower, 0.008)
    assert simulation.task.in_place(simulation.state, simulation.scene.goal)
    put_on(simulation, upper, lower, 0.012)

    assert not simulation.task.in_place(simulation.state, simulation.scene.goal)


def test_a_stack_on_a_third_cube_does_not_count(simulation):
    upper, lower, third = with_three(simulation)
    set_aside(simulation, third)
    put_on(simulation, lower, third)
    put_on(simulation, upper, lower)

    assert simulation.state.position_m(upper)[2] > 2 * CUBE_M
    assert not simulation.task.in_place(simulation.state, simulation.scene.goal)


def test_a_cube_that_is_still_held_on_the_other_is_not_stacked(simulation):
    simulation.reset(3)
    expert = Expert(simulation)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, plan.duration_s)
    plan = expert.plan(command, np.zeros_like(command))
    follow(simulation, plan, plan.carries[0].to_s + 0.05)
    upper, lower = simulation.scene.goal["colour"], simulation.scene.goal["onto"]
    gap = simulation.state.position_m(upper)[2] - simulation.state.position_m(lower)[2]

    assert gap == pytest.approx(CUBE_M, abs=0.004)
    assert not simulation.task.in_place(simulation.state, simulation.scene.goal)


def test_progress_grows_from_0_to_1(simulation):
    simulation.reset(3)
    expert = Expert(simulation)
    assert simulation.progress() == pytest.approx(0.0, abs=0.02)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, plan.duration_s)
    assert 0.2 < simulation.progress() < 1.0
    play_on(simulation, expert, command)

    assert simulation.progress() == 1.0


def test_a_dropped_cube_is_fetched_again(simulation):
    upper = simulation.reset(3).goal["colour"]
    expert = Expert(simulation)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, plan.carries[0].from_s + 0.3)
    assert simulation.state.holding(upper)
    put(simulation, upper, (0.2, 0.15, CUBE_HALF_M))
    simulation.advance()
    play_on(simulation, expert, command)

    assert simulation.success()


@pytest.mark.parametrize("wrong", ["lower on upper", "third on lower", "third on upper"])
def test_a_wrong_stack_is_taken_apart_first(simulation, wrong):
    upper, lower, third = with_three(simulation)
    named = {"upper": upper, "lower": lower, "third": third}
    put_on(simulation, *(named[word] for word in wrong.split(" on ")))
    play_on(simulation, Expert(simulation), simulation.start_rad)

    assert simulation.success()


def test_another_cube_in_the_jaws_is_put_down_first(simulation):
    upper, lower, third = with_three(simulation)
    expert = Expert(simulation)
    plan = first_plan(simulation, expert, {"colour": third, "onto": lower})
    command = follow(simulation, plan, plan.duration_s)
    assert simulation.state.holding(third)
    play_on(simulation, expert, command)

    assert simulation.success()
    assert simulation.state.position_m(third)[2] == pytest.approx(CUBE_HALF_M, abs=0.002)
    assert simulation.state.position_m(upper)[2] > CUBE_M
