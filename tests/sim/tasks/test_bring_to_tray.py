"""The named kind of thing stands in the named tray, whatever its colour."""

import itertools
import math
from collections.abc import Iterator

import mujoco
import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.bring_to_tray import REST_M, SPACING_M, BringToTray, the_thing
from sovereign_robot.sim.tasks.table_layout import clear_of_the_hand
from tests.sim.tasks.playing import first_plan, follow, play, play_on, put

SEEDS = 12
TRAY_OUTER_M, THING_RADIUS_M = 0.046, 0.026


@pytest.fixture(scope="module")
def simulation(robot: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(robot, "bring_to_tray")
    yield simulation
    simulation.close()


def lay_in_tray(simulation: Simulation, thing: str, tray: str, height_m: float, tilt_rad: float) -> None:
    """Put a thing into a tray, turned about the base's x axis."""
    put(simulation, thing, simulation.state.position_m(tray) + np.array([0.0, 0.0, height_m]))
    quat_wxyz = (math.cos(tilt_rad / 2), math.sin(tilt_rad / 2), 0.0, 0.0)
    simulation.data.joint(f"{thing}/free").qpos[3:] = quat_wxyz
    mujoco.mj_forward(simulation.model, simulation.data)


def test_things_stand_apart_and_clear_of_the_trays_and_of_the_hand():
    for seed in range(300):
        layout = BringToTray().layout(np.random.default_rng(seed))
        trays = [layout.props["left_tray"], layout.props["right_tray"]]
        things = [pose for name, pose in layout.props.items() if not name.endswith("_tray")]
        pairs = itertools.combinations(things, 2)
        assert all(math.dist((a.x_m, a.y_m), (b.x_m, b.y_m)) >= SPACING_M for a, b in pairs)
        assert all(clear_of_the_hand(thing) for thing in things)
        reach_m = TRAY_OUTER_M + THING_RADIUS_M
        assert all(abs(thing.y_m - tray.y_m) > reach_m for thing in things for tray in trays)
        assert trays[0].y_m > 0.0 > trays[1].y_m


def test_every_kind_occurs_in_every_colour_and_only_once_in_a_picture():
    seen = set()
    for seed in range(300):
        layout = BringToTray().layout(np.random.default_rng(seed))
        things = [name for name in layout.props if not name.endswith("_tray")]
        kinds = {name.split("_")[1] for name in things}
        seen.update(things)
        assert len(kinds) == len(things) in (2, 3)
        assert {goal["kind"] for goal in layout.choices} == kinds
    assert len(seen) == 12


def test_the_expert_succeeds_and_moves_nothing_else(simulation):
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        before = {name: simulation.state.position_m(name) for name in scene.props}
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        moved = {n for n in before if np.linalg.norm(simulation.state.position_m(n) - before[n]) > 0.01}
        assert moved == {the_thing(simulation.state, scene.goal["kind"])}


def test_only_the_goal_that_was_asked_for_is_reached(simulation):
    for goal in simulation.reset(0).choices:
        simulation.reset(0, goal=goal)
        play(simulation, Expert(simulation))
        assert simulation.success()
        reached = [g for g in simulation.scene.choices if simulation.task.in_place(simulation.state, g)]
        assert reached == [goal]


@pytest.mark.parametrize(("kind", "fits_lying"), [("medicine", True), ("cup", False), ("bottle", False)])
def test_a_cup_and_a_bottle_must_stand_but_a_box_may_lie(simulation, kind, fits_lying):
    for seed in range(100):
        scene = simulation.reset(seed)
        if any(goal["kind"] == kind for goal in scene.choices):
            break
    goal, thing = {"kind": kind, "tray": "left"}, the_thing(simulation.state, kind)
    lay_in_tray(simulation, thing, "left_tray", REST_M[kind] + 0.002, 0.0)
    assert simulation.task.in_place(simulation.state, goal)
    lay_in_tray(simulation, thing, "left_tray", 0.018, math.pi / 2)

    assert simulation.task.in_place(simulation.state, goal) == fits_lying


def test_progress_grows_towards_the_tray(simulation):
    simulation.reset(4)
    expert = Expert(simulation)
    assert simulation.progress() == pytest.approx(0.0, abs=0.02)
    plan = first_plan(simulation, expert)
    carry = plan.carries[0]
    command = follow(simulation, plan, (carry.from_s + carry.to_s) / 2)
    assert 0.1 < simulation.progress() < 1.0
    play_on(simulation, expert, command)

    assert simulation.progress() == 1.0


def test_a_thing_that_is_taken_away_on_the_way_is_fetched_again(simulation):
    scene = simulation.reset(3)
    kind = scene.goal["kind"]
    expert, thing = Expert(simulation), the_thing(simulation.state, kind)
    plan = first_plan(simulation, expert)
    command = follow(simulation, plan, plan.carries[0].from_s + 0.2)
    assert simulation.state.holding(thing)
    pose = scene.props[thing]
    put(simulation, thing, (pose.x_m, pose.y_m, REST_M[kind]))
    simulation.data.joint(f"{thing}/free").qpos[3:] = (1.0, 0.0, 0.0, 0.0)
    simulation.advance()
    play_on(simulation, expert, command)

    assert simulation.success()


def test_another_thing_in_the_jaws_is_put_down_first(simulation):
    scene = simulation.reset(6)
    wrong = next(goal for goal in scene.choices if goal["kind"] != scene.goal["kind"])
    expert = Expert(simulation)
    plan = first_plan(simulation, expert, wrong)
    command = follow(simulation, plan, plan.carries[0].from_s + 0.2)
    assert simulation.state.holding(the_thing(simulation.state, wrong["kind"]))
    play_on(simulation, expert, command)

    assert simulation.success()
