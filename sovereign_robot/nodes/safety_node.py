"""Turn action chunks into commands at the control rate: the only node that commands the arm."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Float64MultiArray, String
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.chunking import chunking_of
from sovereign_robot.control.supervisor import State, Supervisor
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.loop_timing import LoopTiming
from sovereign_robot.nodes.qos import EVERY, LATCHED, NEWEST, SENSOR
from sovereign_robot.nodes.ros_main import run_node
from sovereign_robot.nodes.ros_params import declare_from, parameter
from sovereign_robot.nodes.ros_time import RosClock, SteadyClock, on_leap

LOG_EVERY_S = 1.0
TIMING_EVERY_S = 0.05
DIAGNOSTICS_EVERY_S = 1.0
CLOCK_STOPPED_S = 0.2


@dataclass(frozen=True)
class SafetyParameters:
    """Parameters of safety_node."""

    robot: str = parameter("so101", "name in config/robots, or a YAML file")
    blend_s: float = parameter(0.1, "least time from one chunk's motion into the next [s]", 0.0, 1.0)
    chunking: str = parameter("prefix", "how action chunks become one plan: prefix, ensemble or switch")


class SafetyNode(Node):
    """Feeds the supervisor, ticks it by the node's clock and publishes what it decides."""

    def __init__(self, **node: object) -> None:
        """Make the node; `node` goes to rclpy's Node, such as a context or parameter overrides."""
        super().__init__("safety_node", **node)
        self.parameters = declare_from(self, SafetyParameters)
        self.contract = load_robot(self.parameters.robot)
        chunking = chunking_of(self.parameters.chunking)
        self.supervisor = Supervisor(self.contract, self.parameters.blend_s, chunking=chunking)
        self.timing = LoopTiming()
        self._time, self._steady = RosClock(self), SteadyClock()
        self._said: tuple[State, str] = (State.INIT, "")
        self._leap = on_leap(self, self._on_leap)
        self._commands = self.create_publisher(Float64MultiArray, names.ARM_COMMANDS, SENSOR)
        self._state = self.create_publisher(String, names.SAFETY_STATE, LATCHED)
        self._timing = self.create_publisher(String, names.SAFETY_TIMING, EVERY)
        self._diagnostics = self.create_publisher(DiagnosticArray, names.DIAGNOSTICS, EVERY)
        self.create_subscription(JointStateMessage, names.JOINT_STATES, self._on_joints, NEWEST)
        self.create_subscription(JointTrajectory, names.ACTION_CHUNK, self._on_chunk, EVERY)
        self.create_service(Trigger, names.SAFETY_ESTOP, self._on_estop)
        self.create_service(Trigger, names.SAFETY_RESET, self._on_reset)
        self.create_timer(self.contract.control_step_s, self._tick)
        self.create_timer(TIMING_EVERY_S, self._publish_timing, clock=self._steady.ros)
        self.create_timer(DIAGNOSTICS_EVERY_S, self._publish_diagnostics, clock=self._steady.ros)

    def _tick(self) -> None:
        tick = self.supervisor.tick(self._time.now_s())
        if tick.command_rad is not None:
            self._commands.publish(ros_msgs.command_msg(tick.command_rad))
        self.timing.on_tick(self._steady.now_s(), self._time.now_s(), tick.observation_age_s)
        for refusal in tick.refusals:
            self.get_logger().warning(refusal, throttle_duration_sec=LOG_EVERY_S)
        self._say(tick.state, tick.reason)

    def _on_joints(self, message: JointStateMessage) -> None:
        try:
            self.supervisor.on_joint_state(ros_msgs.joint_state_from(message, self.contract))
        except ObservationError as error:
            self.get_logger().error(str(error), throttle_duration_sec=LOG_EVERY_S)

    def _on_chunk(self, message: JointTrajectory) -> None:
        try:
            self.supervisor.on_chunk(ros_msgs.chunk_from(message))
        except CommandError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=LOG_EVERY_S)

    def _on_leap(self) -> None:
        self.supervisor.clear_plan(self._time.now_s())
        self.timing.forget()

    def _on_estop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self.supervisor.estop(f"service {names.SAFETY_ESTOP} was called")
        response.success, response.message = True, "stopped until reset"
        return response

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        try:
            self.supervisor.reset()
        except CommandError as error:
            response.success, response.message = False, str(error)
            return response
        response.success, response.message = True, str(self.supervisor.state)
        return response

    def _publish_timing(self) -> None:
        since_s = self.timing.since_tick_s(self._steady.now_s())
        if since_s > CLOCK_STOPPED_S:
            self._say(
                State.HOLDING,
                f"no tick for {since_s:.1f} s: the clock of the node stands still",
            )
        if self._timing.get_subscription_count():
            self._timing.publish(
                ros_msgs.json_msg(self.timing.take() | {"interventions": dict(self.supervisor.counts)})
            )

    def _publish_diagnostics(self) -> None:
        state, reason = self._said
        well = state in (State.READY, State.RUNNING)
        facts = self.timing.summary() | {kind: str(count) for kind, count in self.supervisor.counts.items()}
        text = f"{state}: {reason}" if reason else str(state)
        self._diagnostics.publish(
            ros_msgs.diagnostics_msg(self._time.now_s(), self.get_name(), well, text, facts)
        )

    def _say(self, state: State, reason: str) -> None:
        """Publish and log the state when it changes; an age that goes on growing is not news."""
        news = (state, re.sub(r"[\d.]+", "", reason)) != (self._said[0], re.sub(r"[\d.]+", "", self._said[1]))
        self._said = (state, reason)
        if news:
            content = {"state": str(state), "reason": reason, "now_s": self._time.now_s()}
            self._state.publish(ros_msgs.json_msg(content))
            self.get_logger().info(f"{state}: {reason}" if reason else str(state))


def main(args: Sequence[str] | None = None) -> int:
    """Entry point of the executable `safety_node`."""
    return run_node("safety_node", SafetyNode, args)


if __name__ == "__main__":
    sys.exit(main())
