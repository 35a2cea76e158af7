"""A person's hand on the stop of a running robot, as a node: stop, reset, start, and what the robot says."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import Bool, String
from std_srvs.srv import Trigger

from sovereign_robot.contract import names
from sovereign_robot.control.safety_state import State
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.operator import Unanswered
from sovereign_robot.nodes.qos import EVERY, LATCHED
from sovereign_robot.nodes.transport import prepare_transport

SPIN_S = 0.02
ASKED = (names.SAFETY_RESET, names.SAFETY_START)


class StopKey(Node):
    """Joins a running graph.

    Attributes:
        state: what the safety node said last, as a sentence; "" before the first.
    """

    def __init__(self, executor: SingleThreadedExecutor, **node: object) -> None:
        """Make the node; it is spun only while something is waited for."""
        super().__init__("stop_key", **node)
        self.state = ""
        self._executor = executor
        executor.add_node(self)
        self._stop = self.create_publisher(Bool, names.EMERGENCY_STOP, EVERY)
        self._asked = {name: self.create_client(Trigger, name) for name in ASKED}
        self.create_subscription(String, names.SAFETY_STATE, self._on_state, LATCHED)

    def press(self, timeout_s: float) -> None:
        """Stop the arm and wait until the safety node says that it is stopped.

        Raises:
            Unanswered: it does not say so; the sentence says what to do.
        """
        end_s = time.monotonic() + timeout_s
        while not self.state.startswith(State.ESTOP):
            if time.monotonic() > end_s:
                raise Unanswered(
                    f"safety_node did not say within {timeout_s:g} s that it stopped the arm: use the "
                    "emergency stop of the robot itself, then check ROS_DOMAIN_ID"
                )
            self._stop.publish(Bool(data=True))
            self.spin()

    def ask(self, service: str, timeout_s: float) -> str:
        """Call `safety/reset` or `safety/start`; returns the answer as a sentence.

        Raises:
            Unanswered: no answer in time.
        """
        future = self._asked[service].call_async(Trigger.Request())
        end_s = time.monotonic() + timeout_s
        while not future.done():
            if time.monotonic() > end_s:
                raise Unanswered(f"safety_node did not answer {service} within {timeout_s:g} s")
            self.spin()
        return str(future.result().message)

    def spin(self) -> None:
        """Hear what is said, for a moment."""
        self._executor.spin_once(timeout_sec=SPIN_S)

    def _on_state(self, message: String) -> None:
        said = ros_msgs.json_from(message)
        self.state = f"{said['state']}: {said['reason']}" if said["reason"] else str(said["state"])


@contextmanager
def stop_key() -> Iterator[StopKey]:
    """A hand on the stop, in a ROS context of its own; signals stay with the caller."""
    prepare_transport()
    context = rclpy.Context()
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
    executor = SingleThreadedExecutor(context=context)
    node = StopKey(executor, context=context)
    try:
        yield node
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)
