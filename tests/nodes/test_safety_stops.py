"""Every way to stop the arm through ROS, and what it takes to run it again."""

import time
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.node import Node
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, JointState
from sovereign_robot.control.supervisor import State
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.qos import EVERY, SENSOR
from sovereign_robot.nodes.safety_node import SafetyNode
from tests.nodes.conftest import Ros
from tests.nodes.test_safety_node import Arm

STEP_S = 0.01


@pytest.fixture
def arm(ros: Ros, contract: RobotContract) -> Arm:
    return Arm(ros, contract)


def change(arm: Arm, transition: int) -> bool:
    request = ChangeState.Request(transition=Transition(id=transition))
    return bool(arm.ros.call(arm.peer, ChangeState, "safety_node/change_state", request).success)


def test_teleoperation_leads_over_the_policy_and_a_replay_waits_for_both(arm: Arm):
    publish = {
        topic: arm.peer.create_publisher(JointTrajectory, topic, EVERY).publish
        for topic in (names.TELEOP_COMMAND, names.REPLAY_CHUNK)
    }
    arm.run()
    publish[names.REPLAY_CHUNK](arm.chunk(arm.contract.home))
    for _ in range(5):
        arm.step()
    assert arm.said["source"] == "policy"

    def led(source: str) -> bool:
        publish[names.TELEOP_COMMAND](arm.chunk(arm.contract.home))
        arm.step()
        return arm.said["source"] == source

    arm.ros.spin_until(partial(led, "teleop"))


def test_a_second_policy_is_refused_by_name(arm: Arm, capfd):
    second = arm.ros.peer("second_policy").create_publisher(JointTrajectory, names.ACTION_CHUNK, EVERY)
    arm.ros.spin_until(second.get_subscription_count)
    arm.run()
    said = ""
    while "'/second_policy' is refused: '/peer' already publishes it" not in said:
        arm.send_chunk(arm.contract.home)
        second.publish(arm.chunk(arm.contract.home + 0.1))
        arm.step()
        said += capfd.readouterr().err
    assert arm.state == State.RUNNING
    np.testing.assert_allclose(arm.commands[-1].data, arm.contract.home, atol=1e-6)


def test_another_commander_of_the_arm_is_named_and_must_go_before_the_reset(arm: Arm):
    arm.run()
    rival = arm.ros.peer("rival")
    publisher = rival.create_publisher(Float64MultiArray, names.ARM_COMMANDS, SENSOR)
    arm.step_until(lambda: arm.state == State.PROTECTIVE_STOP)
    assert "/rival publishes arm_controller/commands too" in arm.said["reason"]
    arm.step()
    answer = arm.call(names.SAFETY_RESET)
    assert not answer.success
    assert "/rival" in answer.message
    rival.destroy_publisher(publisher)
    arm.ros.spin_until(lambda: arm.peer.count_publishers(names.ARM_COMMANDS) == 1)
    arm.rearm()


def test_before_it_is_activated_it_commands_nothing(ros: Ros, contract: RobotContract):
    peer, node = ros.peer(), ros.node(SafetyNode, autostart=False)
    commands = ros.hear(peer, Float64MultiArray, names.ARM_COMMANDS, SENSOR)
    joints = peer.create_publisher(JointStateMessage, names.JOINT_STATES, SENSOR)
    node.trigger_configure()
    ros.spin_until(lambda: joints.get_subscription_count() and peer.count_publishers(names.ARM_COMMANDS))

    def commanded() -> bool:
        state = JointState(time.time(), contract.joint_names, contract.home, np.zeros(len(contract.joints)))
        joints.publish(ros_msgs.joint_state_msg(state))
        ros.executor.spin_once(timeout_sec=0.01)
        return bool(commands)

    assert not any(commanded() for _ in range(30))
    node.trigger_activate()
    ros.spin_until(commanded)


