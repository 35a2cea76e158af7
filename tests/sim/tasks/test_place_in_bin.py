"""Scenes: what a seed decides, and what every scene keeps to."""

import itertools
import math

import mujoco
import numpy as np
import pytest
import yaml

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.sampling import sample_scene
from sovereign_robot.sim.tasks.place_in_bin import (
    BIN_CENTRES_M,
    BIN_HALF_M,
    BIN_HEIGHT_M,
    CUBE_HALF_M,
    PlaceInBin,
    in_bin,
)
from sovereign_robot.sim.tasks.registry import load_task
from sovereign_robot.sim.tasks.table_layout import FIELD_X_M, FIELD_Y_M, SPACING_M
from tests.sim.tasks.playing import put

SEEDS = range(300)
TASK = PlaceInBin()
BINS = tuple(f"{name}_bin" for name in BIN_CENTRES_M)


@pytest.fixture(scope="module")
def scenes(robot):
    return [sample_scene(robot, TASK, seed, split) for seed in SEEDS for split in ("train", "layout")]


def test_cubes_lie_apart_in_the_field_and_clear_of_every_bin(scenes):
    for scene in scenes:
        spots = [(pose.x_m, pose.y_m) for name, pose in scene.props.items() if name not in BINS]
        assert all(math.dist(a, b) >= SPACING_M for a, b in itertools.combinations(spots, 2))
        assert all(FIELD_X_M[0] <= x <= FIELD_X_M[1] and FIELD_Y_M[0] <= y <= FIELD_Y_M[1] for x, y in spots)
        corner = CUBE_HALF_M * math.sqrt(2.0)
        for bin_ in (scene.props[name] for name in BINS):
            clear = [max(abs(x - bin_.x_m), abs(y - bin_.y_m)) > BIN_HALF_M + corner for x, y in spots]
            assert all(clear)


def test_every_bin_stands_near_its_place_and_the_arm_starts_inside_its_limits(scenes, robot):
    for scene in scenes:
        for name, centre in BIN_CENTRES_M.items():
            pose = scene.props[f"{name}_bin"]
            assert math.dist((pose.x_m, pose.y_m), centre) <= 0.01 * math.sqrt(2.0)
        assert (robot.lower_rad <= scene.start_rad).all()
        assert (scene.start_rad <= robot.upper_rad).all()


def test_every_colour_bin_language_and_number_of_cubes_occurs(scenes):
    assert {scene.goal["colour"] for scene in scenes} == set(TASK.colours)
    assert {scene.goal["bin"] for scene in scenes} == set(TASK.bins)
    assert {scene.language for scene in scenes} == {"ja", "en"}
    assert {len(scene.props) - len(BINS) for scene in scenes} == {2, 3, 4}
    assert all(scene.goal["colour"] in scene.props and scene.goal in scene.choices for scene in scenes)


def test_a_cube_is_in_the_bin_when_its_centre_is_between_the_walls_and_low(simulation):
    cube = simulation.reset(0).goal["colour"]
    bin_m = simulation.state.position_m("left_bin")

    def lies_in(*offset_m: float) -> bool:
        put(simulation, cube, bin_m + np.array(offset_m))
        mujoco.mj_forward(simulation.model, simulation.data)
        return in_bin(simulation.state, cube, "left_bin")

    assert lies_in(0.04, -0.04, 0.014)
    assert not lies_in(BIN_HALF_M + 0.001, 0.0, 0.014)
    assert not lies_in(0.0, 0.0, BIN_HEIGHT_M + 0.001)


CHOICES = {
    "task": "place_in_bin",
    "colours": ["red", "blue"],
    "bins": ["left"],
    "distractors_min": 1,
    "distractors_max": 1,
}


def write(tmp_path, **changes) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(CHOICES | changes))
    return str(path)


def test_a_task_file_decides_which_colours_and_bins_occur(robot, tmp_path):
    mine = load_task(write(tmp_path))
    scenes = [sample_scene(robot, mine, seed, "train") for seed in range(40)]

    assert {scene.goal["colour"] for scene in scenes} == {"red", "blue"}
    assert {scene.goal["bin"] for scene in scenes} == {"left"}
    assert {frozenset(set(scene.props) - set(BINS)) for scene in scenes} == {frozenset({"red", "blue"})}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colours": ["red", "purple"]}, "colours.1"),
        ({"bins": ["top"]}, "bins.0"),
        ({"distractors_max": 2}, "distractors_max 2"),
        ({"distractors_min": "one"}, "distractors_min"),
        ({"distracters": 1}, "distracters"),
        ({"task": "stick"}, "task"),
    ],
)
def test_a_wrong_task_file_names_the_field_and_the_value(tmp_path, changes, field):
    with pytest.raises(UsageError) as refusal:
        load_task(write(tmp_path, **changes))

    assert field in str(refusal.value)


def test_a_task_file_that_names_a_colour_twice_is_refused(tmp_path):
    with pytest.raises(UsageError, match="colours name red twice"):
        load_task(write(tmp_path, colours=["red", "red"]))


def test_a_task_file_that_leaves_nothing_to_ask_for_is_refused(robot, tmp_path):
    mine = load_task(write(tmp_path, colours=["red", "yellow"]))

    with pytest.raises(UsageError, match="leaves open fewer than 2 goals for split train"):
        sample_scene(robot, mine, 0, "train")
