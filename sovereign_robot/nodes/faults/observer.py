"""Watches the running graph from outside and records what it hears with the time at which it was sent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import Log
from rclpy.client import Client
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Bool, Empty, Float64MultiArray, String
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract import names
from sovereign_robot.evaluation.fault_judge import Record
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.faults.intruder_node import GO
from sovereign_robot.nodes.faults.relay_node import SPOIL, raw_topic
from sovereign_robot.nodes.publishers import PublisherNames, sender_of
from sovereign_robot.nodes.qos import EVERY, LATCHED
from sovereign_robot.nodes.ros_time import s_from_stamp
from sovereign_robot.nodes.transport import prepare_transport

EVERY_SAMPLE = QoSProfile(depth=2000, reliability=ReliabilityPolicy.BEST_EFFORT)
"""A stream of which the record should miss nothing."""
POLL_S = 0.005
ANSWER_S = 5.0
SAFETY_NODE = "/safety_node"


class Observer(Node):
    """Hears commands, measured joints, chunks, states, log and diagnostics; speaks for the operator."""

    def __init__(self, **node: object) -> None:
        """Join the graph; `node` goes to rclpy's Node."""
        super().__init__("observer", **node)
        self.record = Record()
        self.active = ""
        self._steady_from_system_s = time.monotonic() - time.time()
        self._spoil = self.create_publisher(String, SPOIL, EVERY)
        self._instruction = self.create_publisher(String, names.INSTRUCTION, EVERY)
        self._go = self.create_publisher(Empty, GO, EVERY)
        self._emergency = self.create_publisher(Bool, names.EMERGENCY_STOP, EVERY)
        self._triggers: dict[str, Client] = {}
        self._commanders = PublisherNames(self, names.ARM_COMMANDS)
        self.create_subscription(Float64MultiArray, names.ARM_COMMANDS, self._on_command, EVERY_SAMPLE)
        for kind, topic, heard, qos in (
            (JointStateMessage, raw_topic(names.JOINT_STATES), self._on_joints, EVERY_SAMPLE),
            (JointTrajectory, names.ACTION_CHUNK, self._on_chunk, EVERY),
            (String, names.SAFETY_STATE, self._on_state, LATCHED),
            (DiagnosticArray, names.DIAGNOSTICS, self._on_diagnostics, EVERY),
            (Log, "/rosout", self._on_log, EVERY),
            (String, names.INSTRUCTION_ACTIVE, self._on_active, LATCHED),
        ):
            self.create_subscription(kind, topic, partial(_with_time, self._steady_from_system_s, heard), qos)

    def _on_command(self, message: Float64MultiArray, info: dict[str, Any]) -> None:
        """Keep a command of the safety node; a stranger's is not its fault."""
        if self._commanders.name(sender_of(info)).startswith(SAFETY_NODE):
            sent_s = 1e-9 * info["source_timestamp"] + self._steady_from_system_s
            self.record.commands.append((sent_s, np.array(message.data)))

    def _on_joints(self, sent_s: float, message: JointStateMessage) -> None:
        stamp_s = s_from_stamp(message.header.stamp)
        self.record.measured.append((sent_s, stamp_s, np.array(message.position)))

    def _on_chunk(self, sent_s: float, message: JointTrajectory) -> None:
        """Keep when a chunk came; one without points withdraws a plan, and no observation is behind it."""
        if len(message.points):
            self.record.chunks.append((sent_s, s_from_stamp(message.header.stamp)))

    def _on_state(self, sent_s: float, message: String) -> None:
        state = ros_msgs.json_from(message)
        self.record.states.append((sent_s, str(state["state"]), str(state["reason"])))

    def _on_diagnostics(self, sent_s: float, message: DiagnosticArray) -> None:
        self.record.said.extend((sent_s, f"{s.name}: {s.message}") for s in message.status)

    def _on_log(self, sent_s: float, message: Log) -> None:
        self.record.said.append((sent_s, f"{message.name}: {message.msg}"))

    def _on_active(self, _: float, message: String) -> None:
        self.active = message.data

    @property
    def said(self) -> tuple[str, str]:
        """Safety state and reason that were heard last; "" before the first."""
        return self.record.states[-1][1:] if self.record.states else ("", "")

    def spoil(self, stream: str, how: str, by: float = 0.0) -> None:
        """Have the relay spoil a stream; "" lets it pass again."""
        self._spoil.publish(ros_msgs.json_msg({"stream": stream, "how": how, "by": by}))

    def say(self, instruction: str) -> None:
        """Ask the robot for something."""
        self._instruction.publish(String(data=instruction))

    def let_go(self) -> None:
        """Have the intruder begin."""
        self._go.publish(Empty())

    def press_stop(self) -> None:
        """Press the key of the emergency stop."""
        self._emergency.publish(Bool(data=True))

    def trigger(self, service: str, timeout_s: float = ANSWER_S) -> tuple[bool, str]:
        """Call a Trigger service; returns success and its sentence, "no such service" or "no answer"."""
        if service not in self._triggers:
            self._triggers[service] = self.create_client(Trigger, service)
        client = self._triggers[service]
        if not wait_for(client.service_is_ready, min(1.0, timeout_s)):
            return False, "no such service"
        future = client.call_async(Trigger.Request())
        if not wait_for(future.done, timeout_s):
            return False, "no answer"
        return bool(future.result().success), str(future.result().message)


def _with_time(
    steady_from_system_s: float, heard: Callable[[float, Any], None], message: Any, info: dict[str, Any]
) -> None:
    heard(1e-9 * info["source_timestamp"] + steady_from_system_s, message)


def wait_for(happened: Callable[[], object], timeout_s: float) -> bool:
    """Wait until something holds; False when it does not in time."""
    end_s = time.monotonic() + timeout_s
    while not happened():
        if time.monotonic() > end_s:
            return False
        time.sleep(POLL_S)
    return True


@contextmanager
def observing() -> Iterator[Observer]:
    """An observer that listens in a thread of its own, in a ROS context of its own."""
    prepare_transport()
    context = rclpy.Context()
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
    executor = SingleThreadedExecutor(context=context)
    observer = Observer(context=context)
    executor.add_node(observer)
    thread = threading.Thread(target=executor.spin, name="observer", daemon=True)
    thread.start()
    try:
        yield observer
    finally:
        executor.shutdown()
        thread.join()
        observer.destroy_node()
        rclpy.shutdown(context=context)
