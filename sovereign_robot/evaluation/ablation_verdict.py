"""Which arm of an ablation is kept: means over checkpoints, paired by scene, and the rule of the plan.

The checkpoints of an arm are no independent episodes. A rate is therefore the mean over scenes of the share
of checkpoints that succeeded, its interval is that of as many episodes as there are scenes, and McNemar's
test takes each scene once: as a success when more than half of the checkpoints succeeded.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.ablation_cells import CellResult, Scene
from sovereign_robot.evaluation.ablation_plan import Rule
from sovereign_robot.evaluation.statistics import EPISODES_TO_CLAIM, Z_95, Pairs, wilson

SHOWN_BELOW_P = 0.05


@dataclass(frozen=True)
class Score:
    """What an arm did, over all checkpoints of all its cells."""

    cells: Sequence[CellResult]

    def shares(self, metric: str) -> dict[Scene, float]:
        """By scene the share of checkpoints that did it."""
        scenes = [c.scenes(metric) for cell in self.cells for c in cell.checkpoints]
        return {scene: float(np.mean([s[scene] for s in scenes])) for scene in (scenes[0] if scenes else {})}

    def mean(self, metric: str, split: str | None = None) -> float:
        """Mean over scenes; NaN where it was not measured."""
        shares = [share for scene, share in self.shares(metric).items() if split in (None, scene[1])]
        return float(np.mean(shares)) if shares else math.nan

    def interval(self, metric: str) -> tuple[float, float]:
        """95 % Wilson interval of as many episodes as there are scenes."""
        shares = self.shares(metric)
        return wilson(round(sum(shares.values())), len(shares))

    @property
    def scenes(self) -> int:
        """Number of scenes."""
        return len(self.shares("success"))

    @property
    def checkpoints(self) -> int:
        """Number of checkpoints."""
        return sum(len(cell.checkpoints) for cell in self.cells)

    @property
    def inference_s(self) -> float:
        """Median of one inference [s]."""
        return min(cell.inference_s for cell in self.cells)

    @property
    def parameters(self) -> int:
        """Of one policy."""
        return self.cells[0].checkpoints[0].parameters

    @property
    def labels(self) -> int:
        """Frames that an expert was asked about."""
        return self.cells[0].checkpoints[0].labels


@dataclass(frozen=True)
class Verdict:
    """An arm against the baseline on the same scenes."""

    baseline: Score
    arm: Score
    rule: Rule

    def __post_init__(self) -> None:
        if self._mine.keys() != self._theirs.keys():
            raise UsageError("the arms of an ablation were measured on different scenes: delete their cells")

    @cached_property
    def _mine(self) -> Mapping[Scene, float]:
        return self.arm.shares(self.rule.metric)

    @cached_property
    def _theirs(self) -> Mapping[Scene, float]:
        return self.baseline.shares(self.rule.metric)

    @cached_property
    def _gains(self) -> np.ndarray:
        return np.array([self._mine[scene] - self._theirs[scene] for scene in self._mine])

    @property
    def gain(self) -> float:
        """Mean of the arm minus mean of the baseline."""
        return float(self._gains.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the gain, scenes drawn at random."""
        half = Z_95 * float(self._gains.std(ddof=1)) / math.sqrt(len(self._gains))
        return max(-1.0, self.gain - half), min(1.0, self.gain + half)

    @cached_property
    def pairs(self) -> Pairs:
        """Each scene once: did more than half of the checkpoints do it?"""
        return Pairs.of((self._theirs[scene] > 0.5, share > 0.5) for scene, share in self._mine.items())

    @property
    def slower(self) -> float:
        """How many times as long one inference takes."""
        return self.arm.inference_s / self.baseline.inference_s if self.baseline.inference_s else math.nan

    @property
    def is_kept(self) -> bool:
        """Whether the arm replaces the baseline."""
        return self.reason == ""

    @property
    def reason(self) -> str:
        """Why the arm does not replace the baseline; "" when it does."""
        if self.pairs.n < EPISODES_TO_CLAIM:
            return f"{self.pairs.n} scenes are too few to claim"
        if self.pairs.p >= SHOWN_BELOW_P:
            return "no difference is shown"
        if self.gain <= 0.0:
            return "it is worse"
        if 100 * self.gain < self.rule.gain_points:
            return f"it gains less than {self.rule.gain_points:g} points"
        if self.rule.latency_factor is not None and self.slower > self.rule.latency_factor:
            return f"it takes {self.slower:.2f} times as long, more than {self.rule.latency_factor:g}"
        return ""
