import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.curve import Curve, Spline

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s


def spline(rows_rad: np.ndarray) -> Spline:
    return Spline(STEP_S * np.arange(1, len(rows_rad) + 1), rows_rad, STEP_S)


def derivatives(curve: Spline | Curve, time_s: float, span_s: float = 1e-4) -> tuple[np.ndarray, np.ndarray]:
    """Velocity and acceleration by differences."""
    before, now, after = (curve.position(time_s + d) for d in (-span_s, 0.0, span_s))
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
def test_one_point_and_many_points_of_a_spline_are_the_same(rows: int):
    made = spline(np.random.default_rng(rows).uniform(-1.0, 1.0, (rows, 6)))
    times = np.linspace(-STEP_S, (rows + 2) * STEP_S, 50)
    each = np.array([made.position(t) for t in times])
    np.testing.assert_allclose(made.motion(times)[0], each, atol=1e-12)


def test_a_curve_begins_as_the_motion_before_it_and_its_motion_is_its_derivatives():
    begin_s = 0.13
    before = SO101.home + 0.02, np.full(6, 0.3), np.full(6, -2.0)
    rows = SO101.home + 0.1 * np.sin(np.arange(16)[:, None] * 0.3 + np.arange(6))
    curve = Curve.joined(spline(rows), begin_s, before, SO101, 0.1)
    for was, now in zip(before, curve.motion(begin_s), strict=True):
        np.testing.assert_allclose(now, was, atol=1e-9)
    for time_s in np.linspace(begin_s + 0.003, 0.7, 23):
        velocity, acceleration = derivatives(curve, time_s)
        np.testing.assert_allclose(curve.motion(time_s)[1], velocity, atol=1e-4)
        np.testing.assert_allclose(curve.motion(time_s)[2], acceleration, atol=0.05)


def test_after_the_fade_only_the_rows_are_left():
    rows = np.tile(SO101.home, (16, 1))
    curve = Curve.joined(spline(rows), 0.1, (SO101.home + 0.01, np.zeros(6), np.zeros(6)), SO101, 0.1)
    assert curve.fade_s == 0.1
    assert not np.allclose(curve.position(0.19), SO101.home, atol=1e-6)
    assert np.array_equal(curve.position(0.2), SO101.home)


def test_a_fade_is_as_long_as_the_limits_ask_and_keeps_them():
    rows = np.tile(SO101.home, (40, 1))
    far = Curve.joined(spline(rows), 0.0, (SO101.home + 0.5, np.zeros(6), np.zeros(6)), SO101, 0.1)
    assert 0.3 < far.fade_s < 0.8
    motions = [far.motion(t) for t in np.linspace(0.0, far.fade_s, 200, endpoint=False)]
    assert max(np.abs(m[1] / SO101.velocity_rad_s).max() for m in motions) <= 1.0
    assert max(np.abs(m[2] / SO101.acceleration_rad_s2).max() for m in motions) <= 1.0


def test_rows_that_break_the_limits_themselves_do_not_make_the_fade_endless():
    rows = SO101.home + 0.3 * (-1.0) ** np.arange(16)[:, None]
    curve = Curve.joined(spline(rows), 0.1, (SO101.home, np.zeros(6), np.zeros(6)), SO101, 0.1)
    assert curve.fade_s < 2.0
