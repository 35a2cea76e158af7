"""Pictures of a batch, changed as a moved camera, another lamp or a dropped stream would change them.

Shape letters: B batch, C cameras, H, W pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.types import Array, Image

SHIFT_SHARE = 0.06  # of a side, at most; a shift moves what the picture shows
GREY = 128  # of a camera that shows nothing
SHIFT_CHANCE, BLUR_CHANCE, DROP_CHANCE = 0.5, 0.1, 0.03
RECOLOUR_CHANCE = 0.2
ORDERS = np.array([(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])


@dataclass(frozen=True)
class Changes:
    """How the pictures of B samples are changed.

    Attributes:
        shift_px: (B, C, 2) to the right and downwards.
        gain: (B, C, 3) of each colour.
        offset: (B, C) added to all colours, in 0 .. 1.
        blur: (B, C) whether the picture is out of focus.
        drop: (B, C) whether the camera shows nothing.
        order: (B, C, 3) which channel each one shows. The first camera keeps its colours: it tells which
            thing a sentence calls red; how the hand closes on it is the same for any colour.
    """

    shift_px: NDArray[np.int64]
    gain: Array
    offset: Array
    blur: NDArray[np.bool_]
    drop: NDArray[np.bool_]
    order: NDArray[np.int64]

    def share(self, rank: int, processes: int) -> "Changes":
        """The part of one process."""
        mine = slice(rank, None, processes)
        return Changes(**{name: values[mine] for name, values in vars(self).items()})


def draw_changes(
    rng: np.random.Generator, count: int, cameras: int, height_px: int, width_px: int, strength: float = 1.0
) -> Changes:
    """Changes of `count` samples; `strength` 0 leaves every picture as it is."""
    size = (count, cameras)
    largest = np.rint(strength * SHIFT_SHARE * np.array([width_px, height_px])).astype(np.int64)
    shift = rng.integers(-largest, largest + 1, (*size, 2))
    shift[rng.random(size) >= SHIFT_CHANCE] = 0
    light, tint = rng.uniform(-0.25, 0.25, (*size, 1)), rng.uniform(-0.08, 0.08, (*size, 3))
    drop = rng.random(size) < strength * DROP_CHANCE
    drop[drop.all(axis=1)] = False
    recolour = rng.random(size) < strength * RECOLOUR_CHANCE
    recolour[:, 0] = False
    order = np.where(recolour[..., None], ORDERS[rng.integers(len(ORDERS), size=size)], np.arange(3))
    return Changes(
        shift_px=shift,
        gain=1.0 + strength * (light + tint),
        offset=strength * rng.uniform(-0.08, 0.08, size),
        blur=rng.random(size) < strength * BLUR_CHANCE,
        drop=drop,
        order=order,
    )


def shifted_points(attention: Array, changes: Changes, height_px: int, width_px: int) -> Array:
    """Points (B, C, 2, 2) in the coordinates of the shifted pictures."""
    by = changes.shift_px * (2.0 / np.array([width_px, height_px]))
    moved: Array = attention + by[:, :, None]
    return moved


def gather(
    images: Sequence[Sequence[Image]], source: NDArray[np.int64], index: NDArray[np.int64], changes: Changes
) -> Image:
    """Copy the frames of a batch, changed; what comes in at a shifted side repeats the side's pixels.

    Args:
        images: by dataset and camera, (N, H, W, 3).
        source: (B,) number of the dataset.
        index: (B,) frame in it.

    Returns:
        (B, C, H, W, 3) uint8.
    """
    first = images[0][0]
    batch = np.empty((len(index), len(images[0]), *first.shape[1:]), dtype=np.uint8)
    tables = _tables(changes)
    for row, (dataset, frame) in enumerate(zip(source, index, strict=True)):
        for camera, pictures in enumerate(images[dataset]):
            at = row, camera
            if changes.drop[at]:
                batch[at] = GREY
                continue
            picture = _shifted(pictures[frame], *changes.shift_px[at])
            cv2.LUT(picture, tables[at], dst=batch[at])
            if changes.order[at][0] or changes.order[at][1] != 1:
                batch[at] = batch[at][..., changes.order[at]]
            if changes.blur[at]:
                cv2.blur(batch[at], (3, 3), dst=batch[at])
    return batch


def _tables(changes: Changes) -> Image:
    """(B, C, 256, 1, 3) what each grey level of each colour becomes."""
    levels = np.arange(256.0)[:, None, None] * changes.gain[:, :, None, None, :]
    levels += 255.0 * changes.offset[:, :, None, None, None]
    return np.clip(levels, 0.0, 255.0).astype(np.uint8)


def _shifted(picture: Image, right: int, down: int) -> Image:
    if not right and not down:
        return picture
    height, width = picture.shape[:2]
    inner = picture[max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)]
    sides = max(down, 0), max(-down, 0), max(right, 0), max(-right, 0)
    moved: Image = cv2.copyMakeBorder(inner, *sides, cv2.BORDER_REPLICATE)
    return moved
