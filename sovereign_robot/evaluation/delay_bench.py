"""What added inference delay costs, by chunking strategy, on the same scenes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.evaluation.results import EpisodeResult
from sovereign_robot.evaluation.smoothness import Smoothness, smoothness
from sovereign_robot.evaluation.statistics import Pairs, Rate

# Points of success that may be lost at an added delay [ms].
ALLOWED_POINTS = {100: 2.0, 200: 5.0, 400: 10.0}
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Run:
    """One episode under one delay."""

    task: str
    seed: int
    success: bool
    time_s: float
    holds: int
    smoothness: Smoothness

    @classmethod
    def of(cls, episode: EpisodeResult, contract: RobotContract) -> "Run":
        """What is kept of an episode with its traces."""
        holds = episode.interventions.get("starved", 0)
        smooth = smoothness(episode, contract)
        return cls(episode.task, episode.seed, episode.success, episode.time_s, holds, smooth)


@dataclass(frozen=True)
class Cell:
    """All episodes of one strategy under one added delay."""

    chunking: Chunking
    delay_ms: int
    runs: tuple[Run, ...]

    @property
    def rate(self) -> Rate:
        """Success rate."""
        return Rate(sum(r.success for r in self.runs), len(self.runs))

    @property
    def seconds(self) -> float:
        """Mean time of the successes [s]; 0 without one."""
        times = [r.time_s for r in self.runs if r.success]
        return float(np.mean(times)) if times else 0.0

    @property
    def seam_share(self) -> float:
        """The hardest pull of a command at a seam of any episode, as a share of the limit."""
        return max(r.smoothness.seam_share for r in self.runs)

    @property
    def asked_seam_share(self) -> float:
        """The hardest pull that a plan asked of the safety filter there, as a share of the limit."""
        return max(r.smoothness.asked_seam_share for r in self.runs)

    @property
    def keeps_limits(self) -> bool:
        """Whether no seam is over the limit, neither as asked nor as commanded."""
        return max(self.seam_share, self.asked_seam_share) <= 1.0 + ROUNDING

    @property
    def velocity_share(self) -> float:
        """The fastest command of any episode, as a share of the limit."""
        return max(r.smoothness.velocity_share for r in self.runs)

    @property
    def jerk_rad_s3(self) -> float:
        """Root mean square of all episodes."""
        return float(np.sqrt(np.mean([r.smoothness.jerk_rad_s3**2 for r in self.runs])))

    @property
    def held_share(self) -> float:
        """Share of episodes in which the plan ran out at least once."""
        return sum(r.holds > 0 for r in self.runs) / len(self.runs)

    def against(self, other: "Cell") -> Pairs:
        """The other cell first, this one second, scene by scene."""
        mine = {(r.task, r.seed): r.success for r in self.runs}
        return Pairs.of((r.success, mine[r.task, r.seed]) for r in other.runs)

    def as_dict(self) -> dict[str, object]:
        """Plain data, totals first."""
        return {
            "chunking": str(self.chunking),
            "added_delay_ms": self.delay_ms,
            "success": self.rate.as_dict(),
            "seconds": round(self.seconds, 2),
            "seam_acceleration_share": round(self.seam_share, 3),
            "asked_seam_acceleration_share": round(self.asked_seam_share, 3),
            "velocity_share": round(self.velocity_share, 3),
            "jerk_rad_s3": round(self.jerk_rad_s3, 1),
            "held_share": round(self.held_share, 3),
            "runs": [asdict(r) for r in self.runs],
        }


@dataclass(frozen=True)
class DelayTable:
    """Cells of one policy, all on the same scenes."""

    cells: Sequence[Cell]

    def cell(self, chunking: Chunking, delay_ms: int) -> Cell:
        """One of them."""
        return next(c for c in self.cells if (c.chunking, c.delay_ms) == (chunking, delay_ms))

    def lost(self, cell: Cell) -> Pairs:
        """What a cell lost against the least delay of its strategy, in pairs."""
        return cell.against(self.cell(cell.chunking, min(c.delay_ms for c in self.cells)))

    def passed(self, chunking: Chunking) -> bool:
        """Whether a strategy loses no more than is allowed and keeps the limits at its seams."""
        return all(
            c.keeps_limits and -100.0 * self.lost(c).difference <= ALLOWED_POINTS.get(c.delay_ms, 100.0)
            for c in self.cells
            if c.chunking is chunking
        )

    @property
    def recommended(self) -> Chunking:
        """The strategy with the most successes over all delays; of equal ones the quickest."""
        return max(self._strategies(), key=lambda name: (self._successes(name), -self._seconds(name)))

    def _strategies(self) -> Iterable[Chunking]:
        return dict.fromkeys(c.chunking for c in self.cells)

    def _successes(self, chunking: Chunking) -> int:
        return sum(c.rate.successes for c in self.cells if c.chunking is chunking)

    def _seconds(self, chunking: Chunking) -> float:
        return sum(c.seconds for c in self.cells if c.chunking is chunking)
