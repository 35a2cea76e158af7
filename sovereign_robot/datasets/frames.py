"""Every frame of a dataset as numpy arrays on disk, decoded once: what training reads.

Each video file is decoded from its first to its last frame, since LeRobot's random access is 10 times slower.
The arrays are memory maps, so several processes share one copy and a dataset may be larger than memory.
"""

import hashlib
import json
import shutil
import tempfile
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.robot import Camera, RobotContract
from sovereign_robot.contract.types import Array, Image, Labels
from sovereign_robot.datasets.layout import (
    ACTION,
    ATTENTION,
    EXPERT,
    LABEL_ROWS,
    LABEL_SPAN,
    STAMP,
    STATE,
    image_feature,
)
from sovereign_robot.datasets.lerobot_v3 import OpenDataset, open_dataset

CACHE = ".decoded"
LAYOUT = 2


@dataclass(frozen=True)
class Frames:
    """All N frames, episode after episode in order.

    Attributes:
        images: uint8 RGB (N, H, W, 3) by camera name.
        joint_position_rad: (N, J) measured [rad].
        action_rad: (N, J) command one policy step later [rad].
        stamp_s: (N,) true time since the episode began [s].
        expert: (N,) False where the action is not to be imitated.
        episode_index: (N,) int64.
        frame_index: (N,) int64, from 0 in each episode.
        instruction_index: (N,) int64 into `instructions`.
        attention: (N, C, 2, 2) see `Episode`.
        rate_hz: frames per second.
        labels: of a student's attempts; see `Labels`.
    """

    images: dict[str, Image]
    joint_position_rad: Array
    action_rad: Array
    stamp_s: Array
    expert: NDArray[np.bool_]
    episode_index: NDArray[np.int64]
    frame_index: NDArray[np.int64]
    instruction_index: NDArray[np.int64]
    instructions: tuple[str, ...]
    attention: Array
    rate_hz: float
    labels: Labels | None = None

    def __len__(self) -> int:
        return len(self.stamp_s)


_COLUMNS = {
    "joint_position_rad": STATE,
    "action_rad": ACTION,
    "stamp_s": STAMP,
    "expert": EXPERT,
    "episode_index": "episode_index",
    "frame_index": "frame_index",
    "instruction_index": "task_index",
    "attention": ATTENTION,
}
_LABEL_COLUMNS = {"label_rows_rad": LABEL_ROWS, "label_span": LABEL_SPAN}
_DTYPES = {
    "expert": np.bool_,
    "episode_index": np.int64,
    "frame_index": np.int64,
    "instruction_index": np.int64,
    "label_span": np.int64,
}


def load_frames(root: Path, contract: RobotContract, cache_dir: Path | None = None) -> Frames:
    """Decode the dataset, or map what an earlier call decoded.

    Args:
        root: dataset folder.
        contract: robot that the data must have been recorded with.
        cache_dir: where decoded frames are kept; by default `.decoded` in the dataset.

    Raises:
        DatasetError, ContractMismatch: see `open_dataset`; or a video holds fewer frames than it should.
    """
    dataset = open_dataset(root, contract)
    folder = (cache_dir or root / CACHE) / _fingerprint(root)
    if not folder.is_dir():
        _make_cache(dataset, folder)
    images = {name: np.load(folder / f"images_{name}.npy", mmap_mode="r") for name in contract.camera_names}
    return _frames(dataset, folder, images, mmap_mode="r")


def load_numbers(root: Path, contract: RobotContract) -> Frames:
    """Everything but the pictures, which stay as they are; raises as `open_dataset`."""
    dataset = open_dataset(root, contract)
    with tempfile.TemporaryDirectory() as folder:
        _decode_table(dataset, Path(folder))
        return _frames(dataset, Path(folder), {})


def _frames(
    dataset: OpenDataset, folder: Path, images: dict[str, Image], mmap_mode: Literal["r"] | None = None
) -> Frames:
    """The tables that `_decode_table` wrote, with the pictures."""
    contract = dataset.contract
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode=mmap_mode) for name in _columns(dataset)}
    instructions = tuple(json.loads((folder / "instructions.json").read_text(encoding="utf-8")))
    labels = None
    if "label_span" in arrays:
        rows = arrays.pop("label_rows_rad").reshape(dataset.frames, -1, len(contract.joints))
        labels = Labels(rows, arrays.pop("label_span"))
    arrays["attention"] = arrays["attention"].reshape(-1, len(contract.cameras), 2, 2)
    rate_hz = float(dataset.info["fps"])
    return Frames(images=images, instructions=instructions, rate_hz=rate_hz, labels=labels, **arrays)


