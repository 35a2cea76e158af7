"""Textures of table tops, drawn in code: grey and light, for the table's own colour multiplies them.

All are periodic, so that their edges do not show, and come from fixed seeds: a name means one picture.
"""

from collections.abc import Callable

import numpy as np

from sovereign_robot.contract.types import Array, Image

SIZE_PX = 128


def picture(name: str) -> Image:
    """The texture of that name, one of `TEXTURES`: uint8 grey as RGB (SIZE_PX, SIZE_PX, 3)."""
    row, column = np.mgrid[0:SIZE_PX, 0:SIZE_PX] / SIZE_PX
    shade = np.clip(TEXTURES[name](row, column), 0.0, 1.0)
    return np.repeat((255.0 * shade).round().astype(np.uint8)[..., None], 3, axis=2)


def _plain(row: Array, column: Array) -> Array:
    return np.ones_like(row)


def _checker(row: Array, column: Array) -> Array:
    return 0.78 + 0.22 * ((np.floor(8 * row) + np.floor(8 * column)) % 2)


def _stripes(row: Array, column: Array) -> Array:
    return 0.87 + 0.13 * np.sin(2 * np.pi * 9 * row)


def _cloth(row: Array, column: Array) -> Array:
    weave = np.sin(2 * np.pi * 16 * row) * np.sin(2 * np.pi * 16 * column)
    return 0.85 + 0.1 * weave + 0.05 * _cloud(11, 1.0)


def _speckle(row: Array, column: Array) -> Array:
    return 0.85 + 0.15 * _cloud(12, 0.3)


def _blotches(row: Array, column: Array) -> Array:
    return 0.82 + 0.18 * _cloud(13, 1.6)


def _wood(row: Array, column: Array) -> Array:
    rings = np.sin(2 * np.pi * (5 * row + 0.6 * _cloud(21, 2.2)))
    return 0.78 + 0.15 * rings + 0.07 * np.sin(2 * np.pi * (31 * row + 1.5 * _cloud(22, 1.8)))


def _marble(row: Array, column: Array) -> Array:
    veins = np.abs(np.sin(2 * np.pi * (row + column + 0.8 * _cloud(23, 1.8))))
    return 0.55 + 0.45 * np.sqrt(veins)


def _tiles(row: Array, column: Array) -> Array:
    joint = np.minimum(4 * row % 1.0, 4 * column % 1.0) < 0.08
    return np.where(joint, 0.6, 0.92 + 0.08 * _cloud(24, 1.0))


def _planks(row: Array, column: Array) -> Array:
    board = np.floor(4 * row).astype(int)
    shade = np.array([0.95, 0.75, 0.88, 0.68])[board]
    return np.where(4 * row % 1.0 < 0.06, 0.5, shade + 0.05 * _cloud(25, 1.0))


def _cloud(seed: int, smoothness: float) -> Array:
    """Periodic noise (SIZE_PX, SIZE_PX) in -1 .. 1 whose amplitude falls as 1 / frequency^smoothness."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIZE_PX), np.fft.rfftfreq(SIZE_PX), indexing="ij"))
    frequency[0, 0] = np.inf
    white = np.fft.rfft2(np.random.default_rng(seed).standard_normal((SIZE_PX, SIZE_PX)))
    noise = np.fft.irfft2(white / frequency**smoothness)
    return np.clip(noise / (2.5 * noise.std()), -1.0, 1.0)


TEXTURES: dict[str, Callable[[Array, Array], Array]] = {
    "plain": _plain,
    "checker": _checker,
    "stripes": _stripes,
    "cloth": _cloth,
    "speckle": _speckle,
    "blotches": _blotches,
    "wood": _wood,
    "marble": _marble,
    "tiles": _tiles,
    "planks": _planks,
}
