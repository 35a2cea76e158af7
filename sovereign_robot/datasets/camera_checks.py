"""Cameras that saw nothing: pictures without content, and pictures that stood still while the arm moved.

A picture costs a read from disk, so of a large dataset only some episodes and moments are looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sovereign_robot.contract.types import Image
from sovereign_robot.datasets.frames import Frames

EPISODES, MOMENTS = 60, 4
DEAD_LEVELS = 2.0  # standard deviation of a picture without content, in grey levels of 255
FROZEN_LEVELS = 8  # a codec changes a picture that stands still by less
FROZEN_S, MOVED_RAD = 0.5, 0.15  # the arm moves so far in that time, and nothing changes


@dataclass(frozen=True, slots=True)
class CameraFault:
    """What is wrong with the pictures of some episodes."""

    episodes: list[int]
    what: str


def camera_faults(frames: Frames, episodes: Sequence[tuple[int, int, int]]) -> Iterator[CameraFault]:
    """Faults by camera.

    Args:
        frames: all frames.
        episodes: index, first frame and the one after the last, of each episode.
    """
    looked_at = [episodes[i] for i in np.unique(np.linspace(0, len(episodes) - 1, EPISODES).astype(int))]
    apart = max(1, round(FROZEN_S * frames.rate_hz))
    for camera, images in frames.images.items():
        dead, frozen = [], []
        for index, begin, end in looked_at:
            if _is_dead(images, begin, end):
                dead.append(index)
            elif _is_frozen(frames, images, begin, end, apart):
                frozen.append(index)
        of_looked_at = f"of {len(looked_at)} episodes that were looked at"
        if dead:
            level = float(np.mean(images[next(b for i, b, _ in looked_at if i == dead[0])]))
            yield CameraFault(
                dead,
                f"camera {camera} shows one even colour (brightness {level:.0f} of 255) in {len(dead)} "
                f"{of_looked_at}, expected a picture: look at its lens, light and cable, and record again",
            )
        if frozen:
            yield CameraFault(
                frozen,
                f"camera {camera} stands still for {FROZEN_S} s while the arm moves in {len(frozen)} "
                f"{of_looked_at}, expected it to change: look at its connection and rate, and record again",
            )


def _is_dead(images: Image, begin: int, end: int) -> bool:
    """Whether every picture that is looked at has no content."""
    rows = _moments(begin, end - 1)
    return all(float(images[row, ::2, ::2].astype(np.float32).std()) < DEAD_LEVELS for row in rows)


def _is_frozen(frames: Frames, images: Image, begin: int, end: int, apart: int) -> bool:
    """Whether a picture stood still in each moment at which the arm moved."""
    joints = frames.joint_position_rad
    moving = [
        row
        for row in _moments(begin, end - 1 - apart)
        if np.abs(joints[row + apart] - joints[row]).max() > MOVED_RAD
    ]
    return bool(moving) and all(
        np.abs(images[row + apart].astype(np.int16) - images[row]).max() <= FROZEN_LEVELS for row in moving
    )


def _moments(first: int, last: int) -> list[int]:
    """Some frames between two, both included; none when there is no room."""
    return sorted({int(row) for row in np.linspace(first, last, MOMENTS)}) if last >= first else []
