from pathlib import Path

import numpy as np
import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.episodes import (
    choose,
    read_episodes,
    read_images,
    read_joints,
)
from sovereign_robot.datasets.lerobot_v3 import open_as_recorded
from tests.datasets.collected import collected_episode, write_collected
from tests.datasets.samples import small_robot


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    return write_collected(tmp_path_factory.mktemp("collected") / "dataset")


def test_a_dataset_opens_with_the_robot_that_it_names_itself(collected):
    assert open_as_recorded(collected).contract == small_robot()


def test_a_folder_that_names_no_robot_is_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match=r"not a dataset of sovereign-robot: meta/info.json is"):
        open_as_recorded(tmp_path)


def test_episodes_are_listed_with_what_was_asked(collected):
    episodes = read_episodes(open_as_recorded(collected))

    assert [e.index for e in episodes] == [0, 1, 2, 3, 4, 5]
    assert [e.frames for e in episodes] == [10, 11, 12, 13, 14, 15]
    assert [(e.seed, e.language) for e in episodes[:2]] == [(0, "ja"), (1, "en")]
    assert episodes[1].instruction == "put the red cube in the left bin"
    assert [e.task for e in episodes] == ["place_in_bin"] * 4 + ["stack"] * 2


@pytest.mark.parametrize("frames", [(0, 6, 12), (3,), tuple(range(13))])
def test_pictures_are_those_of_the_episode_and_the_frames_asked_for(collected, frames):
    dataset = open_as_recorded(collected)
    episode = read_episodes(dataset)[3]
    recorded = collected_episode(3)

    for camera in small_robot().camera_names:
        images = read_images(dataset, episode, camera, frames)
        assert len(images) == len(frames)
        for frame, image in zip(frames, images, strict=True):
            assert np.abs(image.astype(int) - recorded.images[camera][frame]).mean() < 3.0


def test_a_frame_behind_the_end_of_the_video_is_refused(collected):
    dataset = open_as_recorded(collected)
    with pytest.raises(DatasetError, match="ends before episode 5 does"):
        read_images(dataset, read_episodes(dataset)[5], "front", (0, 400))


def test_joints_are_those_of_the_episode(collected):
    dataset = open_as_recorded(collected)
    recorded = collected_episode(2)
    stamp_s, position_rad, command_rad = read_joints(dataset, read_episodes(dataset)[2])

    np.testing.assert_allclose(stamp_s, recorded.stamp_s)
    np.testing.assert_allclose(position_rad, recorded.joint_position_rad, atol=1e-6)
    np.testing.assert_allclose(command_rad, recorded.action_rad, atol=1e-6)


@pytest.mark.parametrize(("per_task", "chosen"), [(1, [0, 4]), (2, [0, 1, 4, 5]), (99, [0, 1, 2, 3, 4, 5])])
def test_episodes_are_chosen_per_task_and_shared_by_the_languages(collected, per_task, chosen):
    assert [e.index for e in choose(read_episodes(open_as_recorded(collected)), per_task)] == chosen
