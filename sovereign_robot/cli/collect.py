"""Let the expert demonstrate the task and write a LeRobot v3 dataset.

Seeds run upwards from --seed; an episode that fails is counted and left out. Stopped with Ctrl-C, the dataset
holds what was done until then, and the same command goes on from there.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Episode
from sovereign_robot.datasets.collection import Collection, Recipe
from sovereign_robot.datasets.lerobot_v3 import COLLECTION_FILE, EpisodeWriter, open_dataset, require_lerobot
from sovereign_robot.evaluation.parallel import for_seeds
from sovereign_robot.policy.onnx_policy import OnnxPolicy
from sovereign_robot.sim.collection import Disturbance, Recorder
from sovereign_robot.sim.scene import require_split
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import load_task

KIND = "dataset"
# With more failures than this, and than successes, something is wrong with the task or the robot.
FAILURES_ALLOWED = 20


@dataclass
class Args:
    """What `sovereign-robot collect` takes."""

    out: Path
    """Folder of the dataset: new, empty, or one that the same command began."""
    task: str = "place_in_bin"
    """What is demonstrated."""
    episodes: int = 300
    """Successful episodes that the dataset shall hold."""
    seed: int = 0
    """Seed of the first episode."""
    workers: int = 2
    """Processes that simulate; 0 simulates in this one."""
    noise: float = 0.03
    """Chance per policy step that a disturbance begins, 0 .. 1; the expert shows how to recover."""
    student: Path | None = None
    """Policy folder: its actions are the disturbance (data set aggregation)."""
    split: str = "train"
    """Kind of scenes: train, layout, phrase, combo, visual or clutter."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


@dataclass(frozen=True)
class MakeRecorder:
    """Builds, in a worker process, the function from a seed to its episode."""

    contract: RobotContract
    task: str
    noise: float
    student: Path | None
    split: str

    def __call__(self) -> Callable[[int], Episode | None]:
        """One simulation, one expert."""
        student = OnnxPolicy.load(self.student, self.contract) if self.student else None
        recorder = Recorder(Simulation(self.contract, self.task), Disturbance(self.noise, student))
        return lambda seed: e if (e := recorder.record(seed, self.split)).success else None


def main(args: Args) -> int:
    """Collects; 0 when all episodes are there, 1 when the expert failed too often."""
    load_task(args.task)
    require_split(args.split)
    if args.episodes < 1 or args.seed < 0 or not 0.0 <= args.noise <= 1.0:
        raise UsageError(
            f"--episodes {args.episodes} --seed {args.seed} --noise {args.noise}: "
            "expected at least 1 episode, a seed of 0 or more and noise in 0 .. 1"
        )
    contract = load_robot(args.robot)
    require_lerobot()
    check_out(args.out, KIND)
    collection, begun = _begin(args, contract)
    if len(collection.episodes) < args.episodes:
        _collect(args, contract, collection, begun)
    _print(args, collection)
    return 0 if len(collection.episodes) >= args.episodes else 1


def _begin(args: Args, contract: RobotContract) -> tuple[Collection, bool]:
    """The collection to fill, and whether it goes on with an earlier one."""
    student = OnnxPolicy.load(args.student, contract).bundle.sha256 if args.student else ""
    recipe = Recipe(
        __version__, args.task, contract.name, contract.sha256, args.split, args.seed, args.noise, student
    )
    if (args.out / COLLECTION_FILE).exists():
        return Collection.go_on(recipe, open_dataset(args.out, contract).collection), True
    return Collection(recipe, args.seed), False


def _collect(args: Args, contract: RobotContract, collection: Collection, begun: bool) -> None:
    writer: EpisodeWriter | None = None
    make = MakeRecorder(contract, args.task, args.noise, args.student, args.split)
    outcomes = for_seeds(make, count(collection.next_seed), args.workers)
    before_s, start_s = collection.elapsed_s, time.monotonic()
    try:
        with _progress() as progress:
            bar = progress.add_task(
                "collect", total=args.episodes, completed=len(collection.episodes), note=""
            )
            for seed, episode in outcomes:
                if episode is not None:
                    writer = writer or _open_writer(args.out, contract, begun)
                    writer.add(episode)
                collection.add(seed, episode)
                collection.elapsed_s = before_s + time.monotonic() - start_s
                note = f"{collection.episodes_per_minute:.0f} episodes/min, {len(collection.failures)} failed"
                progress.update(bar, completed=len(collection.episodes), note=note)
                if len(collection.episodes) >= args.episodes or _hopeless(collection):
                    break
    finally:
        outcomes.close()
        if writer is not None:
            collection.elapsed_s = before_s + time.monotonic() - start_s
            writer.close(collection.report())


def _open_writer(out: Path, contract: RobotContract, begun: bool) -> EpisodeWriter:
    if begun:
        return EpisodeWriter.resume(out, contract)
    return EpisodeWriter.create(prepare_out(out, KIND), contract)


def _hopeless(collection: Collection) -> bool:
    return len(collection.failures) > max(FAILURES_ALLOWED, len(collection.episodes))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _print(args: Args, collection: Collection) -> None:
    report = collection.report()
    if args.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return
    table = Table(show_header=False, box=None)
    table.add_row("dataset", str(args.out))
    table.add_row("episodes", f"{report['successes']} ({report['frames']} frames)")
    table.add_row(
        "failed", f"{len(collection.failures)} of {len(collection.failures) + report['successes']} seeds"
    )
    table.add_row("seeds", f"{args.seed} .. {collection.next_seed - 1}")
    table.add_row("languages", ", ".join(f"{k} {v}" for k, v in collection.languages.items()))
    table.add_row("speed", f"{report['episodes_per_minute']} episodes/min")
    Console().print(table)
