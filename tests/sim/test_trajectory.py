from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sovereign_robot.sim.trajectory import through

JOINTS = 3
SPEED, PULL = np.array([3.0, 2.0, 1.0]), np.array([20.0, 10.0, 5.0])
AT_REST = np.zeros(JOINTS)
QUICK = settings(max_examples=60, deadline=None)
knots = st.integers(2, 6).flatmap(
    lambda count: arrays(
        np.float64, (count, JOINTS), elements=st.integers(-2000, 2000).map(lambda n: n / 1000)
    )
)
speeds = arrays(np.float64, JOINTS, elements=st.integers(-1000, 1000).map(lambda n: n / 1000))


def sampled(path, count: int = 1000) -> tuple[np.ndarray, float]:
    times, step_s = np.linspace(0.0, path.duration_s, count, retstep=True)
    return np.array([path.position_rad(t) for t in times]), float(step_s)


def limits_used(positions: np.ndarray, step_s: float) -> tuple[float, float]:
    """Largest speed and acceleration as shares of the limits."""
    speed = np.diff(positions, axis=0) / step_s
    pull = np.diff(speed, axis=0) / step_s
    return float((np.abs(speed) / SPEED).max()), float((np.abs(pull) / PULL).max())


@QUICK
@given(knots)
def test_speed_and_acceleration_stay_within_their_limits(points):
    fast, hard = limits_used(*sampled(through(list(points), SPEED, PULL, AT_REST)))

    assert fast <= 1.0 + 1e-6
    assert hard <= 1.0 + 1e-6


@QUICK
@given(knots)
def test_a_path_from_rest_never_leaves_the_range_of_its_knots(points):
    positions, _ = sampled(through(list(points), SPEED, PULL, AT_REST), 500)

    for here, (low, high) in zip(positions.T, zip(points.min(0), points.max(0), strict=True), strict=True):
        assert low - 1e-9 <= here.min()
        assert here.max() <= high + 1e-9


@QUICK
@given(knots)
def test_a_path_meets_its_knots_in_order_and_rests_before_and_after(points):
    path = through(list(points), SPEED, PULL, AT_REST)

    np.testing.assert_allclose([path.position_rad(float(t)) for t in path.spline.x], points, atol=1e-9)
    assert all(a < b for a, b in pairwise(path.spline.x))
    np.testing.assert_array_equal(path.position_rad(-1.0), points[0])
    np.testing.assert_allclose(path.position_rad(path.duration_s + 1.0), points[-1], atol=1e-9)


@QUICK
@given(knots, speeds)
def test_a_path_begun_in_motion_keeps_its_speed_ends_at_rest_and_within_the_acceleration(points, speed):
    path = through(list(points), SPEED, PULL, speed)
    _, hard = limits_used(*sampled(path))
    early_s = 1e-5

    assert hard <= 1.0 + 1e-3
    np.testing.assert_allclose((path.position_rad(early_s) - points[0]) / early_s, speed, atol=1e-2)
    np.testing.assert_allclose(path.position_rad(path.duration_s), points[-1], atol=1e-9)


@QUICK
@given(knots, st.floats(0.1, 0.9))
@example(np.array([[0, 0.26, 0], [0, -0.307, 0.233], [0, 0, -0.006], [0, 0, -1.689]]), 0.875)
def test_a_path_that_is_planned_anew_on_its_way_goes_on_as_before(points, share):
    whole = through(list(points), SPEED, PULL, AT_REST)
    at_s = share * float(whole.spline.x[1])
    speed = np.clip(whole.spline.derivative()(at_s), -SPEED, SPEED)
    rest = through([whole.position_rad(at_s), *points[1:]], SPEED, PULL, speed)

    assert rest.duration_s < 1.25 * (whole.duration_s - at_s) + 0.1


def test_the_longest_joint_decides_how_long_a_leg_takes():
    short, long = (through([AT_REST, np.array([0.01, d, 0.01])], SPEED, PULL, AT_REST) for d in (0.1, 2.0))

    assert long.duration_s > 2.0 * short.duration_s
    assert long.duration_s == pytest.approx(1.7, abs=0.3)
