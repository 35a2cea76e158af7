"""Two cubes to two bins: both halves of the sentence count."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.sampling import sample_scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.place_in_bin import BIN_HALF_M, CUBE_HALF_M, in_bin
from sovereign_robot.sim.tasks.sort_two import SortTwo
from tests.sim.tasks.playing import first_plan, follow, let_pass, play, play_on, put

SEEDS = 8
BINS = ("left_bin", "right_bin")
IN_THE_BIN_M = CUBE_HALF_M + 0.003


@pytest.fixture(scope="module")
def simulation(robot: RobotContract) -> Iterator[Simulation]:
    simulation = Simulation(robot, "sort_two")
    yield simulation
    simulation.close()


def put_in(simulation: Simulation, cube: str, bin_: str) -> None:
    """Lay a cube into the middle of a bin."""
    put(simulation, cube, simulation.state.position_m(bin_) + np.array([0.0, 0.0, IN_THE_BIN_M]))
    let_pass(simulation, 0.1)


def named(simulation: Simulation) -> tuple[str, str]:
    """The cube of the left bin and the one of the right bin."""
    return simulation.scene.goal["colour"], simulation.scene.goal["other"]


def test_every_ordered_pair_is_one_goal_that_names_the_left_bin_first(robot):
    scenes = [sample_scene(robot, SortTwo(), seed, "layout") for seed in range(100)]
    for scene in scenes:
        cubes = [name for name in scene.props if name not in BINS]
        pairs = {(goal["colour"], goal["other"]) for goal in scene.choices}
        assert pairs == {(a, b) for a in cubes for b in cubes if a != b}
        assert {(goal["bin"], goal["other_bin"]) for goal in scene.choices} == {("left", "right")}
    assert {len(scene.props) - len(BINS) for scene in scenes} == {2, 3}


def test_no_cube_starts_in_a_bin(robot):
    for seed in range(100):
        props = sample_scene(robot, SortTwo(), seed, "train").props
        for cube in set(props) - set(BINS):
            for bin_ in (props[name] for name in BINS):
                aside = max(abs(props[cube].x_m - bin_.x_m), abs(props[cube].y_m - bin_.y_m))
                assert aside > BIN_HALF_M + CUBE_HALF_M * math.sqrt(2.0)


def test_either_half_of_the_sentence_can_be_new():
    def goal(left: str, right: str) -> dict[str, str]:
        return {"colour": left, "bin": "left", "other": right, "other_bin": "right"}

    task = SortTwo()

    assert not task.is_held_out(goal("red", "blue"))
    assert task.is_held_out(goal("yellow", "blue"))
    assert task.is_held_out(goal("red", "green"))


def test_the_expert_succeeds_and_a_third_cube_stays(simulation):
    for seed in range(SEEDS):
        scene = simulation.reset(seed, "layout")
        others = set(scene.props) - {*named(simulation), *BINS}
        before = {name: simulation.state.position_m(name) for name in others}
        play(simulation, Expert(simulation))
        assert simulation.success(), seed
        for name in others:
            assert np.linalg.norm(simulation.state.position_m(name) - before[name]) < 0.01


def test_only_the_goal_that_was_asked_for_is_reached(simulation):
    simulation.reset(2)
    play(simulation, Expert(simulation))
    reached = [g for g in simulation.scene.choices if simulation.task.in_place(simulation.state, g)]

    assert reached == [simulation.scene.goal]


def test_one_half_is_half_of_the_progress_and_no_success(simulation):
    simulation.reset(2)
    assert simulation.progress() == pytest.approx(0.0, abs=0.02)
    put_in(simulation, named(simulation)[1], "right_bin")
    let_pass(simulation, 1.0)

    assert simulation.progress() == pytest.approx(0.5, abs=0.05)
    assert not simulation.success()


def test_a_half_that_is_done_is_left_alone(simulation):
    simulation.reset(2)
    left, right = named(simulation)
    put_in(simulation, left, "left_bin")
    plan = first_plan(simulation, Expert(simulation))

    assert [carry.prop for carry in plan.carries] == [right]


def test_a_cube_dropped_on_the_way_is_fetched_again(simulation):
    simulation.reset(3)
    expert = Expert(simulation)
    plan = first_plan(simulation, expert)
    cube = plan.carries[0].prop
    command = follow(simulation, plan, plan.carries[0].from_s + 0.3)
    assert simulation.state.holding(cube)
    pose = simulation.scene.props[cube]
    put(simulation, cube, (pose.x_m, pose.y_m, CUBE_HALF_M))
    simulation.advance()
    play_on(simulation, expert, command)

    assert simulation.success()


@pytest.mark.parametrize("misplaced", [(0,), (1,), (0, 1)])
def test_cubes_in_the_wrong_bins_are_brought_to_the_right_ones(simulation, misplaced):
    simulation.reset(5)
    for index in misplaced:
        put_in(simulation, named(simulation)[index], BINS[1 - index])
    play(simulation, Expert(simulation))

    assert simulation.success()
    assert all(in_bin(simulation.state, *pair) for pair in zip(named(simulation), BINS, strict=True))


def test_what_is_in_the_jaws_is_brought_first(simulation):
    simulation.reset(2)
    left, right = named(simulation)
    expert = Expert(simulation)
    swapped = {"colour": right, "bin": "left", "other": left, "other_bin": "right"}
    plan = first_plan(simulation, expert, swapped)
    command = follow(simulation, plan, plan.carries[0].from_s + 0.3)
    assert simulation.state.holding(right)

    again = expert.plan(command, np.zeros_like(command))

    assert [carry.prop for carry in again.carries] == [right, left]


def looked_at(simulation: Simulation) -> list[str]:
    """The props that the task says one has to look at now."""
    points = SortTwo().attention(simulation.state, simulation.scene.goal)
    props = simulation.scene.props
    return [min(props, key=lambda p: np.linalg.norm(simulation.state.position_m(p) - at)) for at in points]


def test_one_looks_at_the_cube_that_is_moved_next_and_at_its_bin(simulation):
    simulation.reset(2, "layout")
    left, right = named(simulation)
    assert looked_at(simulation) == [left, "left_bin"]

    put_in(simulation, right, "left_bin")  # which must leave before the other one comes
    assert looked_at(simulation) == [right, "right_bin"]

    put_in(simulation, right, "right_bin")
    assert looked_at(simulation) == [left, "left_bin"]

    put_in(simulation, left, "left_bin")
    put(simulation, right, (0.2, 0.0, CUBE_HALF_M))
    let_pass(simulation, 0.1)
    assert looked_at(simulation) == [right, "right_bin"]
