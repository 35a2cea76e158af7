"""LeRobot v3 datasets: written through the real `LeRobotDataset`, checked before they are used.

Beside LeRobot's own files two of ours lie in `meta/`: `robot_contract.json`, the robot that the data was
recorded with, and `collection.json`, how it was made (seeds, failures, languages, version).

Images are H.264 in 4:4:4 at the fastest preset, with a key frame every second frame. Measured with 2 cameras
of 128x96 on one core: PNG 120-140 frames/s, LeRobot's streaming encoder 150 (AV1) to 200 (H.264), the same
settings through `episode_video.py` 510. Half the size of PNG, and 47 dB against the render where 4:2:0 leaves
33 dB: subsampled colour blurs a cube of ten pixels. Random reads are the weak side (130-200 frames/s against
900 for PNG): training reads the decoded frames of `frames.py`.
"""

import importlib.util
import json
import logging
import os
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Episode
from sovereign_robot.datasets.integrity import count_rows, require_whole_mp4

STATE, ACTION, STAMP, EXPERT = "observation.state", "action", "stamp_s", "expert"
CONTRACT_FILE, COLLECTION_FILE, INFO_FILE = (
    "meta/robot_contract.json",
    "meta/collection.json",
    "meta/info.json",
)
# LeRobot joins episodes into files and copies the file each time: small files keep that copy cheap.
VIDEO_FILE_MB = 10


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
        DatasetError: the folder is missing, is not a LeRobot v3 dataset of ours, or a file is cut short.
        ContractMismatch: it was recorded with another robot; lists every difference.
    """
    if not root.is_dir():
        raise DatasetError(
            f"dataset {root} does not exist: make one with `sovereign-robot collect --out {root}`"
        )
    info = _read_json(root, INFO_FILE)
    version = info.get("codebase_version")
    if not str(version).startswith("v3."):
        raise DatasetError(
            f"dataset {root} has LeRobot format {version}, expected v3.x: convert it with LeRobot"
        )
    recorded = RobotContract.from_data(_read_json(root, CONTRACT_FILE), str(root / CONTRACT_FILE))
    contract.require_match(recorded, theirs="dataset")
    rows = count_rows(root)
    if rows != info.get("total_frames") or not rows:
        raise DatasetError(
            f"dataset {root} holds {rows} frames in data/, expected {info.get('total_frames')} as in "
            f"{INFO_FILE}: its writer was stopped or a file is missing, collect it again"
        )
    for video in sorted(root.glob("videos/**/*.mp4")):
        require_whole_mp4(video)
    return OpenDataset(root, contract, info, _read_json(root, COLLECTION_FILE))


def image_feature(camera: str) -> str:
    """LeRobot's name of a camera's column."""
    return f"observation.images.{camera}"


def require_lerobot() -> None:
    """Find out before the work begins, and without the seconds that its import takes, that LeRobot is here.

    Raises:
        ModuleNotFoundError: it is not; the command line says what to install.
    """
    if importlib.util.find_spec("lerobot") is None:
        raise ModuleNotFoundError("No module named 'lerobot'", name="lerobot")


class EpisodeWriter:
    """Writes episodes of one robot and task; `close` makes the dataset readable."""

    def __init__(self, dataset: Any, root: Path, contract: RobotContract) -> None:
        """Use `create` or `resume`."""
        self._dataset = dataset
        self._root = root
        self._contract = contract

    @classmethod
    def create(cls, root: Path, contract: RobotContract) -> "EpisodeWriter":
        """Begin a dataset in a folder that does not exist yet or holds nothing but hidden files.

        Raises:
            DatasetError: the folder holds something, or the contract does not speak radians.
        """
        if contract.joint_unit != "rad":
            raise DatasetError(
                f"robot {contract.name} has joint_unit {contract.joint_unit}, expected rad to write a dataset"
            )
        lerobot_dataset, encoder = _lerobot()
        hidden = _take_hidden_files(root)
        dataset = lerobot_dataset.create(
            repo_id=f"local/{contract.name}",
            fps=round(contract.policy_rate_hz),
            features=_features(contract),
            root=root,
            robot_type=contract.name,
            video_backend="pyav",
            rgb_encoder=encoder,
            streaming_encoding=True,
            video_files_size_in_mb=VIDEO_FILE_MB,
        )
        for name, content in hidden.items():
            (root / name).write_bytes(content)
        (root / CONTRACT_FILE).write_text(contract.model_dump_json(indent=2) + "\n", encoding="utf-8")
        return cls(dataset, root, contract)

    @classmethod
    def resume(cls, root: Path, contract: RobotContract) -> "EpisodeWriter":
        """Go on with a dataset that `close` finished.

        Raises:
            DatasetError, ContractMismatch: see `open_dataset`.
        """
        open_dataset(root, contract)
        lerobot_dataset, encoder = _lerobot()
        dataset = lerobot_dataset.resume(
            repo_id=f"local/{contract.name}",
            root=root,
            video_backend="pyav",
            rgb_encoder=encoder,
            streaming_encoding=True,
        )
        return cls(dataset, root, contract)

    def add(self, episode: Episode) -> None:
        """Write one episode.

        Raises:
            DatasetError: it is of another robot or its arrays do not fit the contract.
        """
        _check(episode, self._contract)
        for i in range(len(episode.stamp_s)):
            self._dataset.add_frame(
                {
                    STATE: episode.joint_position_rad[i].astype(np.float32),
                    ACTION: episode.action_rad[i].astype(np.float32),
                    STAMP: np.array([episode.stamp_s[i]], dtype=np.float64),
                    EXPERT: np.array([episode.expert[i]], dtype=np.bool_),
                    "task": episode.instruction,
                    **{image_feature(name): images[i] for name, images in episode.images.items()},
                }
            )
        self._dataset.save_episode()

    def close(self, collection: Mapping[str, object]) -> None:
        """Finish every file and keep how the data was made; without an episode the folder is removed."""
        self._dataset.finalize()
        if not self._dataset.meta.total_episodes:
            shutil.rmtree(self._root)
            return
        shutil.rmtree(self._root / "images", ignore_errors=True)
        text = json.dumps(collection, indent=2, ensure_ascii=False)
        (self._root / COLLECTION_FILE).write_text(text + "\n", encoding="utf-8")


def _take_hidden_files(root: Path) -> dict[str, bytes]:
    """Remove the folder, since LeRobot wants to make it itself, and return what was in it."""
    if not root.exists():
        return {}
    entries = list(root.iterdir()) if root.is_dir() else [root]
    if not all(e.is_file() and e.name.startswith(".") for e in entries) or not root.is_dir():
        raise DatasetError(f"dataset folder {root} already holds something, expected a new or empty folder")
    hidden = {e.name: e.read_bytes() for e in entries}
    shutil.rmtree(root)
    return hidden


def _lerobot() -> tuple[Any, Any]:
    """LeRobot's dataset class and our video settings; offline, without progress bars and encoder chatter."""
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_DATASETS_DISABLE_PROGRESS_BARS"):
        os.environ[name] = "1"
    logging.getLogger("lerobot").setLevel(logging.ERROR)
    # LeRobot switches the progress bars back on after each map; the variable above wins and datasets warns.
    warnings.filterwarnings("ignore", message="Cannot enable progress bars")
    import av
    from lerobot.configs import RGBEncoderConfig
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    av.logging.set_libav_level(av.logging.ERROR)
    from sovereign_robot.datasets.episode_video import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, with_fast_video

    settings = RGBEncoderConfig(
        vcodec=CODEC,
        pix_fmt=PIXEL_FORMAT,
        g=int(CODEC_OPTIONS["g"]),
        crf=int(CODEC_OPTIONS["crf"]),
        preset=CODEC_OPTIONS["preset"],
    )
    return with_fast_video(LeRobotDataset), settings


