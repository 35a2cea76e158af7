"""LeRobot v3 datasets, checked before they are used.

Beside LeRobot's own files two of ours lie in `meta/`: `robot_contract.json`, the robot that the data was
recorded with, and `collection.json`, how it was made (seeds, failures, languages, version).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.durable import read_json
from sovereign_robot.datasets.integrity import count_rows, require_whole_mp4
from sovereign_robot.datasets.layout import COLLECTION_FILE, CONTRACT_FILE, INFO_FILE
from sovereign_robot.datasets.merge import finish_merge, is_begun


@dataclass(frozen=True)
class OpenDataset:
    """A dataset that passed every check of `open_dataset`."""

    root: Path
    contract: RobotContract
    info: Mapping[str, Any]
    collection: Mapping[str, Any]

    @property
    def episodes(self) -> int:
        """Number of episodes."""
        return int(self.info["total_episodes"])

    @property
    def frames(self) -> int:
        """Number of frames of all episodes."""
        return int(self.info["total_frames"])


def open_dataset(root: Path, contract: RobotContract) -> OpenDataset:
    """Check that a dataset is whole and was recorded with this robot.

    Raises:
        DatasetError: see `open_as_recorded`.
        ContractMismatch: it was recorded with another robot; lists every difference.
    """
    dataset = open_as_recorded(root)
    contract.require_match(dataset.contract, theirs="dataset")
    return dataset


def open_as_recorded(root: Path) -> OpenDataset:
    """Check that a dataset is whole, whatever robot it was recorded with.

    What a collection left that was killed is merged first: the dataset holds every whole episode.

    Raises:
        DatasetError: the folder is missing, is not a LeRobot v3 dataset of ours, holds no episode yet, is
            being collected just now, or a file is cut short.
    """
    if not root.is_dir():
        raise DatasetError(
            f"dataset {root} does not exist: make one with `sovereign-robot collect --out {root}`"
        )
    finish_merge(root)
    if is_begun(root) and not (root / INFO_FILE).exists():
        raise DatasetError(
            f"dataset {root} holds no whole episode yet: "
            "go on with the `sovereign-robot collect` that began it"
        )
    info = _read_json(root, INFO_FILE)
    version = info.get("codebase_version")
    if not str(version).startswith("v3."):
        raise DatasetError(
            f"dataset {root} has LeRobot format {version}, expected v3.x: convert it with LeRobot"
        )
    contract = RobotContract.from_data(_read_json(root, CONTRACT_FILE), str(root / CONTRACT_FILE))
    rows = count_rows(root)
    if rows != info.get("total_frames") or not rows:
        raise DatasetError(
            f"dataset {root} holds {rows} frames in data/, expected {info.get('total_frames')} as in "
            f"{INFO_FILE}: a file is missing, collect it again"
        )
    for video in sorted(root.glob("videos/**/*.mp4")):
        require_whole_mp4(video)
    return OpenDataset(root, contract, info, _read_json(root, COLLECTION_FILE))


def _read_json(root: Path, name: str) -> dict[str, Any]:
    try:
        return read_json(root / name)
    except FileNotFoundError as error:
        raise DatasetError(
            f"{root} is not a dataset of sovereign-robot: {name} is missing; "
            "make one with `sovereign-robot collect`"
        ) from error
