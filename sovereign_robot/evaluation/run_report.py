"""What came out of one run of many episodes: the input of `report.json` and `report.html`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.evaluation.results import EpisodeResult, by, rate_of
from sovereign_robot.evaluation.statistics import Rate, Spread
from sovereign_robot.evaluation.tally import Tally


@dataclass(frozen=True)
class RunReport:
    """One run. Rates and times are those of the measured policy; control arms have rates of their own.

    Attributes:
        kind: the command that ran it: "eval" or "demo".
        threshold: success rate that passes, in every split.
        policy: facts of the policy, such as name and sha256.
        tick_period_s: wall time between two control ticks [s]; empty where nothing ran in real time.
        elapsed_s: wall time of the whole run [s].
        facts: further lines for the report's last table.
    """

    kind: str
    contract: RobotContract
    threshold: float
    policy: Mapping[str, str]
    episodes: Sequence[EpisodeResult]
    tick_period_s: Array = field(default_factory=lambda: np.empty(0))
    elapsed_s: float = 0.0
    facts: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tally(self) -> Tally:
        """All episodes."""
        return Tally(self.episodes)

    @cached_property
    def own(self) -> list[EpisodeResult]:
        """Episodes of the measured policy, told what was asked."""
        return self.tally.own

    @property
    def tasks(self) -> list[str]:
        """In the order in which they were measured."""
        return list(dict.fromkeys(e.task for e in self.episodes))

    @property
    def splits(self) -> list[str]:
        """In the order in which they were measured."""
        return list(dict.fromkeys(e.split for e in self.episodes))

    @property
    def seeds(self) -> list[int]:
        """The same for every task and split."""
        return sorted({e.seed for e in self.episodes})

    @property
    def rate(self) -> Rate:
        """Success rate of all episodes."""
        return self.tally.rate

    @property
    def passed(self) -> bool:
        """Whether the success rate reaches the threshold in every split."""
        rates = [self.tally.of(split=split).rate for split in self.splits]
        return bool(rates) and all(rate.value >= self.threshold for rate in rates)

    @property
    def latency(self) -> Spread:
        """Observation to command."""
        return Spread.of(self.latency_s)

    @property
    def latency_s(self) -> Array:
        """Observation to command in all episodes [s]."""
        return np.concatenate([np.empty(0), *(e.latency_s for e in self.own)])

    @property
    def inference(self) -> Spread:
        """One call of the policy."""
        return Spread.of(self.inference_s)

    @property
    def inference_s(self) -> Array:
        """Wall time of each call of the policy in all episodes [s]."""
        return np.concatenate([np.empty(0), *(e.inference_s for e in self.own)])

    @property
    def jitter(self) -> Spread:
        """How far each control period is from the contract's."""
        return Spread.of(np.abs(self.tick_period_s - self.contract.control_step_s))

    @property
    def interventions(self) -> dict[str, int]:
        """Interventions of all episodes by kind."""
        kinds = sorted({kind for e in self.own for kind in e.interventions})
        return {kind: sum(e.interventions.get(kind, 0) for e in self.own) for kind in kinds}

    def breakdown(self) -> dict[str, dict[str, Rate]]:
        """Success rate by language and by each label."""
        groups: dict[str, dict[str, list[EpisodeResult]]] = {}
        for episode in self.own:
            for name, value in {"language": episode.language, **episode.labels}.items():
                groups.setdefault(name, {}).setdefault(value, []).append(episode)
        return {n: {v: rate_of(g) for v, g in sorted(values.items())} for n, values in groups.items()}

    def as_dict(self) -> dict[str, Any]:
        """Plain data of `report.json`."""
        return {
            "kind": self.kind,
            "tasks": self.tasks,
            "splits": self.splits,
            "seeds": self.seeds,
            "robot": self.contract.name,
            "contract_sha256": self.contract.sha256,
            "policy": dict(self.policy),
            "passed": self.passed,
            "threshold": self.threshold,
            **self.tally.as_dict(),
            "by_split": {split: self.tally.of(split=split).as_dict() for split in self.splits},
            "by_task": {task: self.tally.of(task).as_dict() for task in self.tasks},
            "table": [_cell(*where, Tally(found)) for where, found in self._cells().items()],
            "breakdown": {
                n: {v: r.as_dict() for v, r in values.items()} for n, values in self.breakdown().items()
            },
            "time_to_success": asdict(Spread.of([e.time_s for e in self.own if e.success])),
            "observation_to_command": asdict(self.latency),
            "inference": asdict(self.inference),
            "loop_jitter": asdict(self.jitter),
            "interventions": self.interventions,
            "elapsed_s": round(self.elapsed_s, 1),
            "facts": dict(self.facts),
            "episodes": [e.summary() for e in self.episodes],
        }

    def _cells(self) -> dict[tuple[str, str], list[EpisodeResult]]:
        return by(self.episodes, lambda e: (e.task, e.split))


def _cell(task: str, split: str, tally: Tally) -> dict[str, object]:
    return {"task": task, "split": split, **tally.as_dict(), "failed_seeds": tally.failed_seeds}
