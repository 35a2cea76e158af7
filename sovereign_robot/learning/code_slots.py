"""What a student makes of the slots of a goal code, so that pairs of values it never met still work."""

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.learning.goal_code import TASK, GoalCode
from sovereign_robot.sim.tasks.task import COLOURS

Entries = NDArray[np.int64]
UNSAID = 0.1  # probability below which nothing is said
PART_CHANCE = 0.3  # share of the sentences that are said as a second half, and as a first one
HALVES = (
    ("colour", "other"),
    ("bin", "other_bin"),
)  # slots of a first half and of a second one
WHOLE, OF_TWO = "place_in_bin", "sort_two"  # the task that is a half of the other


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
    """Says a sentence of one half as a part of one of two, so that its slots learn every value too.

    Training leaves out some pairs of the sentences of two halves. Of those that are left a policy would learn
    that yellow goes to the right, whatever is said, and nothing of a second cube that is green.
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
        self._whole, self._of_two = (code.groups[TASK].index(name) for name in (WHOLE, OF_TWO))

    def in_part(self, codes: NDArray[np.float32], draws: NDArray[np.float64]) -> NDArray[np.float32]:
        """Codes (B, W) some of which are said as a part.

        Args:
            codes: as their sentences say it.
            draws: (B,) 0 .. 1; the lowest choose a second half, those above them a first one.
        """
        said = codes.copy()
        sayable = codes[:, [*self._there, *self._only_here]].sum(axis=1) < UNSAID
        second = (draws < PART_CHANCE) & sayable
        rows = np.flatnonzero(second)[:, None]
        said[rows, self._there], said[rows, self._here] = codes[rows, self._here], 0.0
        first = (draws >= PART_CHANCE) & (draws < 2 * PART_CHANCE)
        parts = np.flatnonzero((second | first) & (codes[:, self._whole] > 1.0 - UNSAID))
        said[parts, self._of_two], said[parts, self._whole] = codes[parts, self._whole], 0.0
        return said


def _entries(code: GoalCode, slot: str) -> Entries:
    """Where the values of a slot stand."""
    names = list(code.groups)
    begin = sum(len(code.groups[name]) for name in names[: names.index(slot)])
    return np.arange(begin, begin + len(code.groups[slot]))
