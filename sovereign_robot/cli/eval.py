"""Measure a policy on tasks and splits, without ROS, through the same control path as on the arm."""

import json
import time
from collections import Counter
from collections.abc import Mapping
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
from sovereign_robot.cli.success_table import success_table
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.evaluation.arms import control_names
from sovereign_robot.evaluation.evaluate import Evaluation
from sovereign_robot.evaluation.matrix import rows_of
from sovereign_robot.evaluation.report import write_report
from sovereign_robot.evaluation.results import POLICY, EpisodeResult
from sovereign_robot.evaluation.rollout import RolloutSettings
from sovereign_robot.evaluation.run_report import RunReport
from sovereign_robot.policy.default import DEFAULT
from sovereign_robot.sim.scene import require_split
from sovereign_robot.sim.tasks.registry import task_names

KIND = "eval"
PLOTTED = 1  # of each task and outcome at least so many keep what plots need


@dataclass
class Args:
    """What `sovereign-robot eval` takes."""

    out: Path = Path("outputs/eval")
    """Folder of report.json and report.html: new, empty, or of an earlier eval."""
    policy: str = DEFAULT
    """Policy folder; "default" is the one that ships with the package, lerobot:<folder> a checkpoint of
    LeRobot."""
    tasks: str = "place_in_bin"
    """Tasks, separated by commas; "all" is every one."""
    splits: str = "layout"
    """Kinds of scenes, separated by commas: train, layout, phrase, combo, visual, clutter, typo."""
    episodes: int = 200
    """Number of episodes of each task and split."""
    seed: int = 0
    """Seed of the first episode."""
    arms: str = ""
    """What the policy is held against on the same scenes, separated by commas: expert, still, wrong_sentence
    (the policy is told another goal of the same picture: how often it still does what was asked, and how
    often it listens)."""
    workers: int = 2
    """Processes that simulate; 0 simulates in this one."""
    threshold: float = 0.9
    """Success rate that passes in each split, 0 .. 1."""
    latency: float = 0.03
    """Modelled time from an observation to its action chunk [s]."""
    chunking: Annotated[Chunking, tyro.conf.EnumChoicesFromValues] = Chunking.PREFIX
    """How chunks that overlap become one plan; `bench delay` compares the ways."""
    replan: int = 4
    """Policy steps from one observation that the policy answers to the next."""
    videos: int = 6
    """At most so many episodes as video in the report, failures first."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Measures; 0 when the success rate reaches the threshold in every split, else 1."""
    report = measure(args)
    _print(args, report, args.out / "report.html")
    return 0 if report.passed else 1


def measure(args: Args) -> RunReport:
    """Play all episodes and write the report into --out."""
    if not 0.0 <= args.threshold <= 1.0:
        raise UsageError(f"--threshold is {args.threshold}, expected a success rate in 0 .. 1")
    contract = load_robot(args.robot)
    named = NamedPolicy(args.policy, contract)
    facts = named.facts(named())
    evaluation = Evaluation(
        contract,
        tuple(dict.fromkeys(task_names(args.tasks))),
        named,
        args.episodes,
        args.seed,
        _splits(args.splits),
        control_names(args.arms),
        RolloutSettings(args.replan, args.latency, chunking=args.chunking),
    )
    check_out(args.out, KIND)
    start_s = time.monotonic()
    episodes = _run(evaluation, args.workers, max(args.videos, PLOTTED))
    report = _report(args, evaluation, facts, episodes, time.monotonic() - start_s)
    write_report(prepare_out(args.out, KIND), report, args.videos)
    return report


def _splits(chosen: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in chosen.split(",")))
    for name in names:
        require_split(name)
    return names


def _run(evaluation: Evaluation, workers: int, with_traces: int) -> list[EpisodeResult]:
    """All episodes; of each task and outcome the first `with_traces` keep what videos and plots need."""
    episodes: list[EpisodeResult] = []
    seen: Counter[tuple[str, bool]] = Counter()
    columns = (TextColumn("eval"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        bar = progress.add_task("eval", total=len(evaluation.jobs), note="")
        results = evaluation.run(workers)
        try:
            for episode in results:
                own = episode.arm == POLICY
                seen[episode.task, episode.success] += own
                kept = own and seen[episode.task, episode.success] <= with_traces
                episodes.append(episode if kept else episode.without_traces())
                succeeded = sum(count for (_, success), count in seen.items() if success)
                note = f"{episode.task} {episode.split}: {succeeded}/{seen.total()} succeeded"
                progress.update(bar, advance=1, note=note)
        finally:
            results.close()
    return episodes


def _report(
    args: Args,
    evaluation: Evaluation,
    policy: Mapping[str, str],
    episodes: list[EpisodeResult],
    elapsed_s: float,
) -> RunReport:
    return RunReport(
        kind=KIND,
        contract=evaluation.contract,
        threshold=args.threshold,
        policy=policy,
        episodes=episodes,
        elapsed_s=elapsed_s,
        facts={
            "sovereign_robot": __version__,
            "modelled latency": f"{1000 * args.latency:.0f} ms",
            "asked every": f"{args.replan} policy steps",
            "chunking": str(args.chunking),
            "workers": str(args.workers),
        },
    )


def _print(args: Args, report: RunReport, page: Path) -> None:
    if args.json:
        print(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
        return
    console = Console()
    rows, arms = rows_of(report), list(report.tally.arms)
    console.print(success_table(rows, [name for name in rows[0].rates if name not in arms]))
    if arms:
        console.print(success_table(rows, arms))
    table = Table(show_header=False, box=None)
    table.add_row("success", str(report.rate))
    for name, rate in report.tally.arms.items():
        table.add_row(name, str(rate))
    phases = ", ".join(f"{name} {count}" for name, count in report.tally.phases.items())
    table.add_row("failures", phases or "none")
    seeds = f"{args.seed} .. {args.seed + args.episodes - 1}"
    table.add_row("seeds", f"{seeds}, split {', '.join(report.splits)}")
    table.add_row("inference", str(report.inference))
    table.add_row("observation to command", str(report.latency))
    table.add_row("report", str(page))
    console.print(table)
    each = " in every split" if len(report.splits) > 1 else ""
    console.print(f"{'passed' if report.passed else 'fell short'}: threshold {report.threshold:.0%}{each}")
