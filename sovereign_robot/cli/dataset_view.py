"""Show some episodes of a dataset: on a page that any browser opens, and in the rerun viewer."""

import importlib.util
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table

from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import RenderError, UsageError
from sovereign_robot.datasets.episodes import (
    RecordedEpisode,
    choose,
    read_episodes,
    read_images,
)
from sovereign_robot.datasets.lerobot_v3 import OpenDataset, open_as_recorded
from sovereign_robot.evaluation.contact_sheet import Sheet, ShownEpisode, contact_sheet

KIND = "dataset view"
PAGE, RECORDING = "contact_sheet.html", "episodes.rrd"


@dataclass
class Args:
    """What `sovereign-robot dataset view` takes."""

    dataset: Annotated[Path, tyro.conf.Positional]
    """Folder of a LeRobot v3 dataset, for example from `sovereign-robot collect`."""
    out: Path = Path("outputs/dataset-view")
    """Folder of contact_sheet.html and episodes.rrd: new, empty, or of an earlier view."""
    episodes: int = 6
    """At most so many episodes of each task."""
    rerun: bool = False
    """Write the same episodes, every frame, as episodes.rrd and open it in the rerun viewer."""


def main(args: Args) -> int:
    """Writes the page, and with --rerun the recording; 0 when they are there."""
    if args.episodes < 1:
        raise UsageError(f"--episodes {args.episodes}: expected at least 1 episode of each task")
    if args.rerun and importlib.util.find_spec("rerun") is None:
        raise ModuleNotFoundError("No module named 'rerun'", name="rerun")
    dataset = open_as_recorded(args.dataset)
    check_out(args.out, KIND)
    episodes = read_episodes(dataset)
    chosen = choose(episodes, args.episodes)
    html = contact_sheet(_sheet(dataset, episodes), [_shown(dataset, episode) for episode in chosen])
    out = prepare_out(args.out, KIND)
    (out / PAGE).write_text(html, encoding="utf-8")
    if args.rerun:
        from sovereign_robot.datasets.rerun_recording import write_recording

        write_recording(out / RECORDING, dataset, chosen)
    _print(args, f"{len(chosen)} of {len(episodes)}")
    if args.rerun and _has_display():
        _open_viewer(out / RECORDING)
    return 0


def _sheet(dataset: OpenDataset, episodes: Sequence[RecordedEpisode]) -> Sheet:
    record = dataset.collection
    return Sheet(
        name=dataset.root.resolve().name,
        robot=dataset.contract.name,
        cameras=dataset.contract.camera_names,
        tasks=Counter(e.task for e in episodes),
        languages=Counter(sorted(e.language for e in episodes)),
        frames=dataset.frames,
        duration_s=dataset.frames / dataset.info["fps"],
        failed=len(record["failures"]),
        facts={k: str(v) for k, v in record.items() if isinstance(v, str | int | float) and v != ""},
    )


def _shown(dataset: OpenDataset, episode: RecordedEpisode) -> ShownEpisode:
    moments = (0, episode.frames // 2, episode.frames - 1)
    return ShownEpisode(
        index=episode.index,
        task=episode.task,
        instruction=episode.instruction,
        language=episode.language,
        seed=episode.seed,
        duration_s=episode.frames / dataset.info["fps"],
        pictures={c: read_images(dataset, episode, c, moments) for c in dataset.contract.camera_names},
    )


def _print(args: Args, shown: str) -> None:
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(overflow="fold")  # a path that is cut short cannot be opened
    table.add_row("dataset", str(args.dataset))
    table.add_row("episodes", shown)
    table.add_row("page", str(args.out / PAGE))
    if args.rerun:
        note = "" if _has_display() else " (no display here: open it with `rerun` on a machine that has one)"
        table.add_row("rerun", f"{args.out / RECORDING}{note}")
    Console().print(table)


def _has_display() -> bool:
    return sys.platform != "linux" or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))


def _open_viewer(recording: Path) -> None:
    """Shows it until the person closes the window.

    Raises:
        RenderError: the viewer could not show it.
    """
    # The viewer reports its use over the network unless it believes that it runs in CI.
    quiet = os.environ | {"CI": "1"}
    command = [sys.executable, "-m", "rerun", "--bind", "127.0.0.1", "--hide-welcome-screen", str(recording)]
    status = subprocess.run(command, env=quiet, check=False).returncode
    if status:
        raise RenderError(
            f"the rerun viewer ended with status {status}: open {recording} with `rerun` on another machine"
        )
