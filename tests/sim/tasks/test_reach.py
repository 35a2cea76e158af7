"""Reach the named thing: the finger tips at its top, and nothing shoved."""

from collections.abc import Iterator

import mujoco
import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks import shapes
from tests.sim.tasks.playing import first_plan, follow, play, play_on, put, tip_over

SEEDS = 12


@pytest.fixture(scope="module")
def simulation(robot: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(robot, "reach")
    yield simulation
    simulation.close()


def with_kind(simulation: Simulation, kind: str) -> str:
    """Begin the first scene that has such a thing and ask for it; the thing."""
    for seed in range(100):
        for goal in simulation.reset(seed).choices:
            if goal["kind"] == kind:
                return shapes.thing_of(simulation.reset(seed, goal=goal).goal)
    raise AssertionError(f"no scene has a {kind}")


def test_the_expert_succeeds_and_shoves_nothing(simulation):
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        before = {name: simulation.state.position_m(name) for name in scene.props}
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        for name, position in before.items():
            assert np.linalg.norm(simulation.state.position_m(name) - position) < 0.003


def test_pointing_at_one_thing_is_no_success_for_another(simulation):
    for goal in simulation.reset(2).choices:
        simulation.reset(2, goal=goal)
        play(simulation, Expert(simulation))
        reached = [g for g in simulation.scene.choices if simulation.task.in_place(simulation.state, g)]
        assert reached == [goal]


def test_a_thing_that_is_shoved_under_the_hand_is_not_reached(simulation):
    scene = simulation.reset(0)
    play(simulation, Expert(simulation))
    simulation.data.joint(f"{shapes.thing_of(scene.goal)}/free").qvel[:3] = (0.3, 0.0, 0.0)
    mujoco.mj_forward(simulation.model, simulation.data)

    assert not simulation.task.in_place(simulation.state, scene.goal)


@pytest.mark.parametrize(("aside_m", "reached"), [(0.008, True), (0.016, False)])
def test_the_tips_count_within_12_mm_of_the_middle(simulation, aside_m, reached):
    scene = simulation.reset(0)
    play(simulation, Expert(simulation))
    thing = shapes.thing_of(scene.goal)
    tips = simulation.state.finger_tips_m()
    top = simulation.state.position_m(thing)
    put(simulation, thing, (tips[0], tips[1] + aside_m, top[2]))
    mujoco.mj_forward(simulation.model, simulation.data)

    assert simulation.task.in_place(simulation.state, scene.goal) == reached


def test_progress_grows_from_0_to_1(simulation):
    simulation.reset(4)
    assert simulation.progress() == pytest.approx(0.0, abs=0.02)
    plan = first_plan(simulation, Expert(simulation))
    follow(simulation, plan, 0.9 * plan.duration_s)
    assert 0.3 < simulation.progress() < 1.0
    play(simulation, Expert(simulation))

    assert simulation.progress() == 1.0


def test_a_thing_that_was_moved_meanwhile_is_reached_where_it_is(simulation):
    expert = Expert(simulation)
    thing = with_kind(simulation, "cube")
    command = follow(simulation, first_plan(simulation, expert), 0.5)
    put(simulation, thing, (0.3, 0.05, 0.014))
    play_on(simulation, expert, command)

    assert simulation.success()


def test_a_fallen_tower_is_reached_as_it_lies(simulation):
    tower = with_kind(simulation, "tower")
    tip_over(simulation, tower, 0.012)
    play(simulation, Expert(simulation))

    assert abs(simulation.state.upright(tower)) < 0.1
    assert simulation.success()
