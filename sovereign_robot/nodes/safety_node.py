"""Turn action chunks into commands at the control rate: the only node that commands the arm."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import RLock
from typing import Any

from rclpy.event_handler import SubscriptionEventCallbacks
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Bool, Float64MultiArray, Header
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.chunking import chunking_of
from sovereign_robot.control.command_mux import TOPIC
from sovereign_robot.control.stop_lines import StopLines
from sovereign_robot.control.supervisor import RequiredNode, Source, State, Supervisor, Tick
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.bounded import subscribe
from sovereign_robot.nodes.diagnosis import Diagnosis
from sovereign_robot.nodes.heartbeat import HEARTBEAT
from sovereign_robot.nodes.loop_watchdog import LoopWatchdog
from sovereign_robot.nodes.managed_node import ManagedNode
from sovereign_robot.nodes.parameters import SafetyParameters
from sovereign_robot.nodes.publishers import PublisherNames, sender_of
from sovereign_robot.nodes.punctuality import COMMAND_PRIORITY
from sovereign_robot.nodes.qos import EVERY, NEWEST, SENSOR
from sovereign_robot.nodes.ros_main import run_node
from sovereign_robot.nodes.ros_time import begins_scene, on_leap
from sovereign_robot.nodes.safety_report import LOG_EVERY_S, SafetyReport

TIMING_EVERY_S = 0.05
# The loop may be so late; of simulated time, which stands still at every new scene, more is not strange.
STARVED_PERIODS = 5
SIMULATED_STARVED_S = 0.5


class SafetyNode(ManagedNode[SafetyParameters]):
    """Feeds the supervisor, ticks it by the node's clock and publishes what it decides.

    The executor and the watchdog's thread share the supervisor; whoever touches it holds the lock.
    """

    def __init__(self, **node: object) -> None:
        """Make the node; `node` goes to rclpy's node, such as a context or parameter overrides."""
        super().__init__("safety_node", SafetyParameters, **node)
        self._lock = RLock()

    def load(self) -> None:
        """Watch and listen; nothing is commanded before `start`."""
        self.contract = load_robot(self.parameters.robot)
        self.hardware_id = self.contract.name
        chunking = chunking_of(self.parameters.chunking)
        self.supervisor = Supervisor(
            self.contract, self.parameters.blend_s, required=self._required(), chunking=chunking
        )
        self._lines = StopLines()
        self._newest: Tick | None = None
        self._now_s = self.time.now_s()
        self._rests = True
        self.acquired.callback(on_leap(self, self._on_leap).unregister)
        self._make_publishers()  # before the chunks: rclpy takes what older subscriptions hear first
        self._subscribe()
        services = (
            (names.SAFETY_ESTOP, self._on_estop),
            (names.SAFETY_RESET, self._on_reset),
            (names.SAFETY_START, self._on_start),
        )
        for service, answer in services:
            self.create_service(Trigger, service, answer)
        self.create_timer(self.contract.control_step_s, self._on_time)
        self.create_timer(TIMING_EVERY_S, self._report.publish_timing, clock=self.steady.ros)
        self._watch_loop()

    def _required(self) -> list[RequiredNode]:
        """The nodes that must beat; without its driver nobody knows whether the arm obeys."""
        timeout_s, driver = self.contract.safety.heartbeat_timeout_s, self.parameters.arm_driver
        others = [name for name in self.parameters.required_names if name != driver]
        required = [RequiredNode(name, timeout_s) for name in others]
        if driver:
            required.append(RequiredNode(driver, timeout_s, State.PROTECTIVE_STOP))
        return required

    def _make_publishers(self) -> None:
        self._commands = self.create_publisher(Float64MultiArray, names.ARM_COMMANDS, SENSOR)
        self._commanders = PublisherNames(self, names.ARM_COMMANDS)
        self._report = SafetyReport(self, self.supervisor.counts)

    def _subscribe(self) -> None:
        subscribe(self, JointStateMessage, names.JOINT_STATES, self._on_joints, NEWEST)
        for source, topic in TOPIC.items():
            hear = partial(self._on_chunk, source, PublisherNames(self, topic))
            subscribe(self, JointTrajectory, topic, hear, EVERY, with_info=True)
        hear_stop = partial(self._on_emergency_stop, PublisherNames(self, names.EMERGENCY_STOP))
        subscribe(self, Bool, names.EMERGENCY_STOP, hear_stop, EVERY, with_info=True)
        told = SubscriptionEventCallbacks(deadline=self._on_silence, liveliness=self._on_liveliness)
        subscribe(self, Header, names.HEARTBEAT, self._on_heartbeat, HEARTBEAT, told=told)

    def _watch_loop(self) -> None:
        period_s = self.contract.control_step_s
        self._is_simulated = bool(self.get_parameter("use_sim_time").value)
        limit_s = SIMULATED_STARVED_S if self._is_simulated else STARVED_PERIODS * period_s
        self._watchdog = LoopWatchdog(self.steady, period_s, limit_s, self._on_starved)
        self.acquired.callback(self._watchdog.close)
        self._watchdog.start()

    def start(self) -> None:
        """Command from where the arm is; what was latched stays latched."""
        with self._lock:
            self.supervisor.clear_plan(self.time.now_s())
        self._watchdog.feed()

    def hold(self) -> None:
        """Stop in the way that the contract declares, then command no more, until reset and start."""
        with self._lock:
            self.supervisor.protective_stop(f"{self.get_name()} was deactivated")
            self._rests = False

    @property
    def at_rest(self) -> bool:
        """Whether the arm has come to rest after `hold`."""
        return self._rests

    def _on_time(self) -> None:
        self._now_s = self.time.now_s()
        tick = self._tick(self._now_s)
        if tick is not None:
            self._report.measure(tick, self._now_s, self.steady.now_s())
        self._watchdog.feed()

    def _on_starved(self) -> None:
        """Tick in place of the executor: without its messages every stream is late, so the arm is held."""
        # Simulated time goes on in the executor only; read here, it might be ahead of what was forgotten.
        self._tick(self._now_s if self._is_simulated else self.time.now_s())

    def _tick(self, now_s: float) -> Tick | None:
        """Decide and publish the command of this moment [s]; None when the node neither acts nor moves."""
        with self._lock:
            if not self.active and self._rests:
                return None
            self._judge_others()
            before, tick = self._newest, self.supervisor.tick(now_s, self.steady.now_s())
            self._newest = tick
            if tick.command_rad is not None:
                self._commands.publish(ros_msgs.command_msg(tick.command_rad))
            if not self.active:
                self._rests = _stands(before, tick)
            self._report.say(tick, now_s)
        return tick

    def _judge_others(self) -> None:
        """Stop when a stop line is lost or somebody else commands the arm."""
        for name in self._lines.lost(self.steady.now_s()):
            self.supervisor.estop(f"emergency stop {name} has fallen silent")
            self.supervisor.on_stop_input(name, True)
        if rival := self._rival():
            self.supervisor.protective_stop(rival)

    def _rival(self) -> str:
        """Why the arm may not be commanded from here: somebody else does; "" when nobody does."""
        if self.count_publishers(names.ARM_COMMANDS) < 2:
            return ""
        others = self._commanders.others(self.get_fully_qualified_name())
        if not others:
            return ""
        return f"{', '.join(others)} publishes {names.ARM_COMMANDS} too, and only one may: end the other one"

    def _on_joints(self, message: JointStateMessage) -> None:
        try:
            joints = ros_msgs.joint_state_from(message, self.contract)
            with self._lock:
                self.supervisor.on_joint_state(joints)
        except ObservationError as error:
            self.get_logger().error(str(error), throttle_duration_sec=LOG_EVERY_S)

    def _on_chunk(
        self, source: Source, who: PublisherNames, message: JointTrajectory, info: Mapping[str, Any]
    ) -> None:
        if not self.active:
            return
        try:
            chunk = ros_msgs.chunk_from(message, TOPIC[source])
        except CommandError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=LOG_EVERY_S)
            return
        self._report.ages.on_chunk(chunk.stamp_s, self.steady.now_s())
        with self._lock:
            self.supervisor.on_chunk(chunk, source, who.name(sender_of(info)))

    def _on_emergency_stop(self, who: PublisherNames, message: Bool, info: Mapping[str, Any]) -> None:
        sender = sender_of(info)
        name = who.name(sender)
        with self._lock:
            heard = self._lines.hear(sender, name, message.data, self.steady.now_s())
            for line in heard.replaces:
                self.supervisor.on_stop_input(line, False)
            if heard.line:
                self.supervisor.on_stop_input(heard.line, message.data)
            elif message.data:
                self.supervisor.estop(f"{name} called for an emergency stop")

    def _on_heartbeat(self, message: Header) -> None:
        with self._lock:
            self.supervisor.on_heartbeat(message.frame_id, self.steady.now_s())

    def _on_liveliness(self, event: Any) -> None:
        if event.not_alive_count_change > 0:
            self.get_logger().warning(f"a node has stopped beating; {event.alive_count} still do")

    def _on_silence(self, event: Any) -> None:
        self.get_logger().warning("no node beats", throttle_duration_sec=LOG_EVERY_S)

    def _on_leap(self, leap_s: float) -> None:
        self._report.timing.forget()
        if begins_scene(leap_s):
            with self._lock:
                self._now_s = self.time.now_s()
                self.supervisor.begin_scene(self._now_s)
        else:
            self._on_time()  # a clock that ran back may stand there, and then no timer calls

    def _on_estop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        with self._lock:
            self.supervisor.estop(f"service {names.SAFETY_ESTOP} was called")
        response.success, response.message = True, "stopped until reset"
        return response

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._answer(self._reset, response)

    def _on_start(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._answer(self.supervisor.start, response)

    def _reset(self) -> None:
        if rival := self._rival():
            raise CommandError(f"the stop stays latched: {rival}")
        self.supervisor.reset()

    def _answer(self, act: Callable[[], None], response: Trigger.Response) -> Trigger.Response:
        try:
            if not self.active:
                raise CommandError(f"{self.get_name()} is not active: activate it first")
            with self._lock:
                act()
        except CommandError as error:
            response.success, response.message = False, str(error)
            return response
        response.success, response.message = True, str(self.supervisor.state)
        return response

    def diagnose(self) -> Diagnosis:
        """The state, how the loop does, and how often each kind of intervention happened."""
        return self._report.diagnosis()


def _stands(before: Tick | None, tick: Tick) -> bool:
    """Whether two ticks in a row command the same place, or nothing."""
    if tick.command_rad is None:
        return True
    return (
        before is not None
        and before.command_rad is not None
        and bool((before.command_rad == tick.command_rad).all())
    )


def main(args: Sequence[str] | None = None) -> int:
    """Entry point of the executable `safety_node`."""
    return run_node("safety_node", SafetyNode, args, COMMAND_PRIORITY)


if __name__ == "__main__":
    sys.exit(main())
