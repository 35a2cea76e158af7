"""One joint within position, velocity, acceleration and jerk limits, in continuous time.

The state (q, v, a) moves along a curve whose jerk never passes J, so that whenever it is sampled the divided
differences of the samples keep every limit (mean value theorem). A step ramps the acceleration at full jerk
to some a_t and holds it there for the rest of the step; q, v and the place of rest all rise with a_t.

Braking is the fastest way to rest: jerk -J until the acceleration is -p, held at -A where p reaches it,
then +J until velocity and acceleration are 0 together, with p^2 = J v + a^2 / 2 (Biagiotti and Melchiorri,
Trajectory Planning for Automatic Machines and Robots, 2008, chapter 3). A state is kept only when braking
from it stays inside, so the braking step is always left when nothing else is.

Plain floats: for 7 joints they take a third of the time that numpy takes on arrays so short; and comparisons
rather than `min` and `max`, which cost a call each.
"""

from dataclasses import dataclass
from math import copysign, sqrt
from typing import NamedTuple

from sovereign_robot.control.limit import Limit

ROOT_STEPS = 8
ROOT_TOLERANCE = 5e-3  # of the way that one step of full jerk makes
FELT_SHARE = 0.98
ROUNDING = 1e-9
REST_SHARE = 0.02  # of what one step of full jerk does: what is this near to rest on its target may rest
JERK_SHARE = 0.95  # of the jerk limit that motions use


class Motion(NamedTuple):
    """Position [rad], velocity [rad/s] and acceleration [rad/s^2] of one joint."""

    position_rad: float
    velocity_rad_s: float
    acceleration_rad_s2: float


