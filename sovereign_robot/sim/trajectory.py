"""A smooth joint path through knots, timed so that velocity and acceleration stay within limits."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from sovereign_robot.contract.types import Array

CHECK_POINTS = 60


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Position over time: a cubic spline, then rest at its end."""

    spline: CubicSpline
    duration_s: float

    def position_rad(self, time_s: float) -> Array:
        """(J,) position [rad] at `time_s` after the start; before and after it rests."""
        return self.spline(min(max(time_s, 0.0), self.duration_s))


def through(knots_rad: list[Array], velocity_rad_s: Array, acceleration_rad_s2: Array, start_rad_s: Array) -> Trajectory:
    """A spline through knots [(J,), ...], from velocity `start_rad_s` to rest, within the limits.

    Knot times follow the slowest joint of each leg; then time is stretched until both limits hold.
    The start velocity is kept when it can be: a stretch slows it by the same factor.
    """
    points = np.array(knots_rad)
    legs = np.max(np.abs(np.diff(points, axis=0)) / velocity_rad_s, axis=1)
    times = np.concatenate([[0.0], np.cumsum(np.maximum(legs, 0.04))])
    for _ in range(8):
        spline = CubicSpline(times, points, bc_type=((1, start_rad_s), (1, np.zeros_like(start_rad_s))))
        stretch = _stretch(spline, times[-1], velocity_rad_s, acceleration_rad_s2)
        if stretch <= 1.0:
            break
        times = times * min(stretch * 1.01, 2.0)
    return Trajectory(spline, float(times[-1]))


def _stretch(spline: CubicSpline, end_s: float, velocity_rad_s: Array, acceleration_rad_s2: Array) -> float:
    grid = np.linspace(0.0, end_s, CHECK_POINTS)
    fast = np.max(np.abs(spline(grid, 1)) / velocity_rad_s)
    hard = np.max(np.abs(spline(grid, 2)) / acceleration_rad_s2)
    return float(max(fast, np.sqrt(hard)))
