"""A node that nobody asked for: once told on `faults/go`, it sends one message again and again."""

import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Bool, Empty, Float64MultiArray, String
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.nodes.parameters import parameter
from sovereign_robot.nodes.qos import EVERY, SENSOR
from sovereign_robot.nodes.ros_main import run_node
from sovereign_robot.nodes.ros_params import declare_from
from sovereign_robot.nodes.ros_time import SteadyClock

GO = "faults/go"


@dataclass(frozen=True)
class IntruderParameters:
    """Parameters of the intruder."""

    robot: str = parameter("so101", "name in config/robots, or a YAML file")
    topic: str = parameter("instruction", "topic on which it sends")
    message: str = parameter("string", "kind of message, a key of MESSAGES")
    size: int = parameter(1, "characters, pixels or points of each message", 0, 100_000_000)
    rate_hz: float = parameter(1000.0, "messages per second", 0.1, 2000.0)


class IntruderNode(Node):
    """Sends the same bytes at a rate."""

    def __init__(self, **node: object) -> None:
        """Make the node; `node` goes to rclpy's Node, such as a context or parameter overrides."""
        super().__init__("intruder_node", **node)
        given = declare_from(self, IntruderParameters)
        if given.message not in MESSAGES:
            raise UsageError(f"no message {given.message!r}, expected one of {', '.join(MESSAGES)}")
        kind, make, qos = MESSAGES[given.message]
        self._bytes = make(load_robot(given.robot), given.size)
        self._steady = SteadyClock()
        go = partial(self._begin, kind, given.topic, qos, 1.0 / given.rate_hz)
        self.create_subscription(Empty, GO, go, EVERY)

    def _begin(self, kind: type, topic: str, qos: QoSProfile, period_s: float, _: Empty) -> None:
        publisher = self.create_publisher(kind, topic, qos)
        self.create_timer(period_s, partial(publisher.publish, self._bytes), clock=self._steady.ros)


def _string(_: RobotContract, characters: int) -> bytes:
    return bytes(serialize_message(String(data="a" * characters)))


def _joints(_: RobotContract, __: int) -> bytes:
    return bytes(serialize_message(JointStateMessage()))


def _image(_: RobotContract, pixels: int) -> bytes:
    message = Image(height=1, width=pixels, step=3 * pixels, encoding="rgb8")
    message.data = array("B", bytes(3 * pixels))
    return bytes(serialize_message(message))


def _clock(_: RobotContract, __: int) -> bytes:
    return bytes(serialize_message(Clock()))


def _bool(_: RobotContract, value: int) -> bytes:
    return bytes(serialize_message(Bool(data=bool(value))))


def _command(robot: RobotContract, _: int) -> bytes:
    return bytes(serialize_message(Float64MultiArray(data=array("d", robot.lower_rad))))


def _chunk(robot: RobotContract, points: int) -> bytes:
    """A trajectory of so many equal points."""
    point = JointTrajectoryPoint(positions=array("d", robot.home))
    message = JointTrajectory(joint_names=list(robot.joint_names), points=[point] * points)
    return bytes(serialize_message(message))


MESSAGES: dict[str, tuple[type, Callable[[RobotContract, int], bytes], QoSProfile]] = {
    "string": (String, _string, EVERY),
    "joints": (JointStateMessage, _joints, SENSOR),
    "image": (Image, _image, SENSOR),
    "clock": (Clock, _clock, EVERY),
    "bool": (Bool, _bool, EVERY),
    "command": (Float64MultiArray, _command, SENSOR),
    "chunk": (JointTrajectory, _chunk, EVERY),
}


def main(args: Sequence[str] | None = None) -> int:
    """Entry point of the module as a process."""
    return run_node("intruder_node", IntruderNode, args)


if __name__ == "__main__":
    sys.exit(main())
