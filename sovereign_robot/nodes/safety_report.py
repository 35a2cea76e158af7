"""What the safety node tells of itself: its state, how its loop and commands do, its log, its diagnosis."""

import re
from collections.abc import Mapping

from rclpy.node import Node
from std_msgs.msg import String

from sovereign_robot.contract import names
from sovereign_robot.control.command_mux import Source
from sovereign_robot.control.safety_state import STOPPED, State
from sovereign_robot.control.tick import Tick
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.command_timing import CommandTiming, PlanTiming
from sovereign_robot.nodes.diagnosis import Diagnosis, Level
from sovereign_robot.nodes.loop_timing import LoopTiming
from sovereign_robot.nodes.qos import EVERY, LATCHED, SENSOR

LOG_EVERY_S = 1.0
WELL = (State.READY, State.RUNNING)

type Said = tuple[State, str, Source | None]


class SafetyReport:
    """Publishes what ticks decided and when.

    Attributes:
        timing: of the control loop.
        ages: where the ages of observations behind commands come from.
    """

    def __init__(self, node: Node, counts: Mapping[str, int]) -> None:
        """Publish as a node; `counts` is how often each kind of intervention happened, kept up by others."""
        self._node, self._counts = node, counts
        self.timing, self.ages = LoopTiming(), CommandTiming()
        self._said: Said = (State.INIT, "", None)
        self._state = node.create_publisher(String, names.SAFETY_STATE, LATCHED)
        self._timing = node.create_publisher(String, names.SAFETY_TIMING, EVERY)
        self._command_timing = node.create_publisher(String, names.COMMAND_TIMING, SENSOR)
        node.create_subscription(String, names.POLICY_TIMING, self._on_plan_timing, EVERY)

    def say(self, tick: Tick, now_s: float) -> None:
        """Publish and log state and source when they change; an age that goes on growing is not news."""
        for refusal in tick.refusals:
            self._node.get_logger().warning(refusal, throttle_duration_sec=LOG_EVERY_S)
        before, self._said = self._said, (tick.state, tick.reason, tick.source)
        if _without_numbers(self._said) == _without_numbers(before):
            return
        self._state.publish(ros_msgs.json_msg(state_facts(tick, now_s)))
        self._node.get_logger().info(_sentence(tick.state, tick.reason))

    def measure(self, tick: Tick, now_s: float, sent_s: float) -> None:
        """Take and publish how old the observation behind a command is.

        Args:
            tick: what was commanded.
            now_s: time of the tick by the node's clock [s].
            sent_s: steady time when its command was sent [s].
        """
        age_s = tick.observation_age_s
        parts_s = {} if age_s is None else self.ages.parts_s(now_s - age_s, sent_s)
        self.timing.on_tick(sent_s, now_s, age_s, parts_s)
        if self._command_timing.get_subscription_count():
            self._command_timing.publish(ros_msgs.json_msg(self.ages.of_command(now_s, sent_s, age_s)))

    def publish_timing(self) -> None:
        """Publish what was measured since the last time, where somebody listens."""
        taken = self.timing.take()  # also when nobody listens, or it would grow for ever
        if self._timing.get_subscription_count():
            self._timing.publish(ros_msgs.json_msg(taken | {"interventions": dict(self._counts)}))

    def _on_plan_timing(self, message: String) -> None:
        try:
            self.ages.on_plan(PlanTiming.from_data(ros_msgs.json_from(message)))
        except (KeyError, TypeError, ValueError) as error:
            self._node.get_logger().warning(
                f"{names.POLICY_TIMING} is not understood ({error!r}): ages of commands have no parts",
                throttle_duration_sec=LOG_EVERY_S,
            )

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
