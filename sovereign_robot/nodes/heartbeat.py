"""Every node says ten times a second that it is alive; whoever needs it notices within three beats when not.

All beat on one topic, by name. The deadline of that topic passes when no node beats at all, its liveliness
when one of them stops; both are told by DDS without any clock of ours. Who it is, the supervisor knows.
"""

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
