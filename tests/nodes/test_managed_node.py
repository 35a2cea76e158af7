import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.node import Node
from std_msgs.msg import Header, String

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.nodes.diagnosis import Diagnosis, Level
from sovereign_robot.nodes.managed_node import ManagedNode
from sovereign_robot.nodes.parameters import NodeParameters
from sovereign_robot.nodes.qos import EVERY
from tests.nodes.conftest import Ros

CONFIGURE, ACTIVATE = Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE
DEACTIVATE, CLEANUP = Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP


class Lamp(ManagedNode[NodeParameters]):
    """A node whose whole life is seen: `did` keeps each step."""

    def __init__(self, fault: Exception | None = None, **node: object) -> None:
        super().__init__("lamp", NodeParameters, **node)
        self.fault, self.did = fault, []

    def load(self) -> None:
        self.create_publisher(String, "light", EVERY)
        self.create_timer(60.0, lambda: None)
        self.acquired.callback(self.did.append, "closed")
        self.did.append("load")
        if self.fault is not None:
            raise self.fault

    def start(self) -> None:
        self.did.append("start")

    def hold(self) -> None:
        self.did.append("hold")

    def diagnose(self) -> Diagnosis:
        return Diagnosis(Level.OK, "shines", {"lumen": "800"})


def change(ros: Ros, peer: Node, transition: int) -> bool:
    request = ChangeState.Request(transition=Transition(id=transition))
    return bool(ros.call(peer, ChangeState, "lamp/change_state", request).success)


def state(ros: Ros, peer: Node) -> int:
    return int(ros.call(peer, GetState, "lamp/get_state", GetState.Request()).current_state.id)


def test_the_standard_services_lead_through_its_whole_life(ros: Ros):
    peer, lamp = ros.peer(), ros.node(Lamp, autostart=False)
    assert state(ros, peer) == State.PRIMARY_STATE_UNCONFIGURED
    steps = (CONFIGURE, ACTIVATE, DEACTIVATE, ACTIVATE, DEACTIVATE, CLEANUP)
    assert all(change(ros, peer, step) for step in steps)
    assert lamp.did == ["load", "start", "hold", "start", "hold", "closed"]
    assert state(ros, peer) == State.PRIMARY_STATE_UNCONFIGURED
    assert not change(ros, peer, ACTIVATE)


def test_by_itself_it_is_active_from_the_start(ros: Ros):
    lamp = ros.node(Lamp)
    assert lamp.active
    assert state(ros, ros.peer()) == State.PRIMARY_STATE_ACTIVE


def test_cleanup_destroys_what_configure_made_in_ros_and_no_more(ros: Ros):
    peer, lamp = ros.peer(), ros.node(Lamp, autostart=False)
    timers, beats = len(list(lamp.timers)), ros.hear(peer, Header, names.HEARTBEAT)
    change(ros, peer, CONFIGURE)
    ros.spin_until(lambda: peer.count_publishers("light") == 1)
    assert len(list(lamp.timers)) == timers + 1
    change(ros, peer, CLEANUP)
    ros.spin_until(lambda: peer.count_publishers("light") == 0)
    assert len(list(lamp.timers)) == timers
    beats.clear()
    ros.spin_until(lambda: beats)


def test_what_is_refused_while_it_starts_by_itself_is_raised(ros: Ros):
    with pytest.raises(CheckpointError, match="no bulb"):
        ros.node(lambda **node: Lamp(CheckpointError("no bulb"), **node))


def test_what_is_refused_on_a_service_call_is_a_sentence_and_may_be_tried_again(ros: Ros, capfd):
    peer = ros.peer()
    lamp = ros.node(lambda **node: Lamp(CheckpointError("no bulb"), **node), autostart=False)
    assert not change(ros, peer, CONFIGURE)
    assert state(ros, peer) == State.PRIMARY_STATE_UNCONFIGURED
    assert "no bulb" in capfd.readouterr().err
    assert told(ros, peer).message == "no bulb"
    assert peer.count_publishers("light") == 0
    lamp.fault = None
    assert change(ros, peer, CONFIGURE)


def test_an_error_that_nobody_foresaw_is_shown_whole_and_frees_the_node(ros: Ros, capfd):
    peer = ros.peer()
    lamp = ros.node(lambda **node: Lamp(ZeroDivisionError("dark"), **node), autostart=False)
    assert not change(ros, peer, CONFIGURE)
    assert state(ros, peer) == State.PRIMARY_STATE_UNCONFIGURED
    assert lamp.did == ["load", "closed"]
    said = capfd.readouterr().err
    assert "Traceback" in said
    assert "lamp failed while unconfigured and was freed: dark" in said
    assert told(ros, peer).level == DiagnosticStatus.ERROR


def told(ros: Ros, peer: Node) -> DiagnosticStatus:
    heard = ros.hear(peer, DiagnosticArray, names.DIAGNOSTICS, EVERY)
    ros.spin_until(lambda: heard)
    return heard[-1].status[0]


def test_diagnostics_say_how_it_is_once_a_second_in_every_state(ros: Ros):
    peer = ros.peer()
    ros.node(Lamp, autostart=False)
    status = told(ros, peer)
    assert (status.name, status.level, status.message) == ("lamp", DiagnosticStatus.WARN, "not active")
    change(ros, peer, CONFIGURE)
    change(ros, peer, ACTIVATE)
    status = told(ros, peer)
    assert (status.level, status.message) == (DiagnosticStatus.OK, "shines")
    assert [(value.key, value.value) for value in status.values] == [("lumen", "800")]
