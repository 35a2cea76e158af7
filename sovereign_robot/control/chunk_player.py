"""Turn action chunks that arrive late and overlap into one continuous target.

A chunking strategy makes the plan of each chunk (`chunking.py`); a curve goes to the plan without a jump, and
within the limits of position, velocity and acceleration (`curve.py`). Everything goes by stamps, nothing by
counts: a chunk that is late, lost, doubled or out of order changes which rows are left, never when they are
due. A plan that has been played out is no plan: the player says why, and the arm is held.
"""

from collections import deque

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.chunking import Chunking, strategy
from sovereign_robot.control.curve import SPAN_POINTS, Curve, KnotLimits, Spline

MAX_ROWS = 1000
HISTORY_S = 1.0
STEP_TOLERANCE = 0.01
CLOCK_TOLERANCE_S = 1e-6


class ChunkPlayer:
    """The plan being played; time comes as an argument.

    Attributes:
        stamp_s: observation time of the newest chunk taken [s]; None before the first one.
    """

    def __init__(
        self, contract: RobotContract, blend_s: float = 0.1, chunking: Chunking = Chunking.PREFIX
    ) -> None:
        """Start without a plan.

        Args:
            contract: the robot whose chunks are played.
            blend_s: time from the acceptance of a chunk in which half of a small gap to it is closed [s],
                to whole parts of the policy step and at most four of those; larger gaps take as long as
                the limits ask for.
            chunking: how chunks that overlap become one plan.
        """
        if not 0.0 <= blend_s < float("inf"):
            raise CommandError(f"blend_s is {blend_s} s, expected 0 or more")
        self.stamp_s: float | None = None
        self._contract = contract
        self._limits = KnotLimits.of(contract, _knot_s(contract, blend_s))
        self._promises = chunking.promises
        self._strategy = strategy(chunking)
        self._not_before_s = -float("inf")
        self._late_s = self._reach_s = 0.0
        self._curves: deque[Curve] = deque()

    def accept(
        self,
        chunk: ActionChunk,
        now_s: float,
        command_rad: Array | None = None,
        velocity_rad_s: Array | None = None,
    ) -> None:
        """Take a chunk over; on refusal the plan stays as it was.

        Args:
            chunk: a plan whose row i is due at `stamp_s + (i + 1) * step_s`.
            now_s: time of acceptance [s].
            command_rad: (J,) command in force [rad], where the curve begins when no plan is being
                played; without it the curve begins where the old plan ended, or in the new one.
            velocity_rad_s: (J,) of that command [rad/s], which was given one control period before;
                None: at rest.

        Raises:
            CommandError: the chunk does not fit the contract, is not newer than the last one, comes
                from the future, or lies in the past with all its rows.
        """
        self._check(chunk, now_s)
        late_s, reach_s = now_s - chunk.stamp_s, len(chunk.position_rad) * chunk.step_s
        if late_s + CLOCK_TOLERANCE_S >= reach_s:
            raise CommandError(
                f"action chunk ended {late_s - reach_s:.3f} s ago: it was observed {late_s:.3f} s ago "
                f"and reaches {reach_s:.3f} s; the policy is too slow for its horizon"
            )
        self._play(self._strategy.plan(chunk), now_s, command_rad, velocity_rad_s)
        self.stamp_s, self._late_s, self._reach_s = chunk.stamp_s, late_s, reach_s

    def rejoin(self, now_s: float, command_rad: Array, velocity_rad_s: Array | None = None) -> None:
        """Lead from a command (J,) [rad] back into the plan after the arm was held elsewhere.

        Args:
            velocity_rad_s: (J,) of that command [rad/s]; None: at rest.
        """
        plan = self._curves[-1].plan if self._curves else None
        self._curves.clear()
        if plan is not None and plan.end_s > now_s + CLOCK_TOLERANCE_S:
            self._play(plan, now_s, command_rad, velocity_rad_s)

    def sample(self, now_s: float) -> Array | None:
        """Target (J,) [rad] at a time; None when there is no plan or its last row is past."""
        if not self._curves or now_s > self._curves[-1].end_s + CLOCK_TOLERANCE_S:
            return None
        return self._curve_at(now_s).position(now_s)

    def shortage(self, now_s: float) -> str:
        """What is wrong with a plan that was played out by `now_s` [s], with latency and budget; else ""."""
        if self.stamp_s is None or self.sample(now_s) is not None:
            return ""
        return (
            f"ran out: its newest observation is {now_s - self.stamp_s:.3f} s old and reaches "
            f"{self._reach_s:.3f} s; that came {self._late_s:.3f} s after its observation, and the next must "
            f"come before {self._reach_s:.3f} s"
        )

    def committed(self, stamp_s: float, steps: int, step_s: float | None = None) -> Array:
        """What is being played at `stamp_s + (1 .. steps) * step_s`, as far as the plan reaches.

        Args:
            stamp_s: time of the observation that the next chunk starts from [s].
            steps: how many rows are wanted.
            step_s: time between them [s]; None: the policy step.

        Returns:
            (d, J) [rad] with d <= steps, for a policy to repeat in its first d rows; none where the
            chunking makes no promises.
        """
        rows: list[Array] = []
        step_s = self._contract.policy_step_s if step_s is None else step_s
        for step in range(1, steps * self._promises + 1):
            row = self.sample(stamp_s + step * step_s)
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
        self._strategy.forget()
        self._curves.clear()

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

    def _play(
        self, plan: Spline, now_s: float, command_rad: Array | None, velocity_rad_s: Array | None
    ) -> None:
        """Turn what is played to a plan, or begin; keep the curves that the last second was played from."""
        while len(self._curves) > 1 and self._curves[1].begin_s <= now_s - HISTORY_S:
            self._curves.popleft()
        if self.sample(now_s) is not None:
            curve = self._curve_at(now_s).turned_to(plan, now_s)
        else:
            position, velocity = self._moving(plan, now_s, command_rad, velocity_rad_s)
            curve = Curve.from_motion(plan, now_s, position, velocity, self._limits)
        self._curves.append(curve)

    def _moving(
        self, plan: Spline, now_s: float, command_rad: Array | None, velocity_rad_s: Array | None
    ) -> tuple[Array, Array]:
        """Position and velocity (J,) at which a curve begins now, one control period after the command."""
        if command_rad is not None:
            position = np.asarray(command_rad, dtype=np.float64)
            velocity = np.zeros_like(position) if velocity_rad_s is None else np.asarray(velocity_rad_s)
            return position + velocity * self._contract.control_step_s, velocity
        if self._curves:
            position = self._curves[-1].position(self._curves[-1].end_s)
            return position, np.zeros_like(position)
        position, velocity, _ = (moved[0] for moved in plan.motion(np.array([now_s])))
        return self._limits.inside(position, velocity)

    def _curve_at(self, time_s: float) -> Curve:
        """The curve that is or was played at a time; before the first one that one."""
        for curve in reversed(self._curves):
            if curve.begin_s <= time_s:
                return curve
        return self._curves[0]


def _knot_s(contract: RobotContract, blend_s: float) -> float:
    """A whole part of the policy step [s]: what a plan changes is over four spans after it came."""
    longest_s = max(blend_s / SPAN_POINTS, contract.control_step_s)
    return contract.policy_step_s / max(1, round(contract.policy_step_s / longest_s))
