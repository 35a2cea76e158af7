import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Array, JointState
from sovereign_robot.control.limit import Limit
from sovereign_robot.control.link_guard import LinkGuard
from sovereign_robot.control.safety_filter import SafetyFilter

SO101 = load_robot("so101")
GUARD = LinkGuard(SO101)
STEP_S = SO101.control_step_s
J = len(SO101.joints)

finite_vector = arrays(np.float64, J, elements=st.floats(allow_nan=False, allow_infinity=False))
inside_vector = st.tuples(*(st.floats(j.lower_rad, j.upper_rad) for j in SO101.joints)).map(np.array)
some_targets = st.lists(finite_vector | inside_vector, min_size=1, max_size=12)
some_steps = st.lists(st.floats(2e-3, 0.05), min_size=12, max_size=12)


def started(position_rad: Array = SO101.home, guarded: bool = False) -> SafetyFilter:
    safety = SafetyFilter(SO101, GUARD if guarded else None)
    safety.start(position_rad)
    return safety


def with_safety(**changes: object) -> RobotContract:
    data = SO101.model_dump()
    return RobotContract.from_data(data | {"safety": data["safety"] | changes}, "test")


def shares(commands: list[Array], steps_s: list[float]) -> list[float]:
    """Greatest share of velocity, acceleration and jerk limits that commands use, by divided differences."""
    stamps, difference, found = np.cumsum([0.0, *steps_s]), np.array(commands), []
    limits = (SO101.velocity_rad_s, SO101.acceleration_rad_s2, SO101.jerk_rad_s3)
    for order, limit in enumerate(limits, start=1):
        if len(difference) < 2:
            break
        difference = order * np.diff(difference, axis=0) / (stamps[order:] - stamps[:-order])[:, None]
        found.append(float((np.abs(difference) / limit).max()))
    return found


def follow(safety: SafetyFilter, target: Array, ticks: int) -> list[Array]:
    return [safety.command_rad, *(safety.apply(target, STEP_S).command_rad for _ in range(ticks))]


def test_it_begins_at_rest_where_the_arm_is():
    safety = started(SO101.home + 0.1)
    assert np.array_equal(safety.command_rad, SO101.home + 0.1)
    assert safety.at_rest
    assert np.array_equal(safety.velocity_rad_s, np.zeros(J))
    with pytest.raises(ValueError, match="read-only"):
        safety.command_rad[0] = 0.0


def test_a_start_outside_counts_as_the_nearest_inside():
    assert np.array_equal(started(SO101.upper_rad + 0.2).command_rad, SO101.upper_rad)


def test_before_the_start_nothing_is_commanded():
    safety = SafetyFilter(SO101)
    for act in (lambda: safety.apply(SO101.home, STEP_S), lambda: safety.brake(STEP_S)):
        with pytest.raises(CommandError, match="does not know where the arm is"):
            act()


def test_a_far_target_is_reached_exactly_within_every_limit_and_without_overshoot():
    safety, target = started(), SO101.home + np.array([0.9, 0.7, -0.7, -0.9, 0.7, 0.7])
    commands = follow(safety, target, 200)
    assert np.array_equal(commands[-1], target)
    assert safety.at_rest
    beyond = (np.array(commands) - target) * np.sign(target - SO101.home)
    assert beyond.max() <= 1e-4
    assert max(shares(commands, [STEP_S] * 200)) <= 1.0 + 1e-6


def test_a_motion_within_the_limits_is_followed_closely():
    safety, worst = started(), 0.0
    for tick in range(1, 300):
        target = SO101.home + 0.2 * (1.0 - np.cos(2.0 * tick * STEP_S))
        filtered = safety.apply(target, STEP_S)
        worst = max(worst, float(np.abs(filtered.command_rad - target).max()))
        assert filtered.interventions == ()
    assert worst < 2e-3


