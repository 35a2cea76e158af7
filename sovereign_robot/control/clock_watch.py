"""What the clock did since the last tick: went on, jumped, stood still, or was looked at too late.

Two clocks are compared. `now_s` stamps joints and chunks, and may be set, simulated or paused; `steady_s`
no one can set. Faults of `now_s` are judged since it last moved:

- it moved on by more than `steady_s` did, or ran back, by more than `clock_jump_s` of the contract: a jump,
  and no age can be trusted;
- it has not moved for three control periods of `steady_s`: it stands still, and so does an arm that lives in
  simulated time. That is a hold which heals by itself: the plan is still true when the clock goes on;
- it moved more slowly than `steady_s`: a simulation that cannot keep up, which is no fault;
- it moved on by more than five control periods with nobody looking: the supervisor was starved. The arm has
  rested on the last command since, and no time is left to move it in.
"""

from dataclasses import dataclass

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.control.safety_state import Event, Fault

STOPPED_PERIODS = 3.0
OVERRUN_PERIODS = 5.0
ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class ClockStep:
    """Time to move the arm in since the last tick [s], 0 or more, and what is wrong with the clock."""

    step_s: float
    fault: Fault | None


class ClockWatch:
    """Compares the clock of the stamps with a steady one, tick by tick."""

    def __init__(self, contract: RobotContract) -> None:
        """Start without a tick."""
        self._period_s = contract.control_step_s
        self._jump_s = contract.safety.clock_jump_s
        self._last: tuple[float, float] | None = None

    def step(self, now_s: float, steady_s: float | None = None) -> ClockStep:
        """Take the time of a tick.

        Args:
            now_s: time from the clock of the stamps [s].
            steady_s: time from the steady clock [s]; None: `now_s` is the only clock there is, and a
                leap ahead cannot be told from a late tick.
        """
        if self._last is None:
            self._last = (now_s, now_s if steady_s is None else steady_s)
            return ClockStep(self._period_s, None)
        moved_s = now_s - self._last[0]
        steady_step_s = max(moved_s, 0.0) if steady_s is None else steady_s - self._last[1]
        if moved_s == 0.0:
            return ClockStep(0.0, self._stopped(steady_step_s))
        self._last = (now_s, now_s if steady_s is None else steady_s)
        ahead_s = moved_s - steady_step_s
        if ahead_s > self._jump_s or (moved_s < 0.0 and ahead_s < -self._jump_s):
            way = "back" if ahead_s < 0.0 else "forward"
            reason = f"the clock jumped {way} by {abs(ahead_s):.3f} s"
            return ClockStep(max(min(steady_step_s, self._period_s), 0.0), Fault(Event.CLOCK_JUMP, reason))
        fault = self._overrun(moved_s)
        return ClockStep(0.0 if fault else max(moved_s, 0.0), fault)

    def forget(self) -> None:
        """The next tick is the first one again."""
        self._last = None

    def _stopped(self, standing_s: float) -> Fault | None:
        if standing_s <= STOPPED_PERIODS * self._period_s + ROUNDING_S:
            return None
        return Fault(Event.CLOCK_STOPPED, f"the clock has been standing still for {standing_s:.3f} s")

    def _overrun(self, moved_s: float) -> Fault | None:
        longest_s = OVERRUN_PERIODS * self._period_s
        if moved_s <= longest_s + ROUNDING_S:
            return None
        reason = f"the last tick was {moved_s:.3f} s ago, expected at most {longest_s:.3f} s: starved loop"
        return Fault(Event.OVERRUN, reason)
