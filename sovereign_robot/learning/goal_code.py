"""What a sentence asks for as numbers that people can read: a group of entries per slot, one per value.

    task: reach, lift, ...   colour: red, blue, ...   bin: left, middle, right   ...

An entry is the probability that the sentence says so; a slot that is not said is 0 in all of its entries.
Slots of one name are one group in every task, so "red" means the same to a policy whatever is asked for.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.sim.language.grammar import grammar_of
from sovereign_robot.sim.scene import Goal
from sovereign_robot.sim.tasks.registry import TASKS

TASK = "task"


class GoalCode:
    """The groups, in an order that depends on the tasks alone.

    Attributes:
        groups: values by slot, the tasks' names first.
    """

    def __init__(self, tasks: Sequence[str] = tuple(TASKS)) -> None:
        """Take the slots of the tasks of those names.

        Raises:
            UsageError: a task has no wording.
        """
        self.groups: dict[str, tuple[str, ...]] = {TASK: tuple(tasks)}
        for name in tasks:
            for slot, values in grammar_of(name).slots.items():
                known = self.groups.get(slot, ())
                self.groups[slot] = (*known, *(value for value in values if value not in known))

    @property
    def width(self) -> int:
        """Entries of a code."""
        return sum(len(values) for values in self.groups.values())

    def answers(self, task: str, said: Goal) -> list[int]:
        """For each group the number of the value that is said; the number of values where none is."""
        spoken = {TASK: task, **said}
        return [
            values.index(spoken[slot]) if slot in spoken else len(values)
            for slot, values in self.groups.items()
        ]

    def vector(self, task: str, said: Goal) -> NDArray[np.float32]:
        """(W,) the code of a sentence that was understood with certainty."""
        code = np.zeros(self.width, dtype=np.float32)
        for (begin, values), answer in zip(self._spans(), self.answers(task, said), strict=True):
            if answer < len(values):
                code[begin + answer] = 1.0
        return code

    def _spans(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Each group's first entry and values."""
        begin = 0
        for values in self.groups.values():
            yield begin, values
            begin += len(values)
