"""The newest measured joints, and why they cannot be used when they cannot."""

import math

import numpy as np

from sovereign_robot.contract.errors import ObservationError
from sovereign_robot.contract.names import JOINT_STATES
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import JointState

AHEAD_S = 0.05
OUTSIDE_RAD = 0.35
LEAP_RAD = 0.15  # besides: a push, a tooth of a gear, a stamp that is a little off
AGE_ROUNDING_S = 1e-6


class JointWatch:
    """Keeps the newest joint state of one robot.

    Attributes:
        newest: the newest joint state; None when there is none to rely on.
        max_age_s: age from which joints are stale [s].
    """

    def __init__(self, contract: RobotContract, max_age_s: float | None = None) -> None:
        """Start without joints; they are stale after `max_age_s`, by default as the contract says."""
        self.newest: JointState | None = None
        stale_s = contract.safety.joint_state_hold_periods * contract.control_step_s
        self.max_age_s = stale_s if max_age_s is None else max_age_s
        self._lost_s = contract.safety.joint_state_stop_s
        self._joint_names = contract.joint_names
        self._lower_rad, self._upper_rad = contract.lower_rad, contract.upper_rad
        self._velocity_rad_s = contract.velocity_rad_s
        self._not_before_s = -math.inf
        self._good_s = -math.inf

    def take(self, joints: JointState) -> None:
        """Keep joints that are newer than those at hand; others are passed over.

        Raises:
            ObservationError: names, shape, stamp or a position is wrong; names the joint.
        """
        self._check(joints)
        if joints.stamp_s < self._not_before_s:
            return
        if self.newest is None or joints.stamp_s > self.newest.stamp_s:
            self._check_leap(joints)
            self.newest = joints

    def forget(self, not_before_s: float | None = None) -> None:
        """Drop the joints at hand and pass over those measured before a time [s]; None takes any."""
        self.newest = None
        self._not_before_s = self._good_s = -math.inf if not_before_s is None else not_before_s

    def is_lost(self, now_s: float) -> bool:
        """Whether `fault` has named one for so long that nobody knows where the arm is."""
        return now_s - self._good_s > self._lost_s + AGE_ROUNDING_S

    def look_again(self, now_s: float) -> None:
        """Nobody looked until now [s]: from here on it counts for how long there is a fault."""
        self._good_s = now_s

    def fault(self, now_s: float) -> str:
        """Why the joints cannot be used at `now_s` [s], naming stream and age; "" when they can."""
        if self.newest is None:
            return f"{JOINT_STATES} has not been received"
        age_s = now_s - self.newest.stamp_s
        if age_s > self.max_age_s + AGE_ROUNDING_S:
            return f"{JOINT_STATES} is {age_s:.3f} s old, expected at most {self.max_age_s:.3f} s"
        if age_s < -AHEAD_S:
            self.newest = None  # else it would shadow every true one until its time comes
            return f"{JOINT_STATES} is stamped {-age_s:.3f} s in the future, expected at most {AHEAD_S:.3f} s"
        self._good_s = self.newest.stamp_s
        return ""

    def _check(self, joints: JointState) -> None:
        names, position_rad = self._joint_names, joints.position_rad
        if joints.joint_names != names:
            came = ", ".join(joints.joint_names)
            raise ObservationError(f"{JOINT_STATES} names {came}, expected {', '.join(names)}")
        if position_rad.shape != (len(names),):
            raise ObservationError(f"{JOINT_STATES} has shape {position_rad.shape}, expected ({len(names)},)")
        if not math.isfinite(joints.stamp_s):
            raise ObservationError(f"{JOINT_STATES} is stamped {joints.stamp_s} s, expected a finite time")
        lower_rad, upper_rad = self._lower_rad - OUTSIDE_RAD, self._upper_rad + OUTSIDE_RAD
        inside = (position_rad >= lower_rad) & (position_rad <= upper_rad)
        if not inside.all():
            j = int(np.argmin(inside))
            raise ObservationError(
                f"{JOINT_STATES} says that {names[j]} is at {position_rad[j]:.4g} rad, expected "
                f"{self._lower_rad[j]:.4g} .. {self._upper_rad[j]:.4g} rad; check calibration and unit"
            )

    def _check_leap(self, joints: JointState) -> None:
        """Refuse what no arm can do since the joints at hand: values under the wrong names, another arm."""
        if self.newest is None:
            return
        step_s = joints.stamp_s - self.newest.stamp_s
        way_rad = np.abs(joints.position_rad - self.newest.position_rad)
        beyond_rad = way_rad - self._velocity_rad_s * step_s
        j = int(np.argmax(beyond_rad))
        if beyond_rad[j] > LEAP_RAD:
            raise ObservationError(
                f"{JOINT_STATES} says that {self._joint_names[j]} moved {way_rad[j]:.3f} rad in "
                f"{step_s:.3f} s, expected at most {self._velocity_rad_s[j]:.4g} rad/s; are joints mixed up?"
            )
