"""Compare two policies, or one with and without ROS, on the same scenes, pair by pair, with a verdict."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich import box
from rich.console import Console
from rich.table import Table

from sovereign_robot.evaluation.compare import Comparison, read_measured
from sovereign_robot.evaluation.statistics import Pairs


@dataclass
class Args:
    """What `sovereign-robot bench compare` takes."""

    first: Annotated[Path, tyro.conf.Positional]
    """Folder or report.json of the first evaluation, by `eval` or `demo`."""
    second: Annotated[Path, tyro.conf.Positional]
    """Folder or report.json of the second one, on the same tasks, splits and seeds."""
    json: bool = False
    """Print the comparison as JSON alone."""


def main(args: Args) -> int:
    """Compares; 1 when the second policy is shown to be worse, else 0."""
    comparison = Comparison(read_measured(args.first), read_measured(args.second))
    if args.json:
        print(json.dumps(comparison.as_dict(), indent=2, ensure_ascii=False))
    else:
        _print(comparison)
    return int(comparison.worse)


def _print(comparison: Comparison) -> None:
    table = Table("", "first", "second", "points", "95 %", "only 1st", "only 2nd", "p", box=box.SIMPLE)
    splits, tasks = comparison.first.values(1), comparison.first.values(0)
    if len(splits) > 1:
        for split in splits:
            _add(table, split, comparison.of(split=split))
    if len(tasks) > 1:
        for task in tasks:
            _add(table, task, comparison.of(task))
    _add(table, "all", comparison.pairs)
    console = Console()
    console.print(table)
    seeds = comparison.first.values(2)
    console.print(f"tasks {', '.join(tasks)}, splits {', '.join(splits)}, seeds {seeds[0]} .. {seeds[-1]}")
    console.print(comparison.verdict, soft_wrap=True)


def _add(table: Table, name: str, pairs: Pairs) -> None:
    lower, upper = pairs.interval
    table.add_row(
        name,
        f"{pairs.first.successes}/{pairs.n}",
        f"{pairs.second.successes}/{pairs.n}",
        f"{100 * pairs.difference:+.1f}",
        f"{100 * lower:+.1f} .. {100 * upper:+.1f}",
        str(pairs.first_only),
        str(pairs.second_only),
        "too few" if pairs.too_few else f"{pairs.p:.2g}",
    )
