from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.frames import CACHE, load_frames
from tests.datasets.samples import labelled, sample_episode, small_robot, write_dataset

EPISODES = [sample_episode(i, frames=10 + i, language="en" if i % 2 else "ja") for i in range(4)]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("written") / "dataset", EPISODES)


def test_frames_are_the_episodes_in_order(written):
    frames = load_frames(written, small_robot())

    assert len(frames) == sum(len(e.stamp_s) for e in EPISODES)
    assert (frames.rate_hz, frames.labels) == (20.0, None)
    for index, episode in enumerate(EPISODES):
        rows = np.flatnonzero(frames.episode_index == index)
        np.testing.assert_array_equal(frames.frame_index[rows], np.arange(len(episode.stamp_s)))
        np.testing.assert_allclose(frames.joint_position_rad[rows], episode.joint_position_rad, atol=1e-6)
        np.testing.assert_allclose(frames.action_rad[rows], episode.action_rad, atol=1e-6)
        np.testing.assert_allclose(frames.stamp_s[rows], episode.stamp_s)
        np.testing.assert_array_equal(frames.expert[rows], episode.expert)
        np.testing.assert_allclose(frames.attention[rows], episode.attention, atol=1e-6)
        assert {frames.instructions[i] for i in frames.instruction_index[rows]} == {episode.instruction}
        for camera, images in episode.images.items():
            assert np.abs(frames.images[camera][rows].astype(int) - images).mean() < 3.0


def test_labels_come_back_frame_by_frame(tmp_path):
    attempts = [labelled(episode) for episode in EPISODES]
    frames = load_frames(write_dataset(tmp_path / "dataset", attempts), small_robot())

    assert frames.rate_hz == 5.0
    assert frames.labels.span.dtype == np.int64
    for index, attempt in enumerate(attempts):
        rows = np.flatnonzero(frames.episode_index == index)
        np.testing.assert_allclose(frames.labels.rows_rad[rows], attempt.labels.rows_rad, atol=1e-6)
        np.testing.assert_array_equal(frames.labels.span[rows], attempt.labels.span)


def test_a_second_load_maps_what_the_first_decoded(written, tmp_path):
    load_frames(written, small_robot(), tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.npy")}

    frames = load_frames(written, small_robot(), tmp_path)

    assert before
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.npy")} == before
    assert isinstance(frames.images["front"], np.memmap)


def test_several_may_decode_the_same_dataset_at_once(written, tmp_path):
    with ThreadPoolExecutor(3) as pool:
        loaded = list(pool.map(lambda _: load_frames(written, small_robot(), tmp_path), range(3)))

    assert len(list(tmp_path.iterdir())) == 1
    for frames in loaded[1:]:
        np.testing.assert_array_equal(frames.action_rad, loaded[0].action_rad)


def test_a_changed_dataset_is_decoded_again(written, tmp_path):
    load_frames(written, small_robot(), tmp_path)
    info = written / "meta" / "info.json"
    info.write_text(info.read_text() + " ")

    load_frames(written, small_robot(), tmp_path)

    assert len(list(tmp_path.iterdir())) == 2


def test_a_video_with_too_few_frames_is_refused_and_leaves_no_cache(tmp_path):
    short, root = tmp_path / "short", tmp_path / "dataset"
    for folder, frames in ((short, 5), (root, 12)):
        write_dataset(folder, [sample_episode(0, frames=frames)])
    for video in short.glob("videos/**/*.mp4"):
        (root / video.relative_to(short)).write_bytes(video.read_bytes())

    with pytest.raises(DatasetError, match="holds 5 frames, expected 12"):
        load_frames(root, small_robot())
    assert not list((root / CACHE).iterdir())
