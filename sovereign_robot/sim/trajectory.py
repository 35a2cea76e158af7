"""A smooth joint path through knots, timed so that velocity and acceleration stay within limits."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicHermiteSpline, PchipInterpolator

from sovereign_robot.contract.types import Array

OUTER_LEG = 2.0
MARGIN = 1.01
SHARES = np.geomspace(0.2, 20.0, 24)  # of the time that a first leg from rest takes, tried for one in motion


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Position over time: a monotone cubic spline to rest; from motion it may first swing past its knots."""

    spline: CubicHermiteSpline
    duration_s: float

    def position_rad(self, time_s: float) -> Array:
        """(J,) position [rad] at `time_s` after the start; before and after it rests."""
        inside_s = min(max(time_s, 0.0), self.duration_s)
        position: Array = self.spline(min(inside_s, float(self.spline.x[-1])))
        return position


def through(
    knots_rad: list[Array], velocity_rad_s: Array, acceleration_rad_s2: Array, start_rad_s: Array
) -> Trajectory:
    """A path through knots [(J,), ...], from velocity `start_rad_s` to rest, within the limits.

    Knot times follow the slowest joint of each leg; then time is stretched until both limits hold. A path
    that begins in motion goes on as it moves: its first leg takes the shortest time that keeps the limits.
    """
    points = np.array(knots_rad)
    times = np.concatenate([[0.0], np.cumsum(_leg_times(points, velocity_rad_s, acceleration_rad_s2))])
    at_rest = np.zeros_like(start_rad_s)
    spline = _to_rest(times, points, at_rest)
    stretch = _stretch(spline, velocity_rad_s, acceleration_rad_s2)
    if stretch > 1.0:
        times = times * (stretch * MARGIN)
        spline = _to_rest(times, points, at_rest)
    if np.any(start_rad_s):
        spline = _from_motion(times, points, start_rad_s, velocity_rad_s, acceleration_rad_s2)
    return Trajectory(spline, float(spline.x[-1]))


def _from_motion(
    times_s: Array, points_rad: Array, start_rad_s: Array, velocity_rad_s: Array, acceleration_rad_s2: Array
) -> CubicHermiteSpline:
    """The path with the shortest first leg; what moves too fast already may be as fast as that."""
    fastest = np.maximum(velocity_rad_s, np.abs(start_rad_s))
    for share in SHARES:
        times = times_s + (share - 1.0) * times_s[1]
        times[0] = 0.0
        spline = _to_rest(times, points_rad, start_rad_s)
        stretch = _stretch(spline, fastest, acceleration_rad_s2)
        if stretch <= 1.0:
            return spline
    return _to_rest(times * stretch**2, points_rad, start_rad_s)


def _leg_times(points_rad: Array, velocity_rad_s: Array, acceleration_rad_s2: Array) -> Array:
    """(K - 1,) first guess of each leg's time [s]: cruising, and starting or stopping in the outer legs."""
    distance = np.abs(np.diff(points_rad, axis=0))
    outer = np.full((len(distance), 1), 1.0)
    outer[[0, -1]] = OUTER_LEG
    ramps = outer * distance / acceleration_rad_s2
    return np.maximum(np.max(np.sqrt((distance / velocity_rad_s) ** 2 + ramps), axis=1), 0.04)


def _to_rest(times_s: Array, points_rad: Array, start_rad_s: Array) -> CubicHermiteSpline:
    """Monotone between knots (Fritsch and Carlson 1980): from rest it never leaves the range they lie in."""
    slopes = PchipInterpolator(times_s, points_rad).derivative()(times_s)
    slopes[0], slopes[-1] = start_rad_s, 0.0
    return CubicHermiteSpline(times_s, points_rad, slopes)


def _stretch(spline: CubicHermiteSpline, velocity_rad_s: Array, acceleration_rad_s2: Array) -> float:
    """By how much time must stretch: a cubic is fastest at its ends or where its acceleration is 0."""
    cubic, square, slope = spline.c[:3]  # (K - 1, J) each
    length = np.diff(spline.x)[:, None]
    turn = np.divide(-square, 3.0 * cubic, out=np.zeros_like(square), where=cubic != 0.0).clip(0.0, length)
    speed = np.abs([slope + (2.0 * square + 3.0 * cubic * t) * t for t in (0.0, length, turn)])
    pull = np.abs([2.0 * square + 6.0 * cubic * t for t in (0.0, length)])
    fast, hard = np.max(speed / velocity_rad_s), np.max(pull / acceleration_rad_s2)
    return float(max(fast, np.sqrt(hard)))
