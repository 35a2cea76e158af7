"""Success counted: of a policy and of what it is held against, over all episodes or by task and split."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sovereign_robot.evaluation.arms import WRONG_SENTENCE
from sovereign_robot.evaluation.results import POLICY, EpisodeResult, by, rate_of
from sovereign_robot.evaluation.statistics import Rate

LISTENED = "listened"


@dataclass(frozen=True)
class Tally:
    """What some episodes come to."""

    episodes: Sequence[EpisodeResult]

    @cached_property
    def own(self) -> list[EpisodeResult]:
        """The measured policy's own episodes, told what was asked."""
        return [e for e in self.episodes if e.arm == POLICY]

    @property
    def rate(self) -> Rate:
        """The measured policy's success rate."""
        return rate_of(self.own)

    @property
    def languages(self) -> dict[str, Rate]:
        """The same by language of the sentence."""
        return {name: rate_of(found) for name, found in sorted(by(self.own, lambda e: e.language).items())}

    @property
    def arms(self) -> dict[str, Rate]:
        """Success of each control arm, and how often the policy did what a wrong sentence told it."""
        found = by([e for e in self.episodes if e.arm != POLICY], lambda e: e.arm)
        rates = {arm: rate_of(played) for arm, played in found.items()}
        if WRONG_SENTENCE in found:
            told = found[WRONG_SENTENCE]
            rates[LISTENED] = Rate(sum(e.listened is True for e in told), len(told))
        return rates

    @property
    def failed_seeds(self) -> list[int]:
        """Where the policy failed; says which scenes only within one task and split."""
        return [e.seed for e in self.own if not e.success]

    @property
    def phases(self) -> dict[str, int]:
        """Where the policy's failures happened."""
        return dict(Counter(str(e.phase) for e in self.own if e.phase is not None).most_common())

    def of(self, task: str | None = None, split: str | None = None, language: str | None = None) -> "Tally":
        """Only the episodes of that task, split and language."""
        return Tally(
            [
                e
                for e in self.episodes
                if task in (None, e.task) and split in (None, e.split) and language in (None, e.language)
            ]
        )

    def as_dict(self) -> dict[str, object]:
        """Plain data for `report.json`."""
        return {
            "success": self.rate.as_dict(),
            "languages": {name: rate.as_dict() for name, rate in self.languages.items()},
            "arms": {name: rate.as_dict() for name, rate in self.arms.items()},
            "phases": self.phases,
        }
