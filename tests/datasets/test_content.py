from dataclasses import replace

import pytest

from sovereign_robot.datasets.content import content_sha256
from tests.datasets.samples import labelled, sample_episode, write_dataset

EPISODE = sample_episode(0)


@pytest.fixture(scope="module")
def content(tmp_path_factory) -> str:
    return content_sha256(write_dataset(tmp_path_factory.mktemp("content"), [EPISODE]))


def test_the_same_episodes_have_the_same_content_however_long_they_took(content, tmp_path):
    later = replace(EPISODE, stamp_s=EPISODE.stamp_s + 0.002)

    assert content_sha256(write_dataset(tmp_path, [later])) == content


@pytest.mark.parametrize(
    "change",
    [
        {"joint_position_rad": EPISODE.joint_position_rad + 1e-5},
        {"action_rad": EPISODE.action_rad + 1e-5},
        {"expert": ~EPISODE.expert},
        {"labels": labelled(EPISODE).labels},
        {"seed": 1},
        {"instruction": "赤を左へ"},
        {"goal": {"colour": "red", "bin": "right"}},
        {"split": "layout"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_episode_is_another_content(content, tmp_path, change):
    assert content_sha256(write_dataset(tmp_path, [replace(EPISODE, **change)])) != content


def test_other_labels_are_another_content(tmp_path):
    attempt = labelled(EPISODE)
    other = replace(attempt, labels=replace(attempt.labels, rows_rad=attempt.labels.rows_rad + 1e-4))

    made = [content_sha256(write_dataset(tmp_path / str(i), [e])) for i, e in enumerate((attempt, other))]
    assert made[0] != made[1]
