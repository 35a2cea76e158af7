"""Which of the nodes and streams that a robot needs are alive, by the heartbeats of each.

Lives and deaths of processes are judged by the steady clock, which goes on while simulated time is paused
and which no one can set.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sovereign_robot.contract.errors import ContractError
from sovereign_robot.control.safety_state import Event, Fault, State

AHEAD_S = 0.05
ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class RequiredNode:
    """A node, or a stream such as "camera front", without which the arm may not move.

    Attributes:
        timeout_s: silence that counts as its death [s].
        on_loss: `holding`, or `protective_stop` where the arm is no longer known or no longer obeys.
    """

    name: str
    timeout_s: float
    on_loss: State = State.HOLDING

    def __post_init__(self) -> None:
        if not 0.0 < self.timeout_s < float("inf"):
            raise ContractError(f"heartbeat timeout of {self.name} is {self.timeout_s} s, expected above 0")
        if self.on_loss not in (State.HOLDING, State.PROTECTIVE_STOP):
            raise ContractError(
                f"loss of {self.name} leads to {self.on_loss}, expected holding or protective_stop"
            )


class Heartbeats:
    """The newest heartbeat of each required node; others are passed over."""

    def __init__(self, required: Sequence[RequiredNode] = ()) -> None:
        """Start with nothing heard."""
        self._required = tuple(required)
        self._names = frozenset(node.name for node in required)
        self._heard_s: dict[str, float] = {}

    def take(self, node: str, stamp_s: float) -> None:
        """Note that a node was alive at a steady time [s]."""
        if node in self._names and stamp_s > self._heard_s.get(node, -float("inf")):
            self._heard_s[node] = stamp_s

    def fault(self, steady_s: float) -> Fault | None:
        """The node whose loss weighs most at a steady time [s], with its age; None when all are alive.

        A node that was never heard holds the arm; only one that was heard can be lost.
        """
        faults = [fault for node in self._required if (fault := self._of(node, steady_s))]
        return max(faults, key=lambda fault: fault.state is State.PROTECTIVE_STOP, default=None)

    def look_again(self, steady_s: float) -> None:
        """Nobody looked until now [s]: each node that was ever heard counts as heard now."""
        self._heard_s = dict.fromkeys(self._heard_s, steady_s)

    def _of(self, node: RequiredNode, steady_s: float) -> Fault | None:
        heard_s = self._heard_s.get(node.name)
        if heard_s is None:
            return Fault(Event.HEARTBEAT_LOST, f"no heartbeat of {node.name} has been received")
        age_s = steady_s - heard_s
        if age_s < -AHEAD_S:
            del self._heard_s[node.name]  # else it would shadow every true one until its time comes
            reason = f"the heartbeat of {node.name} is stamped {-age_s:.3f} s in the future"
            return Fault(Event.HEARTBEAT_LOST, reason, node.on_loss)
        if age_s > node.timeout_s + ROUNDING_S:
            reason = (
                f"the heartbeat of {node.name} is {age_s:.3f} s old, expected at most {node.timeout_s:.3f} s"
            )
            return Fault(Event.HEARTBEAT_LOST, reason, node.on_loss)
        return None
