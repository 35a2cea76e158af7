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
    legs_s = _leg_times(points, velocity_rad_s, acceleration_rad_s2)
    spline = _to_rest(legs_s, points, np.zeros_like(start_rad_s))
    stretches = _stretches(spline, velocity_rad_s, acceleration_rad_s2)
    if np.any(start_rad_s):
        spline = _from_motion(legs_s, stretches, points, start_rad_s, velocity_rad_s, acceleration_rad_s2)
    elif np.max(stretches) > 1.0:
        spline = _to_rest(legs_s * _stretched(stretches), points, start_rad_s)
    return Trajectory(spline, float(spline.x[-1]))


def _from_motion(
    legs_s: Array,
    stretches: Array,
    points_rad: Array,
    start_rad_s: Array,
    velocity_rad_s: Array,
    acceleration_rad_s2: Array,
) -> CubicHermiteSpline:
    """The path with the shortest first leg; what moves too fast already may be as fast as that.

    The later legs take the time that they need themselves: what the first one would need from rest, which is
    much where it is the short end of a leg planned anew, says nothing about them.
    """
    fastest = np.maximum(velocity_rad_s, np.abs(start_rad_s))
    from_rest_s = legs_s[0] * _stretched(stretches)
    legs_s = legs_s * _stretched(stretches[1:])
    for share in SHARES:
        legs_s[0] = share * from_rest_s
        spline = _to_rest(legs_s, points_rad, start_rad_s)
        stretches = _stretches(spline, fastest, acceleration_rad_s2)
        while stretches[0] <= 1.0 < np.max(stretches):
            legs_s[1:] *= _stretched(stretches)
            spline = _to_rest(legs_s, points_rad, start_rad_s)
            stretches = _stretches(spline, fastest, acceleration_rad_s2)
        if stretches[0] <= 1.0:
            return spline
    return _to_rest(legs_s * np.max(stretches) ** 2, points_rad, start_rad_s)


def _leg_times(points_rad: Array, velocity_rad_s: Array, acceleration_rad_s2: Array) -> Array:
    """(K - 1,) first guess of each leg's time [s]: cruising, and starting or stopping in the outer legs."""
    distance = np.abs(np.diff(points_rad, axis=0))
    outer = np.full((len(distance), 1), 1.0)
    outer[[0, -1]] = OUTER_LEG
    ramps = outer * distance / acceleration_rad_s2
    return np.maximum(np.max(np.sqrt((distance / velocity_rad_s) ** 2 + ramps), axis=1), 0.04)


def _to_rest(legs_s: Array, points_rad: Array, start_rad_s: Array) -> CubicHermiteSpline:
    """Monotone between knots (Fritsch and Carlson 1980): from rest it never leaves the range they lie in."""
    times_s = np.concatenate([[0.0], np.cumsum(legs_s)])
    slopes = PchipInterpolator(times_s, points_rad).derivative()(times_s)
    slopes[0], slopes[-1] = start_rad_s, 0.0
    return CubicHermiteSpline(times_s, points_rad, slopes)


def _stretched(stretches: Array) -> float:
    """By how much to stretch legs so that the worst of them keeps the limits; never less than they take."""
    worst = float(np.max(stretches, initial=0.0))
    return worst * MARGIN if worst > 1.0 else 1.0


def _stretches(spline: CubicHermiteSpline, velocity_rad_s: Array, acceleration_rad_s2: Array) -> Array:
    """(K - 1,) by how much each leg must stretch: a cubic is fastest at its ends or where it pulls with 0."""
    cubic, square, slope = spline.c[:3]  # (K - 1, J) each
    length = np.diff(spline.x)[:, None]
    turn = np.divide(-square, 3.0 * cubic, out=np.zeros_like(square), where=cubic != 0.0).clip(0.0, length)
    speed = np.abs([slope + (2.0 * square + 3.0 * cubic * t) * t for t in (0.0, length, turn)])
    pull = np.abs([2.0 * square + 6.0 * cubic * t for t in (0.0, length)])
    fast, hard = (speed / velocity_rad_s).max((0, 2)), (pull / acceleration_rad_s2).max((0, 2))
    stretches: Array = np.maximum(fast, np.sqrt(hard))
    return stretches
