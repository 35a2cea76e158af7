"""Scenes: what a seed decides, and what every scene keeps to."""

import hashlib
import itertools
import json
import math
from dataclasses import asdict

import numpy as np
import pytest
import yaml

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.tasks.place_in_bin import (
    BIN_CENTRES_M,
    BIN_HALF_M,
    BIN_HEIGHT_M,
    BINS,
    CUBE_HALF_M,
    FIELD_X_M,
    FIELD_Y_M,
    OBJECTS,
    SPACING_M,
    in_bin,
    load,
    sample_scene,
)

SEEDS = range(300)
TASK = load("place_in_bin")


@pytest.fixture(scope="module")
def scenes(robot):
    return [sample_scene(robot, TASK, seed, split) for seed in SEEDS for split in ("train", "held_out")]


def fingerprint(scene) -> str:
    text = json.dumps(asdict(scene), sort_keys=True, ensure_ascii=False, default=float)
    rounded = json.loads(text, parse_float=lambda number: round(float(number), 9))
    return hashlib.sha256(json.dumps(rounded, sort_keys=True).encode()).hexdigest()[:12]


def test_the_same_seed_and_split_give_the_same_scene_on_every_machine(robot):
    pinned = {
        (0, "train"): "d88a586ff769",
        (1, "train"): "7f4f72bb81ba",
        (7, "held_out"): "0d0921e10962",
        (100_000, "train"): "91e9b8c0d71a",
    }

    assert {key: fingerprint(sample_scene(robot, TASK, *key)) for key in pinned} == pinned


def test_the_two_splits_share_no_layout(scenes):
    layouts = [json.dumps(asdict(scene)["objects"], sort_keys=True) for scene in scenes]

    assert len(set(layouts)) == len(layouts)


def test_cubes_lie_apart_in_the_field_and_clear_of_every_bin(scenes):
    for scene in scenes:
        spots = [(pose.x_m, pose.y_m) for pose in scene.objects.values()]
        assert all(math.dist(a, b) >= SPACING_M for a, b in itertools.combinations(spots, 2))
        assert all(FIELD_X_M[0] <= x <= FIELD_X_M[1] and FIELD_Y_M[0] <= y <= FIELD_Y_M[1] for x, y in spots)
        corner = CUBE_HALF_M * math.sqrt(2.0)
        for bin_ in scene.fixtures.values():
            clear = [max(abs(x - bin_.x_m), abs(y - bin_.y_m)) > BIN_HALF_M + corner for x, y in spots]
            assert all(clear)


def test_every_bin_stands_near_its_place_and_the_arm_starts_inside_its_limits(scenes, robot):
    for scene in scenes:
        assert set(scene.fixtures) == set(BIN_CENTRES_M)
        for name, pose in scene.fixtures.items():
            assert math.dist((pose.x_m, pose.y_m), BIN_CENTRES_M[name]) <= 0.01 * math.sqrt(2.0)
        assert (robot.lower_rad <= scene.start_rad).all()
        assert (scene.start_rad <= robot.upper_rad).all()


def test_every_colour_bin_language_and_number_of_cubes_occurs(scenes):
    assert {scene.target for scene in scenes} == set(OBJECTS)
    assert {scene.destination for scene in scenes} == set(BINS)
    assert {scene.language for scene in scenes} == {"ja", "en"}
    assert {len(scene.objects) for scene in scenes} == {2, 3, 4}
    assert all(scene.target in scene.objects for scene in scenes)


def test_a_cube_is_in_the_bin_when_its_centre_is_between_the_walls_and_low():
    bin_m = np.array([0.2, 0.1, 0.0])

    def lies_in(*offset_m: float) -> bool:
        return in_bin(bin_m + np.array(offset_m), bin_m)

    assert lies_in(0.04, -0.04, 0.014)
    assert not lies_in(BIN_HALF_M + 0.001, 0.0, 0.014)
    assert not lies_in(0.0, 0.0, BIN_HEIGHT_M + 0.001)


def test_an_unknown_split_is_refused_with_those_there_are(robot):
    with pytest.raises(UsageError, match="split 'test' is not known; choose one of train, held_out"):
        sample_scene(robot, TASK, 0, "test")


def test_an_unknown_task_is_refused_with_the_closest():
    with pytest.raises(UsageError, match=r"task 'place_in_bim' is not known.*did you mean place_in_bin\?"):
        load("place_in_bim")


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
    mine = load(write(tmp_path))
    scenes = [sample_scene(robot, mine, seed, "train") for seed in range(40)]

    assert {scene.target for scene in scenes} == {"red", "blue"}
    assert {scene.destination for scene in scenes} == {"left"}
    assert {frozenset(scene.objects) for scene in scenes} == {frozenset({"red", "blue"})}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colours": ["red", "purple"]}, "colours.1"),
        ({"bins": ["top"]}, "bins.0"),
        ({"distractors_max": 2}, "distractors_max 2"),
        ({"distractors_min": "one"}, "distractors_min"),
        ({"distracters": 1}, "distracters"),
        ({"task": "stack"}, "task"),
    ],
)
def test_a_wrong_task_file_names_the_field_and_the_value(tmp_path, changes, field):
    with pytest.raises(UsageError) as refusal:
        load(write(tmp_path, **changes))

    assert field in str(refusal.value)
    assert "mine.yaml" in str(refusal.value)


def test_a_task_file_that_names_a_colour_twice_is_refused(tmp_path):
    with pytest.raises(UsageError, match="colours name red twice"):
        load(write(tmp_path, colours=["red", "red"]))
