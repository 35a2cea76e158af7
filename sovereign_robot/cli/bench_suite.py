"""Measure the experts of all tasks within the arm's limits, and whether the sentences are needed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.suite import SceneResult, SuiteBench, TaskResult
from sovereign_robot.evaluation.suite_report import write_suite_report
from sovereign_robot.sim.scene import require_split
from sovereign_robot.sim.tasks.registry import ALL, task_names

KIND = "suite"


@dataclass
class Args:
    """What `sovereign-robot bench suite` takes."""

    out: Path = Path("outputs/suite")
    """Folder of report.json and report.html: new, empty, or of an earlier suite."""
    tasks: str = ALL
    """Tasks, separated by commas; "all" is every one."""
    episodes: int = 200
    """Scenes of each task."""
    seed: int = 0
    """Seed of the first scene."""
    split: str = "train"
    """Kind of scenes: train, layout, phrase, combo, visual, clutter or typo."""
    workers: int = 2
    """Processes that simulate; 0 simulates in this one."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Measures; 0 when every expert succeeds often enough within the limits and every sentence is needed."""
    tasks = task_names(args.tasks)
    require_split(args.split)
    if args.episodes < 1 or args.seed < 0:
        raise UsageError(
            f"--episodes {args.episodes} --seed {args.seed}: "
            "expected at least 1 episode and a seed of 0 or more"
        )
    bench = SuiteBench(load_robot(args.robot), tasks, args.episodes, args.seed, args.split)
    check_out(args.out, KIND)
    start_s = time.monotonic()
    scenes = _run(bench, args.workers)
    size = args.episodes
    results = [
        TaskResult(scenes[i * size].task, tuple(scenes[i * size : (i + 1) * size])) for i in range(len(tasks))
    ]
    facts = {
        "sovereign_robot": __version__,
        "robot": bench.contract.name,
        "split": args.split,
        "seeds": f"{args.seed} .. {args.seed + args.episodes - 1}",
        "elapsed": f"{time.monotonic() - start_s:.0f} s with {args.workers} workers",
    }
    page = write_suite_report(prepare_out(args.out, KIND), results, facts)
    _print(args, results, page)
    return 0 if all(r.passed for r in results) else 1


def _run(bench: SuiteBench, workers: int) -> list[SceneResult]:
    scenes: list[SceneResult] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("bench suite", total=bench.jobs)
        results = bench.run(workers)
        try:
            for scene in results:
                scenes.append(scene)
                progress.update(bar, advance=1, description=scene.task)
        finally:
            results.close()
    return scenes


def _print(args: Args, results: Sequence[TaskResult], page: Path) -> None:
    if args.json:
        print((args.out / "report.json").read_text(encoding="utf-8"), end="")
        return
    table = Table("task", "expert", "95 %", "s", "v/limit", "a/limit", "blind", "failed seeds", box=None)
    for column in table.columns[:-1]:
        column.no_wrap = True
    for r in results:
        lower, upper = r.expert.interval
        failed = [s.seed for s in r.scenes if not s.success]
        table.add_row(
            r.task,
            f"{r.expert.successes}/{r.expert.n}",
            f"{lower:.1%} .. {upper:.0%}",
            f"{r.seconds:.1f}",
            f"{r.velocity_share:.2f}",
            f"{r.acceleration_share:.2f}",
            f"{r.blind.value:.0%}",
            ", ".join(map(str, failed)) or "-",
            style="" if r.passed else "red",
        )
    console = Console()
    console.print(table)
    console.print(f"report: {page}")
    short = [r.task for r in results if not r.passed]
    console.print(f"fell short: {', '.join(short)}" if short else "passed")