def test_straight_lines_between_rows_are_followed_with_less_than_two_ticks_of_lag():
    times = np.arange(0.0, 3.0, STEP_S)
    knots = np.arange(0.0, 3.1, SO101.policy_step_s)
    wave = np.interp(times, knots, 0.3 * np.sin(3.0 * knots))
    safety = started()
    commands = [safety.apply(SO101.home + x, STEP_S).command_rad[0] - SO101.home[0] for x in wave]
    lag = [np.abs(np.array(commands[5 + k :]) - wave[5 : len(wave) - k]).mean() for k in range(4)]
    assert int(np.argmin(lag)) <= 1
    assert np.abs(np.array(commands[20:]) - wave[20:]).max() < 0.02


@pytest.mark.parametrize("side", ["lower_rad", "upper_rad"])
def test_a_position_limit_is_reached_and_never_passed(side: str):
    safety, end = started(), getattr(SO101, side)
    commands = follow(safety, 3.0 * end, 300)
    assert np.array_equal(commands[-1], end)
    assert (np.array(commands) <= SO101.upper_rad).all()
    assert (np.array(commands) >= SO101.lower_rad).all()
    assert safety.apply(3.0 * end, STEP_S).interventions == (Limit.POSITION,)


def test_what_holds_a_joint_back_is_named():
    safety = started()
    target = SO101.home + np.array([1.5, 0, 0, 0, 0, 0])
    felt = [safety.apply(target, STEP_S).interventions for _ in range(40)]
    assert felt[0] in ((Limit.JERK,), (Limit.ACCELERATION,))
    assert (Limit.ACCELERATION,) in felt
    assert (Limit.VELOCITY,) in felt
    assert all(kind.meaning.endswith(("limit", "range", "inside")) for kinds in felt for kind in kinds)


def test_the_speed_scale_slows_every_joint():
    safety = SafetyFilter(with_safety(speed_scale=0.1))
    safety.start(SO101.home)
    commands = follow(safety, SO101.home + 1.0, 60)
    assert np.abs(np.diff(commands, axis=0)).max() / STEP_S == pytest.approx(0.3, rel=1e-6)


def test_braking_comes_to_rest_at_once_within_the_limits_and_stays():
    safety = started()
    commands = follow(safety, SO101.upper_rad, 20)
    speed = float(np.abs(safety.velocity_rad_s).max())
    for _ in range(60):
        commands.append(safety.brake(STEP_S).command_rad)
    assert max(shares(commands, [STEP_S] * (len(commands) - 1))) <= 1.0 + 1e-6
    assert safety.at_rest
    rest = next(k for k in range(20, 81) if np.array_equal(commands[k], commands[-1]))
    assert (rest - 20) * STEP_S <= speed / 20.0 + 20.0 / 1900.0 + 2 * STEP_S
    assert np.array_equal(safety.brake(STEP_S).command_rad, commands[-1])


def test_a_tick_after_a_long_pause_begins_anew_from_rest():
    safety = started()
    before = follow(safety, SO101.upper_rad, 20)[-1]
    late = safety.apply(SO101.upper_rad, 3.0)
    assert Limit.LATE in late.interventions
    assert np.abs(late.command_rad - before).max() <= 0.5 * 20.0 * STEP_S**2
    assert np.abs(safety.velocity_rad_s).max() <= 20.0 * STEP_S


def test_a_long_rest_is_no_reason_for_a_long_step():
    safety = started()
    assert np.abs(safety.apply(SO101.upper_rad, 3.0).command_rad - SO101.home).max() <= 0.5 * 20.0 * STEP_S**2


def test_effort_that_lasts_stops_the_arm_and_says_which_joint():
    safety, target = started(), SO101.home + 0.5
    effort = np.array([0.0, 3.0, 0.0, 0.0, 0.0, 0.0])
    stops = []
    for tick in range(60):
        joints = JointState(tick * STEP_S, SO101.joint_names, SO101.home, np.zeros(J), effort)
        stops.append(safety.apply(target, STEP_S, joints))
    assert stops[15].stop == ""
    assert stops[-1].interventions == (Limit.EFFORT,)
    assert "shoulder_lift has pushed with 3.00 N·m for 0.60 s" in stops[-1].stop
    assert safety.at_rest


