import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.safety_filter import Limit, SafetyFilter

SO101 = load_robot("so101")
FILTER = SafetyFilter(SO101)
STEP_S = SO101.control_step_s
J = len(SO101.joints)

any_vector = arrays(np.float64, J, elements=st.floats())
finite_vector = arrays(np.float64, J, elements=st.floats(allow_nan=False, allow_infinity=False))
inside_vector = st.tuples(*(st.floats(j.lower_rad, j.upper_rad) for j in SO101.joints)).map(np.array)
any_step = st.floats(min_value=0.0, exclude_min=True)


def test_a_target_within_the_limits_passes_unchanged():
    target = SO101.home + 0.9 * SO101.velocity_rad_s * STEP_S
    filtered = FILTER.apply(target, SO101.home, STEP_S)
    assert np.array_equal(filtered.command_rad, target)
    assert filtered.interventions == ()


def test_a_far_target_is_approached_at_the_velocity_limit():
    target = SO101.home + np.array([0.5, 0.5, 0.0, -0.5, 0.0, 0.3])
    filtered = FILTER.apply(target, SO101.home, STEP_S)
    expected = SO101.home + np.sign(target - SO101.home) * SO101.velocity_rad_s * STEP_S
    assert filtered.command_rad == pytest.approx(expected)
    assert filtered.interventions == (Limit.VELOCITY,)


def test_a_target_outside_is_stopped_at_the_position_limit_and_said():
    near = SO101.upper_rad - 1e-4
    filtered = FILTER.apply(SO101.upper_rad + 0.5, near, STEP_S)
    assert np.array_equal(filtered.command_rad, SO101.upper_rad)
    assert filtered.interventions[0] is Limit.POSITION


def test_the_velocity_limit_shrinks_near_a_position_limit():
    near = SO101.upper_rad - 0.05
    filtered = FILTER.apply(SO101.upper_rad, near, STEP_S)
    speed = (filtered.command_rad - near) / STEP_S
    assert (speed <= np.sqrt(2.0 * SO101.acceleration_rad_s2 * 0.05)).all()
    assert (speed < SO101.velocity_rad_s).all()
    assert filtered.interventions == (Limit.BRAKING,)


def test_away_from_a_position_limit_the_full_velocity_is_free():
    filtered = FILTER.apply(SO101.lower_rad, SO101.upper_rad - 0.05, STEP_S)
    assert filtered.interventions == (Limit.VELOCITY,)
    assert SO101.upper_rad - 0.05 - filtered.command_rad == pytest.approx(SO101.velocity_rad_s * STEP_S)


def test_a_limit_is_reached_in_finite_time_with_no_more_than_the_allowed_braking():
    command = SO101.home.copy()
    speeds = []
    for _ in range(400):
        following = FILTER.apply(SO101.upper_rad + 1.0, command, STEP_S).command_rad
        speeds.append((following - command) / STEP_S)
        command = following
    assert np.array_equal(command, SO101.upper_rad)
    braking = -np.diff(speeds, axis=0) / STEP_S
    assert (braking <= SO101.acceleration_rad_s2 * (1.0 + 1e-6)).all()


def test_a_late_tick_makes_no_late_jump():
    late = FILTER.apply(SO101.home + 0.5, SO101.home, 3.0).command_rad
    assert np.abs(late - SO101.home).max() <= 2.0 * SO101.velocity_rad_s.max() * STEP_S + 1e-12


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_refused_with_its_joint(value: float):
    target = SO101.home.copy()
    target[2] = value
    with pytest.raises(CommandError, match="the target of elbow_flex is not a finite number"):
        FILTER.apply(target, SO101.home, STEP_S)
    with pytest.raises(CommandError, match="the previous command of elbow_flex is not a finite number"):
        FILTER.apply(SO101.home, target, STEP_S)


@pytest.mark.parametrize("shape", [(5,), (7,), (1, 6), ()])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]):
    with pytest.raises(CommandError, match=r"the target has shape .*, expected \(6,\)"):
        FILTER.apply(np.zeros(shape), SO101.home, STEP_S)


@pytest.mark.parametrize("dt_s", [0.0, -0.01, float("nan")])
def test_time_that_does_not_pass_is_refused(dt_s: float):
    with pytest.raises(CommandError, match="expected above 0"):
        FILTER.apply(SO101.home, SO101.home, dt_s)


def test_the_arguments_are_not_written_to_or_handed_back():
    target, previous = SO101.upper_rad + 1.0, SO101.home.copy()
    command = FILTER.apply(target, previous, STEP_S).command_rad
    command[:] = 0.0
    assert np.array_equal(target, SO101.upper_rad + 1.0)
    assert np.array_equal(previous, SO101.home)


@given(any_vector, any_vector, any_step)
@settings(max_examples=500, deadline=None)
def test_whatever_comes_in_nothing_leaves_outside_the_limits(target, previous, dt_s):
    try:
        command = FILTER.apply(target, previous, dt_s).command_rad
    except CommandError:
        assert not (np.isfinite(target).all() and np.isfinite(previous).all())
        return
    assert np.isfinite(target).all()
    assert np.isfinite(previous).all()
    assert (command >= SO101.lower_rad).all()
    assert (command <= SO101.upper_rad).all()


@given(finite_vector, inside_vector, any_step)
@settings(max_examples=500, deadline=None)
def test_no_joint_moves_faster_than_its_velocity_limit_or_its_way_to_brake(target, previous, dt_s):
    command = FILTER.apply(target, previous, dt_s).command_rad
    moved = np.abs(command - previous)
    step_s = min(dt_s, 2.0 * STEP_S)
    assert (moved <= SO101.velocity_rad_s * step_s + 1e-12).all()
    toward = np.where(target > previous, SO101.upper_rad - previous, previous - SO101.lower_rad)
    assert (moved <= np.sqrt(2.0 * SO101.acceleration_rad_s2 * toward) * step_s + 1e-12).all()


@given(st.lists(finite_vector, min_size=1, max_size=20), inside_vector)
@settings(max_examples=100, deadline=None)
def test_from_any_state_that_targets_lead_to_the_arm_can_brake_before_the_limit(targets, start):
    command = start
    for target in targets:
        following = FILTER.apply(target, command, STEP_S).command_rad
        speed = (following - command) / STEP_S
        room = np.where(speed > 0.0, SO101.upper_rad - following, following - SO101.lower_rad)
        command = following
        coasting = np.abs(speed) - SO101.acceleration_rad_s2 * STEP_S  # speed of the next step, braking fully
        way = np.maximum(coasting, 0.0)
        stop = way**2 / (2.0 * SO101.acceleration_rad_s2) + 0.5 * way * STEP_S
        assert (stop <= room + 1e-9).all()


@given(finite_vector, inside_vector)
@settings(max_examples=200, deadline=None)
def test_the_command_never_passes_or_leaves_the_target(target, previous):
    command = FILTER.apply(target, previous, STEP_S).command_rad
    goal = FILTER.clamp(target)
    assert (np.abs(goal - command) <= np.abs(goal - previous) + 1e-12).all()


@given(finite_vector, inside_vector)
@settings(max_examples=200, deadline=None)
def test_an_intervention_is_named_exactly_when_the_command_is_not_the_target(target, previous):
    filtered = FILTER.apply(target, previous, STEP_S)
    changed = np.abs(filtered.command_rad - target).max() > 1e-9
    assert bool(filtered.interventions) == bool(changed)
