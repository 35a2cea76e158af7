"""Hold the named thing up; another one in the air spoils it."""

from collections.abc import Iterator

import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks import shapes
from tests.sim.tasks.playing import first_plan, follow, let_pass, play, play_on, put, tip_over

SEEDS = 12


@pytest.fixture(scope="module")
def simulation(robot: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(robot, "lift")
    yield simulation
    simulation.close()


def with_kind(simulation: Simulation, kind: str) -> str:
    """Begin the first scene that has such a thing and ask for it; the thing."""
    for seed in range(100):
        for goal in simulation.reset(seed).choices:
            if goal["kind"] == kind:
                return shapes.thing_of(simulation.reset(seed, goal=goal).goal)
    raise AssertionError(f"no scene has a {kind}")


def test_the_expert_succeeds_and_moves_nothing_else(simulation):
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        before = {name: simulation.state.position_m(name) for name in scene.props}
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        moved = {n for n in before if np.linalg.norm(simulation.state.position_m(n) - before[n]) > 0.01}
        assert moved == {shapes.thing_of(scene.goal)}


def test_lifting_one_thing_spoils_every_other_goal(simulation):
    for goal in simulation.reset(2).choices:
        simulation.reset(2, goal=goal)
        play(simulation, Expert(simulation))
        assert simulation.success()
        for other in simulation.scene.choices:
            assert simulation.task.in_place(simulation.state, other) == (other == goal)
            assert simulation.task.spoilt(simulation.state, other) == (other != goal)


@pytest.mark.parametrize("kind", shapes.KINDS)
def test_every_kind_stays_in_the_jaws_while_it_is_held_up(simulation, kind):
    thing = with_kind(simulation, kind)
    play(simulation, Expert(simulation))
    let_pass(simulation, 3.0)

    assert simulation.state.holding(thing)
    assert simulation.success()


def test_a_thing_that_flies_is_not_lifted(simulation):
    thing = with_kind(simulation, "cube")
    put(simulation, thing, simulation.state.position_m(thing) + np.array([0.0, 0.0, 0.2]))
    let_pass(simulation, 0.01)

    assert not simulation.task.in_place(simulation.state, simulation.scene.goal)


def test_progress_grows_with_the_height(simulation):
    simulation.reset(4)
    expert = Expert(simulation)
    assert simulation.progress() == pytest.approx(0.0, abs=0.02)
    plan = first_plan(simulation, expert)
    carry = plan.carries[0]
    command = follow(simulation, plan, (carry.from_s + carry.to_s) / 2)
    assert 0.1 < simulation.progress() < 1.0
    play_on(simulation, expert, command)

    assert simulation.progress() == 1.0


def test_a_dropped_thing_is_fetched_again(simulation):
    thing = with_kind(simulation, "disc")
    expert = Expert(simulation)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, plan.carries[0].from_s + 0.2)
    assert simulation.state.holding(thing)
    put(simulation, thing, (0.19, 0.14, 0.006))
    simulation.advance()
    play_on(simulation, expert, command)

    assert simulation.success()


def test_another_thing_in_the_jaws_is_let_go_first(simulation):
    scene = simulation.reset(6)
    wrong = next(goal for goal in scene.choices if goal != scene.goal)
    expert = Expert(simulation)
    plan = first_plan(simulation, expert, wrong)
    command = follow(simulation, plan, plan.carries[0].from_s)
    assert simulation.state.holding(shapes.thing_of(wrong))
    play_on(simulation, expert, command)

    assert simulation.success()


def test_a_fallen_tower_is_lifted_as_it_lies(simulation):
    tip_over(simulation, with_kind(simulation, "tower"), 0.012)
    play(simulation, Expert(simulation))

    assert simulation.success()


def test_after_success_the_hand_stays_where_it_is(simulation):
    simulation.reset(3)
    last = play(simulation, Expert(simulation))[-1]
    plan = Expert(simulation).plan(last, np.zeros_like(last))

    np.testing.assert_allclose(plan.position_rad(1.0), last, atol=1e-9)