def test_effort_below_its_share_or_short_is_no_contact():
    safety = started()
    for tick in range(100):
        effort = np.full(J, 3.0 if tick % 15 == 0 else 1.0)
        effort[5] = 0.5
        joints = JointState(tick * STEP_S, SO101.joint_names, SO101.home, np.zeros(J), effort)
        assert safety.apply(SO101.home, STEP_S, joints).stop == ""


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused_by_name_and_changes_nothing(value: float):
    safety = started()
    follow(safety, SO101.home + 0.3, 5)
    before, target = safety.command_rad, SO101.home.copy()
    target[2] = value
    with pytest.raises(CommandError, match="the target of elbow_flex is not a finite number"):
        safety.apply(target, STEP_S)
    with pytest.raises(CommandError, match="the position of elbow_flex is not a finite number"):
        safety.start(target)
    assert np.array_equal(safety.command_rad, before)


@pytest.mark.parametrize("shape", [(5,), (7,), (1, 6), ()])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]):
    with pytest.raises(CommandError, match=r"the target has shape .*, expected \(6,\)"):
        started().apply(np.zeros(shape), STEP_S)


@pytest.mark.parametrize("dt_s", [0.0, -0.01, float("nan"), float("inf")])
def test_time_that_does_not_pass_is_refused(dt_s: float):
    safety = started()
    for act in (lambda: safety.apply(SO101.home, dt_s), lambda: safety.brake(dt_s)):
        with pytest.raises(CommandError, match="expected finite and above 0"):
            act()


def test_a_target_in_the_table_is_followed_above_it():
    safety = started(np.array([0.0, 0.2, 0.2, 1.2, 0.0, 0.3]), guarded=True)
    low = np.array([0.3, 0.2, 0.2, 1.2, 0.0, 0.3])
    while GUARD.clearance_m(low)[Limit.TABLE] > -0.005:
        low[1] += 0.005
    kinds: set[Limit] = set()
    for _ in range(200):
        kinds |= set(safety.apply(low, STEP_S).interventions)
    assert Limit.TABLE in kinds
    assert GUARD.clearance_m(safety.command_rad)[Limit.TABLE] >= 0.001
    assert abs(safety.command_rad[0] - 0.3) < 0.05, "what does not lead into the table is followed"


@given(some_targets, inside_vector, some_steps, st.integers(0, 11))
@settings(max_examples=150, deadline=None)
def test_no_input_leads_beyond_a_limit_at_any_rate_of_ticks(targets, start, steps_s, brake_at):
    safety = started(start)
    commands, used = [safety.command_rad], []
    for index, target in enumerate(t for t in targets for _ in range(4)):
        step_s = steps_s[index % len(steps_s)]
        filtered = safety.brake(step_s) if index % 12 == brake_at else safety.apply(target, step_s)
        commands.append(filtered.command_rad)
        used.append(step_s)
    assert (np.array(commands) >= SO101.lower_rad).all()
    assert (np.array(commands) <= SO101.upper_rad).all()
    assert max(shares(commands, used)) <= 1.0 + 1e-6


@given(some_targets, inside_vector)
@settings(max_examples=100, deadline=None)
def test_from_any_state_the_arm_can_stop_inside_the_limits(targets, start):
    safety = started(start)
    commands = [safety.command_rad]
    commands += [safety.apply(t, STEP_S).command_rad for t in targets for _ in range(5)]
    while not safety.at_rest:
        commands.append(safety.brake(STEP_S).command_rad)
        assert len(commands) < 200
    assert (np.array(commands) >= SO101.lower_rad).all()
    assert (np.array(commands) <= SO101.upper_rad).all()
    assert max(shares(commands, [STEP_S] * (len(commands) - 1))) <= 1.0 + 1e-6
