"""What came out of episodes, in ROS or without it: the input of every report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.evaluation.statistics import Rate, Spread

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class EpisodeResult:
    """One episode.

    Attributes:
        labels: what it was about, such as {"colour": "red", "bin": "left"}; the report breaks down by each.
        time_s: time from the reset to the success, or to the end [s].
        stamp_s: (N,) time of each control tick since the reset [s].
        joint_position_rad: (N, J) measured [rad].
        command_rad: (N, J) sent [rad]; NaN where nothing was sent.
        latency_s: (M,) age of the observation behind a command when a new chunk first moved the arm [s].
        qpos: (K, Q) configurations of the simulator for the video, `qpos_step_s` apart; (0, 0): no video.
        interventions: how often each limit or hold changed the command.
        inference_s: wall time of each call of the policy [s]; empty where it was not measured.
    """

    seed: int
    split: str
    instruction: str
    language: str
    labels: Mapping[str, str]
    success: bool
    time_s: float
    stamp_s: Array
    joint_position_rad: Array
    command_rad: Array
    latency_s: Array
    qpos: Float32
    qpos_step_s: float
    interventions: Mapping[str, int]
    inference_s: Array = field(default_factory=lambda: np.empty(0))

    def summary(self) -> dict[str, Any]:
        """Plain data for `report.json`, without the traces."""
        return {
            "seed": self.seed,
            "split": self.split,
            "instruction": self.instruction,
            "language": self.language,
            **self.labels,
            "success": self.success,
            "time_s": round(self.time_s, 2),
            "latency": asdict(Spread.of(self.latency_s)),
            "interventions": dict(self.interventions),
        }


@dataclass(frozen=True)
class RunReport:
    """One run of many episodes.

    Attributes:
        kind: the command that ran it: "eval" or "demo".
        threshold: success rate that passes.
        policy: facts of the policy, such as name and sha256.
        tick_period_s: wall time between two control ticks [s]; empty where nothing ran in real time.
        elapsed_s: wall time of the whole run [s].
        facts: further lines for the report's last table.
    """

    kind: str
    task: str
    contract: RobotContract
    threshold: float
    policy: Mapping[str, str]
    episodes: Sequence[EpisodeResult]
    tick_period_s: Array = field(default_factory=lambda: np.empty(0))
    elapsed_s: float = 0.0
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def rate(self) -> Rate:
        """Success rate of all episodes."""
        return rate_of(self.episodes)

    @property
    def passed(self) -> bool:
        """Whether the success rate reaches the threshold."""
        return bool(self.episodes) and self.rate.value >= self.threshold

    @property
    def latency(self) -> Spread:
        """Observation to command."""
        return Spread.of(self.latency_s)

    @property
    def latency_s(self) -> Array:
        """Observation to command in all episodes [s]."""
        return np.concatenate([np.empty(0), *(e.latency_s for e in self.episodes)])

    @property
    def inference(self) -> Spread:
        """One call of the policy."""
        return Spread.of(self.inference_s)

    @property
    def inference_s(self) -> Array:
        """Wall time of each call of the policy in all episodes [s]."""
        return np.concatenate([np.empty(0), *(e.inference_s for e in self.episodes)])

    @property
    def jitter(self) -> Spread:
        """How far each control period is from the contract's."""
        return Spread.of(np.abs(self.tick_period_s - self.contract.control_step_s))

    @property
    def interventions(self) -> dict[str, int]:
        """Interventions of all episodes by kind."""
        kinds = sorted({kind for e in self.episodes for kind in e.interventions})
        return {kind: sum(e.interventions.get(kind, 0) for e in self.episodes) for kind in kinds}

    def breakdown(self) -> dict[str, dict[str, Rate]]:
        """Success rate by language and by each label."""
        groups: dict[str, dict[str, list[EpisodeResult]]] = {}
        for episode in self.episodes:
            for name, value in {"language": episode.language, **episode.labels}.items():
                groups.setdefault(name, {}).setdefault(value, []).append(episode)
        return {n: {v: rate_of(g) for v, g in sorted(values.items())} for n, values in groups.items()}

    def as_dict(self) -> dict[str, Any]:
        """Plain data of `report.json`."""
        return {
            "kind": self.kind,
            "task": self.task,
            "robot": self.contract.name,
            "contract_sha256": self.contract.sha256,
            "policy": dict(self.policy),
            "passed": self.passed,
            "threshold": self.threshold,
            "success": self.rate.as_dict(),
            "splits": sorted({e.split for e in self.episodes}),
            "seeds": [e.seed for e in self.episodes],
            "failed_seeds": [e.seed for e in self.episodes if not e.success],
            "breakdown": {
                n: {v: r.as_dict() for v, r in values.items()} for n, values in self.breakdown().items()
            },
            "time_to_success": asdict(Spread.of([e.time_s for e in self.episodes if e.success])),
            "observation_to_command": asdict(self.latency),
            "inference": asdict(self.inference),
            "loop_jitter": asdict(self.jitter),
            "interventions": self.interventions,
            "elapsed_s": round(self.elapsed_s, 1),
            "facts": dict(self.facts),
            "episodes": [e.summary() for e in self.episodes],
        }


def rate_of(episodes: Sequence[EpisodeResult]) -> Rate:
    """Success rate of some episodes."""
    return Rate(sum(e.success for e in episodes), len(episodes))
