"""The present filter behind the interface of the coming one; goes when that is merged."""

from dataclasses import dataclass

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array, JointState
from sovereign_robot.control import safety_filter


@dataclass(frozen=True, slots=True)
class Filtered:
    """A command (J,) [rad] that is safe to send, the limits that shaped it, and why to stop, if so."""

    command_rad: Array
    interventions: tuple[safety_filter.Limit, ...]
    stop: str


class SafetyFilter:
    """Remembers the command and its velocity."""

    def __init__(self, contract: RobotContract) -> None:
        self._filter = safety_filter.SafetyFilter(contract)
        self._acceleration_rad_s2 = contract.acceleration_rad_s2
        self._command_rad: Array | None = None
        self._velocity_rad_s: Array = np.zeros(len(contract.joints))

    def start(self, position_rad: Array) -> None:
        """Rest at a position (J,) [rad]."""
        self._keep(np.array(position_rad, dtype=np.float64), np.zeros(len(position_rad)))

    @property
    def command_rad(self) -> Array:
        """Command in force (J,) [rad]."""
        if self._command_rad is None:
            raise CommandError("the filter was not started")
        return self._command_rad

    @property
    def velocity_rad_s(self) -> Array:
        """Velocity of the command (J,) [rad/s]."""
        return self._velocity_rad_s

    @property
    def at_rest(self) -> bool:
        """Whether the command stands still."""
        return not self._velocity_rad_s.any()

    def apply(self, target_rad: Array, dt_s: float, measured: JointState | None = None) -> Filtered:
        """Bring a target (J,) [rad] within the limits."""
        before_rad = self.command_rad
        filtered = self._filter.apply(target_rad, before_rad, dt_s)
        self._keep(filtered.command_rad, (filtered.command_rad - before_rad) / dt_s)
        return Filtered(self.command_rad, filtered.interventions, "")

    def brake(self, dt_s: float) -> Filtered:
        """Come to rest as fast as the acceleration limit allows."""
        slower = np.maximum(np.abs(self._velocity_rad_s) - self._acceleration_rad_s2 * dt_s, 0.0)
        velocity_rad_s = np.copysign(slower, self._velocity_rad_s)
        self._keep(self._filter.clamp(self.command_rad + velocity_rad_s * dt_s), velocity_rad_s)
        return Filtered(self.command_rad, (), "")

    def _keep(self, command_rad: Array, velocity_rad_s: Array) -> None:
        command_rad.setflags(write=False)
        self._command_rad, self._velocity_rad_s = command_rad, velocity_rad_s
