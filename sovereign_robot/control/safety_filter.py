"""The last gate before the arm: no command leaves it outside a limit, whatever comes in.

A target is first brought inside the joint ranges and away from what bars it. Each joint then goes towards
where the target's own motion could come to rest, within its limits (`motion_limits.py`). Last, the guard
looks at where that leads (`link_guard.py`); what it does not find safe is not sent: the arm brakes, on the
way that was found safe one command before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array, JointState
from sovereign_robot.control.effort_watch import EffortWatch
from sovereign_robot.control.limit import Limit
from sovereign_robot.control.link_guard import BRAKING_STEPS, CREEP, FREE_PACE, LinkGuard, Ways
from sovereign_robot.control.motion_limits import JERK_SHARE, Motion, MotionLimits

FOLLOWED_RAD = 5e-3  # a command this near to its target is what was asked for
ROUNDING_RAD = 1e-9  # a target is no more outside than its curve's last digit
LEAST_STEPS = 2.0  # control periods that are never too late


@dataclass(frozen=True, slots=True)
class Filtered:
    """A command that is safe to send.

    Attributes:
        command_rad: (J,) [rad], read-only.
        interventions: the limits that shaped it.
        stop: why a protective stop is needed, as a sentence; "" when none is.
    """

    command_rad: Array
    interventions: tuple[Limit, ...] = ()
    stop: str = ""


class SafetyFilter:
    """The limits of one robot, and the motion that it was commanded so far."""

    def __init__(self, contract: RobotContract, guard: LinkGuard | None = None) -> None:
        """Take the joint limits from the contract; `guard` looks after the links."""
        self._contract = contract
        self._names = contract.joint_names
        self._step_s = contract.control_step_s
        self._latest_s = max(contract.safety.clock_jump_s, LEAST_STEPS * self._step_s)
        self._look_ahead_s = contract.safety.look_ahead_s
        self._braking_s = tuple(steps * self._step_s for steps in BRAKING_STEPS)
        self._joints = _limits_of(contract)
        self._guard = guard
        self._effort = EffortWatch(contract)
        self._motions: list[Motion] = []
        self._followed_rad: list[float] = []
        self._pull_rad_s: list[float] = []
        self._free_rad_s = [joint.velocity_rad_s for joint in self._joints]
        self._caps_rad_s = self._free_rad_s

    @property
    def command_rad(self) -> Array:
        """(J,) command in force [rad]; read-only."""
        return _frozen([motion.position_rad for motion in self._begun()])

    @property
    def velocity_rad_s(self) -> Array:
        """(J,) velocity of the command [rad/s]; read-only."""
        return _frozen([motion.velocity_rad_s for motion in self._begun()])

    @property
    def at_rest(self) -> bool:
        """Whether the command stands still."""
        return all(motion[1] == 0.0 and motion[2] == 0.0 for motion in self._begun())

    def start(self, position_rad: Array) -> None:
        """Begin anew with an arm that rests at `position_rad` (J,) [rad].

        A position outside its range counts as the nearest inside, since no command is ever sent there.

        Raises:
            CommandError: wrong shape, or not finite.
        """
        inside_rad = self._inside(self._checked("position", position_rad))
        self._rest_at(inside_rad)
        self._effort.forget()
        if self._guard is not None:
            self._guard.begin(np.array(inside_rad))

    def apply(self, target_rad: Array, dt_s: float, measured: JointState | None = None) -> Filtered:
        """The command that comes next on the way to a target.

        Args:
            target_rad: (J,) wanted joint positions [rad].
            dt_s: time since the last command [s]; after more than the contract's clock jump the arm counts
                as at rest where it was last commanded to.
            measured: joints with effort, where the arm reports it.

        Raises:
            CommandError: not started, a value is not finite, the shape is wrong, or `dt_s` is not above 0.
        """
        self._begun()
        self._check_time(dt_s)
        asked_rad = self._checked("target", target_rad)
        stop = self._effort.fault(measured, dt_s)
        if stop:
            return Filtered(self._brake(dt_s), (Limit.EFFORT,), stop)
        late = self._begin_anew_if_late(dt_s)
        step_s = dt_s if dt_s <= self._latest_s else self._step_s
        aim_rad, limits = self._aim(asked_rad)
        following = self._towards(aim_rad, step_s)
        safe, pace, guarded = self._look(following, step_s)
        if safe:
            limits += self._felt(following, aim_rad)
            self._motions = following
        else:
            self._brake(step_s)
        self._set_caps(pace)
        return Filtered(self.command_rad, tuple(dict.fromkeys((*late, *limits, *guarded))))

    def brake(self, dt_s: float) -> Filtered:
        """Bring the arm to rest as fast as the limits allow; it stays there.

        Raises:
            CommandError: not started, or `dt_s` is not above 0.
        """
        self._begun()
        self._check_time(dt_s)
        late = self._begin_anew_if_late(dt_s)
        return Filtered(self._brake(dt_s), late)

    def _brake(self, dt_s: float) -> Array:
        if not self.at_rest:
            self._motions = [j.braked(m, dt_s) for j, m in zip(self._joints, self._motions, strict=True)]
            if self._guard is not None:
                self._guard.begin(self.command_rad)
        self._forget_target()
        return self.command_rad

    def _begin_anew_if_late(self, dt_s: float) -> tuple[Limit, ...]:
        if dt_s <= self._latest_s or self.at_rest:
            return ()
        self._rest_at([motion.position_rad for motion in self._motions])
        return (Limit.LATE,)

    def _rest_at(self, position_rad: Sequence[float]) -> None:
        self._motions = [Motion(position, 0.0, 0.0) for position in position_rad]
        self._forget_target()

    def _forget_target(self) -> None:
        """What the target did before says nothing of what it will do."""
        self._followed_rad = []
        self._pull_rad_s = [0.0] * len(self._joints)
        self._caps_rad_s = self._free_rad_s

    def _inside(self, position_rad: list[float]) -> list[float]:
        return [joint.inside(q) for joint, q in zip(self._joints, position_rad, strict=True)]

    def _aim(self, asked_rad: list[float]) -> tuple[list[float], tuple[Limit, ...]]:
        """The target inside the joint ranges and out of the boxes that it is near to."""
        aim_rad = self._inside(asked_rad)
        moved = any(abs(aim - asked) > ROUNDING_RAD for aim, asked in zip(aim_rad, asked_rad, strict=True))
        limits: tuple[Limit, ...] = (Limit.POSITION,) if moved else ()
        if self._guard is None:
            return aim_rad, limits
        aim, walls = self._guard.moved_out(np.array(aim_rad), self.command_rad)
        return aim.tolist(), limits + walls

    def _towards(self, aim_rad: list[float], dt_s: float) -> list[Motion]:
        """The next motion of each joint, towards where the target's motion could come to rest."""
        before = self._followed_rad or aim_rad
        following = []
        for index, joint in enumerate(self._joints):
            aim = aim_rad[index]
            pull = _grown(self._pull_rad_s[index], (aim - before[index]) / dt_s, joint, dt_s)
            self._pull_rad_s[index] = pull
            rest = joint.inside(aim + joint.rest_after(pull))
            following.append(joint.towards(self._motions[index], rest, dt_s, self._caps_rad_s[index]))
        self._followed_rad = aim_rad
        return following

    def _look(self, following: list[Motion], dt_s: float) -> tuple[bool, float, tuple[Limit, ...]]:
        """Whether the links may follow, how much slower they should, and why."""
        if self._guard is None:
            return True, FREE_PACE, ()
        look = self._guard.look(self._ways(following), dt_s)
        return look.safe, look.pace, look.limits

    def _ways(self, following: list[Motion]) -> Ways:
        """Where a motion leads, for the guard to look at."""
        columns = []
        for joint, motion in zip(self._joints, following, strict=True):
            q, v, _ = motion
            swift = q + self._step_s * joint.fastest(motion)
            ahead = joint.inside(q + self._look_ahead_s * v)
            columns.append([q, swift, ahead, *joint.braking_poses(motion, self._braking_s)])
        return Ways(np.array(columns).T, self._braking_s)

    def _set_caps(self, pace: float) -> None:
        """Speeds that the joints may have in the next period, so that all slow down in one proportion."""
        if pace >= FREE_PACE:
            self._caps_rad_s = self._free_rad_s
            return
        caps_rad_s = []
        for joint, motion in zip(self._joints, self._motions, strict=True):
            limit = joint.velocity_rad_s
            slow = max(CREEP * limit * min(pace, 1.0), pace * abs(joint.fastest(motion)))
            caps_rad_s.append(min(limit, slow))
        self._caps_rad_s = caps_rad_s

    def _felt(self, following: list[Motion], aim_rad: list[float]) -> tuple[Limit, ...]:
        """The limits that keep a joint from its target."""
        felt = [
            joint.felt(motion, aim)
            for joint, motion, aim in zip(self._joints, following, aim_rad, strict=True)
            if abs(motion.position_rad - aim) > FOLLOWED_RAD
        ]
        return tuple(dict.fromkeys(felt))

    def _begun(self) -> list[Motion]:
        if not self._motions:
            raise CommandError("the safety filter does not know where the arm is: start it with a position")
        return self._motions

    def _check_time(self, dt_s: float) -> None:
        if not 0.0 < dt_s < float("inf"):
            raise CommandError(f"the time since the last command is {dt_s} s, expected finite and above 0")

    def _checked(self, what: str, values_rad: Array) -> list[float]:
        expected = (len(self._names),)
        if np.shape(values_rad) != expected:
            raise CommandError(f"the {what} has shape {np.shape(values_rad)}, expected {expected}")
        values: list[float] = np.asarray(values_rad).tolist()
        wrong = [name for name, value in zip(self._names, values, strict=True) if not isfinite(value)]
        if wrong:
            raise CommandError(f"the {what} of {', '.join(wrong)} is not a finite number")
        return values


def _grown(before_rad_s: float, raw_rad_s: float, joint: MotionLimits, dt_s: float) -> float:
    """The target's velocity as far as a joint could have reached it; slowing is believed at once."""
    most = joint.acceleration_rad_s2 * dt_s
    if raw_rad_s * before_rad_s > 0.0:
        most += abs(before_rad_s)
    if most > joint.velocity_rad_s:
        most = joint.velocity_rad_s
    if raw_rad_s > most:
        return most
    return raw_rad_s if raw_rad_s > -most else -most


def _limits_of(contract: RobotContract) -> list[MotionLimits]:
    scale, step_s = contract.safety.speed_scale, contract.control_step_s
    return [
        MotionLimits(
            lower_rad=joint.lower_rad,
            upper_rad=joint.upper_rad,
            velocity_rad_s=scale * joint.velocity_rad_s,
            acceleration_rad_s2=joint.acceleration_rad_s2,
            jerk_rad_s3=JERK_SHARE * jerk,
            step_s=step_s,
        )
        for joint, jerk in zip(contract.joints, contract.jerk_rad_s3.tolist(), strict=True)
    ]


def _frozen(values: list[float]) -> Array:
    array = np.array(values)
    array.setflags(write=False)
    return array