def _make_cache(dataset: OpenDataset, folder: Path) -> None:
    """Decode into a folder that is whole or not there; where another process was first, its folder stays."""
    partial = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}")
    partial.mkdir(parents=True)
    try:
        _decode(dataset, partial)
        partial.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _columns(dataset: OpenDataset) -> dict[str, str]:
    """LeRobot's name of each array that the dataset has."""
    return {
        k: v for k, v in (_COLUMNS | _LABEL_COLUMNS).items() if k in _COLUMNS or v in dataset.info["features"]
    }


def _fingerprint(root: Path) -> str:
    """Name of the cache: changes when any file of the dataset does."""
    digest = hashlib.sha256(f"layout {LAYOUT}".encode())
    for path in sorted(
        p for part in ("data", "meta", "videos") for p in (root / part).rglob("*") if p.is_file()
    ):
        status = path.stat()
        digest.update(f"{path.relative_to(root)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _decode(dataset: OpenDataset, folder: Path) -> None:
    """Write one .npy per column and camera."""
    _decode_table(dataset, folder)
    with ThreadPoolExecutor() as pool:
        list(pool.map(partial(_decode_camera, dataset, folder), dataset.contract.cameras))


def _decode_camera(dataset: OpenDataset, folder: Path, camera: Camera) -> None:
    shape = (dataset.frames, camera.height_px, camera.width_px, 3)
    path = folder / f"images_{camera.name}.npy"
    images = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    for video, rows in _rows_by_video(dataset, image_feature(camera.name)).items():
        _decode_video(video, rows, images)
    images.flush()


def _decode_table(dataset: OpenDataset, folder: Path) -> None:
    import pyarrow.parquet

    files = sorted(dataset.root.glob("data/**/*.parquet"))
    columns = _columns(dataset)
    table = pyarrow.parquet.ParquetDataset(files).read(columns=["index", *columns.values()]).sort_by("index")
    for name, column in columns.items():
        values = table[column].combine_chunks()
        if hasattr(values, "flatten") and values.type.num_fields:
            values = values.flatten()
        array: NDArray[Any] = values.to_numpy(zero_copy_only=False).astype(_DTYPES.get(name, np.float64))
        np.save(
            folder / f"{name}.npy",
            array.reshape(len(table), -1).squeeze(1 if array.size == len(table) else ()),
        )
    tasks = pyarrow.parquet.read_table(dataset.root / "meta" / "tasks.parquet").to_pydict()
    text_column = next(name for name in tasks if name != "task_index")
    texts = dict(zip(tasks["task_index"], tasks[text_column], strict=True))
    instructions = [texts[i] for i in range(len(texts))]
    (folder / "instructions.json").write_text(json.dumps(instructions, ensure_ascii=False), encoding="utf-8")


def _rows_by_video(dataset: OpenDataset, feature: str) -> dict[Path, list[tuple[int, int, int]]]:
    """Per video file: (first frame in the file, first row, number of frames) of each of its episodes."""
    import pyarrow.parquet

    column = f"videos/{feature}"
    names = ["chunk_index", "file_index", "from_timestamp"]
    columns = ["dataset_from_index", "length", *(f"{column}/{n}" for n in names)]
    files = sorted(dataset.root.glob("meta/episodes/**/*.parquet"))
    rows: dict[Path, list[tuple[int, int, int]]] = defaultdict(list)
    for episode in pyarrow.parquet.ParquetDataset(files).read(columns=columns).to_pylist():
        chunk, file, start_s = (episode[f"{column}/{n}"] for n in names)
        name = dataset.info["video_path"].format(video_key=feature, chunk_index=chunk, file_index=file)
        first = round(start_s * dataset.info["fps"])
        rows[dataset.root / name].append((first, episode["dataset_from_index"], episode["length"]))
    return rows


def _decode_video(path: Path, rows: list[tuple[int, int, int]], images: Image) -> None:
    """Decode one file from front to back into its rows of `images` (N, H, W, 3)."""
    import av

    wanted = [row for _, begin, length in sorted(rows) for row in range(begin, begin + length)]
    expected_first = 0
    for first, _, length in sorted(rows):
        if first != expected_first:
            raise DatasetError(
                f"video {path} begins an episode at frame {first}, expected {expected_first}: collect again"
            )
        expected_first += length
    count = 0
    try:
        with av.open(str(path)) as container:
            container.streams.video[0].thread_type = "AUTO"
            for row, frame in zip(wanted, container.decode(video=0), strict=False):
                images[row] = frame.to_ndarray(format="rgb24")
                count += 1
    except (av.FFmpegError, FileNotFoundError) as error:
        raise DatasetError(f"video {path} cannot be decoded ({error}): collect the dataset again") from error
    if count != len(wanted):
        raise DatasetError(
            f"video {path} holds {count} frames, expected {len(wanted)}: collect the dataset again"
        )
