"""A smooth joint path through knots, timed so that velocity and acceleration stay within limits."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicHermiteSpline, PchipInterpolator

from sovereign_robot.contract.types import Array

OUTER_LEG = 2.0
MARGIN = 1.01


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Position over time: a monotone cubic spline from rest to rest, plus an initial velocity that dies out.

    The second part is v t (1 - t / fade)^2: it starts with velocity v, ends at 0 with velocity 0, and
    its acceleration never exceeds 4 v / fade.
    """

    spline: CubicHermiteSpline
    duration_s: float
    start_rad_s: Array
    fade_s: float

    def position_rad(self, time_s: float) -> Array:
        """(J,) position [rad] at `time_s` after the start; before and after it rests."""
        inside_s = min(max(time_s, 0.0), self.duration_s)
        position: Array = self.spline(min(inside_s, float(self.spline.x[-1])))
        if inside_s < self.fade_s:
            position = position + self.start_rad_s * inside_s * (1.0 - inside_s / self.fade_s) ** 2
        return position


def through(
    knots_rad: list[Array], velocity_rad_s: Array, acceleration_rad_s2: Array, start_rad_s: Array
) -> Trajectory:
    """A path through knots [(J,), ...], from velocity `start_rad_s` to rest, within the limits.

    Knot times follow the slowest joint of each leg; then time is stretched until both limits hold.
    A start velocity takes half of the acceleration until it has died out; its speed comes on top.
    """
    points = np.array(knots_rad)
    moving = bool(np.any(start_rad_s))
    allowed = acceleration_rad_s2 * (0.5 if moving else 1.0)
    fade_s = float(np.max(8.0 * np.abs(start_rad_s) / acceleration_rad_s2)) if moving else 0.0
    times = np.concatenate([[0.0], np.cumsum(_leg_times(points, velocity_rad_s, allowed))])
    spline = _from_rest_to_rest(times, points)
    stretch = _stretch(spline, velocity_rad_s, allowed)
    if stretch > 1.0:
        times = times * (stretch * MARGIN)
        spline = _from_rest_to_rest(times, points)
    return Trajectory(spline, max(float(times[-1]), fade_s), start_rad_s, fade_s)


def _leg_times(points_rad: Array, velocity_rad_s: Array, acceleration_rad_s2: Array) -> Array:
    """(K - 1,) first guess of each leg's time [s]: cruising, and starting or stopping in the outer legs."""
    distance = np.abs(np.diff(points_rad, axis=0))
    outer = np.full((len(distance), 1), 1.0)
    outer[[0, -1]] = OUTER_LEG
    ramps = outer * distance / acceleration_rad_s2
    return np.maximum(np.max(np.sqrt((distance / velocity_rad_s) ** 2 + ramps), axis=1), 0.04)


def _from_rest_to_rest(times_s: Array, points_rad: Array) -> CubicHermiteSpline:
    """Monotone between knots (Fritsch and Carlson 1980), so it never leaves the joint range they lie in."""
    slopes = PchipInterpolator(times_s, points_rad).derivative()(times_s)
    slopes[[0, -1]] = 0.0
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
