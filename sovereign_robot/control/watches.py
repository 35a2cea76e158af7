"""What the supervisor watches at every tick: the clock, the measured joints, the other nodes.

A jump of the clock makes everything from before it worthless but for the command in force, which the arm goes
on obeying: without it the arm would begin anew wherever it sags to, at each jump a little lower. Only where
the first joints after it lie far from that command was the arm moved, as by a simulator that was started
again. After a time in which nobody looked, what is late may only not have been read.
"""

from collections.abc import Sequence

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array, JointState
from sovereign_robot.control.clock_watch import ClockStep, ClockWatch
from sovereign_robot.control.heartbeats import Heartbeats, RequiredNode
from sovereign_robot.control.joint_watch import JointWatch
from sovereign_robot.control.safety_state import Event, Fault, State

JUMP_RAD = 0.5  # by less an arm may be behind its command: the measured one by 0.12 s, 0.37 rad at 3 rad/s
SCENE_RAD = 0.02  # by less an arm may sag; where a scene begins, it has been laid out anew


class Watches:
    """The three of them behind one question: what keeps any plan from being followed?

    Attributes:
        joints: the measured joints.
        heartbeats: the other nodes.
        measured: the joints of this tick; None when they cannot be used.
    """

    def __init__(
        self, contract: RobotContract, joint_state_max_age_s: float | None, required: Sequence[RequiredNode]
    ) -> None:
        """Start with nothing seen; see `Supervisor` for the arguments."""
        self.joints = JointWatch(contract, joint_state_max_age_s)
        self.heartbeats = Heartbeats(required)
        self.measured: JointState | None = None
        self._clock = ClockWatch(contract)
        self._moved_rad: float | None = None  # what counts as moved since the last leap; None once judged

    def step(self, now_s: float, steady_s: float | None, looked_s: float) -> ClockStep:
        """Take the time of a tick.

        Args:
            now_s, steady_s: see `ClockWatch.step`.
            looked_s: time by which heartbeats are judged [s].
        """
        clock = self._clock.step(now_s, steady_s)
        event = clock.fault and clock.fault.event
        if event is Event.CLOCK_JUMP:
            self.joints.forget(now_s)
            self._moved_rad = self._moved_rad or JUMP_RAD
        elif event is Event.OVERRUN:
            self.joints.look_again(now_s)
            self.heartbeats.look_again(looked_s)
        return clock

    def faults(self, now_s: float, steady_s: float) -> list[Fault]:
        """What is wrong with joints and nodes at a time [s]; also sets `measured`."""
        reason = self.joints.fault(now_s)
        self.measured = None if reason else self.joints.newest
        heart = self.heartbeats.fault(steady_s)
        found = [heart] if heart else []
        if reason:
            severity = State.PROTECTIVE_STOP if self.joints.is_lost(now_s) else State.HOLDING
            found.insert(0, Fault(Event.STALE, reason, severity))
        return found

    def forget(self, now_s: float | None) -> None:
        """A new scene at a time [s]: joints from before it do not count, and the clock begins anew."""
        self.joints.forget(now_s)
        self._clock.forget()
        self._moved_rad = SCENE_RAD

    def was_moved(self, command_rad: Array) -> bool:
        """Whether the first joints after a leap lie away from a command (J,) [rad]; told once."""
        if self._moved_rad is None or self.measured is None:
            return False
        limit_rad, self._moved_rad = self._moved_rad, None
        return float(np.abs(self.measured.position_rad - command_rad).max()) > limit_rad
