"""How a dataset was made: recipe, seeds, failures, where the time went; kept in `meta/collection.json`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.schedule import Schedule
from sovereign_robot.datasets.takes import TakeFacts, TakeId


@dataclass(frozen=True)
class Recipe:
    """What decides the episode of a seed, and how many are wanted.

    Attributes:
        tasks: by name of the task what may be changed in it, as it was.
        seed: first seed of every task.
        noise: chance per policy step that a disturbance begins.
        student: sha256 of the policy that acts while the expert labels, "" where the expert acts.
        rescue: whether the expert acts where that student makes no progress.
        episodes_per_task: demonstrations of each task; may grow when a collection goes on.
    """

    version: str
    tasks: Mapping[str, Mapping[str, Any]]
    robot: str
    contract_sha256: str
    split: str
    seed: int
    noise: float
    student: str
    rescue: bool
    episodes_per_task: int

    def require_match(self, begun: Mapping[str, Any]) -> None:
        """Refuse to go on with a collection that was begun with another recipe.

        Raises:
            DatasetError: lists every difference.
        """
        wanted = _flat(asdict(self))
        there = _flat(begun)
        names = [name for name in {**there, **wanted} if name != "episodes_per_task"]
        differences = [
            f"{name} {there.get(name)!r} != {wanted.get(name)!r}"
            for name in names
            if there.get(name) != wanted.get(name)
        ]
        if differences:
            raise DatasetError(
                f"the dataset was collected differently (dataset != this run): {'; '.join(differences)}; "
                "use the same flags or another --out"
            )

    def choose(self, done: Iterable[TakeId]) -> list[TakeId]:
        """The takes that the dataset holds: of each task the first ones by seed, task after task."""
        chosen: list[TakeId] = []
        for task in sorted(self.tasks):
            chosen += sorted(take for take in done if take.task == task)[: self.episodes_per_task]
        return chosen

    def schedule(self, done: Iterable[TakeId], failed: Iterable[TakeId]) -> Schedule:
        """What is still to do."""
        return Schedule(sorted(self.tasks), self.seed, self.episodes_per_task, done, failed)


def _flat(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe with each task's settings as entries of their own; lists as JSON gives them."""
    fields = {name: value for name, value in recipe.items() if name in Recipe.__dataclass_fields__}
    tasks = fields.pop("tasks", {})
    settings = {f"{task}.{name}": value for task, values in tasks.items() for name, value in values.items()}
    return {**fields, "tasks": sorted(tasks), **settings}


def report(
    recipe: Recipe, episodes: Sequence[TakeFacts], failures: Sequence[TakeFacts], elapsed_s: float
) -> dict[str, Any]:
    """A collection as plain data, totals first.

    Args:
        recipe: how it was made.
        episodes: what the dataset holds, in its order.
        failures: attempts that did not succeed and are not in the dataset.
        elapsed_s: time that the command ran, over all its runs.
    """
    takes = [*episodes, *failures]
    schedule = recipe.schedule([take.id for take in episodes], [take.id for take in failures])
    return {
        **asdict(recipe),
        "complete": schedule.complete,
        "successes": len(episodes),
        "goals_reached": sum(take.success for take in episodes),
        "failures": [{"task": take.task, "seed": take.seed} for take in failures],
        "by_task": {
            task: {
                "episodes": _of(task, episodes),
                "failed": _of(task, failures),
                "goals_reached": _of(task, (e for e in episodes if e.success)),
            }
            for task in sorted(recipe.tasks)
        },
        "languages": dict(sorted(Counter(take.language for take in episodes).items())),
        "frames": sum(take.frames for take in episodes),
        "expert_frames": sum(take.expert_frames for take in episodes),
        "elapsed_s": round(elapsed_s, 1),
        "episodes_per_minute": round(60.0 * len(episodes) / elapsed_s, 1) if elapsed_s > 0 else 0.0,
        "seconds": seconds(takes),
        "workers": [
            seconds(take for take in takes if take.worker == worker)
            for worker in sorted({take.worker for take in takes})
        ],
        "episodes": [_episode(index, take) for index, take in enumerate(episodes)],
    }


def _of(task: str, takes: Iterable[TakeFacts]) -> int:
    return sum(take.task == task for take in takes)


def seconds(takes: Iterable[TakeFacts]) -> dict[str, float]:
    """Worker time by part of the work [s]."""
    total: Counter[str] = Counter()
    for take in takes:
        total.update(take.seconds)
    return {part: round(value, 2) for part, value in sorted(total.items())}


def _episode(index: int, take: TakeFacts) -> dict[str, Any]:
    return {
        "episode_index": index,
        "task": take.task,
        "seed": take.seed,
        "split": take.split,
        "goal": dict(take.goal),
        "instruction": take.instruction,
        "language": take.language,
        "success": take.success,
        "frames": take.frames,
        "expert_frames": take.expert_frames,
    }
