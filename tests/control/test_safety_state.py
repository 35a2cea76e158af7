import itertools
import re

import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.control.safety_state import STOPPED, TRANSITIONS, Fault, State, Trigger, after

N, R, U, H, P, E = State
EXPECTED = {
    (N, Trigger.IDLE): R, (R, Trigger.IDLE): R, (U, Trigger.IDLE): R,
    (H, Trigger.IDLE): R, (P, Trigger.IDLE): P, (E, Trigger.IDLE): E,
    (N, Trigger.PLAN): None, (R, Trigger.PLAN): U, (U, Trigger.PLAN): U,
    (H, Trigger.PLAN): U, (P, Trigger.PLAN): None, (E, Trigger.PLAN): None,
    (N, Trigger.FAULT): N, (R, Trigger.FAULT): H, (U, Trigger.FAULT): H,
    (H, Trigger.FAULT): H, (P, Trigger.FAULT): P, (E, Trigger.FAULT): E,
    (N, Trigger.PROTECTIVE_STOP): P, (R, Trigger.PROTECTIVE_STOP): P, (U, Trigger.PROTECTIVE_STOP): P,
    (H, Trigger.PROTECTIVE_STOP): P, (P, Trigger.PROTECTIVE_STOP): P, (E, Trigger.PROTECTIVE_STOP): E,
    (N, Trigger.ESTOP): E, (R, Trigger.ESTOP): E, (U, Trigger.ESTOP): E,
    (H, Trigger.ESTOP): E, (P, Trigger.ESTOP): E, (E, Trigger.ESTOP): E,
    (N, Trigger.CLEAR): N, (R, Trigger.CLEAR): N, (U, Trigger.CLEAR): N,
    (H, Trigger.CLEAR): N, (P, Trigger.CLEAR): P, (E, Trigger.CLEAR): E,
    (N, Trigger.RESET): None, (R, Trigger.RESET): None, (U, Trigger.RESET): None,
    (H, Trigger.RESET): R, (P, Trigger.RESET): R, (E, Trigger.RESET): R,
    (N, Trigger.START): None, (R, Trigger.START): R, (U, Trigger.START): None,
    (H, Trigger.START): H, (P, Trigger.START): None, (E, Trigger.START): None,
}  # fmt: skip
PAIRS = list(itertools.product(State, Trigger))


def test_the_table_has_an_answer_for_every_state_and_trigger():
    assert set(EXPECTED) == set(PAIRS)
    assert all(len(row) == len(State) for row in TRANSITIONS.values())


@pytest.mark.parametrize(("state", "trigger"), PAIRS)
def test_every_trigger_leads_from_every_state_where_it_should_or_is_refused(state: State, trigger: Trigger):
    expected = EXPECTED[state, trigger]
    if expected is not None:
        assert after(state, trigger) is expected
        return
    with pytest.raises(CommandError, match=f"^{trigger} is refused in {state}; it is taken in ") as error:
        after(state, trigger)
    named = re.findall(r"\w+", str(error.value).split("taken in ")[1])
    assert named == [str(s) for s in State if EXPECTED[s, trigger] is not None]


@pytest.mark.parametrize("state", STOPPED)
def test_only_a_reset_leads_out_of_a_stop_and_never_into_motion(state: State):
    ways_out = {t: EXPECTED[state, t] for t in Trigger if EXPECTED[state, t] not in (None, *STOPPED)}
    assert ways_out == {Trigger.RESET: State.READY}


def test_only_a_plan_leads_to_motion():
    assert {trigger for (_, trigger), then in EXPECTED.items() if then is State.RUNNING} == {Trigger.PLAN}


def test_a_fault_heals_by_itself_unless_it_says_otherwise():
    assert Fault("stale", "late").state is State.HOLDING
