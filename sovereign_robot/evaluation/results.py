"""What came out of one episode, in ROS or without it."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.types import Array
from sovereign_robot.evaluation.statistics import Rate, Spread

Float32 = NDArray[np.float32]
POLICY = "policy"  # the arm that is measured; `arms.py` names those that it is held against


class Phase(StrEnum):
    """Where an episode failed, as far as its course tells."""

    WRONG_THING = "wrong thing"
    NOT_BEGUN = "not begun"
    UNDER_WAY = "under way"
    LOST_AGAIN = "lost again"
    AT_THE_END = "at the end"


@dataclass(frozen=True)
class EpisodeResult:
    """One episode.

    Attributes:
        task: name or YAML file.
        labels: what it was about, such as {"colour": "red", "bin": "left"}; the report breaks down by each.
        time_s: time from the reset to the success, or to the end [s].
        stamp_s: (N,) time of each control tick since the reset [s].
        joint_position_rad: (N, J) measured [rad].
        command_rad: (N, J) sent [rad]; NaN where nothing was sent.
        latency_s: (M,) age of the observation behind a command when a new chunk first moved the arm [s].
        qpos: (K, Q) configurations of the simulator for the video, `qpos_step_s` apart; (0, 0): no video.
        interventions: how often each limit or hold changed the command.
        inference_s: wall time of each call of the policy [s]; empty where it was not measured.
        arm: who played: the policy, or one of the control arms.
        progress: the furthest that the work came, 0 .. 1; None where it was not measured.
        phase: where it failed; None after a success and where it was not measured.
        age_s: (N,) age of the observation behind each command [s]; NaN while the arm was not run by a chunk.
        target_rad: (N, J) what the plan asked of the safety filter [rad]; NaN while no chunk ran the arm.
        listened: whether it did what it was told instead of what was asked; None when it was told that.
    """

    task: str
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
    arm: str = POLICY
    progress: float | None = None
    phase: Phase | None = None
    listened: bool | None = None
    age_s: Array = field(default_factory=lambda: np.empty(0))
    target_rad: Array = field(default_factory=lambda: np.empty((0, 0)))

    def without_traces(self) -> "EpisodeResult":
        """The same without what only videos and plots need: many episodes fit in memory."""
        none = np.empty((0, 0))
        return replace(
            self,
            stamp_s=np.empty(0),
            joint_position_rad=none,
            command_rad=none,
            target_rad=none,
            age_s=np.empty(0),
            qpos=none.astype(np.float32),
        )

    def summary(self) -> dict[str, Any]:
        """Plain data for `report.json`, without the traces."""
        return {
            "arm": self.arm,
            "task": self.task,
            "split": self.split,
            "seed": self.seed,
            "instruction": self.instruction,
            "language": self.language,
            "goal": dict(self.labels),
            "success": self.success,
            "listened": self.listened,
            "progress": self.progress,
            "phase": self.phase,
            "time_s": round(self.time_s, 2),
            "latency": asdict(Spread.of(self.latency_s)),
            "interventions": dict(self.interventions),
        }


def rate_of(episodes: Sequence[EpisodeResult]) -> Rate:
    """Success rate of some episodes."""
    return Rate(sum(e.success for e in episodes), len(episodes))


def by[K: Hashable](
    episodes: Iterable[EpisodeResult], key: Callable[[EpisodeResult], K]
) -> dict[K, list[EpisodeResult]]:
    """The episodes in groups, in the order in which each group first occurs."""
    groups: dict[K, list[EpisodeResult]] = {}
    for episode in episodes:
        groups.setdefault(key(episode), []).append(episode)
    return groups
