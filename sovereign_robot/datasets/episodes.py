"""Episodes of a dataset one by one: what each was asked to do, and any of its pictures without the rest.

Looking at a few moments of a large dataset must not decode all of it, as `frames.py` does for training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.types import Array, Image
from sovereign_robot.datasets.layout import ACTION, STAMP, STATE, image_feature
from sovereign_robot.datasets.lerobot_v3 import OpenDataset

LONGEST_WAY = 8  # frames that are decoded on the way to a wanted one rather than sought


@dataclass(frozen=True)
class RecordedEpisode:
    """One episode as the dataset lists it.

    Attributes:
        index: number in the dataset, from 0.
        frames: number of frames.
        videos: by camera the file and the episode's first frame in it.
    """

    index: int
    task: str
    instruction: str
    language: str
    seed: int
    frames: int
    videos: dict[str, tuple[Path, int]]


def read_episodes(dataset: OpenDataset) -> tuple[RecordedEpisode, ...]:
    """Every episode in order.

    Raises:
        DatasetError: LeRobot's list and the record of the collection do not hold the same episodes.
    """
    import pyarrow.parquet

    videos = [f"videos/{image_feature(c)}/" for c in dataset.contract.camera_names]
    names = [f"{v}{n}" for v in videos for n in ("chunk_index", "file_index", "from_timestamp")]
    files = sorted(dataset.root.glob("meta/episodes/**/*.parquet"))
    table = pyarrow.parquet.ParquetDataset(files).read(columns=["episode_index", "length", *names])
    rows = sorted(table.to_pylist(), key=lambda row: row["episode_index"])
    records = {e["episode_index"]: e for e in dataset.collection["episodes"]}
    if sorted(records) != [row["episode_index"] for row in rows]:
        raise DatasetError(
            f"dataset {dataset.root} lists {len(rows)} episodes but its collection wrote {len(records)}: "
            "its writer was stopped, collect it again"
        )
    return tuple(_episode(dataset, row, records[row["episode_index"]]) for row in rows)


def _episode(dataset: OpenDataset, row: dict[str, Any], record: dict[str, Any]) -> RecordedEpisode:
    videos = {}
    for camera in dataset.contract.camera_names:
        feature = image_feature(camera)
        chunk, file, start_s = (
            row[f"videos/{feature}/{n}"] for n in ("chunk_index", "file_index", "from_timestamp")
        )
        name = dataset.info["video_path"].format(video_key=feature, chunk_index=chunk, file_index=file)
        videos[camera] = (dataset.root / name, round(start_s * dataset.info["fps"]))
    return RecordedEpisode(
        index=row["episode_index"],
        task=record["task"],
        instruction=record["instruction"],
        language=record["language"],
        seed=record["seed"],
        frames=row["length"],
        videos=videos,
    )


def read_images(
    dataset: OpenDataset, episode: RecordedEpisode, camera: str, frames: Sequence[int]
) -> list[Image]:
    """Pictures (H, W, 3) of one camera at some frames of an episode, counted from 0, in rising order.

    Raises:
        DatasetError: the video cannot be decoded or ends too early.
    """
    path, first = episode.videos[camera]
    images = _decode(path, [first + frame for frame in frames], dataset.info["fps"])
    if len(images) != len(frames):
        raise DatasetError(f"video {path} ends before episode {episode.index} does: collect it again")
    return images


def _decode(path: Path, wanted: Sequence[int], fps: float) -> list[Image]:
    """The wanted frames of a file in rising order, as far as it goes."""
    import av

    found: list[Image] = []
    at = -LONGEST_WAY - 1
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            for index in wanted:
                if index - at > LONGEST_WAY:
                    container.seek(int(index / fps * av.time_base))
                    decoded = container.decode(stream)
                for frame in decoded:
                    at = round(frame.time * fps)
                    if at >= index:
                        found.append(np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8))
                        break
    except (av.FFmpegError, FileNotFoundError) as error:
        raise DatasetError(f"video {path} cannot be decoded ({error}): collect the dataset again") from error
    return found


def read_joints(dataset: OpenDataset, episode: RecordedEpisode) -> tuple[Array, Array, Array]:
    """Times (N,) [s], measured positions (N, J) and commands (N, J) [rad] of an episode."""
    import pyarrow.parquet

    files = sorted(dataset.root.glob("data/**/*.parquet"))
    chosen = [("episode_index", "=", episode.index)]
    table = pyarrow.parquet.read_table(files, filters=chosen, columns=["frame_index", STAMP, STATE, ACTION])
    table = table.sort_by("frame_index")
    stamp_s, position_rad, command_rad = (
        np.array(table[name].to_pylist(), dtype=np.float64) for name in (STAMP, STATE, ACTION)
    )
    return stamp_s.ravel(), position_rad, command_rad


def choose(episodes: Sequence[RecordedEpisode], per_task: int) -> list[RecordedEpisode]:
    """At most so many episodes of each task, spread over the dataset and evenly over the languages."""
    chosen: list[RecordedEpisode] = []
    for task in dict.fromkeys(e.task for e in episodes):
        spoken: dict[str, list[RecordedEpisode]] = {}
        for episode in (e for e in episodes if e.task == task):
            spoken.setdefault(episode.language, []).append(episode)
        shares = _shares([len(group) for group in spoken.values()], per_task)
        for group, share in zip(spoken.values(), shares, strict=True):
            chosen += [group[i * len(group) // share] for i in range(share)]
    return sorted(chosen, key=lambda e: e.index)


def _shares(sizes: Sequence[int], total: int) -> list[int]:
    """How many to take from groups of these sizes, as evenly as they allow."""
    shares = [0] * len(sizes)
    for _ in range(min(total, sum(sizes))):
        least = min((i for i, size in enumerate(sizes) if shares[i] < size), key=lambda i: shares[i])
        shares[least] += 1
    return shares
