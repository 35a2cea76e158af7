import json
from dataclasses import replace

import numpy as np
import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.types import Labels
from sovereign_robot.datasets.takes import (
    TakeId,
    done_takes,
    drop_unfinished,
    failed_takes,
    read_facts,
    read_take,
    unfinished,
)
from tests.datasets.samples import labelled, sample_episode, small_robot, write_takes

EPISODE = sample_episode(3)
TAKE = TakeId("place_in_bin", 3)


@pytest.fixture
def root(tmp_path):
    write_takes(tmp_path, [EPISODE])
    return tmp_path


def test_a_take_is_read_back_as_it_was_recorded(root):
    take = read_take(root, TAKE, small_robot())

    for name in ("stamp_s", "joint_position_rad", "action_rad", "expert", "attention"):
        np.testing.assert_array_equal(getattr(take, name), getattr(EPISODE, name))
    assert take.labels is None
    assert take.facts == read_facts(root, TAKE, True)
    assert (take.facts.goal, take.facts.split) == ({"colour": "red", "bin": "left"}, "train")
    assert (take.facts.frames, take.facts.expert_frames) == (12, 9)
    assert take.facts.seconds["encoding"] > 0.0
    assert sorted(take.videos) == sorted(take.pixel_counts) == ["front", "wrist"]
    assert take.pixel_counts["front"].sum() == EPISODE.images["front"].size


def test_failures_are_kept_apart(root):
    write_takes(root, [replace(sample_episode(1), success=False)])

    assert done_takes(root) == [TAKE]
    assert failed_takes(root) == [("place_in_bin", 1)]
    assert not read_facts(root, failed_takes(root)[0], False).success


def test_a_labelled_attempt_teaches_without_success_and_keeps_its_labels(tmp_path):
    attempt = labelled(EPISODE)
    write_takes(tmp_path, [attempt])
    take = read_take(tmp_path, TAKE, small_robot())

    assert (done_takes(tmp_path), failed_takes(tmp_path)) == ([TAKE], [])
    assert (take.facts.teaches, take.facts.success, take.facts.rate_hz) == (True, False, 5.0)
    np.testing.assert_array_equal(take.labels.rows_rad, attempt.labels.rows_rad)
    np.testing.assert_array_equal(take.labels.span, attempt.labels.span)


def test_takes_are_listed_by_task_and_seed(root):
    write_takes(
        root, [replace(sample_episode(seed), task=task) for task, seed in (("lift", 9), ("lift", 10))]
    )

    assert done_takes(root) == [("lift", 9), ("lift", 10), ("place_in_bin", 3)]


def test_a_take_that_is_there_stays_as_it_is(root):
    before = read_facts(root, TAKE, True)
    write_takes(root, [EPISODE])

    assert done_takes(root) == [TAKE]
    assert read_facts(root, TAKE, True) == before
    assert not list(unfinished(root).iterdir())


def test_what_a_killed_writer_left_is_no_take(root):
    half = unfinished(root) / "00000004.5"
    half.mkdir()
    (half / "front.mp4").write_bytes(b"half")

    assert done_takes(root) == [TAKE]
    drop_unfinished(root)
    assert not unfinished(root).exists()


@pytest.mark.parametrize("name", ["take.json", "frames.npz", "wrist.mp4"])
def test_a_damaged_take_is_refused_by_name(root, name):
    path = root / "takes/done/place_in_bin/00000003" / name
    path.write_bytes(path.read_bytes()[:-9])

    with pytest.raises(DatasetError, match="00000003"):
        read_take(root, TAKE, small_robot())


@pytest.mark.parametrize("text", ["{}", json.dumps({"task": "lift", "colour": "red"})])
def test_facts_of_another_kind_are_refused(root, text):
    (root / "takes/done/place_in_bin/00000003/take.json").write_text(text)

    with pytest.raises(DatasetError, match="was damaged"):
        read_facts(root, TAKE, True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"robot": "panda"}, "an episode of robot panda cannot go into a dataset of robot so101"),
        ({"action_rad": np.zeros((12, 5))}, r"action_rad of the episode of seed 3 has shape \(12, 5\)"),
        (
            {"joint_position_rad": np.full((12, 6), np.nan)},
            "joint_position_rad .* values that are not finite",
        ),
        ({"attention": np.zeros((12, 2, 2))}, r"attention of the episode of seed 3 has shape \(12, 2, 2\)"),
        ({"attention": np.full((12, 2, 2, 2), np.inf)}, "attention of .* values that are not finite"),
        ({"labels": Labels(np.zeros((11, 4, 6)), np.zeros((12, 2), int))}, r"labels of .* \(11, 4, 6\)"),
        (
            {"labels": Labels(np.zeros((12, 4, 6)), np.zeros((12, 1), int))},
            r"span of the labels of .* \(12, 1\)",
        ),
        ({"images": {"front": EPISODE.images["front"]}}, "expected at least 2 of front, wrist"),
    ],
)
def test_an_episode_that_does_not_fit_is_refused_and_leaves_nothing(tmp_path, change, sentence):
    with pytest.raises(DatasetError, match=sentence):
        write_takes(tmp_path, [replace(EPISODE, **change)])
    assert not list(tmp_path.iterdir())