def _features(contract: RobotContract) -> dict[str, dict[str, object]]:
    joints: dict[str, object] = {
        "dtype": "float32",
        "shape": (len(contract.joints),),
        "names": [f"{n}.pos" for n in contract.joint_names],
    }
    features: dict[str, dict[str, object]] = {
        STATE: joints,
        ACTION: dict(joints),
        STAMP: {"dtype": "float64", "shape": (1,), "names": None},
        EXPERT: {"dtype": "bool", "shape": (1,), "names": None},
    }
    for camera in contract.cameras:
        shape = (camera.height_px, camera.width_px, 3)
        names = ["height", "width", "channels"]
        features[image_feature(camera.name)] = {"dtype": "video", "shape": shape, "names": names}
    return features


def _check(episode: Episode, contract: RobotContract) -> None:
    frames, joints = len(episode.stamp_s), len(contract.joints)
    if episode.robot != contract.name:
        raise DatasetError(
            f"an episode of robot {episode.robot} cannot go into a dataset of robot {contract.name}"
        )
    if set(episode.images) != set(contract.camera_names) or frames < 2:
        raise DatasetError(
            f"episode of seed {episode.seed} has {frames} frames of "
            f"{', '.join(episode.images) or 'no camera'}, expected at least 2 of "
            f"{', '.join(contract.camera_names)}"
        )
    expected: dict[str, tuple[NDArray, tuple[int, ...]]] = {
        "joint_position_rad": (episode.joint_position_rad, (frames, joints)),
        "action_rad": (episode.action_rad, (frames, joints)),
        "expert": (episode.expert, (frames,)),
    }
    for c in contract.cameras:
        expected[f"images of {c.name}"] = (episode.images[c.name], (frames, c.height_px, c.width_px, 3))
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            raise DatasetError(
                f"{name} of the episode of seed {episode.seed} has shape {array.shape}, expected {shape}"
            )
    if not (np.isfinite(episode.joint_position_rad).all() and np.isfinite(episode.action_rad).all()):
        raise DatasetError(f"the episode of seed {episode.seed} holds joint values that are not finite")


def _read_json(root: Path, name: str) -> dict[str, Any]:
    try:
        data = json.loads((root / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DatasetError(
            f"{root} is not a dataset of sovereign-robot: {name} is missing; "
            "make one with `sovereign-robot collect`"
        ) from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"{root / name} cannot be read as JSON: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise DatasetError(f"{root / name} holds a {type(data).__name__}, expected a JSON object")
    return data
