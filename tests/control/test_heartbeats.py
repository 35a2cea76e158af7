import pytest

from sovereign_robot.contract.errors import ContractError
from sovereign_robot.control.heartbeats import Heartbeats, RequiredNode
from sovereign_robot.control.safety_state import Event, Fault, State

POLICY = RequiredNode("policy_node", 0.3)
DRIVER = RequiredNode("arm_driver", 0.3, State.PROTECTIVE_STOP)


def test_without_required_nodes_nothing_is_missed():
    assert Heartbeats().fault(1e9) is None


def test_a_node_that_was_never_heard_holds_the_arm_and_is_named():
    fault = Heartbeats([DRIVER]).fault(5.0)
    assert fault == Fault(Event.HEARTBEAT_LOST, "no heartbeat of arm_driver has been received", State.HOLDING)


def test_a_node_is_alive_until_its_timeout():
    heartbeats = Heartbeats([POLICY])
    heartbeats.take("policy_node", 1.0)
    assert heartbeats.fault(1.3) is None
    fault = heartbeats.fault(1.31)
    assert fault.state is State.HOLDING
    assert fault.reason == "the heartbeat of policy_node is 0.310 s old, expected at most 0.300 s"


def test_the_loss_that_stops_outweighs_the_loss_that_holds():
    heartbeats = Heartbeats([POLICY, DRIVER])
    heartbeats.take("policy_node", 1.0)
    heartbeats.take("arm_driver", 1.0)
    fault = heartbeats.fault(2.0)
    assert fault.state is State.PROTECTIVE_STOP
    assert "arm_driver is 1.000 s old" in fault.reason


def test_older_beats_and_strangers_are_passed_over():
    heartbeats = Heartbeats([POLICY])
    heartbeats.take("policy_node", 1.0)
    heartbeats.take("policy_node", 0.5)
    heartbeats.take("somebody", 1.2)
    assert heartbeats.fault(1.3) is None


def test_a_beat_from_the_future_is_a_fault_and_does_not_shadow_true_ones():
    heartbeats = Heartbeats([POLICY])
    heartbeats.take("policy_node", 100.0)
    assert heartbeats.fault(1.0).reason == "the heartbeat of policy_node is stamped 99.000 s in the future"
    heartbeats.take("policy_node", 1.0)
    assert heartbeats.fault(1.1) is None


def test_silence_counts_from_when_somebody_looked_again():
    heartbeats = Heartbeats([POLICY, DRIVER])
    heartbeats.take("policy_node", 1.0)
    heartbeats.look_again(5.0)
    assert heartbeats.fault(5.3).reason == "no heartbeat of arm_driver has been received"
    heartbeats.take("arm_driver", 5.3)
    assert "policy_node is 0.310 s old" in heartbeats.fault(5.31).reason


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_timeout_that_is_none_is_refused(timeout_s: float):
    with pytest.raises(ContractError, match=r"heartbeat timeout of policy_node is .* expected above 0"):
        RequiredNode("policy_node", timeout_s)


def test_a_loss_that_leads_nowhere_safe_is_refused():
    with pytest.raises(ContractError, match="leads to running, expected holding or protective_stop"):
        RequiredNode("policy_node", 0.3, State.RUNNING)
