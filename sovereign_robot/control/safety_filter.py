"""The last gate before the arm: no command leaves it outside the position or velocity limits.

Near a position limit the velocity limit shrinks to what can still be braked. Who goes at
v = (n + f) a dt, with n whole and 0 <= f < 1, and then slows by a dt in each step, travels

    (n + 1) (n / 2 + f) a dt^2,

at least the v^2 / (2 a) of smooth braking. The fastest v is the one whose way is the distance left.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array

LATE_TICK_STEPS = 2.0
SHORTEST_STEP_S = 1e-6
ROUNDING_RAD = 1e-9


class Limit(StrEnum):
    """Why a target was changed."""

    POSITION = "position"
    VELOCITY = "velocity"
    BRAKING = "braking"


@dataclass(frozen=True, slots=True)
class Filtered:
    """A command (J,) [rad] that is safe to send, and the limits that shaped it."""

    command_rad: Array
    interventions: tuple[Limit, ...]


class SafetyFilter:
    """Position, velocity and braking limits of one robot; holds no state."""

    def __init__(self, contract: RobotContract) -> None:
        """Read the limits from the contract."""
        self._joint_names = contract.joint_names
        self._lower_rad, self._upper_rad = contract.lower_rad, contract.upper_rad
        self._velocity_rad_s = contract.velocity_rad_s
        self._acceleration_rad_s2 = contract.acceleration_rad_s2
        self._longest_step_s = LATE_TICK_STEPS * contract.control_step_s

    def apply(self, target_rad: Array, previous_command_rad: Array, dt_s: float) -> Filtered:
        """Bring a target within the limits.

        Args:
            target_rad: (J,) wanted joint positions [rad].
            previous_command_rad: (J,) command in force [rad]; outside the position limits it counts
                as the nearest position inside, since no command was ever sent there.
            dt_s: time since that command [s]; counts as at most `LATE_TICK_STEPS` control periods.

        Raises:
            CommandError: a value is not finite, the shape is wrong, or `dt_s` is not above 0.
        """
        self._check_time(dt_s)
        self._check("target", target_rad)
        self._check("previous command", previous_command_rad)
        inside = self.clamp(target_rad)
        previous = self.clamp(previous_command_rad)
        move = inside - previous
        distance = np.abs(move)
        free, braked = self._reach(previous, move, min(dt_s, self._longest_step_s))
        reach = np.minimum(free, braked)
        outside = np.abs(inside - target_rad) > ROUNDING_RAD
        limits: tuple[Limit, ...] = (Limit.POSITION,) if outside.any() else ()
        if (distance <= reach).all():
            return Filtered(inside, limits)
        command = np.where(distance <= reach, inside, self.clamp(previous + np.copysign(reach, move)))
        too_far = distance > reach + ROUNDING_RAD
        limits += (Limit.VELOCITY,) if (too_far & (free <= braked)).any() else ()
        limits += (Limit.BRAKING,) if (too_far & (braked < free)).any() else ()
        return Filtered(command, limits)

    def clamp(self, position_rad: Array) -> Array:
        """Nearest position (J,) [rad] inside the limits."""
        return np.minimum(np.maximum(position_rad, self._lower_rad), self._upper_rad)

    def _reach(self, previous_rad: Array, move_rad: Array, dt_s: float) -> tuple[Array, Array]:
        """How far each joint may go in `dt_s` (J,) [rad]: at its velocity limit, and to brake in time."""
        room_rad = np.where(move_rad > 0.0, self._upper_rad - previous_rad, previous_rad - self._lower_rad)
        slowing_rad_s = self._acceleration_rad_s2 * max(dt_s, SHORTEST_STEP_S)
        room_steps = room_rad / (slowing_rad_s * max(dt_s, SHORTEST_STEP_S))
        steps = np.floor(0.5 * (np.sqrt(1.0 + 8.0 * room_steps) - 1.0))
        braked_rad_s = slowing_rad_s * (0.5 * steps + room_steps / (steps + 1.0))
        return self._velocity_rad_s * dt_s, braked_rad_s * dt_s

    def _check_time(self, dt_s: float) -> None:
        if not dt_s > 0.0:
            raise CommandError(f"the time since the last command is {dt_s} s, expected above 0")

    def _check(self, what: str, values_rad: Array) -> None:
        expected = (len(self._joint_names),)
        if np.shape(values_rad) != expected:
            raise CommandError(f"the {what} has shape {np.shape(values_rad)}, expected {expected}")
        finite = np.isfinite(values_rad)
        if not finite.all():
            wrong = [n for n, ok in zip(self._joint_names, finite, strict=True) if not ok]
            raise CommandError(f"the {what} of {', '.join(wrong)} is not a finite number")
