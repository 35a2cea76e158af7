"""What a person at the robot does, as a node: reset the scene, say what to do, watch."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import String
from std_srvs.srv import Trigger

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import SovereignError
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.qos import EVERY, LATCHED
from sovereign_robot.nodes.transport import prepare_transport

SPIN_S = 0.05
REPEAT_S = 0.5


class Unanswered(SovereignError):
    """A node did not answer in time."""

    exit_status = 1


@dataclass
class Trace:
    """What was heard since the last `clear`: decoded messages of four topics, in order.

    Attributes:
        truth: `sim/state`; see `sim_arm.Truth`.
        timing: `safety/timing`; see `LoopTiming.take`.
        states: `safety/state`.
        plans: `policy/timing`; see `PlanTiming`, and how many pictures of each camera had come by then.
    """

    truth: list[dict[str, Any]] = field(default_factory=list)
    timing: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    plans: list[dict[str, Any]] = field(default_factory=list)

    def clear(self) -> None:
        """Begin anew."""
        for heard in (self.truth, self.timing, self.states, self.plans):
            heard.clear()


class Operator(Node):
    """Talks to a running graph; every wait ends, and calls `check` meanwhile."""

    def __init__(self, executor: SingleThreadedExecutor, check: Callable[[], None], **node: object) -> None:
        """Join the graph; `check` raises when it is no longer worth waiting."""
        super().__init__("operator", **node)
        self.trace = Trace()
        self._check = check
        self._executor = executor
        executor.add_node(self)
        self._active, self._said_s = "", -REPEAT_S
        self._instruction = self.create_publisher(String, names.INSTRUCTION, EVERY)
        self._task = self.create_publisher(String, names.SIM_TASK, EVERY)
        self._reset = self.create_client(Trigger, names.SIM_RESET)
        heard_on = {
            names.SIM_STATE: self.trace.truth,
            names.SAFETY_TIMING: self.trace.timing,
            names.POLICY_TIMING: self.trace.plans,
        }
        for topic, heard in heard_on.items():
            self.create_subscription(String, topic, partial(_keep, heard), EVERY)
        self.create_subscription(String, names.SAFETY_STATE, self._on_safety_state, LATCHED)
        self.create_subscription(String, names.INSTRUCTION_ACTIVE, self._on_active, LATCHED)

    def _on_safety_state(self, message: String) -> None:
        self.trace.states.append(ros_msgs.json_from(message))

    def _on_active(self, message: String) -> None:
        self._active, self._said_s = message.data, -REPEAT_S

    def wait_until_ready(self, timeout_s: float) -> None:
        """Wait until all three nodes are there.

        Raises:
            Unanswered: names what is still missing.
        """
        missing = {
            "sim_node": lambda: self._reset.service_is_ready() and bool(self.trace.truth),
            "safety_node": lambda: bool(self.trace.states),
            "policy_node": lambda: self._instruction.get_subscription_count() > 0,
        }
        if not self._wait(lambda: all(there() for there in missing.values()), timeout_s):
            absent = ", ".join(name for name, there in missing.items() if not there())
            raise Unanswered(
                f"{absent} did not come up within {timeout_s:g} s: see the logs in the output folder"
            )

    def set_task(self, task: str, timeout_s: float = 30.0) -> None:
        """Have the simulator lay out a task; the scenes that follow begin at its first seed.

        Raises:
            Unanswered: the simulator does not take it.
        """
        said_s = -REPEAT_S

        def laid() -> bool:
            nonlocal said_s
            if self.trace.truth and self.trace.truth[-1].get("task") == task:
                return True
            if time.monotonic() - said_s >= REPEAT_S:
                self._task.publish(String(data=task))
                said_s = time.monotonic()
            return False

        if not self._wait(laid, timeout_s):
            raise Unanswered(f"sim_node did not take the task {task} within {timeout_s:g} s: see its log")

    def reset_scene(self, timeout_s: float = 10.0) -> dict[str, Any]:
        """Begin the next scene and the trace; returns the scene's facts, see `sim_node.SCENE_FACTS`.

        Raises:
            Unanswered: the simulator does not answer.
        """
        future = self._reset.call_async(Trigger.Request())
        if not self._wait(future.done, timeout_s):
            raise Unanswered(f"sim_node did not answer {names.SIM_RESET} within {timeout_s:g} s")
        scene = ros_msgs.json_from(String(data=future.result().message))
        self.trace.clear()
        return scene

    def watch(
        self, instruction: str, seed: object, timeout_s: float, meanwhile: Callable[[], None] = lambda: None
    ) -> bool:
        """Say the instruction and watch the scene of that seed; says it again while it is not active.

        Args:
            instruction: what the robot shall do.
            seed: of the scene; what is heard of others is left out.
            timeout_s: simulated time after which the episode has failed [s].
            meanwhile: called again and again while it is watched.

        Returns:
            Whether the task succeeded.
        """
        while True:
            if self._active != instruction and time.monotonic() - self._said_s >= REPEAT_S:
                self._instruction.publish(String(data=instruction))
                self._said_s = time.monotonic()
            self._spin_once()
            meanwhile()
            newest = self.trace.truth[-1] if self.trace.truth else {}
            if newest.get("seed") == seed and (newest["success"] or newest["time_s"] >= timeout_s):
                return bool(newest["success"])

    def _spin_once(self) -> None:
        self._executor.spin_once(timeout_sec=SPIN_S)
        self._check()

    def _wait(self, happened: Callable[[], bool], timeout_s: float) -> bool:
        end_s = time.monotonic() + timeout_s
        while not happened():
            if time.monotonic() > end_s:
                return False
            self._spin_once()
        return True


def _keep(heard: list[dict[str, Any]], message: String) -> None:
    heard.append(ros_msgs.json_from(message))


@contextmanager
def operator(check: Callable[[], None]) -> Iterator[Operator]:
    """An operator in a ROS context of its own; signals stay with the caller."""
    prepare_transport()
    context = rclpy.Context()
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
    executor = SingleThreadedExecutor(context=context)
    node = Operator(executor, check, context=context)
    try:
        yield node
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)
