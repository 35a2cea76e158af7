"""Put faults into the running robot, one after the other, and judge from outside what comes of each."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.fault_report import rows_of, write_fault_report, write_table
from sovereign_robot.evaluation.fault_result import FaultResult
from sovereign_robot.nodes.faults.campaign import chosen_faults, run_faults
from sovereign_robot.nodes.transport import own_domain

KIND = "fault bench"


@dataclass
class Args:
    """What `sovereign-robot bench faults` takes."""

    out: Path = Path("outputs/faults")
    """Folder of report.json, report.html and the logs: new, empty, or of an earlier fault bench."""
    only: str = ""
    """Names or groups of faults, separated by commas; without it all of them."""
    repeat: int = 1
    """Rounds; a fault passes when it was survived in each."""
    page: Path | None = None
    """A Markdown page whose table of faults is written again, such as docs/safety.md."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Runs the campaign; 0 when every fault was survived in every round, else 1."""
    if args.repeat < 1:
        raise UsageError(f"--repeat {args.repeat}: expected at least 1 round")
    faults = chosen_faults([name.strip() for name in args.only.split(",") if name.strip()])
    load_robot(args.robot)
    check_out(args.out, KIND)
    own_domain()
    start_s = time.monotonic()
    logs = prepare_out(args.out, KIND) / "logs"
    results: list[FaultResult] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("bench faults", total=args.repeat * len(faults))
        for result in run_faults(faults * args.repeat, logs, args.robot):
            results.append(result)
            progress.update(bar, advance=1, description=result.name)
    facts = _facts(args, results, time.monotonic() - start_s)
    page = write_fault_report(args.out, results, facts)
    if args.page is not None:
        write_table(args.page, results, facts)
    _print(args, results, page)
    return 0 if all(result.survived for result in results) else 1


def _facts(args: Args, results: Sequence[FaultResult], elapsed_s: float) -> dict[str, str]:
    return {
        "sovereign_robot": __version__,
        "robot": args.robot,
        "rounds": str(args.repeat),
        "elapsed": f"{elapsed_s:.0f} s",
        "cores": str(os.cpu_count()),
        "load": f"{min(r.load for r in results):.1f} .. {max(r.load for r in results):.1f}",
    }


def _print(args: Args, results: Sequence[FaultResult], page: Path) -> None:
    if args.json:
        print((args.out / "report.json").read_text(encoding="utf-8"), end="")
        return
    console, rows = Console(), rows_of(results)
    table = Table("fault", "survived", "detected", "bound", "state", "again in motion", box=None)
    for row in rows:
        _, survived, detected, bound, state, _, rearmed = row.cells
        style = "" if row.passed else "red"
        table.add_row(row.results[0].name, survived, detected, bound, state, rearmed, style=style)
    console.print(table)
    for row in rows:
        for sentence in dict.fromkeys(s for r in row.results for s in r.broken):
            console.print(f"{row.results[0].name}: {sentence}", style="red", markup=False, highlight=False)
    console.print(f"report: {page}")
    passed = sum(row.passed for row in rows)
    console.print(f"{'passed' if passed == len(rows) else 'fell short'}: {passed} of {len(rows)} faults")
