"""What a student makes of the slots of a goal code, so that pairs of values it never met still work."""

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.sim.tasks.task import COLOURS

Entries = NDArray[np.int64]
HALVES = (("colour", "other"), ("bin", "other_bin"))  # "red left and blue right" is "blue right and red left"


def motion_mask(code: GoalCode) -> NDArray[np.float32]:
    """(W,) 0 for what a thing looks like, 1 for the rest.

    Colours say where to look, not how to move. A trunk that hears them learns a motion for each pair of
    colours of its training and none for the others.
    """
    mask = np.ones(code.width, dtype=np.float32)
    for name, values in code.groups.items():
        if set(values) == set(COLOURS):
            mask[_entries(code, name)] = 0.0
    return mask


class Halves:
    """Says a sentence of two halves the other way round, so that either slot learns every value."""

    def __init__(self, code: GoalCode) -> None:
        """Take the order of the entries."""
        here, there = [], []
        for one, other in HALVES:
            for value in code.groups.get(other, ()):
                here.append(int(_entries(code, one)[code.groups[one].index(value)]))
                there.append(int(_entries(code, other)[code.groups[other].index(value)]))
        self._here, self._there = np.array(here, dtype=np.int64), np.array(there, dtype=np.int64)

    def exchanged(self, codes: NDArray[np.float32], turn: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Codes (B, W) with the halves exchanged where `turn` (B,) and where there is a second half."""
        turned = codes.copy()
        rows = np.flatnonzero(turn & (codes[:, self._there].sum(axis=1) > 1.0))[:, None]
        turned[rows, self._here], turned[rows, self._there] = (
            codes[rows, self._there],
            codes[rows, self._here],
        )
        return turned


def _entries(code: GoalCode, slot: str) -> Entries:
    """Where the values of a slot are."""
    names = list(code.groups)
    begin = sum(len(code.groups[name]) for name in names[: names.index(slot)])
    return np.arange(begin, begin + len(code.groups[slot]))
