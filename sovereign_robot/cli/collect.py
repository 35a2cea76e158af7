"""Let the experts demonstrate their tasks and write a LeRobot v3 dataset.

The seeds of each task run upwards from --seed; an episode that fails is counted and kept apart. However the
command ends, by Ctrl-C or kill -9, the dataset holds every whole episode, and the same command goes on.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.demonstrator import MakeDemonstrator
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.datasets.collection import Recipe
from sovereign_robot.datasets.layout import COLLECTION_FILE
from sovereign_robot.datasets.lerobot_v3 import open_dataset
from sovereign_robot.datasets.lerobot_writer import require_lerobot
from sovereign_robot.datasets.merge import begin, collected, elapsed_s, hold, is_merged, merge, write_elapsed
from sovereign_robot.datasets.schedule import Schedule
from sovereign_robot.datasets.takes import TakeFacts, TakeId, done_takes, failed_takes
from sovereign_robot.evaluation.cluster import ray_pool
from sovereign_robot.evaluation.parallel import Pool, as_finished, local_pool
from sovereign_robot.policy.onnx_policy import OnnxPolicy
from sovereign_robot.sim.scene import require_split
from sovereign_robot.sim.tasks.registry import load_task, task_names

KIND = "dataset"
COLUMNS = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())


@dataclass
class Args:
    """What `sovereign-robot collect` takes."""

    out: Path
    """Folder of the dataset: new, empty, or one that the same command began."""
    tasks: str = "all"
    """What is demonstrated: "all", or names or YAML files with commas between them."""
    episodes: int = 100
    """Successful episodes of each task that the dataset shall hold."""
    seed: int = 0
    """Seed of the first episode of each task."""
    workers: int = 2
    """Processes that simulate; 0 simulates in this one."""
    ray: str | None = None
    """Ray cluster on which the workers run, <host>:<port> or "auto"; they write to --out themselves."""
    noise: float = 0.03
    """Chance per policy step that a disturbance begins, 0 .. 1; the expert shows how to recover."""
    student: Path | None = None
    """Policy folder: it acts and the expert labels every state that it meets (data set aggregation)."""
    rescue: bool = True
    """Whether the expert acts for a while where the student makes no progress."""
    split: str = "train"
    """Kind of scenes: train, layout, phrase, combo, visual, clutter or typo."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Collects; 0 when all episodes are there, 1 when an expert failed too often."""
    require_split(args.split)
    if args.episodes < 1 or min(args.seed, args.workers) < 0 or not 0.0 <= args.noise <= 1.0:
        raise UsageError(
            f"--episodes {args.episodes} --seed {args.seed} --workers {args.workers} --noise {args.noise}: "
            "expected at least 1 episode, a seed and a number of workers of 0 or more and noise in 0 .. 1"
        )
    tasks = _tasks(args)
    contract = load_robot(args.robot)
    recipe = _recipe(args, tasks, contract)
    require_lerobot()
    check_out(args.out, KIND)
    if not _is_full(args.out, recipe, contract):
        with hold(prepare_out(args.out, KIND)):
            begin(args.out, recipe, contract)
            out, student = args.out.resolve(), args.student and args.student.resolve()
            make = MakeDemonstrator(contract, tasks, args.split, args.noise, student, args.rescue, out)
            collect(args.out, recipe, _workers(args, make))
    collection = collected(args.out)
    _print(args, collection)
    return 0 if collection["complete"] else 1


def _tasks(args: Args) -> dict[str, str]:
    """By name of the task what was given for it; a YAML file as workers find it."""
    chosen: dict[str, str] = {}
    for given in task_names(args.tasks):
        name = load_task(given).name
        if name in chosen:
            raise UsageError(f"--tasks {args.tasks} names {name} twice, expected every task once")
        chosen[name] = str(Path(given).resolve()) if given.endswith((".yaml", ".yml")) else given
    return chosen


def _recipe(args: Args, tasks: Mapping[str, str], contract: RobotContract) -> Recipe:
    return Recipe(
        version=__version__,
        tasks={name: load_task(given).model_dump(mode="json") for name, given in tasks.items()},
        robot=contract.name,
        contract_sha256=contract.sha256,
        split=args.split,
        seed=args.seed,
        noise=0.0 if args.student else args.noise,
        rescue=bool(args.student and args.rescue),
        student=OnnxPolicy.load(args.student, contract).bundle.sha256 if args.student else "",
        episodes_per_task=args.episodes,
    )


def _is_full(out: Path, recipe: Recipe, contract: RobotContract) -> bool:
    """Whether there is a dataset of this recipe that holds as many episodes, or more."""
    if not is_merged(out) or not (out / COLLECTION_FILE).is_file():
        return False
    there = open_dataset(out, contract).collection
    recipe.require_match(there)
    return bool(there["complete"] and there["episodes_per_task"] >= recipe.episodes_per_task)


def _workers(args: Args, make: MakeDemonstrator) -> AbstractContextManager[Pool]:
    if args.ray is None:
        return local_pool(make, args.workers)
    return ray_pool(make, args.workers, args.ray)


def collect(out: Path, recipe: Recipe, workers: AbstractContextManager[Pool]) -> None:
    """Record what the recipe lacks and make the dataset, also of a part when something stops it.

    Args:
        out: folder that this process holds and in which the recipe was begun.
        recipe: what is wanted.
        workers: turn a `TakeId` into a take on disk and its `TakeFacts`.
    """
    schedule = recipe.schedule(done_takes(out), failed_takes(out))
    with Progress(*COLUMNS, console=Console(stderr=True)) as progress:
        try:
            with workers as pool:
                _record(out, schedule, pool, progress)
        finally:
            merge(out, partial(progress.track, description="merging"))


def _record(out: Path, schedule: Schedule, pool: Pool, progress: Progress) -> None:
    bar = progress.add_task("collecting", total=schedule.wanted, completed=schedule.successes)
    before, before_s, start_s = schedule.successes, elapsed_s(out), time.monotonic()
    outcomes: Iterator[tuple[TakeId, TakeFacts]] = as_finished(pool, schedule.next)
    for take, facts in outcomes:
        schedule.finish(take, success=facts.teaches)
        run_s = time.monotonic() - start_s
        write_elapsed(out, before_s + run_s)
        rate = 60.0 * (schedule.successes - before) / run_s
        note = f"{rate:.0f} episodes/min, {schedule.failures} failed"
        progress.update(bar, completed=schedule.successes, description=note)


def _print(args: Args, collection: Mapping[str, Any]) -> None:
    if args.json:
        print(json.dumps(collection, indent=2, ensure_ascii=False))
        return
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(overflow="fold")
    table.add_row("dataset", str(args.out))
    table.add_row("episodes", f"{collection['successes']} ({collection['frames']} frames)")
    failures = len(collection["failures"])
    table.add_row("failed", f"{failures} of {failures + collection['successes']} seeds")
    for task, counts in collection["by_task"].items():
        table.add_row(task, f"{counts['episodes']} episodes, {counts['failed']} failed")
    table.add_row("languages", ", ".join(f"{k} {v}" for k, v in collection["languages"].items()))
    table.add_row("speed", f"{collection['episodes_per_minute']} episodes/min")
    table.add_row("worker time", _shares(collection["seconds"]))
    table.add_row("content", collection.get("content_sha256", "none"))
    Console().print(table)


def _shares(seconds: Mapping[str, float]) -> str:
    total = sum(seconds.values())
    largest_first = sorted(seconds.items(), key=lambda part: -part[1])
    return ", ".join(f"{part} {value / total:.0%}" for part, value in largest_first)
