"""How chunks that overlap become one plan, as a choice by name.

prefix     the newest chunk is the plan; the policy is told which rows will be played before its answer
           comes, and begins with them (real-time chunking, arXiv 2506.07339 and 2512.05964)
ensemble   where chunks overlap the plan is their weighted mean (temporal ensembling of ACT,
           arXiv 2304.13705), the weights by the stamps of the chunks
switch     the newest chunk is the plan, and the policy is told nothing
"""

from collections import deque
from enum import StrEnum
from typing import Protocol

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.curve import Spline

ENSEMBLE_DECAY = 0.01  # m of ACT: a chunk that is one policy step younger weighs exp(-m) as much
FADING_STEPS = 6  # over its last policy steps a chunk's say fades, so that its end is no jump of the mean
MOST_CHUNKS = 32


class Chunking(StrEnum):
    """Names of the strategies."""

    PREFIX = "prefix"
    ENSEMBLE = "ensemble"
    SWITCH = "switch"

    @property
    def promises(self) -> bool:
        """Whether the policy is told which rows will be played before its chunk comes."""
        return self is Chunking.PREFIX


def chunking_of(name: str) -> Chunking:
    """The chunking of a name.

    Raises:
        UsageError: there is none; lists those that there are.
    """
    try:
        return Chunking(name)
    except ValueError as error:
        raise UsageError(f"chunking is {name!r}, expected one of {', '.join(Chunking)}") from error


class Strategy(Protocol):
    """Makes the plan of each chunk that is taken."""

    def plan(self, chunk: ActionChunk) -> Spline:
        """The plan from a chunk on, due at the times of its rows."""
        ...

    def forget(self) -> None:
        """Drop what earlier chunks said."""
        ...


class Newest:
    """The chunk itself."""

    def plan(self, chunk: ActionChunk) -> Spline:
        """The rows of the chunk."""
        return Spline(chunk.times_s, chunk.position_rad, chunk.step_s)

    def forget(self) -> None:
        """Nothing is kept."""


class Ensemble:
    """The weighted mean of all chunks that say where to be at a time."""

    def __init__(self, decay: float = ENSEMBLE_DECAY) -> None:
        """A chunk that is n policy steps younger than the oldest weighs exp(-decay n)."""
        self._decay = decay
        self._chunks: deque[tuple[float, Spline]] = deque(maxlen=MOST_CHUNKS)

    def plan(self, chunk: ActionChunk) -> Spline:
        """The mean at the times of the chunk's rows."""
        times_s = chunk.times_s
        while self._chunks and self._chunks[0][1].end_s < times_s[0]:
            self._chunks.popleft()
        self._chunks.append((chunk.stamp_s, Spline(times_s, chunk.position_rad, chunk.step_s)))
        oldest_s = self._chunks[0][0]
        total, weights = np.zeros_like(chunk.position_rad), np.zeros((len(times_s), 1))
        for stamp_s, said in self._chunks:
            weight = np.full((len(times_s), 1), np.exp(-self._decay * (stamp_s - oldest_s) / chunk.step_s))
            rows = chunk.position_rad
            if stamp_s != chunk.stamp_s:
                weight *= _fading((said.end_s - times_s[:, None]) / (FADING_STEPS * chunk.step_s))
                rows = said.motion(times_s)[0]
            total, weights = total + weight * rows, weights + weight
        return Spline(times_s, total / weights, chunk.step_s)

    def forget(self) -> None:
        """Drop every chunk."""
        self._chunks.clear()


def _fading(left: Array) -> Array:
    """From 1 to 0 without a jump in slope or bend, by the share of the fade that is left."""
    u = np.clip(left, 0.0, 1.0)
    fading: Array = u**3 * (10.0 - 15.0 * u + 6.0 * u**2)
    return fading


def strategy(chunking: Chunking) -> Strategy:
    """The strategy of a name."""
    return Ensemble() if chunking is Chunking.ENSEMBLE else Newest()
