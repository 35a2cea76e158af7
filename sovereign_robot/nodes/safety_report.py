"""What the safety node tells of itself: `safety/state`, `safety/timing`, its log and its diagnosis."""

import re
from collections.abc import Mapping

from rclpy.node import Node
from std_msgs.msg import String

from sovereign_robot.contract import names
from sovereign_robot.control.command_mux import Source
from sovereign_robot.control.safety_state import STOPPED, State
from sovereign_robot.control.tick import Tick
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.diagnosis import Diagnosis, Level
from sovereign_robot.nodes.loop_timing import LoopTiming
from sovereign_robot.nodes.qos import EVERY, LATCHED

LOG_EVERY_S = 1.0
WELL = (State.READY, State.RUNNING)

type Said = tuple[State, str, Source | None]


class SafetyReport:
    """Publishes what ticks decided and when.

    Attributes:
        timing: of the control loop.
    """

    def __init__(self, node: Node, counts: Mapping[str, int]) -> None:
        """Publish as a node; `counts` is how often each kind of intervention happened, kept up by others."""
        self._node, self._counts = node, counts
        self.timing = LoopTiming()
        self._said: Said = (State.INIT, "", None)
        self._state = node.create_publisher(String, names.SAFETY_STATE, LATCHED)
        self._timing = node.create_publisher(String, names.SAFETY_TIMING, EVERY)

    def say(self, tick: Tick, now_s: float) -> None:
        """Publish and log state and source when they change; an age that goes on growing is not news."""
        for refusal in tick.refusals:
            self._node.get_logger().warning(refusal, throttle_duration_sec=LOG_EVERY_S)
        before, self._said = self._said, (tick.state, tick.reason, tick.source)
        if _without_numbers(self._said) == _without_numbers(before):
            return
        self._state.publish(ros_msgs.json_msg(state_facts(tick, now_s)))
        self._node.get_logger().info(_sentence(tick.state, tick.reason))

    def publish_timing(self) -> None:
        """Publish what was measured since the last time, where somebody listens."""
        if self._timing.get_subscription_count():
            content = self.timing.take() | {"interventions": dict(self._counts)}
            self._timing.publish(ros_msgs.json_msg(content))

    def diagnosis(self) -> Diagnosis:
        """The state, how the loop does, and how often each kind of intervention happened."""
        state, reason, _ = self._said
        level = Level.ERROR if state in STOPPED else Level.OK if state in WELL else Level.WARN
        facts = self.timing.summary() | {kind: str(count) for kind, count in self._counts.items()}
        return Diagnosis(level, _sentence(state, reason), facts)


def state_facts(tick: Tick, now_s: float) -> dict[str, object]:
    """What `safety/state` says of a tick at a time [s]."""
    return {
        "state": str(tick.state),
        "reason": tick.reason,
        "stop_category": tick.stop_category,
        "source": None if tick.source is None else str(tick.source),
        "now_s": now_s,
    }


def _sentence(state: State, reason: str) -> str:
    return f"{state}: {reason}" if reason else str(state)


def _without_numbers(said: Said) -> Said:
    state, reason, source = said
    return state, re.sub(r"[\d.]+", "", reason), source