@dataclass(frozen=True, slots=True)
class MotionLimits:
    """Limits of one joint, and what may be done next within them.

    Attributes:
        step_s: control period [s], in which a decision cannot be taken back.
    """

    lower_rad: float
    upper_rad: float
    velocity_rad_s: float
    acceleration_rad_s2: float
    jerk_rad_s3: float
    step_s: float

    def towards(self, motion: Motion, rest_rad: float, dt_s: float, cap_rad_s: float) -> Motion:
        """The motion after `dt_s` that would come to rest nearest to `rest_rad`, within the limits.

        Args:
            rest_rad: where the joint is to come to rest if it began to brake after this step [rad].
            dt_s: time of the step [s].
            cap_rad_s: speed that is wanted at most [rad/s]; kept as soon as the other limits allow.
        """
        if self._is_there(motion, rest_rad, dt_s):
            return Motion(rest_rad, 0.0, 0.0)
        most = cap_rad_s if cap_rad_s < self.velocity_rad_s else self.velocity_rad_s
        low, high = self._pulls(motion, dt_s, most)
        following = self._after(motion, self._pull_to(motion, rest_rad, dt_s, low, high), dt_s)
        if self.viable(following) and not self._settles(following, rest_rad):
            return following
        return self.braked(motion, dt_s)

    def inside(self, position_rad: float) -> float:
        """The nearest position inside the range [rad]."""
        if position_rad < self.lower_rad:
            return self.lower_rad
        return self.upper_rad if position_rad > self.upper_rad else position_rad

    def fastest(self, motion: Motion) -> float:
        """Velocity that the joint tends to if its acceleration lasts one step more [rad/s]."""
        _, v, a = motion
        later = v + a * self.step_s + 0.5 * a * abs(a) / self.jerk_rad_s3
        greatest = later if abs(later) > abs(v) else v
        if greatest > self.velocity_rad_s:
            return self.velocity_rad_s
        return greatest if greatest > -self.velocity_rad_s else -self.velocity_rad_s

    def felt(self, motion: Motion, aim_rad: float) -> Limit:
        """Which limit a joint feels that is behind its target."""
        _, v, a = motion
        towards = v if aim_rad >= motion.position_rad else -v
        if towards >= FELT_SHARE * self.velocity_rad_s:
            return Limit.VELOCITY
        if abs(a) >= FELT_SHARE * self.acceleration_rad_s2:
            return Limit.ACCELERATION
        return Limit.JERK

    def rest_after(self, velocity_rad_s: float) -> float:
        """How far a joint at this velocity goes on if it begins to brake one decision later [rad]."""
        return 0.5 * velocity_rad_s * self.step_s + self.stop_way(velocity_rad_s, 0.0)

    def stop_way(self, velocity_rad_s: float, acceleration_rad_s2: float) -> float:
        """Way to rest by braking [rad], signed."""
        v, a, jerk, most = velocity_rad_s, acceleration_rad_s2, self.jerk_rad_s3, self.acceleration_rad_s2
        up = 1.0
        if v + a * abs(a) / (2.0 * jerk) < 0.0:
            v, a, up = -v, -a, -1.0
        peak_2 = jerk * v + 0.5 * a * a
        if peak_2 <= most * most:
            peak = sqrt(peak_2) if peak_2 > 0.0 else 0.0
            ramp = (a + peak) / jerk
            way = ramp * (v + ramp * (0.5 * a - jerk * ramp / 6.0))
            return up * (way + peak * peak_2 / (6.0 * jerk * jerk))
        ramp = (a + most) / jerk
        then = v + ramp * (a - 0.5 * jerk * ramp)
        end = 0.5 * most * most / jerk  # velocity at which the last ramp begins
        held = (then - end) / most
        way = ramp * (v + ramp * (0.5 * a - jerk * ramp / 6.0)) + held * 0.5 * (then + end)
        return up * (way + most * most * most / (6.0 * jerk * jerk))

    def braking_poses(self, motion: Motion, times_s: tuple[float, ...]) -> list[float]:
        """Where braking leads within each of some times, and in all [rad]; `braked` without velocities."""
        q, v, a = motion
        jerk, most = self.jerk_rad_s3, self.acceleration_rad_s2
        up = 1.0 if v + a * abs(a) / (2.0 * jerk) >= 0.0 else -1.0
        v, a = up * v, up * a
        square, held = jerk * v + 0.5 * a * a, 0.0
        if square <= most * most:
            peak = sqrt(square) if square > 0.0 else 0.0
        else:
            peak, held = most, (square / most - most) / jerk
        ramp = (a + peak) / jerk
        then = v + ramp * (a - 0.5 * jerk * ramp)
        ramped = ramp * (v + ramp * (0.5 * a - jerk * ramp / 6.0))
        whole = ramped + held * (then - 0.5 * peak * held) + peak * peak * peak / (6.0 * jerk * jerk)
        last, rest = ramp + held, ramp + held + peak / jerk
        poses = []
        for time in times_s:
            if time >= rest:
                way = whole
            elif time >= last:
                left = rest - time
                way = whole - jerk * left * left * left / 6.0
            elif time < ramp:
                way = time * (v + time * (0.5 * a - jerk * time / 6.0))
            else:
                way = ramped + (time - ramp) * (then - 0.5 * peak * (time - ramp))
            poses.append(q + up * way)
        poses.append(q + up * whole)
        return poses

    def braked(self, motion: Motion, dt_s: float) -> Motion:
        """The motion after `dt_s` of braking."""
        q, v, a = motion
        jerk, most = self.jerk_rad_s3, self.acceleration_rad_s2
        up = 1.0 if v + a * abs(a) / (2.0 * jerk) >= 0.0 else -1.0
        v, a = up * v, up * a
        peak = min(most, sqrt(max(0.0, jerk * v + 0.5 * a * a)))
        ramp = max(0.0, (a + peak) / jerk)
        held = max(0.0, v + 0.5 * a * a / jerk - peak * peak / jerk) / peak if peak > 0.0 else 0.0
        way, left = 0.0, dt_s
        for span, pull in ((ramp, -jerk), (held, 0.0), (peak / jerk, jerk)):
            part = min(span, left)
            way += part * (v + part * (0.5 * a + part * pull / 6.0))
            v += part * (a + 0.5 * part * pull)
            a += part * pull
            left -= part
        if left > 0.0:
            v = a = 0.0
        return Motion(self.inside(q + up * way), up * v, up * a)

    def viable(self, motion: Motion) -> bool:
        """Whether the joint is inside and braking from here stays inside all limits."""
        q, v, a = motion
        jerk = self.jerk_rad_s3
        later = v + a * abs(a) / (2.0 * jerk)
        if abs(a) > self.acceleration_rad_s2 * (1.0 + ROUNDING):
            return False
        fastest = self.velocity_rad_s * (1.0 + ROUNDING)
        if abs(v) > fastest or abs(later) > fastest:
            return False
        rest = q + self.stop_way(v, a)
        lower, upper = self.lower_rad - ROUNDING, self.upper_rad + ROUNDING
        turn = q + self._turn_way(v, a) if v * later < 0.0 else q
        return lower <= q <= upper and lower <= rest <= upper and lower <= turn <= upper

    def _turn_way(self, v: float, a: float) -> float:
        """Way until the velocity turns, of a joint whose acceleration outlasts it [rad]."""
        up = copysign(1.0, v)
        v, a = abs(v), up * a
        time = (-a - sqrt(max(0.0, a * a - 2.0 * self.jerk_rad_s3 * v))) / self.jerk_rad_s3
        return up * time * (v + time * (0.5 * a + self.jerk_rad_s3 * time / 6.0))

    def _after(self, motion: Motion, pull: float, dt_s: float) -> Motion:
        """The motion after a step that ramps the acceleration to `pull` and holds it."""
        q, v, a = motion
        change = a - pull
        ramp = abs(change) / self.jerk_rad_s3
        return Motion(
            q + dt_s * (v + 0.5 * pull * dt_s) + change * ramp * (0.5 * dt_s - ramp / 6.0),
            v + pull * dt_s + 0.5 * change * ramp,
            pull,
        )

    def _pulls(self, motion: Motion, dt_s: float, velocity_rad_s: float) -> tuple[float, float]:
        """Least and greatest acceleration that a step may end with, for a velocity limit."""
        _, v, a = motion
        change = self.jerk_rad_s3 * dt_s
        least, most = -self.acceleration_rad_s2, self.acceleration_rad_s2
        if a - change > least:
            least = a - change
        if a + change < most:
            most = a + change
        low = -self._fastest_pull(-v, -a, dt_s, velocity_rad_s)
        high = self._fastest_pull(v, a, dt_s, velocity_rad_s)
        low = least if low < least else low
        high = most if high > most else high
        return most if low > most else low, least if high < least else high

    def _fastest_pull(self, v: float, a: float, dt_s: float, velocity_rad_s: float) -> float:
        """Greatest end of a step's acceleration after which a velocity limit can still be kept.

        With p as its end the velocity tends to v + p dt - (p - a) |p - a| / 2J + p |p| / 2J.
        """
        jerk = self.jerk_rad_s3
        room, bend = velocity_rad_s - v, 0.5 * a * a / jerk
        if room >= (bend if a > 0.0 else -bend):
            slack = dt_s + a / jerk
            rising = (room + bend) / slack if slack > 0.0 else 0.0
            if rising >= a or a <= 0.0:
                return rising
            half = 0.5 * (a - jerk * dt_s)
            return half + sqrt(half * half + jerk * (room - bend))
        slack = dt_s - a / jerk
        lowering = (room - bend) / slack if slack > 0.0 else -self.acceleration_rad_s2
        if a >= 0.0 or lowering < a:
            return lowering
        half = 0.5 * (a + jerk * dt_s)
        return half - sqrt(max(0.0, half * half - jerk * (room + bend)))

    def _pull_to(self, motion: Motion, rest_rad: float, dt_s: float, low: float, high: float) -> float:
        """The end of the step's acceleration for which the joint rests at `rest_rad`, or not quite there.

        Secant steps between bounds that close in, from the acceleration at hand.
        """
        tolerance = ROOT_TOLERANCE * self.jerk_rad_s3 * dt_s**3
        goal = rest_rad + (tolerance if rest_rad < motion.position_rad else -tolerance)
        _, v, pull = motion
        pull = low if pull < low else high if pull > high else pull
        slope = dt_s * (dt_s + abs(v) / self.acceleration_rad_s2)
        before, missed = pull, 0.0
        for _ in range(ROOT_STEPS):
            miss = self._rest(motion, pull, dt_s) - goal
            if abs(miss) <= tolerance or (pull <= low if miss > 0.0 else pull >= high):
                return pull
            if pull != before and miss != missed:
                slope = (miss - missed) / (pull - before)
            low, high = (low, pull) if miss > 0.0 else (pull, high)
            before, missed = pull, miss
            pull -= miss / slope
            pull = low if pull < low else high if pull > high else pull
            if pull == before:
                return pull
        return low if rest_rad >= motion.position_rad else high

    def _rest(self, motion: Motion, pull: float, dt_s: float) -> float:
        """Where the joint rests when it brakes one decision after a step [rad]."""
        q, v, a = motion
        change = a - pull
        ramp = abs(change) / self.jerk_rad_s3
        later = v + pull * dt_s + 0.5 * change * ramp
        way = dt_s * (v + 0.5 * pull * dt_s) + change * ramp * (0.5 * dt_s - ramp / 6.0)
        return q + way + 0.5 * later * self.step_s + self.stop_way(later, pull)

    def _settles(self, motion: Motion, rest_rad: float) -> bool:
        """Whether the joint is so near to rest at `rest_rad` that braking ends there."""
        small = REST_SHARE * self.jerk_rad_s3 * self.step_s
        return (
            abs(motion.acceleration_rad_s2) <= small
            and abs(motion.velocity_rad_s) <= small * self.step_s
            and abs(motion.position_rad - rest_rad) <= small * self.step_s * self.step_s
        )

    def _is_there(self, motion: Motion, rest_rad: float, dt_s: float) -> bool:
        """Whether a joint at rest is so near to `rest_rad` that it may be put there."""
        q, v, a = motion
        return v == 0.0 and a == 0.0 and abs(q - rest_rad) <= REST_SHARE * self.jerk_rad_s3 * dt_s**3
