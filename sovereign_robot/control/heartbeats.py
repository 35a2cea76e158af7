"""Which of the nodes that a robot needs are alive, by the heartbeats that each sends."""

from collections.abc import Sequence
from dataclasses import dataclass

from sovereign_robot.contract.errors import ContractError
from sovereign_robot.control.safety_state import Event, Fault, State

LOST_PERIODS = 3.0
AHEAD_S = 0.05
ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class RequiredNode:
    """A node, or a stream such as "camera front", without which the arm may not move.

    Attributes:
        period_s: time between two heartbeats [s].
        on_loss: `holding`, or `protective_stop` where the arm is no longer known or no longer obeys.
    """

    name: str
    period_s: float
    on_loss: State = State.HOLDING

    def __post_init__(self) -> None:
        if not 0.0 < self.period_s < float("inf"):
            raise ContractError(f"heartbeat period of {self.name} is {self.period_s} s, expected above 0")
        if self.on_loss not in (State.HOLDING, State.PROTECTIVE_STOP):
            raise ContractError(
                f"loss of {self.name} leads to {self.on_loss}, expected holding or protective_stop"
            )


class Heartbeats:
    """The newest heartbeat of each required node; others are passed over."""

    def __init__(self, required: Sequence[RequiredNode] = ()) -> None:
        """Start with nothing heard."""
        self._required = tuple(required)
        self._heard_s: dict[str, float] = {}
        self._names = frozenset(node.name for node in required)

    def take(self, node: str, stamp_s: float) -> None:
        """Note that a node was alive at a time [s]."""
        if node in self._names and stamp_s > self._heard_s.get(node, -float("inf")):
            self._heard_s[node] = stamp_s

    def fault(self, now_s: float) -> Fault | None:
        """The node whose loss weighs most at `now_s` [s], named with its age; None when all are alive."""
        faults = [fault for node in self._required if (fault := self._of(node, now_s))]
        return max(faults, key=lambda fault: fault.state is State.PROTECTIVE_STOP, default=None)

    def forget(self, now_s: float) -> None:
        """Count each node that was ever heard as heard at a time [s], as when the clock jumped."""
        self._heard_s = dict.fromkeys(self._heard_s, now_s)

    def _of(self, node: RequiredNode, now_s: float) -> Fault | None:
        heard_s = self._heard_s.get(node.name)
        if heard_s is None:
            return Fault(Event.HEARTBEAT_LOST, f"no heartbeat of {node.name} has been received")
        age_s, longest_s = now_s - heard_s, LOST_PERIODS * node.period_s
        if -AHEAD_S <= age_s <= longest_s + ROUNDING_S:
            return None
        if age_s < -AHEAD_S:
            reason = f"the heartbeat of {node.name} is stamped {-age_s:.3f} s in the future"
            del self._heard_s[node.name]  # else it would shadow every true one until its time comes
            return Fault(Event.HEARTBEAT_LOST, reason, node.on_loss)
        reason = f"the heartbeat of {node.name} is {age_s:.3f} s old, expected at most {longest_s:.3f} s"
        return Fault(Event.HEARTBEAT_LOST, reason, node.on_loss)
