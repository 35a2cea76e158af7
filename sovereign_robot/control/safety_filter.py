"""The last gate before the arm: no command leaves it outside the position or velocity limits.

Near a position limit the velocity limit shrinks to what can still be braked. Braking from v with a in
steps of dt travels v^2 / (2 a) + v dt / 2; solved for the v whose way is the distance d that is left,

    v(d) = a * (sqrt(dt^2 / 4 + 2 d / a) - dt / 2)  <=  sqrt(2 a d).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array

LATE_TICK_STEPS = 2.0
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
            dt_s: time since that command [s]; a tick that comes late moves no further than
                `LATE_TICK_STEPS` control periods would.

        Raises:
            CommandError: a value is not finite, the shape is wrong, or `dt_s` is not above 0.
        """
        if not dt_s > 0.0:
            raise CommandError(f"the time since the last command is {dt_s} s, expected above 0")
        self._check("target", target_rad)
        self._check("previous command", previous_command_rad)
        inside = self.clamp(target_rad)
        previous = self.clamp(previous_command_rad)
        move = inside - previous
        free, braked = self._reach(previous, move, min(dt_s, self._longest_step_s))
        reach = np.minimum(free, braked)
        distance = np.abs(move)
        limited = previous + np.minimum(np.maximum(move, -reach), reach)
        command = np.where(distance <= reach, inside, self.clamp(limited))
        changed = {
            Limit.POSITION: np.abs(inside - target_rad) > ROUNDING_RAD,
            Limit.VELOCITY: (free <= braked) & (distance > free + ROUNDING_RAD),
            Limit.BRAKING: (braked < free) & (distance > braked + ROUNDING_RAD),
        }
        return Filtered(command, tuple(limit for limit, joints in changed.items() if joints.any()))

    def clamp(self, position_rad: Array) -> Array:
        """Nearest position (J,) [rad] inside the limits."""
        return np.minimum(np.maximum(position_rad, self._lower_rad), self._upper_rad)

    def _reach(self, previous_rad: Array, move_rad: Array, dt_s: float) -> tuple[Array, Array]:
        """How far each joint may go in `dt_s` (J,) [rad]: at its velocity limit, and to brake in time."""
        room_rad = np.where(move_rad > 0.0, self._upper_rad - previous_rad, previous_rad - self._lower_rad)
        a_rad_s2 = self._acceleration_rad_s2
        braked_rad_s = a_rad_s2 * (np.sqrt(0.25 * dt_s * dt_s + 2.0 * room_rad / a_rad_s2) - 0.5 * dt_s)
        return self._velocity_rad_s * dt_s, np.minimum(braked_rad_s * dt_s, room_rad)

    def _check(self, what: str, values_rad: Array) -> None:
        expected = (len(self._joint_names),)
        if np.shape(values_rad) != expected:
            raise CommandError(f"the {what} has shape {np.shape(values_rad)}, expected {expected}")
        finite = np.isfinite(values_rad)
        if not finite.all():
            wrong = [n for n, ok in zip(self._joint_names, finite, strict=True) if not ok]
            raise CommandError(f"the {what} of {', '.join(wrong)} is not a finite number")
