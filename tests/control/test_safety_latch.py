import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.control.safety_latch import SafetyLatch
from sovereign_robot.control.safety_state import State, Trigger


@pytest.fixture
def running() -> SafetyLatch:
    latch = SafetyLatch()
    latch.follow(Trigger.IDLE)
    latch.follow(Trigger.PLAN)
    return latch


def test_at_power_up_it_is_armed(running: SafetyLatch):
    assert SafetyLatch().barred == running.barred == ""


def test_a_stop_begins_once_and_keeps_its_first_reason(running: SafetyLatch):
    assert running.stop(Trigger.ESTOP, "first")
    assert not running.stop(Trigger.ESTOP, "second")
    assert not running.stop(Trigger.PROTECTIVE_STOP, "third")
    assert (running.state, running.reason) == (State.ESTOP, "first")
    assert running.barred == "action chunk refused during an emergency stop: first"


def test_an_emergency_stop_outweighs_a_protective_one_without_beginning_anew(running: SafetyLatch):
    assert running.stop(Trigger.PROTECTIVE_STOP, "contact")
    assert running.barred == "action chunk refused during a protective stop: contact"
    assert not running.stop(Trigger.ESTOP, "button")
    assert (running.state, running.reason) == (State.ESTOP, "button")


def test_a_reset_disarms_and_a_start_arms(running: SafetyLatch):
    running.stop(Trigger.PROTECTIVE_STOP, "contact")
    running.reset("")
    assert (running.state, running.reason, running.is_armed) == (State.READY, "", False)
    assert running.barred == "action chunk refused until safety/start is called"
    running.start()
    assert (running.state, running.barred) == (State.READY, "")


def test_a_start_is_refused_while_something_is_latched(running: SafetyLatch):
    running.hold("the clock jumped")
    running.follow(Trigger.FAULT)
    with pytest.raises(CommandError, match="start is refused: the clock jumped; call safety/reset, then"):
        running.start()
    running.stop(Trigger.ESTOP, "test")
    with pytest.raises(CommandError, match="start is refused in estop; it is taken in ready, holding"):
        running.start()


def test_a_reset_is_refused_while_the_cause_is_there(running: SafetyLatch):
    running.stop(Trigger.PROTECTIVE_STOP, "contact")
    with pytest.raises(CommandError, match="the protective stop stays latched: joint_states is old"):
        running.reset("joint_states is old")
    assert running.state is State.PROTECTIVE_STOP


def test_a_reset_is_refused_while_a_button_is_pressed(running: SafetyLatch):
    running.press("left", True)
    running.press("right", True)
    running.stop(Trigger.ESTOP, "left")
    running.press("right", False)
    with pytest.raises(CommandError, match="the emergency stop stays latched: left is still pressed"):
        running.reset("")
    running.press("left", False)
    running.reset("")
    assert running.state is State.READY


def test_a_reset_is_refused_while_nothing_is_latched(running: SafetyLatch):
    running.follow(Trigger.FAULT)
    with pytest.raises(CommandError, match="reset is refused in holding: nothing is latched"):
        running.reset("")


def test_a_new_scene_keeps_a_stop_latched(running: SafetyLatch):
    running.stop(Trigger.ESTOP, "test")
    running.clear()
    assert (running.state, running.reason) == (State.ESTOP, "test")


def test_a_new_scene_turns_a_latched_hold_into_a_wait_for_start(running: SafetyLatch):
    running.hold("the clock jumped")
    running.follow(Trigger.FAULT)
    running.clear()
    assert (running.state, running.reason, running.is_armed) == (State.INIT, "", False)
