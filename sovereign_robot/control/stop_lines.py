"""Emergency stop lines, wired normally closed: whoever has said that all is well must go on saying so.

A line is one sender. One that fell silent stays pressed until it speaks again, or until a line of the same
node that began after it had fallen silent says that it is closed: the node was started again. The silence has
stopped the arm before that, so nothing is released without a reset.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

LOST_S = 0.3


class Heard(NamedTuple):
    """What a message means: the line that spoke, "" for a key, and the lines whose place it takes."""

    line: str
    replaces: tuple[str, ...] = ()


@dataclass(slots=True)
class _Line:
    """A line: the name by which it is pressed, the node behind it, when it began and last spoke [s]."""

    label: str
    node: str
    since_s: float
    heard_s: float
    is_lost: bool = False


class StopLines:
    """When each line last said that it is closed, or that it is open, by steady time."""

    def __init__(self) -> None:
        """Know no line."""
        self._lines: dict[Hashable, _Line] = {}

    def hear(self, sender: Hashable, name: str, is_pressed: bool, steady_s: float) -> Heard:
        """Take what one sender says.

        Args:
            sender: who says so; never the same for two of them.
            name: name of its node, with " #2" behind it for the second sender of that name.
            is_pressed: whether it calls for a stop. A sender that has never said False is a key, which
                is pressed once and lets go at once; with the first False it is a line from then on.
            steady_s: steady time [s].
        """
        if is_pressed and sender not in self._lines:
            return Heard("")
        node = name.partition(" #")[0]
        line = self._lines.setdefault(sender, _Line(name, node, steady_s, steady_s))
        line.node, line.heard_s, line.is_lost = node, steady_s, False
        return Heard(line.label, () if is_pressed else self._replaced_by(line))

    def lost(self, steady_s: float) -> tuple[str, ...]:
        """Lines that have been silent for longer than `LOST_S` at a steady time [s]."""
        for line in self._lines.values():
            line.is_lost = steady_s - line.heard_s > LOST_S
        return tuple(line.label for line in self._lines.values() if line.is_lost)

    def _replaced_by(self, line: _Line) -> tuple[str, ...]:
        """Forget the lines that were told as lost and that a younger one of their node stands in for."""
        old = {
            sender: other
            for sender, other in self._lines.items()
            if other.is_lost and other.node == line.node and other.heard_s < line.since_s
        }
        for sender in old:
            del self._lines[sender]
        return tuple(other.label for other in old.values())
