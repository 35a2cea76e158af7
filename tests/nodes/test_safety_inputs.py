"""Keys, lines and heartbeats: what others say that stops the arm, and what it takes to run it again."""

import numpy as np
import pytest
from std_msgs.msg import Bool, Header

from sovereign_robot.contract import names
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.control.supervisor import State
from sovereign_robot.nodes.bounded import MAX_BYTES
from sovereign_robot.nodes.heartbeat import HEARTBEAT
from sovereign_robot.nodes.qos import EVERY
from tests.nodes.conftest import Ros
from tests.nodes.test_safety_node import Arm

STEP_S = 0.01


@pytest.fixture
def arm(ros: Ros, contract: RobotContract) -> Arm:
    return Arm(ros, contract)


def stop_input(arm: Arm, name: str):
    """A sender on `safety/emergency_stop` that the node has found."""
    publisher = arm.ros.peer(name).create_publisher(Bool, names.EMERGENCY_STOP, EVERY)
    arm.ros.spin_until(publisher.get_subscription_count)
    return lambda is_pressed: publisher.publish(Bool(data=is_pressed))


def test_a_key_stops_and_neither_reset_nor_a_chunk_alone_starts_again(arm: Arm):
    press = stop_input(arm, "key")
    arm.run()
    press(True)
    arm.step_until(lambda: arm.state == State.ESTOP)
    assert "/key called for an emergency stop" in arm.said["reason"]
    assert arm.said["stop_category"] == 2
    for _ in range(3):
        arm.step()
    assert arm.call(names.SAFETY_RESET).success
    arm.step_until(lambda: arm.state == State.READY)
    arm.commands.clear()
    arm.send_chunk(arm.contract.home + 0.1)
    arm.step_until(lambda: len(arm.commands) > 20)
    assert arm.state == State.READY
    np.testing.assert_allclose(arm.commands[-1].data, arm.contract.home)
    assert arm.call(names.SAFETY_START).success
    arm.send_chunk(arm.contract.home)
    arm.step_until(lambda: arm.state == State.RUNNING)
    assert arm.said["source"] == "policy"


def test_a_line_that_falls_silent_stops_and_must_be_closed_before_the_reset(arm: Arm):
    say = stop_input(arm, "button")
    arm.run()
    say(False)
    arm.step_until(lambda: arm.state == State.ESTOP)
    assert "emergency stop /button has fallen silent" in arm.said["reason"]
    answer = arm.call(names.SAFETY_RESET)
    assert not answer.success
    assert "/button is still pressed" in answer.message

    def closed() -> bool:
        say(False)
        arm.step()
        return bool(arm.call(names.SAFETY_RESET).success)

    arm.ros.spin_until(closed)


def test_a_line_whose_node_is_started_again_is_closed_by_it_and_the_stop_stays_until_a_reset(arm: Arm):
    peer = arm.ros.peer("button")
    first = peer.create_publisher(Bool, names.EMERGENCY_STOP, EVERY)
    arm.ros.spin_until(first.get_subscription_count)
    arm.run()
    first.publish(Bool(data=False))
    arm.step_until(lambda: arm.state == State.ESTOP)
    peer.destroy_publisher(first)
    again = peer.create_publisher(Bool, names.EMERGENCY_STOP, EVERY)
    arm.ros.spin_until(again.get_subscription_count)
    assert "/button is still pressed" in arm.call(names.SAFETY_RESET).message
    for is_pressed in (True, False, False, False):
        again.publish(Bool(data=is_pressed))
        arm.step()
        assert arm.state == State.ESTOP

    def closed() -> bool:
        again.publish(Bool(data=False))
        arm.step()
        return bool(arm.call(names.SAFETY_RESET).success)

    arm.ros.spin_until(closed)
    arm.step_until(lambda: arm.state != State.READY)  # silent again
    assert "emergency stop /button #2 has fallen silent" in arm.said["reason"]


def test_a_line_that_opens_stops(arm: Arm):
    say = stop_input(arm, "button")
    arm.run()
    say(False)
    say(True)
    arm.step_until(lambda: arm.state == State.ESTOP)
    assert "emergency stop /button is pressed" in arm.said["reason"]


def test_a_node_that_is_needed_holds_the_arm_until_it_beats_and_when_it_stops(ros: Ros, contract):
    arm = Arm(ros, contract, required_nodes="driver")
    beats = arm.peer.create_publisher(Header, names.HEARTBEAT, HEARTBEAT)
    arm.step_until(lambda: arm.states and "no heartbeat of driver" in arm.said["reason"])
    assert arm.state != State.READY

    def ready() -> bool:
        beats.publish(Header(frame_id="driver"))
        arm.step()
        return arm.state == State.READY

    ros.spin_until(ready)
    arm.step_until(lambda: arm.state == State.HOLDING)
    assert "the heartbeat of driver is 0." in arm.said["reason"]


def test_a_driver_that_falls_silent_is_a_protective_stop(ros: Ros, contract: RobotContract):
    arm = Arm(ros, contract, required_nodes="driver, line", arm_driver="driver")
    beats = arm.peer.create_publisher(Header, names.HEARTBEAT, HEARTBEAT)

    def ready() -> bool:
        for name in ("driver", "line"):
            beats.publish(Header(frame_id=name))
        arm.step()
        return arm.state == State.READY

    ros.spin_until(ready)
    arm.step_until(lambda: arm.state == State.PROTECTIVE_STOP)
    assert "the heartbeat of driver is 0." in arm.said["reason"]


@pytest.mark.parametrize("topic", [names.EMERGENCY_STOP, names.HEARTBEAT])
def test_a_stop_or_a_heartbeat_of_absurd_size_is_refused_unread(arm: Arm, topic: str, capfd):
    arm.run()
    hears = next(s for s in arm.node.subscriptions if s.topic_name == f"/{topic}")
    assert hears.raw
    hears.callback(bytes(MAX_BYTES + 1), {"publisher_gid": None})
    assert f"{topic} brought {MAX_BYTES + 1} bytes, expected at most" in capfd.readouterr().err
    arm.step()
    assert arm.state == State.RUNNING
