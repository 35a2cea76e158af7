"""A man in the middle: forwards the streams of the graph, and spoils them when told.

Every stream comes on `raw/<its topic>` and leaves on its own name. `faults/spoil` takes JSON {stream, how,
by}: `how` is a name of `spoil.SPOILERS`, or "" to forward again, "late" to hold messages back by `by`
seconds, "swap" to send a camera's messages under the name of the other one.
"""

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract import names
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.nodes.faults.spoil import Spoiler, spoiler
from sovereign_robot.nodes.parameters import parameter
from sovereign_robot.nodes.punctuality import COMMAND_PRIORITY
from sovereign_robot.nodes.qos import EVERY, SENSOR
from sovereign_robot.nodes.ros_main import run_node
from sovereign_robot.nodes.ros_params import declare_from
from sovereign_robot.nodes.ros_time import SteadyClock

SPOIL = "faults/spoil"
RELEASE_EVERY_S = 0.005


@dataclass(frozen=True, slots=True)
class Stream:
    """One topic that passes through the relay."""

    kind: type
    topic: str
    qos: QoSProfile

    @property
    def raw(self) -> str:
        """Where it comes from."""
        return raw_topic(self.topic)


def raw_topic(topic: str) -> str:
    """The name under which a topic is published before the relay."""
    return f"/raw/{topic.lstrip('/')}"


def streams(contract: RobotContract) -> dict[str, Stream]:
    """Everything that passes through the relay, by short name: joints, clock, chunks, cameras."""
    made = {
        "joints": Stream(JointStateMessage, names.JOINT_STATES, SENSOR),
        "clock": Stream(Clock, names.CLOCK, EVERY),
        "chunks": Stream(JointTrajectory, names.ACTION_CHUNK, EVERY),
    }
    for camera in contract.camera_names:
        made[camera] = Stream(Image, names.camera_image_topic(camera), SENSOR)
        made[f"{camera} info"] = Stream(CameraInfo, names.camera_info_topic(camera), SENSOR)
    return made


@dataclass(frozen=True)
class RelayParameters:
    """Parameters of the relay."""

    robot: str = parameter("so101", "name in config/robots, or a YAML file")


class RelayNode(Node):
    """Forwards each stream by its spoiler, if it has one."""

    def __init__(self, **node: object) -> None:
        """Make the node; `node` goes to rclpy's Node, such as a context or parameter overrides."""
        super().__init__("relay_node", **node)
        contract = load_robot(declare_from(self, RelayParameters).robot)
        self._cameras = contract.camera_names
        self._streams = streams(contract)
        self._spoilers: dict[str, Spoiler] = {}
        self._delays_s: dict[str, float] = {}
        self._swapped = False
        self._held: deque[tuple[float, Callable[[], None]]] = deque()
        self._steady = SteadyClock()
        self._out = {k: self.create_publisher(s.kind, s.topic, s.qos) for k, s in self._streams.items()}
        for key, stream in self._streams.items():
            self.create_subscription(stream.kind, stream.raw, partial(self._forward, key), stream.qos)
        self.create_subscription(String, SPOIL, self._on_spoil, EVERY)
        self.create_timer(RELEASE_EVERY_S, self._release, clock=self._steady.ros)

    def _on_spoil(self, message: String) -> None:
        order = json.loads(message.data)
        stream, how, by = order["stream"], order["how"], float(order["by"])
        self._spoilers.pop(stream, None)
        self._delays_s.pop(stream, None)
        if how == "swap" or not how:
            self._swapped = how == "swap"
        if how == "late":
            self._delays_s[stream] = by
        elif how and how != "swap":
            self._spoilers[stream] = spoiler(how, by)

    def _forward(self, key: str, message: Any) -> None:
        spoil = self._spoilers.get(key)
        out = self._out[self._destination(key)]
        for arriving in [message] if spoil is None else spoil(message):
            delay_s = self._delays_s.get(key, 0.0)
            if delay_s > 0.0:
                self._held.append((time.monotonic() + delay_s, partial(out.publish, arriving)))
            else:
                out.publish(arriving)

    def _destination(self, key: str) -> str:
        """The stream under whose name a message leaves: with swapped cameras that of the other one."""
        camera = key.removesuffix(" info")
        if not self._swapped or camera not in self._cameras[:2]:
            return key
        other = self._cameras[1 - self._cameras.index(camera)]
        return key.replace(camera, other)

    def _release(self) -> None:
        held, self._held = self._held, deque()
        for due_s, publish in held:
            if due_s <= time.monotonic():
                publish()
            else:
                self._held.append((due_s, publish))


def main(args: Sequence[str] | None = None) -> int:
    """Entry point of the module as a process."""
    return run_node("relay_node", RelayNode, args, COMMAND_PRIORITY)


if __name__ == "__main__":
    sys.exit(main())
