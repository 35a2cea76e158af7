"""Turn action chunks that arrive late and overlap into one continuous target.

A plan is a piecewise linear curve through knots (time, joint positions). A new chunk first loses the
rows that latency made old. What remains follows in a straight line from the target of this moment; as
far as an old plan still reaches, the new one takes over from it within `blend_s`. Everything goes by
stamps, nothing by counts: a chunk that is late, lost, doubled or out of order changes which rows are
left, never when they are due.
"""

from bisect import bisect_left, bisect_right

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array

MAX_ROWS = 1000
HISTORY_S = 1.0
STEP_TOLERANCE = 0.01
CLOCK_TOLERANCE_S = 1e-6


class ChunkPlayer:
    """The plan being played; time comes as an argument.

    Attributes:
        stamp_s: observation time of the newest chunk taken [s]; None before the first one.
    """

    def __init__(self, contract: RobotContract, blend_s: float = 0.1) -> None:
        """Start without a plan.

        Args:
            contract: the robot whose chunks are played.
            blend_s: time from the acceptance of a chunk until it alone rules over the old plan [s];
                0 switches at the first row that is left.
        """
        if not 0.0 <= blend_s < float("inf"):
            raise CommandError(f"blend_s is {blend_s} s, expected 0 or more")
        self.stamp_s: float | None = None
        self._contract = contract
        self._blend_s = blend_s
        self._not_before_s = -float("inf")
        self._times_s: list[float] = []
        self._rows_rad: Array = np.empty((0, len(contract.joints)))

    def accept(self, chunk: ActionChunk, now_s: float, command_rad: Array | None = None) -> None:
        """Take a chunk over; on refusal the plan stays as it was.

        Args:
            chunk: a plan whose row i is due at `stamp_s + (i + 1) * step_s`.
            now_s: time of acceptance [s].
            command_rad: (J,) command in force [rad], where the curve begins when no plan is being
                played; without it the curve begins where the old plan ended, or at the first row left.

        Raises:
            CommandError: the chunk does not fit the contract, is not newer than the last one, comes
                from the future, or lies in the past with all its rows.
        """
        self._check(chunk, now_s)
        times_s = chunk.times_s
        first = int(np.searchsorted(times_s, now_s + CLOCK_TOLERANCE_S))
        if first == len(times_s):
            raise CommandError(
                f"action chunk ended {now_s - times_s[-1]:.3f} s ago: it was observed "
                f"{now_s - chunk.stamp_s:.3f} s ago and reaches {times_s[-1] - chunk.stamp_s:.3f} s; "
                "the policy is too slow for its horizon"
            )
        self._join(times_s[first:], chunk.position_rad[first:], now_s, command_rad)
        self.stamp_s = chunk.stamp_s

    def rejoin(self, now_s: float, command_rad: Array) -> None:
        """Lead from `command_rad` (J,) [rad] back into the plan after the arm was held elsewhere."""
        first = bisect_right(self._times_s, now_s + CLOCK_TOLERANCE_S)
        times_s, rows_rad = np.asarray(self._times_s[first:]), self._rows_rad[first:]
        self._forget_plan()
        if len(times_s):
            self._join(times_s, rows_rad, now_s, command_rad)

    def sample(self, now_s: float) -> Array | None:
        """Target (J,) [rad] at a time; None when there is no plan or its last row is past."""
        if not self._times_s or now_s > self._times_s[-1] + CLOCK_TOLERANCE_S:
            return None
        return self._at(now_s)

    def committed(self, stamp_s: float, steps: int) -> Array:
        """What is being played at `stamp_s + (1 .. steps) * policy step`, as far as the plan reaches.

        Args:
            stamp_s: time of the observation that the next chunk starts from [s].
            steps: how many rows are wanted.

        Returns:
            (d, J) [rad] with d <= steps, for a policy to repeat in its first d rows.
        """
        rows: list[Array] = []
        for step in range(1, steps + 1):
            row = self.sample(stamp_s + step * self._contract.policy_step_s)
            if row is None:
                break
            rows.append(row)
        return np.array(rows).reshape(len(rows), len(self._contract.joints))

    def clear(self, not_before_s: float | None = None) -> None:
        """Drop the plan and refuse chunks observed before a time.

        Args:
            not_before_s: chunks stamped earlier are refused from now on [s]; None takes any chunk,
                which is right when the clock itself starts anew.
        """
        self.stamp_s = None
        self._not_before_s = -float("inf") if not_before_s is None else not_before_s
        self._forget_plan()

    def _forget_plan(self) -> None:
        self._times_s = []
        self._rows_rad = self._rows_rad[:0]

    def _check(self, chunk: ActionChunk, now_s: float) -> None:
        if len(chunk.position_rad) > MAX_ROWS:
            rows = len(chunk.position_rad)
            raise CommandError(f"action chunk has {rows} rows, expected at most {MAX_ROWS}")
        chunk.validate(self._contract)
        step_s = self._contract.policy_step_s
        if abs(chunk.step_s - step_s) > STEP_TOLERANCE * step_s:
            raise CommandError(
                f"action chunk has a step of {chunk.step_s:.6g} s, expected {step_s:.6g} s "
                f"(policy_rate_hz {self._contract.policy_rate_hz:g} of {self._contract.name})"
            )
        if chunk.stamp_s > now_s + step_s + CLOCK_TOLERANCE_S:
            raise CommandError(
                f"action chunk is stamped {chunk.stamp_s - now_s:.3f} s in the future, expected at most "
                f"{step_s:.3f} s: the policy and the controller do not share one clock"
            )
        if chunk.stamp_s < self._not_before_s:
            raise CommandError(
                f"action chunk was observed {self._not_before_s - chunk.stamp_s:.3f} s before the last stop "
                "or reset; only newer observations count"
            )
        if self.stamp_s is not None and chunk.stamp_s <= self.stamp_s:
            raise CommandError(
                f"action chunk observed at {chunk.stamp_s:.3f} s is not newer than the one in play, "
                f"observed at {self.stamp_s:.3f} s"
            )

    def _join(self, times_s: Array, rows_rad: Array, now_s: float, command_rad: Array | None) -> None:
        """Make the curve: past knots, one at `now_s`, then `rows_rad` blended in from the old target."""
        played = np.array(rows_rad, dtype=np.float64)
        start_rad = self.sample(now_s)
        if start_rad is None:
            last_rad = self._rows_rad[-1] if self._times_s else played[0]
            start_rad = np.asarray(last_rad if command_rad is None else command_rad, dtype=np.float64)
        elif self._blend_s > 0.0:
            blend_end_s = min(now_s + self._blend_s, self._times_s[-1] + CLOCK_TOLERANCE_S)
            for i in range(int(np.searchsorted(times_s, blend_end_s))):
                old_rad = self._at(times_s[i])
                played[i] = old_rad + (times_s[i] - now_s) / self._blend_s * (played[i] - old_rad)
        begin, end = bisect_left(self._times_s, now_s - HISTORY_S), bisect_left(self._times_s, now_s)
        self._rows_rad = np.concatenate((self._rows_rad[begin:end], start_rad[None, :], played))
        self._times_s = [*self._times_s[begin:end], now_s, *times_s.tolist()]

    def _at(self, now_s: float) -> Array:
        """Point (J,) [rad] of the curve, held before its first and after its last knot."""
        right = bisect_right(self._times_s, now_s)
        if right == 0 or right == len(self._times_s):
            return self._rows_rad[max(right - 1, 0)].copy()
        left_s, right_s = self._times_s[right - 1], self._times_s[right]
        left_rad, right_rad = self._rows_rad[right - 1], self._rows_rad[right]
        return left_rad + (now_s - left_s) / (right_s - left_s) * (right_rad - left_rad)
