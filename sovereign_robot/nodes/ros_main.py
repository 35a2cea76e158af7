"""What every executable does around its node: transport, start, one sentence for an error, clean end.

SIGINT or SIGTERM asks a node to end, which it does between two callbacks, or once it is up; a second one
insists and is raised as KeyboardInterrupt wherever the node is. The first cannot be raised: an exception that
meets a weak reference's callback or a finalizer is dropped by Python, and the node would stay for ever.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from sovereign_robot.contract.errors import SovereignError
from sovereign_robot.nodes.graph import PARENT
from sovereign_robot.nodes.managed_node import ManagedNode
from sovereign_robot.nodes.parameters import NodeParameters
from sovereign_robot.nodes.punctuality import go_first, spare_what_stays
from sovereign_robot.nodes.transport import prepare_transport

REST_S = 1.0
SPIN_S = 0.02
_PR_SET_PDEATHSIG = 1


def run_node(
    name: str, make: Callable[[], Node], args: Sequence[str] | None = None, priority: int = 0
) -> int:
    """Make a node and spin it until SIGINT or SIGTERM; returns the exit status.

    Args:
        name: executable, for messages.
        make: makes the node once ROS is up; a SovereignError in it ends the process with one sentence.
        args: command line, by default that of the process.
        priority: real-time priority of a node that must be on time, see `punctuality`; 0 for all others.
    """
    _end_with_parent()
    warnings = [prepare_transport(), go_first(priority) if priority else ""]
    given = None if args is None else list(args)
    # rclpy's own handlers pull the context from under a callback that is just publishing.
    ended = _end_when_asked()
    try:
        with rclpy.init(args=given, signal_handler_options=SignalHandlerOptions.NO):
            _spin(make(), ended, [f"{name}: {warning}\n" for warning in warnings if warning])
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    except SovereignError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return error.exit_status
    return 0


def _end_when_asked() -> Future[None]:
    """What is done once the process is asked to end; see the top."""
    ended: Future[None] = Future()

    def ask(number: int, frame: object) -> None:
        for asked in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asked, signal.default_int_handler)
        ended.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return ended


def _spin(node: Node, ended: Future[None], warnings: Sequence[str]) -> None:
    """Bring a node up, say what is not as it should be around it, and spin it."""
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        if isinstance(node, ManagedNode) and node.parameters.autostart and not ended.done():
            node.bring_up()
        sys.stderr.writelines(warnings)
        spare_what_stays()
        executor.spin_until_future_complete(ended)
    finally:
        if isinstance(node, ManagedNode) and node.active:
            _bring_to_rest(node, executor)
        node.destroy_node()
        executor.shutdown()


def _bring_to_rest(node: ManagedNode[NodeParameters], executor: SingleThreadedExecutor) -> None:
    """Deactivate a node that ends, and spin it while something still moves on its behalf."""
    node.trigger_deactivate()
    end_s = time.monotonic() + REST_S
    while not node.at_rest and time.monotonic() < end_s:
        executor.spin_once(timeout_sec=SPIN_S)


def _end_with_parent() -> None:
    """End with the process that started this one, even when that is killed; see `graph.start`."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        os.kill(os.getpid(), signal.SIGTERM)
