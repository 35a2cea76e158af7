"""Carry an emergency stop line of the hardware into the graph; when the line or this node is lost, it stops.

A line that is not closed when the node starts is an emergency stop too, which needs reset and start. The node
reduces a risk beside the wiring of a real emergency stop and never stands in for it.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from std_msgs.msg import Bool

from sovereign_robot.contract import names
from sovereign_robot.contract.ports import EmergencyStopInput
from sovereign_robot.nodes.diagnosis import Diagnosis, Level
from sovereign_robot.nodes.estop_line import LineReader
from sovereign_robot.nodes.managed_node import ManagedNode
from sovereign_robot.nodes.parameters import EstopInputParameters
from sovereign_robot.nodes.punctuality import STOP_PRIORITY
from sovereign_robot.nodes.qos import EVERY
from sovereign_robot.nodes.ros_main import run_node

PERIOD_S = 0.02

type ReadLine = Callable[[Path, float], EmergencyStopInput]


class EstopInputNode(ManagedNode[EstopInputParameters]):
    """Says fifty times a second on `safety/emergency_stop` whether the line calls for a stop."""

    def __init__(
        self, read: Callable[[Path, float], EmergencyStopInput] = LineReader, **node: object
    ) -> None:
        """Make the node; `read` opens a line, `node` goes to rclpy's node."""
        super().__init__("estop_input_node", EstopInputParameters, **node)
        self._read = read

    def load(self) -> None:
        """Open the line."""
        self.hardware_id = self.parameters.path
        self._line = self._read(Path(self.parameters.path), self.steady.now_s())
        self.acquired.callback(self._line.close)
        self._fault_said = ""
        self._stop = self.create_publisher(Bool, names.EMERGENCY_STOP, EVERY)
        self.create_timer(PERIOD_S, self._look, clock=self.steady.ros)

    def diagnose(self) -> Diagnosis:
        """Whether the line calls for a stop, and why."""
        if self._fault_said:
            return Diagnosis(Level.ERROR, self._fault_said)
        return Diagnosis(Level.OK, "the line is closed")

    def _look(self) -> None:
        """Look at the line; silence on the topic, as while the node is not active, stops too."""
        fault = self._line.fault(self.steady.now_s())
        if fault and fault != self._fault_said:
            self.get_logger().error(f"emergency stop: {fault}")
        self._fault_said = fault
        if self.active:
            self._stop.publish(Bool(data=bool(fault)))


def main(args: Sequence[str] | None = None) -> int:
    """Entry point of the executable `estop_input_node`."""
    return run_node("estop_input_node", EstopInputNode, args, STOP_PRIORITY)


if __name__ == "__main__":
    sys.exit(main())
