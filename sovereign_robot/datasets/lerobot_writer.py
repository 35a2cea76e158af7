"""Takes become a LeRobot v3 dataset: LeRobot keeps the lists and the statistics, and joins the videos.

Pictures are neither decoded nor encoded here. LeRobot's recorder passes each row through Python and copies a
whole video file with each episode: 0.24 s of one core for an episode of 130 frames and two cameras, where a
file of episodes at a time takes 0.03 s per episode.
"""

import importlib.util
import itertools
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.episode_video import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, byte_statistics
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
from sovereign_robot.datasets.takes import Take

VIDEO_FILE_BYTES = 100_000_000
FILES_PER_FOLDER = 1000


def require_lerobot() -> None:
    """Find out before the work begins, and without the seconds that its import takes, that LeRobot is here.

    Raises:
        ModuleNotFoundError: it is not; the command line says what to install.
    """
    if importlib.util.find_spec("lerobot") is None:
        raise ModuleNotFoundError("No module named 'lerobot'", name="lerobot")


def write_lerobot(
    root: Path, contract: RobotContract, takes: Iterable[Take], file_bytes: int = VIDEO_FILE_BYTES
) -> None:
    """Write a dataset whose episodes are the takes, in their order, into a folder that does not exist yet.

    Args:
        root: folder to make.
        contract: robot of the takes.
        takes: read one by one; at least one, and all of one kind.
        file_bytes: size that a video file keeps below.

    Raises:
        DatasetError: the contract does not speak radians.
    """
    if contract.joint_unit != "rad":
        raise DatasetError(
            f"robot {contract.name} has joint_unit {contract.joint_unit}, expected rad to write a dataset"
        )
    meta: Any = None
    for number, together in enumerate(_by_file(takes, file_bytes)):
        meta = meta or _create(root, contract, together[0])
        folder, file = divmod(number, FILES_PER_FOLDER)
        _write_file(meta, together, {"chunk_index": folder, "file_index": file})
    meta.finalize()


def _by_file(takes: Iterable[Take], file_bytes: int) -> Iterator[list[Take]]:
    """Takes whose videos go into one file per camera."""
    together: list[Take] = []
    size = 0
    for take in takes:
        more = max(video.stat().st_size for video in take.videos.values())
        if together and size + more > file_bytes:
            yield together
            together, size = [], 0
        together.append(take)
        size += more
    if together:
        yield together


def _write_file(meta: Any, takes: list[Take], place: dict[str, int]) -> None:
    """One table and one video per camera, and LeRobot's entry of each episode in them."""
    import pyarrow.parquet
    from lerobot.datasets.feature_utils import get_hf_features_from_features

    begins = [0, *itertools.accumulate(len(take.stamp_s) for take in takes)]
    first_episode, first_frame = meta.total_episodes, meta.total_frames
    schema = get_hf_features_from_features(meta.features).arrow_schema
    path = meta.root / meta.data_path.format(**place)
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = []
    with pyarrow.parquet.ParquetWriter(path, schema) as file:
        for number, (take, begin) in enumerate(zip(takes, begins, strict=False)):
            meta.save_episode_tasks([take.facts.instruction])
            tables.append(_table(meta, take, first_episode + number, first_frame + begin))
            columns = [pyarrow.array(list(tables[-1][f.name]), type=f.type) for f in schema]
            file.write_table(pyarrow.Table.from_arrays(columns, schema=schema))
    for camera in takes[0].videos:
        _join_videos(meta, camera, [take.videos[camera] for take in takes], place)
    for table, take, begin in zip(tables, takes, begins, strict=False):
        _list_episode(meta, table, take, begin, place)


def _table(meta: Any, take: Take, episode: int, first_frame: int) -> dict[str, NDArray]:
    """The columns of one episode."""
    frames = len(take.stamp_s)
    labels: dict[str, NDArray] = {}
    if take.labels is not None:
        labels[LABEL_ROWS] = take.labels.rows_rad.reshape(frames, -1).astype(np.float32)
        labels[LABEL_SPAN] = take.labels.span.astype(np.float32)
    return labels | {
        STATE: take.joint_position_rad.astype(np.float32),
        ACTION: take.action_rad.astype(np.float32),
        STAMP: take.stamp_s,
        EXPERT: take.expert.astype(np.float32),
        ATTENTION: take.attention.reshape(frames, -1).astype(np.float32),
        "timestamp": np.arange(frames, dtype=np.float32) / np.float32(meta.fps),
        "frame_index": np.arange(frames),
        "episode_index": np.full(frames, episode),
        "index": np.arange(first_frame, first_frame + frames),
        "task_index": np.full(frames, meta.get_task_index(take.facts.instruction)),
    }


