import numpy as np
import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.fault_judge import (
    Promise,
    Record,
    Sign,
    audit,
    judge,
    oldest_observation_s,
    pace,
    rest_s,
)

ROBOT = load_robot("so101")
STOP = Promise(Sign.STATE, 0.2, frozenset({"holding"}), "gone")
STEP_S = ROBOT.control_step_s


def sweep(record: Record, from_s: float, to_s: float, speed_rad_s: float = 0.5, start_rad: float = 0.0):
    """Commands and measured joints every control period; the first joint moves."""
    for i in range(round((to_s - from_s) / STEP_S)):
        time_s, row_rad = from_s + i * STEP_S, ROBOT.home.copy()
        row_rad[0] += start_rad + speed_rad_s * i * STEP_S
        record.commands.append((time_s, row_rad))
        record.measured.append((time_s, time_s, row_rad))


def stopped(reason: str = "joint_states is gone", at_s: float = 2.1, state: str = "holding") -> Record:
    """A sweep until `at_s`, then rest with a reason; the fault came at 2 s."""
    record = Record()
    record.states.append((0.0, "running", ""))
    sweep(record, 0.0, at_s)
    record.chunks.extend((0.05 + i * 0.2, i * 0.2) for i in range(11))
    last_rad = float(record.commands[-1][1][0] - ROBOT.home[0])
    record.states.append((at_s, state, reason))
    sweep(record, at_s, 4.0, 0.0, last_rad)
    return record


def test_a_stop_in_time_with_its_reason_keeps_the_promise():
    verdict = judge(stopped(), STOP, ROBOT, 2.0, 4.0)
    assert verdict.broken == ()
    assert verdict.detected_s == pytest.approx(0.1)
    assert (verdict.state, verdict.told) == ("holding", "holding: joint_states is gone")
    assert verdict.moved_rad == pytest.approx(0.0, abs=1e-12)


def test_a_stop_too_late_is_told():
    assert judge(stopped(at_s=2.5), STOP, ROBOT, 2.0, 4.0).broken == (
        "it was detected after 0.500 s, expected within 0.200 s",
    )


def test_another_state_or_another_reason_is_told():
    broken = judge(stopped(state="estop"), STOP, ROBOT, 2.0, 4.0).broken
    assert any("the state at the end is estop" in sentence for sentence in broken)
    broken = judge(stopped("something is wrong"), STOP, ROBOT, 2.0, 4.0).broken
    assert broken == ("nobody was told 'gone'; the operator saw 'something is wrong'",)


def test_motion_after_the_stop_is_told():
    record = stopped()
    record.commands[-1][1][3] += 0.01
    broken = judge(record, STOP, ROBOT, 2.0, 4.0).broken
    assert "the command moved 0.0100 rad after the stop" in broken


def test_what_was_said_before_the_fault_does_not_count():
    record = Record()
    record.said.append((1.0, "a stranger"))
    record.states.append((0.0, "running", ""))
    promise = Promise(Sign.WORDS, 1.0, frozenset({"running"}), "stranger")
    assert "there was no sign (words) of the fault" in judge(record, promise, ROBOT, 2.0, 4.0).broken
    record.said.append((2.5, "a stranger again"))
    verdict = judge(record, promise, ROBOT, 2.0, 4.0)
    assert (verdict.broken, verdict.detected_s) == ((), 0.5)


def test_a_command_outside_of_a_limit_a_leap_and_a_speed_are_measured():
    record = Record()
    sweep(record, 0.0, 1.0, speed_rad_s=3.0, start_rad=-1.5)
    found = audit(record.commands, ROBOT)
    assert 0.85 < found.speed <= 1.0
    assert found.leap == pytest.approx(STEP_S / 0.03)
    assert found.outside_rad == 0.0
    assert audit([(t, 2.0 * row) for t, row in record.commands], ROBOT).speed > 1.02
    rows = [(0.0, ROBOT.home), (0.01, ROBOT.upper_rad + 0.01)]
    found = audit(rows, ROBOT)
    assert found.outside_rad == pytest.approx(0.01)
    assert found.leap > 1.0


def test_a_leap_between_two_commands_breaks_every_promise():
    record = stopped()
    record.commands[250][1][0] += 0.2
    assert any("leapt" in sentence for sentence in judge(record, STOP, ROBOT, 2.0, 4.0).broken)


def test_the_age_of_the_observation_behind_a_motion_is_that_of_the_newest_that_had_arrived():
    record = Record()
    sweep(record, 0.0, 3.0)
    record.chunks.extend([(0.55, 0.5), (1.05, 1.0)])
    assert oldest_observation_s(record, 1.5, 2.0) == pytest.approx(1.0, abs=0.02)


def test_a_chunk_with_a_stamp_of_another_time_is_no_observation():
    record = Record()
    sweep(record, 0.0, 3.0)
    record.chunks.extend([(0.55, 0.5), (1.9, 3601.9), (1.95, 0.0 - 3600)])
    assert oldest_observation_s(record, 1.5, 2.0) == pytest.approx(1.5, abs=0.02)


def test_an_arm_at_rest_moves_by_no_observation():
    record = Record()
    sweep(record, 0.0, 3.0, speed_rad_s=0.0)
    record.chunks.append((0.55, 0.5))
    assert oldest_observation_s(record, 0.0, 3.0) == 0.0


def test_rest_begins_when_the_joints_stop_for_good():
    record = stopped(at_s=2.3)
    assert rest_s(record, 2.0, 4.0) == pytest.approx(2.3, abs=0.03)
    record = Record()
    sweep(record, 0.0, 3.0)
    assert rest_s(record, 2.0, 3.0) is None


def test_a_slow_simulator_stretches_the_bounds():
    record = stopped(at_s=2.3)
    slow = [(2.0 * heard_s, stamp_s, row) for heard_s, stamp_s, row in record.measured]
    record.measured[:] = slow
    assert pace(record, 4.0) == pytest.approx(0.5)
    assert pace(stopped(), 2.0) == pytest.approx(1.0)


def test_forgetting_keeps_the_state_in_force():
    record = stopped()
    record.forget(3.0)
    assert record.commands[0][0] == pytest.approx(3.0)
    assert record.states[-1][1] == "holding"
    assert np.all([entry[0] >= 3.0 for entry in record.measured])
