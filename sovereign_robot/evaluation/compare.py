"""Two policies on the same scenes, from their `report.json`: which one is better, if either."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.results import POLICY
from sovereign_robot.evaluation.statistics import EPISODES_TO_CLAIM, Pairs

SHOWN_BELOW_P = 0.05
Scene = tuple[str, str, int]  # task, split, seed
ASKED = ("instruction", "goal")
# Through ROS or without it: the scenes of a seed are the same.
KINDS = ("eval", "demo")


@dataclass(frozen=True)
class Measured:
    """What a policy did, scene by scene.

    Attributes:
        name: where it was read from.
        episodes: rows of `report.json` by scene.
    """

    name: str
    contract_sha256: str
    episodes: Mapping[Scene, Mapping[str, Any]]

    def values(self, field: int) -> list[Any]:
        """The tasks (0), splits (1) or seeds (2) that it was measured on."""
        return sorted({scene[field] for scene in self.episodes})


@dataclass(frozen=True)
class Comparison:
    """Two policies that were measured on the same scenes."""

    first: Measured
    second: Measured

    def __post_init__(self) -> None:
        _require_same_scenes(self.first, self.second)
        if len(self.first.episodes) < EPISODES_TO_CLAIM:
            raise UsageError(
                f"{self.first.name} and {self.second.name} share {len(self.first.episodes)} scenes, too few "
                f"to claim a difference: evaluate both on at least {EPISODES_TO_CLAIM}"
            )

    @cached_property
    def pairs(self) -> Pairs:
        """All scenes."""
        return self.of()

    def of(self, task: str | None = None, split: str | None = None) -> Pairs:
        """Only the scenes of that task and split."""
        return Pairs.of(
            (bool(mine["success"]), bool(self.second.episodes[scene]["success"]))
            for scene, mine in self.first.episodes.items()
            if task in (None, scene[0]) and split in (None, scene[1])
        )

    @property
    def verdict(self) -> str:
        """One sentence for people."""
        pairs, (lower, upper) = self.pairs, self.pairs.interval
        first, second = self.first.name, self.second.name
        said = f"no difference is shown between {first} and {second}"
        if pairs.p < SHOWN_BELOW_P:
            better, other = (second, first) if pairs.difference > 0 else (first, second)
            said = f"{better} is better than {other}"
        return (
            f"{said}: {pairs.first.value:.1%} and {pairs.second.value:.1%} of the same {pairs.n} scenes, "
            f"{100 * pairs.difference:+.1f} points (95 % interval {100 * lower:+.1f} .. {100 * upper:+.1f}), "
            f"only the first succeeded in {pairs.first_only} and only the second in {pairs.second_only}, "
            f"exact McNemar p = {pairs.p:.2g}"
        )

    @property
    def worse(self) -> bool:
        """Whether the second policy is shown to be worse."""
        return self.pairs.p < SHOWN_BELOW_P and self.pairs.difference < 0

    def as_dict(self) -> dict[str, Any]:
        """Plain data, totals first."""
        return {
            "kind": "compare",
            "first": self.first.name,
            "second": self.second.name,
            "verdict": self.verdict,
            "second_is_worse": self.worse,
            "seeds": self.first.values(2),
            "all": self.pairs.as_dict(),
            "by_split": {split: self.of(split=split).as_dict() for split in self.first.values(1)},
            "by_task": {task: self.of(task).as_dict() for task in self.first.values(0)},
        }


def read_measured(path: Path) -> Measured:
    """Read a report of `eval` or `demo`, or the one in their output folder.

    Raises:
        UsageError: there is none, or it is a report of something else.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{file} cannot be read as a report ({error}): give a folder of `eval` or `demo`"
        ) from error
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind not in KINDS:
        raise UsageError(f"{file} holds {kind or 'no report'}, expected a report of `eval` or `demo`")
    try:
        episodes = {
            (e["task"], e["split"], e["seed"]): {"success": e["success"]} | {name: e[name] for name in ASKED}
            for e in data["episodes"]
            if e["arm"] == POLICY
        }
        return Measured(str(path), data["contract_sha256"], episodes)
    except (KeyError, TypeError) as error:
        raise UsageError(f"{file}: an episode lacks {error}: evaluate again with this version") from error


def _require_same_scenes(first: Measured, second: Measured) -> None:
    """Refuse what is no pair, with both sides.

    Raises:
        UsageError: robots, tasks, splits, seeds or sentences differ.
    """
    both = f"{first.name} and {second.name}"
    if first.contract_sha256 != second.contract_sha256:
        raise UsageError(f"{both} were measured on different robots: evaluate both on the same --robot")
    for field, name in enumerate(("tasks", "splits", "seeds")):
        mine, theirs = first.values(field), second.values(field)
        if mine != theirs:
            raise UsageError(
                f"{both} were measured on different {name}, {_listed(mine)} and {_listed(theirs)}: "
                f"evaluate both on the same --{name.replace('seeds', 'seed and --episodes')}"
            )
    for scene, asked in first.episodes.items():
        other = second.episodes.get(scene)
        if other is None or any(asked[name] != other[name] for name in ASKED):
            task, split, seed = scene
            raise UsageError(
                f"{both} do not hold the same scene for {task}, {split}, seed {seed}: "
                f"{asked['instruction']!r} and {other['instruction'] if other else 'none'!r}; "
                "evaluate both with the same version"
            )


def _listed(values: list[Any]) -> str:
    """Names, or a span of numbers."""
    if len(values) > 2 and isinstance(values[0], int):
        return f"{values[0]} .. {values[-1]} ({len(values)})"
    return ", ".join(map(str, values)) or "none"