def _join_videos(meta: Any, camera: str, videos: list[Path], place: dict[str, int]) -> None:
    from lerobot.configs import RGBEncoderConfig
    from lerobot.datasets.video_utils import concatenate_video_files

    feature = image_feature(camera)
    concatenate_video_files(videos, meta.root / meta.video_path.format(video_key=feature, **place))
    if meta.total_episodes == 0:
        settings = RGBEncoderConfig(
            vcodec=CODEC,
            pix_fmt=PIXEL_FORMAT,
            g=int(CODEC_OPTIONS["g"]),
            crf=int(CODEC_OPTIONS["crf"]),
            preset=CODEC_OPTIONS["preset"],
        )
        meta.update_video_info(feature, video_encoder=settings)


def _list_episode(
    meta: Any, table: dict[str, NDArray], take: Take, begin: int, place: dict[str, int]
) -> None:
    """LeRobot's entry of an episode that begins with a frame of its file."""
    from lerobot.datasets.compute_stats import compute_episode_stats

    frames = len(take.stamp_s)
    first_frame = int(table["index"][0])
    where: dict[str, Any] = {f"data/{name}": number for name, number in place.items()}
    where |= {"dataset_from_index": first_frame, "dataset_to_index": first_frame + frames}
    statistics = compute_episode_stats(table, {name: meta.features[name] for name in table})
    for camera, counts in take.pixel_counts.items():
        video = f"videos/{image_feature(camera)}"
        where |= {f"{video}/{name}": number for name, number in place.items()}
        where |= {f"{video}/from_timestamp": begin / meta.fps}
        where |= {f"{video}/to_timestamp": (begin + frames) / meta.fps}
        statistics[image_feature(camera)] = {
            name: values if name == "count" else values.reshape(-1, 1, 1) / 255.0
            for name, values in byte_statistics(counts).items()
        }
    episode = int(table["episode_index"][0])
    meta.save_episode(episode, frames, [take.facts.instruction], statistics, where)


def _create(root: Path, contract: RobotContract, take: Take) -> Any:
    """LeRobot's lists of a new dataset of such takes; offline, without progress bars and encoder chatter."""
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_DATASETS_DISABLE_PROGRESS_BARS"):
        os.environ[name] = "1"
    logging.getLogger("lerobot").setLevel(logging.ERROR)
    import av
    from lerobot.datasets import LeRobotDatasetMetadata

    av.logging.set_libav_level(av.logging.ERROR)
    return LeRobotDatasetMetadata.create(
        repo_id=f"local/{contract.name}",
        fps=round(take.facts.rate_hz),
        features=_features(contract, take),
        root=root,
        robot_type=contract.name,
        chunks_size=FILES_PER_FOLDER,
        video_files_size_in_mb=VIDEO_FILE_BYTES // 1_000_000,
    )


def _features(contract: RobotContract, take: Take) -> dict[str, dict[str, object]]:
    joints: dict[str, object] = {
        "dtype": "float32",
        "shape": (len(contract.joints),),
        "names": [f"{n}.pos" for n in contract.joint_names],
    }
    features: dict[str, dict[str, object]] = {
        STATE: joints,
        ACTION: dict(joints),
        STAMP: {"dtype": "float64", "shape": (1,), "names": None},
        EXPERT: _numbers("expert"),
        ATTENTION: _numbers(
            *(
                f"{c}.{what}.{axis}"
                for c in contract.camera_names
                for what in ("thing", "place")
                for axis in "xy"
            )
        ),
    }
    if take.labels is not None:
        rows = range(take.labels.rows_rad.shape[1])
        features[LABEL_ROWS] = _numbers(*(f"{row}.{n}.pos" for row in rows for n in contract.joint_names))
        features[LABEL_SPAN] = _numbers("begin", "end")
    for camera in contract.cameras:
        shape = (camera.height_px, camera.width_px, 3)
        names = ["height", "width", "channels"]
        features[image_feature(camera.name)] = {"dtype": "video", "shape": shape, "names": names}
    return features


def _numbers(*names: str) -> dict[str, object]:
    return {"dtype": "float32", "shape": (len(names),), "names": list(names)}
