"""A timed joint path with what must be true on the way."""

from dataclasses import dataclass

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Carry:
    """From when to when [s after the plan's beginning] a prop must be in the jaws."""

    prop: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Legs one after the other; after the last the arm rests.

    Attributes:
        carries: what must be held while; when it is lost, the expert plans again.
        look_again: the plan ends where the expert looks and plans the rest, such as over a hole.
    """

    legs: tuple[Trajectory, ...]
    carries: tuple[Carry, ...] = ()
    look_again: bool = False

    @property
    def duration_s(self) -> float:
        """Length of the whole plan [s]."""
        return sum(leg.duration_s for leg in self.legs)

    def position_rad(self, time_s: float) -> Array:
        """(J,) command [rad] at `time_s` after the plan was made."""
        for leg in self.legs[:-1]:
            if time_s < leg.duration_s:
                return leg.position_rad(time_s)
            time_s -= leg.duration_s
        return self.legs[-1].position_rad(time_s)
