import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.curve import Curve, KnotLimits, Spline

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s
KNOT_S = STEP_S / 2
LIMITS = KnotLimits.of(SO101, KNOT_S)
STILL = np.zeros(6)


def spline(rows_rad: np.ndarray) -> Spline:
    return Spline(STEP_S * np.arange(1, len(rows_rad) + 1), rows_rad, STEP_S)


def curve(rows_rad: np.ndarray, begin_s: float, position_rad: np.ndarray, velocity_rad_s=STILL) -> Curve:
    return Curve.from_motion(spline(rows_rad), begin_s, position_rad, velocity_rad_s, LIMITS)


def derivatives(played: Curve, time_s: float, span_s: float = 1e-4) -> tuple[np.ndarray, np.ndarray]:
    """Velocity and acceleration by differences."""
    before, now, after = (played.position(time_s + d) for d in (-span_s, 0.0, span_s))
    return (after - before) / (2 * span_s), (after - 2 * now + before) / span_s**2


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(2, 20))
@settings(max_examples=50, deadline=None)
def test_a_spline_moves_no_faster_and_no_harder_than_its_rows(seed: int, rows: int):
    drawn = np.random.default_rng(seed).uniform(-1.0, 1.0, (rows, 6))
    times = np.linspace(-STEP_S, rows * STEP_S, 300)
    position, velocity, acceleration = spline(drawn).motion(times)
    assert np.abs(velocity).max() <= np.abs(np.diff(drawn, axis=0)).max() / STEP_S + 1e-9
    if rows > 2:
        hardest = np.abs(np.diff(drawn, 2, axis=0)).max() / STEP_S**2
        assert np.abs(acceleration).max() <= hardest + 1e-6
    inside = position[times >= STEP_S]
    assert np.abs(inside).max() <= np.abs(drawn).max() + 1e-9


@pytest.mark.parametrize("rows", [1, 2, 3, 16])
def test_the_motion_of_a_spline_is_its_derivatives_and_it_goes_straight_on_outside(rows: int):
    made = spline(np.random.default_rng(rows).uniform(-1.0, 1.0, (rows, 6)))
    times, span_s = np.linspace(-0.5 * STEP_S, (rows + 1.5) * STEP_S, 47), 1e-5
    _, velocity, acceleration = made.motion(times)
    before, after = made.motion(times - span_s), made.motion(times + span_s)
    np.testing.assert_allclose((after[0] - before[0]) / (2 * span_s), velocity, atol=1e-3)
    np.testing.assert_allclose((after[1] - before[1]) / (2 * span_s), acceleration, atol=0.5)
    outside = made.motion(np.array([0.0, (rows + 1.0) * STEP_S]))
    assert np.abs(outside[2]).max() < 1e-9


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_on_whole_parts_of_a_step_the_points_of_a_plan_are_the_plan(parts: int):
    rows = SO101.home + 0.1 * np.sin(0.4 * np.arange(16)[:, None] + np.arange(6))
    plan, knot_s = spline(rows), STEP_S / parts
    knots_s = STEP_S + knot_s * np.arange(-1, 15 * parts)
    finer = Spline(knots_s, plan.points(knots_s, knot_s), knot_s)
    inside_s = np.linspace(2 * STEP_S, 14 * STEP_S, 101)
    np.testing.assert_allclose(finer.motion(inside_s)[0], plan.motion(inside_s)[0], atol=1e-12)


def test_a_curve_begins_with_the_position_and_the_velocity_that_it_is_given():
    rows = SO101.home + 0.1 * np.sin(np.arange(16)[:, None] * 0.3 + np.arange(6))
    for begin_s in (0.11, 0.13, 0.15):
        played = curve(rows, begin_s, SO101.home + 0.02, np.full(6, 0.3))
        np.testing.assert_allclose(played.position(begin_s), SO101.home + 0.02, atol=1e-12)
        velocity, acceleration = derivatives(played, begin_s + 1e-4)
        np.testing.assert_allclose(velocity, 0.3, atol=1e-3)
        np.testing.assert_allclose(acceleration, 0.0, atol=0.5)


def test_a_turn_to_another_plan_changes_nothing_until_the_span_is_over_and_jumps_in_nothing():
    rows = SO101.home + 0.1 * np.sin(np.arange(16)[:, None] * 0.3 + np.arange(6))
    old, turn_s = curve(rows, 0.0, SO101.home), 0.26
    new, span_end_s = old.turned_to(spline(rows + 0.05), turn_s), 0.275
    for time_s in np.linspace(turn_s, span_end_s, 7):
        np.testing.assert_allclose(new.position(time_s), old.position(time_s), atol=1e-12)
    before, after = derivatives(old, span_end_s - 2e-4), derivatives(new, span_end_s + 2e-4)
    for was, now, most in zip(before, after, (0.01, 0.5), strict=True):
        np.testing.assert_allclose(now, was, atol=most)
    assert np.abs(new.position(0.4) - old.position(0.4)).max() > 0.03


def test_half_of_a_small_gap_is_closed_in_four_spans_and_nearly_all_in_nine_without_overshoot():
    gap, begin_s = 0.004, 0.1
    played = curve(np.tile(SO101.home, (16, 1)), begin_s, SO101.home + gap)
    left = [float((played.position(begin_s + n * KNOT_S) - SO101.home)[0] / gap) for n in (4, 9, 20)]
    assert 1e-3 > left[2] >= 0.0
    assert left[0] < 0.5
    assert left[1] < 0.05


@given(
    seed=st.integers(0, 2**32 - 1),
    spread_rad=st.sampled_from([0.01, 0.3, 3.0, 300.0]),
    parts=st.sampled_from([1, 2, 5]),
    begin_s=st.floats(0.0, 0.3),
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_plan_asks_for_the_points_keep_range_velocity_and_acceleration(
    seed, spread_rad, parts, begin_s
):
    """From rest anywhere in the range: the differences of any samples of the curve keep the limits."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(SO101.lower_rad, SO101.upper_rad)
    limits = KnotLimits.of(SO101, STEP_S / parts)
    plans = [spline(start + spread_rad * rng.uniform(-1.0, 1.0, (16, 6))) for _ in range(3)]
    played = [Curve.from_motion(plans[0], begin_s, start, STILL, limits)]
    for plan, time_s in zip(plans[1:], np.sort(rng.uniform(begin_s, 0.8, 2)), strict=True):
        played.append(played[-1].turned_to(plan, float(time_s)))
    times, span_s = np.arange(begin_s, 0.8, 1e-3), 1e-3
    moved = np.array([next(c for c in reversed(played) if c.begin_s <= t).position(t) for t in times])
    velocity = np.diff(moved, axis=0) / span_s
    assert (np.abs(velocity) <= SO101.velocity_rad_s).all()
    assert (np.abs(np.diff(velocity, axis=0) / span_s) <= SO101.acceleration_rad_s2).all()
    assert (moved >= SO101.lower_rad - 1e-9).all()
    assert (moved <= SO101.upper_rad + 1e-9).all()
