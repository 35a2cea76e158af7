import os
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from std_msgs.msg import Bool

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.fakes import SwitchInput
from sovereign_robot.control.supervisor import State
from sovereign_robot.nodes.diagnosis import Level
from sovereign_robot.nodes.estop_input_node import EstopInputNode
from sovereign_robot.nodes.qos import EVERY
from sovereign_robot.nodes.safety_node import SafetyNode
from tests.nodes.conftest import Ros


def test_it_says_all_the_time_whether_the_line_calls_for_a_stop(ros: Ros):
    line, peer = SwitchInput(), ros.peer()
    said = ros.hear(peer, Bool, names.EMERGENCY_STOP, EVERY)
    diagnostics = ros.hear(peer, DiagnosticArray, names.DIAGNOSTICS, EVERY)
    ros.node(lambda **node: EstopInputNode(lambda path, now_s: line, **node))
    ros.spin_until(lambda: len(said) > 3)
    assert not any(message.data for message in said)
    line.is_open = True
    ros.spin_until(lambda: said[-1].data)
    diagnostics.clear()
    ros.spin_until(lambda: diagnostics)
    status = diagnostics[-1].status[0]
    assert (status.level, status.message) == (DiagnosticStatus.ERROR, "the switch is open")
    assert status.hardware_id == "/dev/ttyACM0"


def test_a_controller_that_is_unplugged_stops_the_arm(ros: Ros, tmp_path: Path):
    path = tmp_path / "line"
    os.mkfifo(path)
    reader = os.open(
        path, os.O_RDONLY | os.O_NONBLOCK
    )  # so that the controller may write before the node reads
    controller = os.open(path, os.O_WRONLY)
    os.write(controller, b"1")
    ros.peer().create_timer(0.02, lambda: os.write(controller, b"1"))
    safety, line = ros.node(SafetyNode), ros.node(EstopInputNode, path=str(path))
    os.close(reader)
    ros.spin_until(
        lambda: safety.count_publishers(names.EMERGENCY_STOP) and line.diagnose().level == Level.OK
    )
    for _ in range(20):
        ros.executor.spin_once(timeout_sec=0.02)
    assert safety.supervisor.state != State.ESTOP
    os.close(controller)
    controller = os.open(os.devnull, os.O_WRONLY)
    ros.spin_until(lambda: safety.supervisor.state == State.ESTOP)
    os.close(controller)


def test_deactivated_it_is_silent_and_cleaned_up_it_lets_go_of_the_line(ros: Ros):
    line, peer = SwitchInput(), ros.peer()
    said = ros.hear(peer, Bool, names.EMERGENCY_STOP, EVERY)
    node = ros.node(lambda **node: EstopInputNode(lambda path, now_s: line, **node))
    ros.spin_until(lambda: said)
    node.trigger_deactivate()
    said.clear()
    for _ in range(10):
        ros.executor.spin_once(timeout_sec=0.02)
    assert len(said) <= 2  # what was on its way
    node.trigger_cleanup()
    assert line.is_released


def test_a_line_that_is_not_there_is_refused_by_name(ros: Ros, tmp_path: Path):
    with pytest.raises(UsageError, match="nowhere cannot be read"):
        ros.node(EstopInputNode, path=str(tmp_path / "nowhere"))
