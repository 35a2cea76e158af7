"""What is asked of a policy that answers late: promises as far as it learnt them, and a slower pace beyond.

A policy that takes long acts on what it saw long ago. Nothing makes it see sooner, but the arm can move
less meanwhile: its chunk is played slower, so that no more than `BUDGET_ROWS` rows of it pass before it
comes. The rows stay on the grid of policy steps; a slower chunk has more of them and reaches further.
"""

from dataclasses import dataclass, replace

import numpy as np

from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.curve import Spline
from sovereign_robot.control.latency import LatencyEstimator

PROMISED_ROWS = 2  # the shipped policy met one or two promises where it acted while it learnt; more do harm
BUDGET_ROWS = 6.0
SLOWEST = 0.3


@dataclass(frozen=True, slots=True)
class Budget:
    """What the latency of a policy asks for.

    Attributes:
        rows: rows that are promised to the policy, in its own steps.
        pace: how fast its chunk is played, 0 .. 1; 1 is the speed it was planned with.
        latency_s: from an observation to its chunk [s]; None before the first one.
        budget_s: the latency up to which the pace is 1 [s].
    """

    rows: int
    pace: float
    latency_s: float | None
    budget_s: float

    @property
    def excess(self) -> str:
        """What is done about a latency over the budget, as a sentence; "" within it."""
        if self.latency_s is None or self.pace == 1.0:
            return ""
        return (
            f"the policy answers {self.latency_s:.3f} s after its observation, expected at most "
            f"{self.budget_s:.3f} s: the arm moves at {self.pace:.0%} of its pace"
        )

    def as_facts(self) -> dict[str, str]:
        """What diagnostics say of it."""
        facts = {
            "pace": f"{self.pace:.2f}",
            "promised_rows": str(self.rows),
            "budget_s": f"{self.budget_s:.3f}",
        }
        return facts if self.latency_s is None else facts | {"latency_s": f"{self.latency_s:.3f}"}


def budget(latency: LatencyEstimator, step_s: float, max_committed: int) -> Budget:
    """What is asked of a policy with steps of `step_s` [s] that can take `max_committed` promised rows."""
    most, budget_s = min(PROMISED_ROWS, max_committed), BUDGET_ROWS * step_s
    latency_s = latency.latency_s
    if latency_s is None:
        return Budget(most, 1.0, None, budget_s)
    pace = min(1.0, max(SLOWEST, budget_s / max(latency_s, step_s)))
    rows = latency.rows(step_s / pace) or most
    return Budget(min(most, rows), pace, latency_s, budget_s)


def paced(chunk: ActionChunk, pace: float) -> ActionChunk:
    """The same rows, row i due at `stamp_s + (i + 1) * step_s / pace`, read off at whole steps.

    Args:
        pace: above 0, at most 1.
    """
    if pace == 1.0:
        return chunk
    count = int(np.floor(len(chunk.position_rad) / pace + 1e-9))
    own = pace * np.arange(1, count + 1, dtype=np.float64)
    rows: Array = _through(chunk.position_rad, own)
    return replace(chunk, position_rad=rows)


def _through(rows_rad: Array, at: Array) -> Array:
    """Rows (T, J) [rad] at fractional numbers (N,), the first row being 1; straight on before it."""
    return Spline(np.arange(1, len(rows_rad) + 1, dtype=np.float64), rows_rad, 1.0).motion(at)[0]
