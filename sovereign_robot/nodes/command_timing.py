"""Where the age of the observation behind a command comes from, part by part.

    camera      from its stamp until the policy node has the last picture that belongs to it
    wait        until the inference begins
    inference   until the chunk is made
    transfer    until the safety node has it
    tick        until the first command that follows it
    played      until this command: a chunk is followed until the next one comes

`camera` is measured by the nodes' clock, which simulated time moves in control periods; the others by steady
time, which all processes of one machine share.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

KEPT_PLANS = 16
STAMP_TOLERANCE_S = 1e-6


@dataclass(frozen=True, slots=True)
class PlanTiming:
    """When one action chunk was made.

    Attributes:
        stamp_s: time of its observation, by the nodes' clock [s].
        camera_s: age of the observation when it was complete [s].
        complete_s: steady time when it was complete [s].
        started_s: steady time when its inference began [s].
        ended_s: steady time when it ended [s].
    """

    stamp_s: float
    camera_s: float
    complete_s: float
    started_s: float
    ended_s: float

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        """Read what `as_dict` gave.

        Raises:
            KeyError: a moment is missing.
            TypeError, ValueError: a moment is no number.
        """
        return cls(**{name: float(data[name]) for name in cls.__slots__})  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, float]:
        """Plain data."""
        return asdict(self)


class CommandTiming:
    """Joins what the policy node says about its plans with what the safety node sees of them."""

    def __init__(self) -> None:
        """Start without a plan."""
        self._plans: deque[PlanTiming] = deque(maxlen=KEPT_PLANS)
        self._arrivals: deque[tuple[float, float]] = deque(maxlen=KEPT_PLANS)
        self._first: tuple[float, float] = (-float("inf"), 0.0)

    def on_plan(self, plan: PlanTiming) -> None:
        """Take when a chunk was made."""
        self._plans.append(plan)

    def on_chunk(self, stamp_s: float, steady_s: float) -> None:
        """Take when a chunk of an observation at `stamp_s` arrived [s]."""
        self._arrivals.append((stamp_s, steady_s))

    def parts_s(self, stamp_s: float, sent_s: float) -> dict[str, float]:
        """What the age of an observation is made of; {} when nobody said when its chunk was made.

        Args:
            stamp_s: of the observation behind a command [s].
            sent_s: steady time when the command was sent [s].
        """
        if abs(stamp_s - self._first[0]) > STAMP_TOLERANCE_S:
            self._first = (stamp_s, sent_s)
        plan = next((p for p in reversed(self._plans) if _same(p.stamp_s, stamp_s)), None)
        arrived_s = next((at for stamp, at in reversed(self._arrivals) if _same(stamp, stamp_s)), None)
        if plan is None or arrived_s is None:
            return {}
        return {
            "camera": plan.camera_s,
            "wait": plan.started_s - plan.complete_s,
            "inference": plan.ended_s - plan.started_s,
            "transfer": arrived_s - plan.ended_s,
            "tick": self._first[1] - arrived_s,
            "played": sent_s - self._first[1],
        }

    def of_command(self, now_s: float, sent_s: float, observation_age_s: float | None) -> dict[str, object]:
        """What is said of one command: the age of the observation behind it and its parts [ms].

        Args:
            now_s: time of the command by the node's clock [s].
            sent_s: steady time when it was sent [s].
            observation_age_s: age of the observation behind it [s]; None while the arm is held.
        """
        if observation_age_s is None:
            return {"now_s": round(now_s, 4), "age_ms": None}
        stamp_s = now_s - observation_age_s
        return {
            "now_s": round(now_s, 4),
            "observation_s": round(stamp_s, 4),
            "age_ms": round(1e3 * observation_age_s, 2),
            "parts_ms": {name: round(1e3 * s, 2) for name, s in self.parts_s(stamp_s, sent_s).items()},
        }


def _same(stamp_s: float, other_s: float) -> bool:
    return abs(stamp_s - other_s) < STAMP_TOLERANCE_S
