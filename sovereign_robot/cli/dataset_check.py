"""Say what is probably wrong with a dataset before anybody trains with it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from sovereign_robot.datasets.data_checks import HORIZON, Finding, findings
from sovereign_robot.datasets.frames import load_frames
from sovereign_robot.datasets.lerobot_v3 import open_as_recorded


@dataclass
class Args:
    """What `sovereign-robot dataset check` takes."""

    dataset: Annotated[Path, tyro.conf.Positional]
    """Folder of a LeRobot v3 dataset, for example from `sovereign-robot collect`."""
    horizon: int = HORIZON
    """Rows of the action chunks that are to be learnt."""
    json: bool = False
    """Print the findings as JSON alone."""


def main(args: Args) -> int:
    """Looks; 1 when nothing can be learnt from the data, else 0, also with warnings."""
    dataset = open_as_recorded(args.dataset)
    with Console(stderr=True).status(f"decoding {args.dataset}"):
        frames = load_frames(args.dataset, dataset.contract)
    found = findings(frames, dataset.contract, str(args.dataset), args.horizon)
    if args.json:
        print(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    else:
        show(found, Console())
        episodes = f"{dataset.episodes} episodes, {dataset.frames} frames"
        print(f"{episodes}: {len(found)} findings" if found else f"{episodes}: nothing looks wrong")
    return int(any(finding.is_error for finding in found))


def show(found: Sequence[Finding], console: Console) -> None:
    """One line for each finding."""
    for finding in found:
        label, style = ("error", "bold red") if finding.is_error else ("warning", "yellow")
        console.print(f"{label}: ", style=style, end="")
        console.print(finding.sentence, markup=False, highlight=False, soft_wrap=True)
