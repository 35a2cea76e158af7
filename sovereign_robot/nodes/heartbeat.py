"""Every node says ten times a second that it is alive; whoever needs it notices within three beats when not.

All beat on one topic, by name. The deadline of that topic passes when no node beats at all, its liveliness
when one of them stops; both are told by DDS without any clock of ours. Ages are steady time.
"""

from collections.abc import Mapping

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import LivelinessPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Header

from sovereign_robot.contract import names
from sovereign_robot.nodes.ros_time import SteadyClock, stamp_from_s

PERIOD_S = 0.1
SILENT_S = 0.3
HEARTBEAT = QoSProfile(
    depth=10,
    reliability=ReliabilityPolicy.RELIABLE,
    deadline=Duration(seconds=SILENT_S),
    liveliness=LivelinessPolicy.MANUAL_BY_TOPIC,
    liveliness_lease_duration=Duration(seconds=SILENT_S),
)


class Heartbeat:
    """The heartbeat of one node, in every state of its life: a node whose executor is stuck does not beat."""

    def __init__(self, node: Node, steady: SteadyClock) -> None:
        """Begin to beat as soon as the node is spun; stamps are steady time, equal on one machine."""
        self._node, self._steady = node, steady
        self._publisher = node.create_publisher(Header, names.HEARTBEAT, HEARTBEAT)
        node.create_timer(PERIOD_S, self._beat, clock=steady.ros)

    def _beat(self) -> None:
        stamp = stamp_from_s(self._steady.now_s())
        self._publisher.publish(Header(stamp=stamp, frame_id=self._node.get_name()))


class HeartbeatEar:
    """When each node was last heard, by steady time."""

    def __init__(self) -> None:
        """Nobody has been heard."""
        self._heard_s: dict[str, float] = {}

    def hear(self, node: str, steady_s: float) -> None:
        """A node has beaten at a steady time [s]."""
        self._heard_s[node] = steady_s

    def stamps_s(self, now_s: float, steady_s: float) -> Mapping[str, float]:
        """When each node was last heard [s], by a clock that says `now_s` at the steady time `steady_s`."""
        return {node: now_s - (steady_s - heard_s) for node, heard_s in self._heard_s.items()}

    def silent(self, steady_s: float) -> tuple[str, ...]:
        """Nodes that were heard once and not in the last `SILENT_S`."""
        return tuple(node for node, heard_s in self._heard_s.items() if steady_s - heard_s > SILENT_S)
