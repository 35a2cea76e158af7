"""Measure a policy on held-out layouts, without ROS, through the same control path as on the arm."""

import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.evaluate import Evaluation
from sovereign_robot.evaluation.report import write_report
from sovereign_robot.evaluation.results import EpisodeResult, RunReport, rate_of
from sovereign_robot.evaluation.rollout import RolloutSettings
from sovereign_robot.policy.default import DEFAULT, policy_dir
from sovereign_robot.policy.onnx_policy import OnnxPolicy
from sovereign_robot.sim.scene import require_split
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import load_task

KIND = "eval"


@dataclass
class Args:
    """What `sovereign-robot eval` takes."""

    out: Path = Path("outputs/eval")
    """Folder of report.json and report.html: new, empty, or of an earlier eval."""
    policy: str = DEFAULT
    """Policy folder; "default" is the one that ships with the package."""
    task: str = "place_in_bin"
    """What is measured."""
    episodes: int = 200
    """Number of episodes."""
    split: str = "layout"
    """Kind of scenes: train, layout, phrase, combo, visual or clutter."""
    seed: int = 0
    """Seed of the first episode."""
    workers: int = 2
    """Processes that simulate; 0 simulates in this one."""
    threshold: float = 0.9
    """Success rate that passes, 0 .. 1."""
    latency: float = 0.03
    """Modelled time from an observation to its action chunk [s]."""
    videos: int = 6
    """At most so many episodes as video in the report, failures first."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Measures; 0 when the success rate reaches the threshold, else 1."""
    load_task(args.task)
    require_split(args.split)
    if not 0.0 <= args.threshold <= 1.0:
        raise UsageError(f"--threshold is {args.threshold}, expected a success rate in 0 .. 1")
    contract = load_robot(args.robot)
    folder = policy_dir(args.policy)
    policy = OnnxPolicy.load(folder, contract)
    settings = RolloutSettings(latency_s=args.latency)
    make_policy = partial(OnnxPolicy.load, folder, contract)
    evaluation = Evaluation(contract, args.task, make_policy, args.episodes, args.seed, args.split, settings)
    check_out(args.out, KIND)
    start_s = time.monotonic()
    episodes = _run(evaluation, args.workers)
    report = _report(args, policy, episodes, time.monotonic() - start_s)
    page = write_report(prepare_out(args.out, KIND), report, Simulation(contract, args.task), args.videos)
    _print(args, report, page)
    return 0 if report.passed else 1


def _run(evaluation: Evaluation, workers: int) -> list[EpisodeResult]:
    episodes: list[EpisodeResult] = []
    columns = (TextColumn("eval"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        bar = progress.add_task("eval", total=evaluation.episodes, note="")
        results = evaluation.run(workers)
        try:
            for episode in results:
                episodes.append(episode)
                progress.update(bar, advance=1, note=f"{rate_of(episodes).successes} succeeded")
        finally:
            results.close()
    return episodes


def _report(args: Args, policy: OnnxPolicy, episodes: list[EpisodeResult], elapsed_s: float) -> RunReport:
    return RunReport(
        kind=KIND,
        task=args.task,
        contract=policy.contract,
        threshold=args.threshold,
        policy={"name": args.policy, "sha256": policy.bundle.sha256},
        episodes=episodes,
        elapsed_s=elapsed_s,
        facts={
            "sovereign_robot": __version__,
            "modelled latency": f"{1000 * args.latency:.0f} ms",
            "workers": str(args.workers),
        },
    )


def _print(args: Args, report: RunReport, page: Path) -> None:
    if args.json:
        print(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
        return
    table = Table(show_header=False, box=None)
    table.add_row("success", str(report.rate))
    for name, values in report.breakdown().items():
        table.add_row(name, ", ".join(f"{value} {r.successes}/{r.n}" for value, r in values.items()))
    table.add_row("seeds", f"{args.seed} .. {args.seed + args.episodes - 1}, split {args.split}")
    table.add_row("inference", str(report.inference))
    table.add_row("observation to command", str(report.latency))
    table.add_row("report", str(page))
    console = Console()
    console.print(table)
    console.print(f"{'passed' if report.passed else 'fell short'}: threshold {report.threshold:.0%}")
