"""How a dataset was made: its seeds, its failures, its languages; kept in `meta/collection.json`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.types import Episode


@dataclass(frozen=True)
class Recipe:
    """What decides the episodes of a seed; a collection goes on only with the same recipe.

    Attributes:
        noise: chance per policy step that a disturbance begins.
        student: sha256 of the policy that disturbs, "" for random bursts.
    """

    version: str
    task: str
    robot: str
    contract_sha256: str
    split: str
    seed: int
    noise: float
    student: str


@dataclass
class Collection:
    """Counts of one collection; seeds run from `recipe.seed` upwards without a gap.

    Attributes:
        next_seed: first seed that was not tried yet.
        failures: seeds whose episode did not succeed and is not in the dataset.
        episodes: per written episode its index, seed, instruction, language and number of frames.
        elapsed_s: time spent, over all runs.
    """

    recipe: Recipe
    next_seed: int
    failures: list[int] = field(default_factory=list)
    episodes: list[dict[str, Any]] = field(default_factory=list)
    elapsed_s: float = 0.0

    def add(self, seed: int, episode: Episode | None) -> None:
        """Count the outcome of one seed; None is a failure."""
        self.next_seed = seed + 1
        if episode is None:
            self.failures.append(seed)
            return
        self.episodes.append(
            {
                "episode_index": len(self.episodes),
                "seed": seed,
                "instruction": episode.instruction,
                "language": episode.language,
                "frames": len(episode.stamp_s),
                "expert_frames": int(episode.expert.sum()),
            }
        )

    @property
    def languages(self) -> dict[str, int]:
        """Number of episodes by language."""
        spoken = [e["language"] for e in self.episodes]
        return {language: spoken.count(language) for language in sorted(set(spoken))}

    @property
    def episodes_per_minute(self) -> float:
        """Written episodes per minute."""
        return 60.0 * len(self.episodes) / self.elapsed_s if self.elapsed_s > 0 else 0.0

    def report(self) -> dict[str, Any]:
        """Everything as plain data, totals first."""
        return {
            **asdict(self.recipe),
            "successes": len(self.episodes),
            "failures": self.failures,
            "next_seed": self.next_seed,
            "languages": self.languages,
            "frames": sum(e["frames"] for e in self.episodes),
            "expert_frames": sum(e["expert_frames"] for e in self.episodes),
            "elapsed_s": round(self.elapsed_s, 1),
            "episodes_per_minute": round(self.episodes_per_minute, 1),
            "episodes": self.episodes,
        }

    @classmethod
    def go_on(cls, recipe: Recipe, report: Mapping[str, Any]) -> "Collection":
        """Take up an earlier collection.

        Raises:
            DatasetError: it was made with another recipe; lists every difference.
        """
        wanted = asdict(recipe)
        differences = [f"{k} {report.get(k)!r} != {v!r}" for k, v in wanted.items() if report.get(k) != v]
        if differences:
            raise DatasetError(
                f"the dataset was collected differently (dataset != this run): {'; '.join(differences)}; "
                "use the same flags or another --out"
            )
        return cls(
            recipe,
            report["next_seed"],
            list(report["failures"]),
            list(report["episodes"]),
            report["elapsed_s"],
        )
