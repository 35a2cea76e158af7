"""What a student makes of the slots of a goal code, so that pairs of values it never met still work."""

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.sim.tasks.task import COLOURS

Entries = NDArray[np.int64]
UNSAID = 0.1  # probability below which nothing is said
SECOND_CHANCE = 0.3  # share of the sentences of one half that are said as a second one
HALVES = (
    ("colour", "other"),
    ("bin", "other_bin"),
)  # slots of a first half and of a second one


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
    """Says a sentence of one half as if it were a second one, so that those slots learn every value too.

    Only sentences of two halves have the slots of the second, and training leaves out some of their pairs.
    """

    def __init__(self, code: GoalCode) -> None:
        """Take the order of the entries."""
        here, there, only_here = [], [], []
        for one, other in HALVES:
            for entry, value in zip(_entries(code, one), code.groups[one], strict=True):
                if value in code.groups[other]:
                    here.append(int(entry))
                    there.append(int(_entries(code, other)[code.groups[other].index(value)]))
                else:
                    only_here.append(int(entry))
        self._here, self._there, self._only_here = here, there, only_here

    def moved(self, codes: NDArray[np.float32], chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Codes (B, W) said in the second half's slots where `chosen` (B,) and where these can say it."""
        moved = codes.copy()
        unsaid = codes[:, [*self._there, *self._only_here]].sum(axis=1) < UNSAID
        rows = np.flatnonzero(chosen & unsaid)[:, None]
        moved[rows, self._there], moved[rows, self._here] = codes[rows, self._here], 0.0
        return moved


def _entries(code: GoalCode, slot: str) -> Entries:
    """Where the values of a slot stand."""
    names = list(code.groups)
    begin = sum(len(code.groups[name]) for name in names[: names.index(slot)])
    return np.arange(begin, begin + len(code.groups[slot]))
