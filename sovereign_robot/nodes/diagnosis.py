"""How a node is, for people: what `/diagnostics` shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Level(IntEnum):
    """The levels of diagnostic_msgs/DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One component's state: its level, one sentence, and facts by name."""

    level: Level
    message: str
    facts: Mapping[str, str] = field(default_factory=dict)
