import json
import shutil
from pathlib import Path

import pytest

from sovereign_robot.contract.errors import ContractMismatch, DatasetError
from sovereign_robot.datasets.layout import CONTRACT_FILE
from sovereign_robot.datasets.lerobot_v3 import open_dataset
from tests.datasets.samples import sample_episode, small_robot, write_dataset

EPISODES = [sample_episode(0), sample_episode(1, frames=9, language="en"), sample_episode(2, frames=15)]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("written") / "dataset", EPISODES)


@pytest.fixture
def copied(written, tmp_path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "dataset"))


def test_an_opened_dataset_carries_the_contract_and_how_it_was_made(written):
    dataset = open_dataset(written, small_robot())

    assert dataset.contract.sha256 == small_robot().sha256
    assert (dataset.episodes, dataset.frames) == (3, 36)
    assert dataset.collection["seed"] == 0


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