def test_deactivated_it_brings_the_arm_to_rest_and_then_commands_no_more(arm: Arm):
    arm.step_until(lambda: arm.state == State.READY)
    arm.send_chunk(arm.contract.home + 0.3)
    arm.step_until(lambda: arm.commands and arm.commands[-1].data[0] > arm.contract.home[0] + 0.02)
    assert change(arm, Transition.TRANSITION_DEACTIVATE)
    arm.step_until(lambda: arm.node.at_rest)
    assert arm.state == State.PROTECTIVE_STOP
    assert arm.said["reason"] == "safety_node was deactivated"
    path_rad = np.array([command.data[0] for command in arm.commands])
    limit_rad = arm.contract.acceleration_rad_s2[0] * STEP_S**2
    assert np.abs(np.diff(path_rad, 2)[-8:]).max() <= 4 * limit_rad + 1e-9
    for _ in range(3):
        arm.step()
    arm.commands.clear()
    arm.send_chunk(arm.contract.home)
    for _ in range(10):
        arm.step()
    assert arm.commands == []


def test_activated_again_it_needs_reset_and_start(arm: Arm):
    arm.run()
    change(arm, Transition.TRANSITION_DEACTIVATE)
    arm.step_until(lambda: arm.node.at_rest)
    answer = arm.call(names.SAFETY_RESET)
    assert not answer.success
    assert "safety_node is not active: activate it first" in answer.message
    assert change(arm, Transition.TRANSITION_ACTIVATE)
    arm.send_chunk(arm.contract.home)
    for _ in range(5):
        arm.step()
    assert arm.state == State.PROTECTIVE_STOP
    arm.rearm()
    arm.run()


def test_a_starved_loop_is_held_by_the_watchdog(ros: Ros, contract: RobotContract):
    """In system time, the executor stands still while the arm runs."""
    peer, node = ros.peer(), ros.node(SafetyNode)
    joints = peer.create_publisher(JointStateMessage, names.JOINT_STATES, SENSOR)
    chunks = peer.create_publisher(JointTrajectory, names.ACTION_CHUNK, EVERY)
    zeros = np.zeros(len(contract.joints))

    def running() -> bool:
        now_s, rows = time.time(), np.tile(contract.home, (16, 1))
        state = JointState(now_s, contract.joint_names, contract.home, zeros)
        joints.publish(ros_msgs.joint_state_msg(state))
        chunk = ActionChunk(now_s, contract.policy_step_s, contract.joint_names, rows)
        chunks.publish(ros_msgs.chunk_msg(chunk))
        ros.executor.spin_once(timeout_sec=0.0)
        if node.supervisor.state == State.PROTECTIVE_STOP:  # this machine was too busy for a moment
            with suppress(CommandError):
                node.supervisor.reset()
                node.supervisor.start()
        return node.supervisor.state == State.RUNNING

    ros.spin_until(running)
    end_s = time.monotonic() + 10.0
    while node.supervisor.state == State.RUNNING and time.monotonic() < end_s:
        time.sleep(0.001)
    assert node.supervisor.state in (State.HOLDING, State.PROTECTIVE_STOP)


def test_a_person_lets_go_with_a_trajectory_without_points(arm: Arm):
    arm.step_until(lambda: arm.state == State.READY)
    leader: Node = arm.ros.peer("leader")
    publisher = leader.create_publisher(JointTrajectory, names.TELEOP_COMMAND, EVERY)
    arm.ros.spin_until(publisher.get_subscription_count)

    def running() -> bool:
        publisher.publish(arm.chunk(arm.contract.home))
        arm.step()
        return arm.state == State.RUNNING

    arm.ros.spin_until(running)
    assert arm.said["source"] == "teleop"
    publisher.publish(JointTrajectory(joint_names=list(arm.contract.joint_names)))
    arm.step_until(lambda: arm.state == State.HOLDING)
    assert "let go of its dead-man switch" in arm.said["reason"]
