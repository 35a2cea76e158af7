"""Train the student on demonstrations.

Stopped with Ctrl-C or killed, the same command with --resume goes on from the last checkpoint.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract, load_robot

KIND = "training"


@dataclass
class Args:
    """What `sovereign-robot train` takes."""

    dataset: tuple[Path, ...]
    """Folders of LeRobot v3 datasets, for example from `sovereign-robot collect`."""
    out: Path
    """Folder of the checkpoint."""
    steps: int = 8000
    """Optimiser steps."""
    batch: int = 128
    """Samples per step, over all processes."""
    learning_rate: float = 1e-3
    """Highest learning rate."""
    seed: int = 0
    """Seed of weights and batches."""
    processes: int = 2
    """Processes of one thread each; on a CPU, one per core."""
    start_from: Path | None = None
    """Begin with the weights of this training folder."""
    resume: bool = False
    """Go on from the checkpoint in --out."""
    robot: str = "so101"
    """Robot name or YAML file."""


def main(args: Args) -> int:
    """Trains; 0 when the last step is done."""
    from sovereign_robot.datasets.lerobot_v3 import open_dataset

    if args.steps < 1 or args.processes < 1 or args.batch < args.processes or args.batch % args.processes:
        raise UsageError(
            f"--steps {args.steps} --batch {args.batch} --processes {args.processes}: "
            "expected at least 1 step and a batch that the processes share evenly"
        )
    contract = load_robot(args.robot)
    for root in args.dataset:
        open_dataset(root, contract)
    check_out(args.out, KIND)
    if not args.resume and (args.out / "checkpoint.json").exists():
        raise UsageError(
            f"{args.out} holds a training run already: add --resume to go on with it, or choose another --out"
        )
    prepare_out(args.out, KIND)
    _decode_once(args, contract)
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder) / "processes"
        if args.processes == 1:
            _train(0, args, contract, address)
        else:
            from torch.multiprocessing.spawn import spawn

            spawn(_train, (args, contract, address), nprocs=args.processes)
    return 0


def _decode_once(args: Args, contract: RobotContract) -> None:
    """Decode every dataset before the processes share it."""
    from sovereign_robot.datasets.frames import load_frames

    console = Console(stderr=True)
    for root in args.dataset:
        with console.status(f"decoding {root}"):
            load_frames(root, contract)


def _train(rank: int, args: Args, contract: RobotContract, address: Path) -> None:
    from sovereign_robot.learning.training import Recipe, Trainer, join_processes

    join_processes(rank, args.processes, address)
    recipe = Recipe(args.steps, args.batch, args.learning_rate, args.seed, args.processes)
    trainer = Trainer(args.dataset, contract, recipe, args.out, args.start_from)
    if args.resume:
        trainer.resume()
    if rank:
        trainer.run(rank, lambda step, loss, rate: None)
        return
    columns = (
        TextColumn("train"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("train", total=args.steps, completed=trainer.step, note="")
        trainer.run(
            rank,
            lambda step, loss, rate: progress.update(
                bar, completed=step, note=f"loss {loss:.4f}, {rate:.0f} samples/s"
            ),
        )
