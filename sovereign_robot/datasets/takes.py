"""Takes: each recorded attempt as a folder of its own, whole or not there at all.

    takes/done/<task>/<seed>/      what teaches: take.json, frames.npz and one <camera>.mp4 per camera
    takes/failed/<task>/<seed>/    a demonstration that did not succeed, likewise; never part of the dataset
    takes/unfinished/              what is being written; worthless after a kill
    takes/recipe.json, robot_contract.json, elapsed.json, lock: see `merge.py`

Whoever records a take writes it, in any process on any machine that sees the folder, and nobody else ever
touches it: a collection that is killed keeps every take but those under way. The pictures are encoded here,
once; `merge.py` copies the encoded videos into the dataset.
"""

import json
import os
import platform
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array, Episode, Labels
from sovereign_robot.datasets.durable import new_folder, write_json
from sovereign_robot.datasets.episode_video import count_pixels, encode
from sovereign_robot.datasets.integrity import require_whole_mp4
from sovereign_robot.datasets.stopwatch import Stopwatch

TAKES = "takes"
DONE, FAILED = "done", "failed"
FACTS_FILE, FRAMES_FILE = "take.json", "frames.npz"
ENCODING = "encoding"
_ARRAYS = ("stamp_s", "joint_position_rad", "action_rad", "expert", "attention")
_LABELS = ("rows_rad", "span")


class TakeId(NamedTuple):
    """What a take is of; takes are sorted by it."""

    task: str
    seed: int


@dataclass(frozen=True)
class TakeFacts:
    """What is known of a take beside its frames.

    Attributes:
        goal: what the instruction asks for, value by slot.
        teaches: whether it is for the dataset; a student's attempt may teach without success.
        rate_hz: frames per second.
        frames: number of frames.
        expert_frames: frames whose action is to be imitated.
        worker: machine and process that recorded it.
        seconds: time that went into each part of the work [s].
    """

    task: str
    seed: int
    split: str
    goal: Mapping[str, str]
    instruction: str
    language: str
    success: bool
    teaches: bool
    rate_hz: float
    frames: int
    expert_frames: int
    worker: str
    seconds: Mapping[str, float]

    @property
    def id(self) -> TakeId:
        """Task and seed."""
        return TakeId(self.task, self.seed)


@dataclass(frozen=True)
class Take:
    """A demonstration read back.

    Attributes:
        stamp_s: (N,) true time of each frame since the episode began [s].
        joint_position_rad: (N, J) measured [rad].
        action_rad: (N, J) command one policy step later [rad].
        expert: (N,) False where the action is not to be imitated.
        attention: (N, C, 2, 2) see `Episode`.
        labels: of a student's attempt.
        videos: encoded pictures by camera.
        pixel_counts: (3, 256) occurrences of each byte per channel, by camera.
    """

    facts: TakeFacts
    stamp_s: Array
    joint_position_rad: Array
    action_rad: Array
    expert: NDArray[np.bool_]
    attention: Array
    labels: Labels | None
    videos: Mapping[str, Path]
    pixel_counts: Mapping[str, NDArray[np.int64]]


class TakeWriter:
    """Writes the takes of one worker; any number of workers write into the same folder."""

    def __init__(self, root: Path, contract: RobotContract, watch: Stopwatch) -> None:
        """Write below `root`, the folder of the dataset; the watch laps with each take."""
        self._root, self._contract, self._watch = root, contract, watch
        self._worker = f"{platform.node()}/{os.getpid()}"

    def write(self, episode: Episode) -> TakeFacts:
        """Keep an attempt for good.

        What follows the encoding (bringing it to disk, the way to the next seed) counts for the next take.

        Raises:
            DatasetError: the episode is of another robot or its arrays do not fit the contract.
        """
        _check(episode, self._contract)
        take = TakeId(episode.task, episode.seed)
        with new_folder(_folder(self._root, take, episode.teaches), unfinished(self._root)) as folder:
            with self._watch.measure(ENCODING):
                _write_frames(folder, episode)
            facts = _facts(episode, self._worker, self._watch.lap())
            write_json(folder / FACTS_FILE, asdict(facts))
        return facts


