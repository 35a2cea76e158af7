"""Contact, told by the effort of the joints where an arm reports it."""

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array, JointState


class EffortWatch:
    """How long each joint has been above its share of effort."""

    def __init__(self, contract: RobotContract) -> None:
        """Take the share and the time from the contract."""
        safety = contract.safety
        self._names = contract.joint_names
        self._limit_nm = safety.effort_share * np.array([joint.effort_nm for joint in contract.joints])
        self._patience_s = safety.effort_time_s
        self._above_s: Array = np.zeros(len(self._names))

    def forget(self) -> None:
        """Begin to count anew."""
        self._above_s[:] = 0.0

    def fault(self, joints: JointState | None, dt_s: float) -> str:
        """What touches, as a sentence, after another `dt_s` [s]; "" while nothing does.

        An effort that is not a number counts as too much; without a measurement time stands still.

        Raises:
            CommandError: the effort has another shape than the joints.
        """
        if joints is None or joints.effort_nm is None:
            return ""
        if joints.effort_nm.shape != self._above_s.shape:
            raise CommandError(
                f"the effort has shape {joints.effort_nm.shape}, expected {self._above_s.shape}"
            )
        effort_nm = np.abs(joints.effort_nm)
        self._above_s = np.where(effort_nm <= self._limit_nm, 0.0, self._above_s + dt_s)
        if not (self._above_s > self._patience_s).any():
            return ""
        j = int(np.argmax(self._above_s))
        return (
            f"{self._names[j]} has pushed with {effort_nm[j]:.2f} N·m for {self._above_s[j]:.2f} s, expected "
            f"above {self._limit_nm[j]:.2f} N·m for at most {self._patience_s:.2f} s; free the arm and reset"
        )
