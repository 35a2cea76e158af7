"""The curve that is played: a cubic spline led by the rows of a chunk, joined to what moved before.

The rows are the control points of a uniform cubic B-spline. Its position, velocity and acceleration are
weighted means of the rows and of their first and second differences, so rows within the limits give a curve
within them. It passes a row at a sixth of its second difference, under a milliradian at the usual speeds.

At a seam the old motion differs from the new curve in position, velocity and acceleration. That difference
is a polynomial of fifth order that fades to nothing (minimum jerk, Flash and Hogan 1985): no jump in any of
the three. It fades in the shortest time that keeps the limits.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array

Motion = tuple[Array, Array, Array]
"""Position [rad], velocity [rad/s] and acceleration [rad/s^2], each (J,) or (N, J)."""

PAD = 3  # control points before the first row: a chunk may begin two steps before it
GROWTH = 1.4
LONGEST_FADE_S = 2.0
LOOKS: Array = np.arange(17, dtype=np.float64) / 16.0  # shares of a fade at which the limits are looked at
ROOM = 0.98  # of a limit, for what lies between two looks
# From powers of the share u of a segment to the weights of its four control points.
_SPLINE = np.array([[1, 4, 1, 0], [-3, 0, 3, 0], [3, -6, 3, 0], [-1, 3, -3, 1]]) / 6.0
# From (position, velocity * T, acceleration * T^2) at 0 to the powers 0 .. 5 of t / T that end at rest in 0.
_FADE = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0.5], [-10, -6, -1.5], [15, 8, 1.5], [-6, -3, -0.5]])


class Spline:
    """Rows of a chunk as a curve; before the first and after the last one it goes straight on."""

    def __init__(self, times_s: Array, rows_rad: Array, step_s: float) -> None:
        """Take T rows (T, J) [rad], due at `times_s` (T,) [s], `step_s` [s] apart."""
        self.first_s, self.end_s = float(times_s[0]), float(times_s[-1])
        self._step_s = step_s
        first, second = rows_rad[:2][[0, -1]]
        before = first + np.arange(PAD, 0, -1)[:, None] * (first - second)
        after = 2.0 * rows_rad[-1:] - rows_rad[-2:][:1]
        self._points = np.concatenate((before, rows_rad, after))

    def position(self, time_s: float) -> Array:
        """(J,) [rad] at a time from two steps before the first row to the last one."""
        at = min(max((time_s - self.first_s) / self._step_s + PAD, 1.0), len(self._points) - 2.0)
        left = min(int(at), len(self._points) - 3)
        u = at - left
        weights = np.array((1.0, u, u * u, u * u * u)) @ _SPLINE
        position: Array = weights @ self._points[left - 1 : left + 3]
        return position

    def motion(self, time_s: Array) -> Motion:
        """(N, J) each, at times (N,) [s]; beyond the end it goes on as at the end."""
        at = np.clip((time_s - self.first_s) / self._step_s + PAD, 1.0, len(self._points) - 2.0)
        left = np.minimum(at.astype(int), len(self._points) - 3)
        u, none, one = at - left, np.zeros(len(at)), np.ones(len(at))
        powers = np.array(
            [
                [one, u, u * u, u * u * u],
                [none, one, 2.0 * u, 3.0 * u * u],
                [none, none, 2.0 * one, 6.0 * u],
            ]
        )
        weights = np.einsum("dpn,pk->dnk", powers, _SPLINE)
        points = self._points[left[:, None] + np.arange(-1, 3)]
        moved = np.einsum("dnk,nkj->dnj", weights, points)
        return moved[0], moved[1] / self._step_s, moved[2] / self._step_s**2


@dataclass(frozen=True, slots=True)
class Curve:
    """A spline, and what is left of the motion before it.

    Attributes:
        begin_s: time of the seam [s].
        fade_s: after so long nothing is left of the motion before [s]; 0: there was none.
        fading_rad: (6, J) powers of (t - begin_s) / fade_s.
    """

    spline: Spline
    begin_s: float
    fade_s: float
    fading_rad: Array

    @property
    def end_s(self) -> float:
        """Time of the last row [s]."""
        return self.spline.end_s

    @classmethod
    def alone(cls, spline: Spline, begin_s: float) -> Self:
        """Only the spline."""
        return cls(spline, begin_s, 0.0, np.empty((6, 0)))

    @classmethod
    def joined(
        cls, spline: Spline, begin_s: float, before: Motion, contract: RobotContract, shortest_s: float
    ) -> Self:
        """The spline, joined to a motion before it.

        Args:
            before: (J,) each, at `begin_s`.
            shortest_s: the least time in which the motion before may fade [s].
        """
        now = spline.motion(np.array([begin_s]))
        apart = np.array([was - new[0] for was, new in zip(before, now, strict=True)])
        fade_s = _fade_s(spline, begin_s, apart, contract, shortest_s)
        return cls(spline, begin_s, fade_s, _fading(apart, fade_s))

    def position(self, time_s: float) -> Array:
        """(J,) [rad] at a time within the curve; before it as where it begins."""
        since_s = max(0.0, time_s - self.begin_s)
        position = self.spline.position(self.begin_s + since_s)
        share = since_s / self.fade_s if self.fade_s else 1.0
        if share < 1.0:
            position += share ** np.arange(6) @ self.fading_rad
        return position

    def motion(self, time_s: float) -> Motion:
        """(J,) each, at a time within the curve."""
        position, velocity, acceleration = (m[0] for m in self.spline.motion(np.array([time_s])))
        share = (time_s - self.begin_s) / self.fade_s if self.fade_s else 1.0
        if not 0.0 <= share < 1.0:
            return position, velocity, acceleration
        left = _faded(self.fading_rad, np.array([share]), self.fade_s)
        return position + left[0][0], velocity + left[1][0], acceleration + left[2][0]


def _fading(apart: Array, fade_s: float) -> Array:
    """(6, J) powers of the polynomial that fades from `apart` (3, J) in `fade_s`."""
    powers: Array = _FADE @ (apart * np.array([1.0, fade_s, fade_s**2])[:, None])
    return powers


def _faded(fading_rad: Array, share: Array, fade_s: float) -> Motion:
    """(N, J) each, at shares (N,) of the fade."""
    order = np.arange(6)
    powers = share[:, None] ** order
    slope = np.concatenate((np.zeros((len(share), 1)), powers[:, :5] * order[1:]), axis=1)
    bend = np.concatenate((np.zeros((len(share), 1)), slope[:, :5] * order[1:]), axis=1)
    return powers @ fading_rad, slope @ fading_rad / fade_s, bend @ fading_rad / fade_s**2


def _fade_s(
    spline: Spline, begin_s: float, apart: Array, contract: RobotContract, shortest_s: float
) -> float:
    """The shortest fade [s] that keeps the limits as well as the rows do; if none does, the best."""
    fade_s, best = shortest_s, (float("inf"), shortest_s)
    while fade_s <= LONGEST_FADE_S:
        rows = spline.motion(begin_s + fade_s * LOOKS)
        left = _faded(_fading(apart, fade_s), LOOKS, fade_s)
        joined = (rows[0] + left[0], rows[1] + left[1], rows[2] + left[2])
        excess = float(np.max(_shares(joined, contract) / np.maximum(ROOM, _shares(rows, contract))))
        if excess <= 1.0:
            return fade_s
        best = min(best, (excess, fade_s))
        fade_s *= GROWTH
    return best[1]


def _shares(motion: Motion, contract: RobotContract) -> Array:
    """How much of the limits of position, velocity and acceleration (3,) a motion takes; 1 is the limit."""
    position, velocity, acceleration = motion
    middle = 0.5 * (contract.upper_rad + contract.lower_rad)
    reach = 0.5 * (contract.upper_rad - contract.lower_rad)
    return np.array(
        [
            np.max(np.abs(position - middle) / reach) * ROOM,
            np.max(np.abs(velocity) / contract.velocity_rad_s),
            np.max(np.abs(acceleration) / contract.acceleration_rad_s2),
        ]
    )
