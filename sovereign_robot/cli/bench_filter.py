"""Attack the safety filter of every robot with random and adversarial commands, and time it."""

import os
import platform
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.seven_joint import seven_joint_arm
from sovereign_robot.evaluation.filter_bench import TICKS, FilterBench, FilterRun, tick_times_s
from sovereign_robot.evaluation.filter_report import FilterResult, write_filter_report
from sovereign_robot.evaluation.parallel import for_seeds

KIND = "filter bench"


@dataclass
class Args:
    """What `sovereign-robot bench filter` takes."""

    out: Path = Path("outputs/filter-bench")
    """Folder of report.json and report.html: new, empty, or of an earlier bench of the filter."""
    commands: int = 40_000
    """Commands over all robots of config/robots and the made-up arm with seven joints."""
    workers: int = 1
    """Processes; each has one thread."""
    ticks: int = 8000
    """Ticks that are timed, with and without look-ahead."""
    p99_us: float = 200.0
    """99 of 100 ticks with look-ahead take at most so long [us]."""
    bare_p99_us: float = 50.0
    """99 of 100 ticks without look-ahead take at most so long [us]."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Attacks; 0 when nothing was violated and every tick kept its bound, else 1."""
    if args.commands < 1 or args.ticks < 1 or args.workers < 0:
        raise UsageError(
            f"--commands {args.commands}, --ticks {args.ticks}, --workers {args.workers}: expected at least "
            "1 command, 1 tick and no fewer than 0 workers"
        )
    check_out(args.out, KIND)
    robots = _robots()
    runs = -(-args.commands // (TICKS * len(robots)))
    outcome = {name: _attacked(robot, runs, args.workers) for name, robot in robots.items()}
    arm = seven_joint_arm()
    times = [tick_times_s(arm, guarded, args.ticks) for guarded in (True, False)]
    result = FilterResult(outcome, times[0], times[1], (args.p99_us, args.bare_p99_us))
    page = write_filter_report(prepare_out(args.out, KIND), result, _facts())
    _print(args, result, page)
    return 0 if result.passed else 1


def _robots() -> dict[str, RobotContract]:
    names = sorted(path.stem for path in (share_dir() / "config" / "robots").glob("*.yaml"))
    return {name: load_robot(name) for name in names} | {"seven_joint": seven_joint_arm()}


def _attacked(robot: RobotContract, runs: int, workers: int) -> FilterRun:
    whole = FilterRun()
    with closing(for_seeds(partial(_bench, robot), range(runs), workers)) as found:
        console = Console(stderr=True)
        for _, part in track(found, f"attacking {robot.name}", total=runs, console=console):
            whole.add(part)
    return whole


def _bench(robot: RobotContract) -> Callable[[int], FilterRun]:
    return FilterBench(robot).run


def _facts() -> Mapping[str, str]:
    """Where it was measured; a load above the number of cores makes times worthless."""
    return {
        "sovereign_robot": __version__,
        "cores": str(os.cpu_count()),
        "load of the last minute": f"{os.getloadavg()[0]:.2f}",
        "python": platform.python_version(),
    }


def _print(args: Args, result: FilterResult, page: Path) -> None:
    if args.json:
        print((args.out / "report.json").read_text(encoding="utf-8"), end="")
        return
    console = Console()
    table = Table("", "commands", "violations", "refused")
    for name, run in result.runs.items():
        count = sum(run.violations.values())
        table.add_row(name, f"{run.commands:,}", str(count), f"{run.refused:,}", style="red" if count else "")
    console.print(table)
    times = Table("one tick, 7 joints", "p50", "p99", "at most")
    for name, (p50, p99, bound) in result.times_us.items():
        times.add_row(
            name, f"{p50:.0f} us", f"{p99:.0f} us", f"{bound:g} us", style="red" if p99 > bound else ""
        )
    console.print(times)
    console.print(f"report  {page}")
    console.print("passed" if result.passed else "fell short")
