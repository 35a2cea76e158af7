"""The named cube comes to rest in the named zone and was pushed there, not lifted."""

import itertools
import math
from collections.abc import Iterator

import mujoco
import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.scene import Pose2D
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.push_to_zone import (
    CUBE_HALF_M,
    LIFTED_M,
    OUTSIDE_M,
    PICTURES,
    SPACING_M,
    ZONE_HALF_M,
    PushToZone,
    in_zone,
)
from tests.sim.tasks.playing import first_plan, follow, let_pass, play, play_on, put

SEEDS = 12


@pytest.fixture(scope="module")
def simulation(robot: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(robot, "push_to_zone")
    yield simulation
    simulation.close()


def distance_m(first: Pose2D, second: Pose2D) -> float:
    return math.dist((first.x_m, first.y_m), (second.x_m, second.y_m))


def test_cubes_lie_apart_and_outside_of_every_zone():
    seen = set()
    for seed in range(150):
        layout = PushToZone().layout(np.random.default_rng(seed))
        zones = {name: pose for name, pose in layout.props.items() if name.endswith("_zone")}
        cubes = [pose for name, pose in layout.props.items() if name not in zones]
        names = tuple(name.removesuffix("_zone") for name in zones)
        seen.add((names, len(cubes)))
        assert all(distance_m(a, b) >= SPACING_M for a, b in itertools.combinations(cubes, 2))
        assert all(distance_m(cube, zone) >= OUTSIDE_M for cube in cubes for zone in zones.values())
        assert len(layout.choices) == len(cubes) * len(zones)
    assert seen == {(names, n) for names, most in PICTURES for n in range(2, most + 1)}


def test_the_expert_pushes_it_there_and_nothing_else(simulation):
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        before = {name: simulation.state.position_m(name) for name in scene.props}
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        moved = {n for n in before if np.linalg.norm(simulation.state.position_m(n) - before[n]) > 0.01}
        assert moved == {scene.goal["colour"]}


def test_only_the_goal_that_was_asked_for_is_reached(simulation):
    for goal in simulation.reset(2).choices:
        simulation.reset(2, goal=goal)
        play(simulation, Expert(simulation))
        assert simulation.success()
        reached = [g for g in simulation.scene.choices if simulation.task.in_place(simulation.state, g)]
        assert reached == [goal]


def test_a_cube_is_in_the_zone_when_its_middle_is(simulation):
    scene = simulation.reset(0)
    cube, zone = scene.goal["colour"], f"{scene.goal['zone']}_zone"
    middle_m = simulation.state.position_m(zone)

    def lies_in(x_m: float, y_m: float) -> bool:
        put(simulation, cube, middle_m + np.array([x_m, y_m, CUBE_HALF_M]))
        mujoco.mj_forward(simulation.model, simulation.data)
        return in_zone(simulation.state, cube, zone)

    assert lies_in(ZONE_HALF_M - 0.001, -ZONE_HALF_M + 0.001)
    assert not lies_in(ZONE_HALF_M + 0.001, 0.0)
    assert not lies_in(0.0, -ZONE_HALF_M - 0.001)


def test_a_cube_that_was_lifted_cannot_count_any_more(simulation):
    scene = simulation.reset(0)
    cube = scene.goal["colour"]
    middle_m = simulation.state.position_m(f"{scene.goal['zone']}_zone")
    put(simulation, cube, middle_m + np.array([0.0, 0.0, CUBE_HALF_M + LIFTED_M + 0.01]))
    let_pass(simulation, 1.0)

    assert simulation.task.in_place(simulation.state, scene.goal)
    assert not simulation.success()


def test_progress_grows_towards_the_zone(simulation):
    simulation.reset(3)
    expert = Expert(simulation)
    assert simulation.progress() == pytest.approx(0.0, abs=0.02)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, 0.72 * plan.duration_s)
    assert 0.1 < simulation.progress() < 1.0
    play_on(simulation, expert, command)

    assert simulation.progress() == 1.0


def test_a_cube_that_was_moved_meanwhile_is_pushed_from_where_it_lies(simulation):
    scene = simulation.reset(3)
    cube = scene.goal["colour"]
    pose = scene.props[cube]
    expert = Expert(simulation)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, 0.6 * plan.duration_s)
    put(simulation, cube, (pose.x_m, pose.y_m, CUBE_HALF_M))
    simulation.advance()
    play_on(simulation, expert, command)

    assert simulation.success()


def test_jaws_around_another_cube_leave_it(simulation):
    scene = simulation.reset(6)
    wrong = next(goal for goal in scene.choices if goal["colour"] != scene.goal["colour"])
    expert = Expert(simulation)
    plan = first_plan(simulation, expert, wrong)
    command = follow(simulation, plan, 0.4 * plan.duration_s)
    play_on(simulation, expert, command)

    assert simulation.success()


def test_after_success_the_hand_only_leaves(simulation):
    scene = simulation.reset(3)
    last = play(simulation, Expert(simulation))[-1]
    before = simulation.state.position_m(scene.goal["colour"])
    plan = Expert(simulation).plan(last, np.zeros_like(last))
    follow(simulation, plan, plan.duration_s)

    assert plan.duration_s < 1.5
    np.testing.assert_allclose(simulation.state.position_m(scene.goal["colour"]), before, atol=1e-3)
