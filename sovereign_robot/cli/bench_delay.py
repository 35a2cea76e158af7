"""Measure what added inference delay costs a policy, by chunking strategy, on the same scenes."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.cli.policies import NamedPolicy
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.evaluation.delay_bench import Cell, DelayTable, Run
from sovereign_robot.evaluation.delay_page import write_delay_page
from sovereign_robot.evaluation.evaluate import Evaluation
from sovereign_robot.evaluation.rollout import RolloutSettings
from sovereign_robot.policy.default import DEFAULT
from sovereign_robot.sim.scene import require_split
from sovereign_robot.sim.tasks.registry import ALL, task_names

KIND = "delay"


@dataclass
class Args:
    """What `sovereign-robot bench delay` takes."""

    out: Path = Path("outputs/delay")
    """Folder of report.json: new, empty, or of an earlier bench."""
    page: Path = Path("outputs/delay/latency.md")
    """The page for people; docs/latency.md is the one of this repository."""
    policy: str = DEFAULT
    """Policy folder; "default" is the one that ships with the package."""
    tasks: str = ALL
    """Tasks, separated by commas; "all" is every one."""
    split: str = "layout"
    """Kind of scenes: train, layout, phrase, combo, visual, clutter or typo."""
    episodes: int = 25
    """Episodes of each task under each delay and strategy."""
    seed: int = 0
    """Seed of the first episode."""
    added_delay_ms: tuple[int, ...] = (0, 100, 200, 400)
    """What is added to --latency [ms]; the least one is what the others are held against."""
    chunking: Annotated[tuple[Chunking, ...], tyro.conf.EnumChoicesFromValues] = tuple(Chunking)
    """Strategies."""
    latency: float = 0.03
    """Modelled time from an observation to its action chunk without added delay [s]."""
    workers: int = 2
    """Processes that simulate; 0 simulates in this one."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Measures; 0 when the recommended strategy loses no more than allowed and keeps the limits, else 1."""
    if not args.added_delay_ms or min(args.added_delay_ms) < 0 or not args.chunking:
        raise UsageError(
            f"--added-delay-ms {args.added_delay_ms} --chunking {args.chunking}: "
            "expected at least one delay of 0 or more and one strategy"
        )
    require_split(args.split)
    evaluations = {
        (chunking, delay_ms): _evaluation(args, chunking, delay_ms)
        for chunking in args.chunking
        for delay_ms in args.added_delay_ms
    }
    check_out(args.out, KIND)
    start_s = time.monotonic()
    table = DelayTable([_cell(args, *cell, run) for cell, run in evaluations.items()])
    facts = {
        "sovereign_robot": __version__,
        "policy": args.policy,
        "robot": args.robot,
        "latency without added delay": f"{1000 * args.latency:.0f} ms",
        "tasks": ", ".join(next(iter(evaluations.values())).tasks),
        "split": args.split,
        "seeds": f"{args.seed} .. {args.seed + args.episodes - 1} of each task",
        "elapsed": f"{time.monotonic() - start_s:.0f} s with {args.workers} workers",
    }
    cells = [cell.as_dict() for cell in table.cells]
    report = {"kind": KIND, "recommended": str(table.recommended), "facts": facts, "cells": cells}
    text = json.dumps(report, indent=2, ensure_ascii=False)
    (prepare_out(args.out, KIND) / "report.json").write_text(text + "\n", encoding="utf-8")
    write_delay_page(table, facts, args.page)
    print(text) if args.json else _print(args, table)
    return 0 if table.passed(table.recommended) else 1


def _evaluation(args: Args, chunking: Chunking, delay_ms: int) -> Evaluation:
    contract = load_robot(args.robot)
    return Evaluation(
        contract,
        tuple(dict.fromkeys(task_names(args.tasks))),
        NamedPolicy(args.policy, contract),
        args.episodes,
        args.seed,
        (args.split,),
        settings=RolloutSettings(latency_s=args.latency + delay_ms / 1000.0, chunking=chunking),
    )


def _cell(args: Args, chunking: Chunking, delay_ms: int, evaluation: Evaluation) -> Cell:
    runs: list[Run] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(f"{chunking} +{delay_ms} ms", total=len(evaluation.jobs))
        episodes = evaluation.run(args.workers)
        try:
            for episode in episodes:
                runs.append(Run.of(episode, evaluation.contract))
                progress.update(bar, advance=1)
        finally:
            episodes.close()
    return Cell(chunking, delay_ms, tuple(runs))


def _print(args: Args, table: DelayTable) -> None:
    shown = Table(
        "chunking", "delay", "success", "points", "s", "seam a/limit asked", "sent", "jerk", "held", box=None
    )
    for cell in table.cells:
        shown.add_row(
            str(cell.chunking),
            f"{cell.delay_ms} ms",
            str(cell.rate),
            f"{100 * table.lost(cell).difference:+.1f}",
            f"{cell.seconds:.1f}",
            f"{cell.asked_seam_share:.2f}",
            f"{cell.seam_share:.2f}",
            f"{cell.jerk_rad_s3:.0f}",
            f"{cell.held_share:.0%}",
        )
    console = Console()
    console.print(shown)
    kept = "passed" if table.passed(table.recommended) else "fell short"
    console.print(f"recommended: {table.recommended}; {kept}; page: {args.page}")
