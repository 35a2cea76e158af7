from pathlib import Path

import numpy as np
import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.lerobot_writer import write_lerobot
from sovereign_robot.datasets.takes import Take, done_takes, read_take
from tests.datasets.samples import labelled, sample_episode, small_robot, write_takes

EPISODES = [
    sample_episode(0),
    sample_episode(1, frames=9, language="en"),
    sample_episode(2, frames=15),
    sample_episode(3),
]


@pytest.fixture(scope="module")
def takes(tmp_path_factory) -> list[Take]:
    root = tmp_path_factory.mktemp("takes")
    write_takes(root, EPISODES)
    return [read_take(root, take, small_robot()) for take in done_takes(root)]


@pytest.fixture(scope="module")
def written(takes, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("written") / "dataset"
    # Two episodes per file, so that there is more than one.
    size = 1 + max(video.stat().st_size for take in takes for video in take.videos.values())
    write_lerobot(root, small_robot(), takes, file_bytes=2 * size)
    return root


@pytest.fixture(scope="module")
def loaded(written):
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    return LeRobotDataset("local/so101", root=written, video_backend="pyav")


def test_lerobot_itself_loads_and_iterates_what_was_written(loaded):
    items = [loaded[i] for i in range(len(loaded))]

    assert len(items) == 48
    assert loaded.num_episodes == 4
    assert loaded.fps == 20
    assert loaded.meta.features["action"]["names"][0] == "shoulder_pan.pos"
    expected = np.concatenate([e.joint_position_rad for e in EPISODES])
    np.testing.assert_allclose([i["observation.state"].numpy() for i in items], expected, atol=1e-6)
    np.testing.assert_allclose([i["stamp_s"].item() for i in items[:12]], EPISODES[0].stamp_s, atol=1e-12)
    assert [bool(i["observation.expert"]) for i in items[:5]] == [False, True, True, True, False]
    attention = np.concatenate([e.attention for e in EPISODES])
    np.testing.assert_allclose(
        [i["observation.attention"].numpy().reshape(2, 2, 2) for i in items], attention, atol=1e-6
    )
    assert loaded.meta.features["observation.attention"]["names"][5] == "wrist.thing.y"
    assert "observation.label_rows" not in items[0]
    assert [int(i["episode_index"]) for i in items[11:13]] == [0, 1]
    assert [i["task"] for i in items[11:13]] == [e.instruction for e in EPISODES[:2]]


def test_lerobot_sees_every_frame_with_its_picture(loaded):
    frames = [(e, frame) for e in EPISODES for frame in range(len(e.stamp_s))]
    for index, (episode, frame) in enumerate(frames):
        for camera, images in episode.images.items():
            got = 255.0 * loaded[index][f"observation.images.{camera}"].numpy().transpose(1, 2, 0)
            assert np.abs(got - images[frame]).mean() < 3.0


def test_a_students_attempts_come_at_the_rate_of_their_decisions_with_the_teachers_labels(tmp_path):
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    attempts = [labelled(episode) for episode in EPISODES[:2]]
    write_takes(tmp_path, attempts)
    takes = [read_take(tmp_path, take, small_robot()) for take in done_takes(tmp_path)]
    write_lerobot(tmp_path / "dataset", small_robot(), takes)
    loaded = LeRobotDataset("local/so101", root=tmp_path / "dataset", video_backend="pyav")

    assert loaded.fps == 5
    items = [loaded[i] for i in range(len(loaded))]
    rows = np.concatenate([e.labels.rows_rad for e in attempts])
    span = np.concatenate([e.labels.span for e in attempts])
    got = [i["observation.label_rows"].numpy().reshape(8, 6) for i in items]
    np.testing.assert_allclose(got, rows, atol=1e-6)
    np.testing.assert_array_equal([i["observation.label_span"].numpy() for i in items], span)


def test_statistics_are_those_of_all_frames(loaded):
    images = np.concatenate([e.images["front"] for e in EPISODES]) / 255.0
    states = np.concatenate([e.joint_position_rad for e in EPISODES])

    of_images, of_states = (
        loaded.meta.stats["observation.images.front"],
        loaded.meta.stats["observation.state"],
    )
    np.testing.assert_allclose(of_images["mean"].ravel(), images.mean(axis=(0, 1, 2)), atol=1e-6)
    np.testing.assert_allclose(of_images["std"].ravel(), images.std(axis=(0, 1, 2)), atol=1e-6)
    np.testing.assert_allclose(of_states["mean"], states.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(of_states["max"], states.max(axis=0), atol=1e-6)


def test_episodes_share_a_file_until_it_is_full(written):
    names = [p.name for p in sorted((written / "videos/observation.images.front").rglob("*.mp4"))]

    assert names == ["file-000.mp4", "file-001.mp4"]
    assert [p.name for p in sorted((written / "data").rglob("*.parquet"))] == [
        "file-000.parquet",
        "file-001.parquet",
    ]


def test_a_robot_that_does_not_speak_radians_is_refused(takes, tmp_path):
    degrees = small_robot().model_copy(update={"joint_unit": "deg"})

    with pytest.raises(DatasetError, match="joint_unit deg, expected rad"):
        write_lerobot(tmp_path / "dataset", degrees, takes)
    assert not (tmp_path / "dataset").exists()


def test_writing_prints_nothing(takes, tmp_path, capfd):
    write_lerobot(tmp_path / "dataset", small_robot(), takes)

    assert capfd.readouterr() == ("", "")
