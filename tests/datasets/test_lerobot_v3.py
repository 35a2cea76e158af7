import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sovereign_robot.contract.errors import ContractMismatch, DatasetError
from sovereign_robot.datasets.lerobot_v3 import CONTRACT_FILE, EpisodeWriter, open_dataset
from tests.datasets.samples import sample_episode, small_robot

EPISODES = [sample_episode(0), sample_episode(1, frames=9, language="en"), sample_episode(2, frames=15)]


def write(root: Path) -> Path:
    writer = EpisodeWriter.create(root, small_robot())
    for episode in EPISODES:
        writer.add(episode)
    writer.close({"seed": 0})
    return root


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("written") / "dataset")


@pytest.fixture
def copied(written, tmp_path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "dataset"))


def test_lerobot_itself_loads_and_iterates_what_was_written(written):
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    dataset = LeRobotDataset("local/so101", root=written, video_backend="pyav")
    items = [dataset[i] for i in range(len(dataset))]

    assert len(items) == 36
    assert dataset.num_episodes == 3
    assert dataset.fps == 20
    assert dataset.meta.features["action"]["names"][0] == "shoulder_pan.pos"
    expected = np.concatenate([e.joint_position_rad for e in EPISODES])
    np.testing.assert_allclose([i["observation.state"].numpy() for i in items], expected, atol=1e-6)
    np.testing.assert_allclose([i["stamp_s"].item() for i in items[:12]], EPISODES[0].stamp_s, atol=1e-12)
    assert [bool(i["expert"]) for i in items[:5]] == [False, True, True, True, False]
    assert {i["task"] for i in items} == {e.instruction for e in EPISODES}


def test_lerobot_sees_every_frame_with_its_picture_and_its_statistics(written):
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    dataset = LeRobotDataset("local/so101", root=written, video_backend="pyav")
    for index, episode, frame in ((0, 0, 0), (11, 0, 11), (12, 1, 0), (35, 2, 14)):
        for camera, images in EPISODES[episode].images.items():
            got = 255.0 * dataset[index][f"observation.images.{camera}"].numpy().transpose(1, 2, 0)
            assert np.abs(got - images[frame]).mean() < 3.0
    images = np.concatenate([e.images["front"] for e in EPISODES]) / 255.0
    stats = dataset.meta.stats["observation.images.front"]
    np.testing.assert_allclose(stats["mean"].ravel(), images.mean(axis=(0, 1, 2)), atol=1e-6)
    np.testing.assert_allclose(stats["std"].ravel(), images.std(axis=(0, 1, 2)), atol=1e-6)


def test_an_opened_dataset_carries_the_contract_and_how_it_was_made(written):
    dataset = open_dataset(written, small_robot())

    assert dataset.contract.sha256 == small_robot().sha256
    assert (dataset.episodes, dataset.frames) == (3, 36)
    assert dataset.collection["seed"] == 0


def test_a_closed_dataset_takes_more_episodes(copied):
    writer = EpisodeWriter.resume(copied, small_robot())
    writer.add(sample_episode(3))
    writer.close({"seed": 0})

    dataset = open_dataset(copied, small_robot())
    assert (dataset.episodes, dataset.frames) == (4, 48)


def test_writing_prints_nothing(tmp_path, capfd):
    write(tmp_path / "dataset")

    assert capfd.readouterr() == ("", "")


def test_a_marker_file_of_the_output_folder_survives(tmp_path):
    root = tmp_path / "dataset"
    root.mkdir()
    (root / ".marker").write_text("mine")

    write(root)

    assert (root / ".marker").read_text() == "mine"


def test_a_folder_that_holds_something_is_refused_and_kept(tmp_path):
    (tmp_path / "thesis.txt").write_text("years")

    with pytest.raises(DatasetError, match="already holds something"):
        EpisodeWriter.create(tmp_path, small_robot())
    assert (tmp_path / "thesis.txt").read_text() == "years"


def test_a_dataset_without_an_episode_leaves_no_folder(tmp_path):
    EpisodeWriter.create(tmp_path / "dataset", small_robot()).close({})

    assert not (tmp_path / "dataset").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"robot": "panda"}, "an episode of robot panda cannot go into a dataset of robot so101"),
        ({"action_rad": np.zeros((12, 5))}, r"action_rad of the episode of seed 0 has shape \(12, 5\)"),
        ({"joint_position_rad": np.full((12, 6), np.nan)}, "joint values that are not finite"),
        ({"images": {"front": EPISODES[0].images["front"]}}, "expected at least 2 of front, wrist"),
    ],
)
def test_an_episode_that_does_not_fit_is_refused(tmp_path, change, sentence):
    writer = EpisodeWriter.create(tmp_path / "dataset", small_robot())

    with pytest.raises(DatasetError, match=sentence):
        writer.add(replace(EPISODES[0], **change))
    writer.close({})


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="does not exist: make one with `sovereign-robot collect"):
        open_dataset(tmp_path / "nowhere", small_robot())


def test_a_folder_that_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(
        DatasetError, match=r"is not a dataset of sovereign-robot: meta/info\.json is missing"
    ):
        open_dataset(tmp_path, small_robot())


def test_a_dataset_of_another_robot_is_refused_with_every_difference(copied):
    contract = json.loads((copied / CONTRACT_FILE).read_text())
    contract["joints"][0], contract["joints"][1] = contract["joints"][1], contract["joints"][0]
    contract["joint_unit"] = "deg"
    (copied / CONTRACT_FILE).write_text(json.dumps(contract))

    with pytest.raises(ContractMismatch, match="joint order") as refusal:
        open_dataset(copied, small_robot())
    assert "joint_unit: rad != deg" in str(refusal.value)


@pytest.mark.parametrize("pattern", ["data/**/*.parquet", "meta/episodes/**/*.parquet", "videos/**/*.mp4"])
def test_a_file_cut_short_is_refused_by_name(copied, pattern):
    path = next(iter(sorted(copied.glob(pattern))))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(DatasetError, match=f"{path.name} is cut short"):
        open_dataset(copied, small_robot())


def test_a_dataset_that_lost_a_file_is_refused(copied):
    next(iter(copied.glob("data/**/*.parquet"))).unlink()

    with pytest.raises(DatasetError, match="holds 0 frames in data/, expected 36"):
        open_dataset(copied, small_robot())