def _facts(episode: Episode, worker: str, seconds: Mapping[str, float]) -> TakeFacts:
    return TakeFacts(
        task=episode.task,
        seed=episode.seed,
        split=episode.split,
        goal=dict(episode.goal),
        instruction=episode.instruction,
        language=episode.language,
        success=episode.success,
        teaches=episode.teaches,
        rate_hz=episode.rate_hz,
        frames=len(episode.stamp_s),
        expert_frames=int(episode.expert.sum()),
        worker=worker,
        seconds=seconds,
    )


def _write_frames(folder: Path, episode: Episode) -> None:
    arrays: dict[str, NDArray] = {name: getattr(episode, name) for name in _ARRAYS}
    if episode.labels is not None:
        arrays |= {name: getattr(episode.labels, name) for name in _LABELS}
    for camera, images in episode.images.items():
        encode(images, folder / f"{camera}.mp4", round(episode.rate_hz))
        arrays[f"pixels_{camera}"] = count_pixels(images)
    np.savez(folder / FRAMES_FILE, allow_pickle=False, **arrays)


def done_takes(root: Path) -> list[TakeId]:
    """Demonstrations below a dataset folder, sorted by task and seed."""
    return _list(root / TAKES / DONE)


def failed_takes(root: Path) -> list[TakeId]:
    """Attempts that did not succeed, sorted by task and seed."""
    return _list(root / TAKES / FAILED)


def _list(folder: Path) -> list[TakeId]:
    return sorted(TakeId(path.parent.name, int(path.name)) for path in folder.glob("*/*"))


def unfinished(root: Path) -> Path:
    """Where folders are that are being written."""
    return root / TAKES / "unfinished"


def drop_unfinished(root: Path) -> None:
    """Remove what writers left that were killed."""
    shutil.rmtree(unfinished(root), ignore_errors=True)


def read_facts(root: Path, take: TakeId, teaches: bool) -> TakeFacts:
    """What is known of a take.

    Raises:
        DatasetError: its file was damaged.
    """
    return _read_facts(_folder(root, take, teaches))


def read_take(root: Path, take: TakeId, contract: RobotContract) -> Take:
    """A demonstration with its frames.

    Raises:
        DatasetError: one of its files was damaged.
    """
    folder = _folder(root, take, True)
    videos = {name: folder / f"{name}.mp4" for name in contract.camera_names}
    try:
        for video in videos.values():
            require_whole_mp4(video)
        with np.load(folder / FRAMES_FILE, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
            labels = Labels(*(file[name] for name in _LABELS)) if _LABELS[0] in file else None
            pixels = {name: file[f"pixels_{name}"] for name in contract.camera_names}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _damaged(folder, error) from error
    return Take(facts=_read_facts(folder), labels=labels, videos=videos, pixel_counts=pixels, **arrays)


def _folder(root: Path, take: TakeId, teaches: bool) -> Path:
    return root / TAKES / (DONE if teaches else FAILED) / take.task / f"{take.seed:08d}"


def _read_facts(folder: Path) -> TakeFacts:
    try:
        return TakeFacts(**json.loads((folder / FACTS_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> DatasetError:
    return DatasetError(
        f"take {folder} was damaged ({' '.join(str(error).split())}): remove that folder and collect again"
    )


def _check(episode: Episode, contract: RobotContract) -> None:
    """Refuse an episode that does not fit the contract.

    Raises:
        DatasetError: names the array, its shape and what was expected.
    """
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
        "attention": (episode.attention, (frames, len(contract.cameras), 2, 2)),
    }
    if episode.labels is not None:
        rows = episode.labels.rows_rad.shape[1]
        expected["labels"] = (episode.labels.rows_rad, (frames, rows, joints))
        expected["span of the labels"] = (episode.labels.span, (frames, 2))
    for c in contract.cameras:
        expected[f"images of {c.name}"] = (episode.images[c.name], (frames, c.height_px, c.width_px, 3))
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            raise DatasetError(
                f"{name} of the episode of seed {episode.seed} has shape {array.shape}, expected {shape}"
            )
        if not np.isfinite(array).all():
            raise DatasetError(
                f"{name} of the episode of seed {episode.seed} holds values that are not finite"
            )
