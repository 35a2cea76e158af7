"""How the arm stops: to rest within the limits, and then what the contract declares.

hold               stop category 2 of IEC 60204-1: a controlled stop, the power stays on
park_then_release  stop category 1: a controlled stop, home where that is safe, then no command
limp               stop category 0: no command at once
"""

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array, JointState
from sovereign_robot.control.safety_state import STOP_CATEGORY
from sovereign_robot.control.stateful_filter import SafetyFilter

HOME_RAD = 1e-3


class StopMotion:
    """The motion of one stop, tick by tick.

    Attributes:
        category: stop category of IEC 60204-1: 0, 1 or 2.
    """

    def __init__(self, contract: RobotContract, safety_filter: SafetyFilter) -> None:
        """Share the filter that moves the arm; `begin` starts a stop."""
        self.category = STOP_CATEGORY[contract.stop]
        self._home_rad = contract.home
        self._filter = safety_filter
        self._may_park = self._parks = self._released = False

    def begin(self, may_park: bool) -> None:
        """Begin a stop; one that followed a contact or lost joints must not drive anywhere."""
        self._may_park, self._parks, self._released = may_park, False, self.category == 0

    @property
    def is_done(self) -> bool:
        """Whether the arm is where this stop leaves it."""
        return self._released or (self.category == 2 and self._filter.at_rest)

    def command(self, step_s: float, measured: JointState | None) -> Array | None:
        """Command (J,) [rad] of this tick; None once the arm is released.

        Args:
            step_s: time since the last tick [s]; 0 repeats the command.
            measured: fresh joints; None when there are none, and then the arm does not drive home.
        """
        if step_s > 0.0 and not self._released:
            if self._parks and measured is not None:
                self._park(step_s, measured)
            else:
                self._brake(step_s, measured)
        return None if self._released else self._filter.command_rad

    def _brake(self, step_s: float, measured: JointState | None) -> None:
        self._filter.brake(step_s)
        if self.category == 1 and self._filter.at_rest:
            self._parks = self._may_park and measured is not None
            self._released = not self._parks

    def _park(self, step_s: float, measured: JointState) -> None:
        """Drive home for one tick; released there, or where something keeps the arm from it."""
        before_rad = self._filter.command_rad
        if self._filter.apply(self._home_rad, step_s, measured).stop:
            self._may_park = self._parks = False
            return
        away_rad = np.abs(self._filter.command_rad - self._home_rad).max()
        blocked = np.array_equal(before_rad, self._filter.command_rad)
        self._released = blocked or bool(self._filter.at_rest and away_rad <= HOME_RAD)
