import pytest
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from std_msgs.msg import Header

from sovereign_robot.contract import names
from sovereign_robot.nodes.heartbeat import HEARTBEAT, Heartbeat
from sovereign_robot.nodes.ros_time import SteadyClock, s_from_stamp
from tests.nodes.conftest import Ros


class Beating(Node):
    def __init__(self, name: str, **node: object) -> None:
        super().__init__(name, **node)
        self.heartbeat = Heartbeat(self, SteadyClock())


def beating(ros: Ros, name: str) -> Node:
    return ros.node(lambda **node: Beating(name, **node))


def test_a_node_beats_ten_times_a_second_under_its_name(ros: Ros):
    heard = ros.hear(ros.peer(), Header, names.HEARTBEAT)
    beating(ros, "arm")
    ros.spin_until(lambda: len(heard) >= 6)
    assert {beat.frame_id for beat in heard} == {"arm"}
    stamps_s = [s_from_stamp(beat.stamp) for beat in heard]
    assert (stamps_s[-1] - stamps_s[0]) / (len(heard) - 1) == pytest.approx(0.1, rel=0.5)


def test_dds_itself_tells_when_one_of_several_nodes_stops_beating(ros: Ros):
    alive: list[int] = []
    told = SubscriptionEventCallbacks(liveliness=lambda event: alive.append(event.alive_count))
    ros.peer().create_subscription(
        Header, names.HEARTBEAT, lambda beat: None, HEARTBEAT, event_callbacks=told
    )
    beating(ros, "arm")
    mute = beating(ros, "mute")
    ros.spin_until(lambda: 2 in alive)
    ros.executor.remove_node(mute)
    ros.spin_until(lambda: alive[-1] == 1)
