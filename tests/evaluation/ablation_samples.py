"""A plan of two arms, and steps that train nothing: how good an arm is stands in its overrides."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sovereign_robot.evaluation.ablation_plan import Cell, Plan


def sample_plan(scenes: Mapping[str, object] | None = None, **common: object) -> Plan:
    """Two questions that share their baseline."""
    rule = {
        "says": "keep what gains 5 points at most twice as slow",
        "gain_points": 5.0,
        "latency_factor": 2.0,
    }
    arms = {"low": {"overrides": {"student.skill": 0.3}}, "high": {"overrides": {"student.skill": 0.9}}}
    slow = {"overrides": {"student.skill": 0.9, "student.passes": 4}}
    return Plan.model_validate(
        {
            "common": {
                "datasets": ["data"],
                "train_seconds": 5,
                "scenes": {"tasks": "lift,reach", **(scenes or {})},
                **common,
            },
            "ablations": {
                "A1": {"question": "skill", "baseline": "low", "rule": rule, "arms": arms},
                "A2": {
                    "question": "passes",
                    "baseline": "one",
                    "rule": rule,
                    "arms": {"one": arms["low"], "four": slow},
                },
            },
        }
    )


class SampleSteps:
    """Counts what it does; fails at the evaluation of the checkpoints named in `broken`."""

    def __init__(self, broken: tuple[str, ...] = ()) -> None:
        self.trained: list[str] = []
        self._broken = broken

    def train(self, cell: Cell, folder: Path) -> list[Path]:
        self.trained.append(cell.train_key)
        return [folder / "checkpoints" / f"{i:05d}" for i in range(cell.checkpoints)]

    def export(self, training: Path, policy: Path) -> tuple[int, int]:
        return 1_500_000, 27_000

    def evaluate(self, cell: Cell, policy: Path, out: Path) -> Mapping[str, Any]:
        if policy.name in self._broken:
            raise KeyboardInterrupt
        rng = np.random.default_rng([cell.train_seed, int(policy.name)])
        skill, passes = float(cell.overrides["student.skill"]), int(cell.overrides.get("student.passes", 1))
        episodes = [
            {
                "arm": "policy",
                "task": task,
                "split": split,
                "seed": seed,
                "success": bool(rng.random() < skill),
            }
            for task in cell.scenes.tasks.split(",")
            for split in cell.scenes.splits
            for seed in range(cell.scenes.seed, cell.scenes.seed + cell.scenes.episodes)
        ]
        mistold = [{**e, "arm": "wrong_sentence", "success": False, "listened": True} for e in episodes]
        every = episodes + (mistold if cell.scenes.controls else [])
        return {"episodes": every, "policy": {"sha256": "ab" * 32}, "inference": {"p50_s": 0.002 * passes}}
