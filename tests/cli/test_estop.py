"""The command that stops the arm, against a real safety node."""

import os
import pty
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from sensor_msgs.msg import JointState as JointStateMessage
from std_msgs.msg import String

from sovereign_robot.contract import names
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import JointState
from sovereign_robot.control.supervisor import State
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.qos import LATCHED, SENSOR
from sovereign_robot.nodes.safety_node import SafetyNode
from tests.nodes.conftest import Ros, ros  # noqa: F401

ESTOP = [sys.executable, "-m", "sovereign_robot.cli.main", "estop", "--timeout", "20"]


@pytest.fixture
def robot(ros: Ros, monkeypatch: pytest.MonkeyPatch) -> SafetyNode:  # noqa: F811
    """A safety node whose arm rests at home, and the domain for the commands that the test starts."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(ros.domain_id))
    contract, peer = load_robot("so101"), ros.peer()
    joints = peer.create_publisher(JointStateMessage, names.JOINT_STATES, SENSOR)

    def measure() -> None:
        zeros = np.zeros(len(contract.joints))
        state = JointState(time.time(), contract.joint_names, contract.home, zeros)
        joints.publish(ros_msgs.joint_state_msg(state))

    peer.create_timer(0.005, measure)
    node = ros.node(SafetyNode)
    ros.spin_until(lambda: node.supervisor.state != State.INIT)
    return node


def test_it_stops_at_once_and_says_so(ros: Ros, robot: SafetyNode):  # noqa: F811
    process = subprocess.Popen(ESTOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ros.spin_until(lambda: process.poll() is not None, timeout_s=60.0)
    out, err = process.communicate()
    assert process.returncode == 0, err
    # A stop waits for nothing, also not until ROS knows the name behind its publisher.
    assert re.fullmatch(r"estop: (/stop_key|publisher \w+) called for an emergency stop\n", out)
    assert robot.supervisor.state == State.ESTOP


def test_nonsense_on_the_topic_of_the_state_does_not_keep_it_from_stopping(ros: Ros, robot: SafetyNode):  # noqa: F811
    nonsense = ros.peer().create_publisher(String, names.SAFETY_STATE, LATCHED)
    for data in ("no JSON", "[1]", "{}"):
        nonsense.publish(String(data=data))
    process = subprocess.Popen(ESTOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ros.spin_until(lambda: process.poll() is not None, timeout_s=60.0)
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert robot.supervisor.state == State.ESTOP


def test_with_keys_it_stops_resets_and_starts(ros: Ros, robot: SafetyNode):  # noqa: F811
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*ESTOP, "--keys"], stdin=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    said, pressed_s = "", 0.0

    def heard(words: str, key: bytes = b"") -> bool:
        nonlocal said, pressed_s
        said += (process.stdout.read() or b"").decode()
        if words not in said and key and time.monotonic() > pressed_s + 0.5:
            os.write(ours, key)
            pressed_s = time.monotonic()
        return words in said

    ros.spin_until(lambda: heard("space or Enter"), timeout_s=60.0)
    os.write(ours, b" ")
    ros.spin_until(lambda: heard("called for an emergency stop"))
    ros.spin_until(lambda: heard("waiting for safety/start", b"r"))
    os.write(ours, b"s")
    ros.spin_until(lambda: heard("waiting for policy/action_chunk"))
    os.write(ours, b"q")
    ros.spin_until(lambda: process.poll() is not None)
    os.close(ours)
    assert process.returncode == 0


def test_without_a_safety_node_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ROS_DOMAIN_ID", str(1 + os.getpid() % 99))
    run = subprocess.run([*ESTOP[:-1], "0.3"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    assert (
        "did not say within 0.3 s that it stopped the arm: use the emergency stop of the robot" in run.stderr
    )


def test_keys_need_a_terminal():
    run = subprocess.run(
        [*ESTOP, "--keys"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
    )
    assert run.returncode == 2
    assert "--keys needs a terminal" in run.stderr
