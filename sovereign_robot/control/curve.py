"""The curve that is played: a cubic spline without an end, led by the rows of the newest plan.

Its control points are where position, velocity and acceleration come from: each is a weighted mean of the
points, of their first differences and of their second ones (uniform cubic B-spline; de Boor, A Practical
Guide to Splines, 1978). So points that lie inside the joint ranges, and whose differences keep the limits,
give a curve that keeps them at every time.

A new plan keeps the four points of the span that is being played, and each point after them comes as near
to the plan as the limits let it: there is no seam to be blended. Where the plan is far away, or asks for
more than the limits itself, the points catch up with it in few spans from which they can still slow down.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array

Motion = tuple[Array, Array, Array]
"""Position [rad], velocity [rad/s] and acceleration [rad/s^2], each (N, J)."""

SPAN_POINTS = 4  # control points that a span of a cubic curve takes
PAD = 3  # control points before the first row and after the last: a plan is looked at so far outside
ROOM = 0.98  # of the limits of velocity and acceleration: the safety filter follows without a lag
FADE = 0.4  # of what is left to a plan after a knot, twice over: critically damped, so that it does not swing
CATCH_UP = 0.4  # of the limit of acceleration, for what is left to a plan; the plan itself needs the rest
SETTLED = 0.1  # of a catch-up: what is left so small is closed in one knot
# From powers of the share u of a span to the weights of its four control points.
_SPLINE = np.array([[1, 4, 1, 0], [-3, 0, 3, 0], [3, -6, 3, 0], [-1, 3, -3, 1]]) / 6.0


class Spline:
    """Rows of a plan as a curve; before the first and after the last one it goes straight on."""

    def __init__(self, times_s: Array, rows_rad: Array, step_s: float) -> None:
        """Take T rows (T, J) [rad], due at `times_s` (T,) [s], `step_s` [s] apart."""
        self.first_s, self.end_s = float(times_s[0]), float(times_s[-1])
        self._step_s = step_s
        first, second = rows_rad[:2][[0, -1]]
        last, last_but_one = rows_rad[-2:][[-1, 0]]
        far = np.arange(1, PAD + 1)[:, None]
        before, after = first + far[::-1] * (first - second), last + far * (last - last_but_one)
        self._points = np.concatenate((before, rows_rad, after))

    def motion(self, time_s: Array) -> Motion:
        """(N, J) each, at times (N,) [s]; farther outside than two steps it goes on as there."""
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
        points = self._points[left[:, None] + np.arange(-1, SPAN_POINTS - 1)]
        moved = np.einsum("dnk,nkj->dnj", weights, points)
        return moved[0], moved[1] / self._step_s, moved[2] / self._step_s**2

    def points(self, time_s: Array, knot_s: float) -> Array:
        """Control points (N, J) [rad] for knots at times (N,) [s]: with them a curve is this spline.

        It is so exactly where the steps are whole knots, else to the fourth order of `knot_s`.
        """
        position, _, acceleration = self.motion(time_s)
        return position - acceleration * (knot_s**2 / 6.0)


@dataclass(frozen=True, slots=True)
class KnotLimits:
    """What control points may do from one to the next.

    Attributes:
        knot_s: time between them [s].
        lower_rad, upper_rad: (J,) range [rad].
        step_rad: (J,) greatest first difference [rad].
        bend_rad: (J,) greatest second difference [rad].
        catch_up_rad: (J,) greatest second difference of what is left to a plan [rad].
    """

    knot_s: float
    lower_rad: Array
    upper_rad: Array
    step_rad: Array
    bend_rad: Array
    catch_up_rad: Array

    @classmethod
    def of(cls, contract: RobotContract, knot_s: float) -> Self:
        """Those of a robot."""
        speed = ROOM * contract.safety.speed_scale * contract.velocity_rad_s
        bend = ROOM * contract.acceleration_rad_s2 * knot_s**2
        return cls(knot_s, contract.lower_rad, contract.upper_rad, speed * knot_s, bend, CATCH_UP * bend)

    def inside(self, position_rad: Array, velocity_rad_s: Array) -> tuple[Array, Array]:
        """The nearest position (J,) [rad] and velocity (J,) [rad/s] within the limits."""
        most = self.step_rad / self.knot_s
        return np.clip(position_rad, self.lower_rad, self.upper_rad), np.clip(velocity_rad_s, -most, most)

    def following(self, before: Array, last: Array, plan: Array) -> Array:
        """The point (J,) [rad] after two, on the way to a plan (3, J): its points of these two, and the next.

        What is left to the plan fades critically damped, and no harder than `catch_up_rad` lets it.
        """
        behind, closing = plan[1] - last, last - before - (plan[1] - plan[0])
        close = (1.0 - FADE) ** 2 * behind + FADE**2 * closing
        small = np.maximum(np.abs(behind), np.abs(closing)) <= SETTLED * self.catch_up_rad
        close = np.where(small, behind, close)
        close = np.clip(close, closing - self.catch_up_rad, closing + self.catch_up_rad)
        most = _longest_step(np.abs(behind), self.catch_up_rad)
        step = plan[2] - plan[1] + np.clip(close, -most, most)
        least = np.maximum(-_longest_step(last - self.lower_rad, self.bend_rad), -self.step_rad)
        most = np.minimum(_longest_step(self.upper_rad - last, self.bend_rad), self.step_rad)
        step = np.minimum(np.maximum(step, least), most)
        now = last - before
        following: Array = last + np.minimum(np.maximum(step, now - self.bend_rad), now + self.bend_rad)
        return following


def _longest_step(way: Array, bend: Array) -> Array:
    """The longest step from which one that shrinks by `bend` each time is at rest within `way`.

    n steps w, w - bend, .. are a way of n w - bend n (n - 1) / 2. Outside (a way below 0) all of it at once.
    """
    n = np.maximum(1.0, np.ceil(0.5 * np.sqrt(1.0 + 8.0 * np.maximum(way, 0.0) / bend) - 0.5))
    longest: Array = way / n + 0.5 * bend * (n - 1.0)
    return longest


class Curve:
    """Control points on the way to a plan, each made when it is needed."""

    def __init__(
        self, plan: Spline, begin_s: float, first_s: float, points: Array, limits: KnotLimits
    ) -> None:
        """Play `plan` from `begin_s` [s] on.

        Args:
            first_s: time of the first of `points` [s]; `begin_s` is between the second and the third.
            points: (4, J) [rad], of the span that is played at `begin_s`.
        """
        self.plan, self.begin_s = plan, begin_s
        self._first_s, self._limits = first_s, limits
        self._points = list(points)
        last = int(np.ceil((plan.end_s - first_s) / limits.knot_s)) + 2  # the end's span needs one more
        knots = np.arange(SPAN_POINTS - 2, max(SPAN_POINTS, last) + 1, dtype=np.float64)
        self._plan_points = plan.points(first_s + limits.knot_s * knots, limits.knot_s)

    @classmethod
    def from_motion(
        cls, plan: Spline, begin_s: float, position_rad: Array, velocity_rad_s: Array, limits: KnotLimits
    ) -> Self:
        """The curve that begins at a position (J,) with a velocity (J,), on the knots of the plan's rows."""
        spans = np.floor((begin_s - plan.first_s) / limits.knot_s + 1e-9)
        first_s = plan.first_s + (spans - 1.0) * limits.knot_s
        since_s = first_s - begin_s + limits.knot_s * np.arange(SPAN_POINTS)[:, None]
        return cls(plan, begin_s, first_s, position_rad + since_s * velocity_rad_s, limits)

    def turned_to(self, plan: Spline, now_s: float) -> "Curve":
        """This curve up to `now_s` [s], and from there on the way to another plan."""
        left = self._span(now_s)
        first_s = self._first_s + (left - 1) * self._limits.knot_s
        return Curve(plan, now_s, first_s, np.array(self._points[left - 1 : left + 3]), self._limits)

    @property
    def end_s(self) -> float:
        """Time of the plan's last row [s]."""
        return self.plan.end_s

    def position(self, time_s: float) -> Array:
        """(J,) [rad] at a time from `begin_s` to the last row; before it as where it begins."""
        time_s = max(time_s, self.begin_s)
        left = self._span(time_s)
        u = (time_s - self._first_s) / self._limits.knot_s - left
        weights = np.array((1.0, u, u * u, u * u * u)) @ _SPLINE
        position: Array = weights @ np.array(self._points[left - 1 : left + 3])
        return position

    def _span(self, time_s: float) -> int:
        """Index of the point before a time; the points of its span are there afterwards."""
        left = max(1, int((time_s - self._first_s) / self._limits.knot_s))
        while len(self._points) < left + 3:
            self._points.append(self._following())
        return left

    def _following(self) -> Array:
        at = len(self._points) - SPAN_POINTS
        return self._limits.following(self._points[-2], self._points[-1], self._plan_points[at : at + 3])
