import numpy as np
import pytest

from sovereign_robot.contract.conformance import (
    check_clock,
    check_policy,
    check_robot,
    check_teacher,
    check_text_encoder,
)
from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.fakes import (
    FakeRobot,
    HoldPolicy,
    ManualClock,
    PickyPolicy,
    RandomTextEncoder,
    ScriptedPolicy,
    ScriptedTeacher,
    example_observation,
)
from sovereign_robot.contract.ports import Listener
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import Array

SO101 = load_robot("so101")


def wave(time_s: float) -> Array:
    return SO101.home + 0.1 * np.sin(time_s)


def test_the_manual_clock_is_a_clock():
    clock = ManualClock(5.0)
    check_clock(clock, lambda: clock.advance(0.01))


def test_the_fake_robot_is_a_robot():
    clock = ManualClock()
    check_robot(FakeRobot(SO101, clock), wait=clock.advance)


def test_the_fake_policies_are_policies():
    observation = example_observation(SO101, 3.0)
    check_policy(HoldPolicy(SO101), observation)
    check_policy(ScriptedPolicy(SO101, wave), observation)
    check_policy(ScriptedPolicy(SO101, wave, horizon=1, max_committed=0), observation)


def test_the_picky_policy_follows_the_sentences_it_was_given_in_any_spelling():
    policy = PickyPolicy(SO101, ["Lift the red cube"])

    check_policy(policy, example_observation(SO101, 3.0))
    assert isinstance(policy, Listener)
    assert policy.understand("lift the red cube!").is_familiar
    assert not policy.understand("make coffee").is_familiar
    assert not isinstance(HoldPolicy(SO101), Listener)


def test_the_fake_teacher_is_a_teacher():
    observations = [example_observation(SO101, stamp_s) for stamp_s in (0.0, 0.5, 0.2)]
    check_teacher(ScriptedTeacher(SO101, wave), observations)


def test_the_fake_text_encoder_is_a_text_encoder():
    check_text_encoder(RandomTextEncoder())
    check_text_encoder(RandomTextEncoder(width=1))


def test_the_fake_robot_approaches_a_command_as_its_lag_says():
    clock = ManualClock()
    robot = FakeRobot(SO101, clock, lag_s=0.1)
    robot.command(SO101.home + 0.02)
    clock.advance(0.1)
    state = robot.read()
    assert state.stamp_s == pytest.approx(0.1)
    assert state.position_rad - SO101.home == pytest.approx(np.full(6, 0.02 * (1.0 - np.exp(-1.0))))
    assert (state.velocity_rad_s > 0.0).all()


def test_the_fake_robot_is_no_faster_than_its_contract_and_stays_inside_it():
    clock = ManualClock()
    robot = FakeRobot(SO101, clock, lag_s=0.01)
    robot.command(np.full(6, 50.0))
    for _ in range(300):
        before = robot.read().position_rad
        clock.advance(0.01)
        state = robot.read()
        assert (np.abs(state.position_rad - before) <= SO101.velocity_rad_s * 0.01 + 1e-12).all()
    assert state.position_rad == pytest.approx(SO101.upper_rad, abs=1e-6)


def test_the_scripted_policy_plans_the_motion_by_time():
    chunk = ScriptedPolicy(SO101, wave, horizon=8).predict(example_observation(SO101, 2.0))
    for time_s, row in zip(chunk.times_s, chunk.position_rad, strict=True):
        assert row == pytest.approx(wave(time_s))


def test_the_hold_policy_stays_where_the_arm_is_or_where_the_promise_leads():
    policy, observation = HoldPolicy(SO101, horizon=8), example_observation(SO101)
    assert np.array_equal(policy.predict(observation).position_rad, np.tile(SO101.home, (8, 1)))
    promised = np.array([SO101.home + 0.1, SO101.home + 0.2])
    rows = policy.predict(observation, promised).position_rad
    assert np.array_equal(rows[:2], promised)
    assert np.array_equal(rows[2:], np.tile(promised[-1], (6, 1)))


@pytest.mark.parametrize("shape", [(5, 6), (2, 5), (6,)])
def test_promised_rows_that_do_not_fit_are_refused(shape: tuple[int, ...]):
    with pytest.raises(
        CommandError, match=r"committed rows have shape .*, expected \(d, 6\) with d at most 4"
    ):
        HoldPolicy(SO101).predict(example_observation(SO101), np.zeros(shape))


def test_the_example_observation_fits_any_instruction_and_time():
    observation = example_observation(SO101, 7.0, "put the blue cube in the left bin")
    observation.validate(SO101)
    assert (observation.stamp_s, observation.instruction) == (7.0, "put the blue cube in the left bin")
    with pytest.raises(ObservationError):
        example_observation(SO101.model_copy(update={"cameras": ()})).validate(SO101)
