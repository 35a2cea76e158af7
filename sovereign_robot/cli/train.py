"""Train the student on demonstrations.

Stopped with Ctrl-C or killed, the same command with --resume goes on from the last checkpoint.
"""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract, load_robot

if TYPE_CHECKING:
    from sovereign_robot.learning.training import Recipe

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
    if args.steps < 1 or args.processes < 1 or args.batch < args.processes or args.batch % args.processes:
        raise UsageError(
            f"--steps {args.steps} --batch {args.batch} --processes {args.processes}: "
            "expected at least 1 step and a batch that the processes share evenly"
        )
    if not 0.0 < args.learning_rate < math.inf:
        raise UsageError(f"--learning-rate {args.learning_rate:g}: expected a number above 0")
    contract = load_robot(args.robot)
    _require_inputs(args, contract)
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


def _require_inputs(args: Args, contract: RobotContract) -> None:
    """Refuse here, once and before anything is written, what each process would refuse."""
    from sovereign_robot.datasets.lerobot_v3 import open_dataset
    from sovereign_robot.learning import checkpoint
    from sovereign_robot.learning.training import open_run, student_of

    for root in args.dataset:
        open_dataset(root, contract)
    student_of(contract)
    check_out(args.out, KIND)
    if args.resume:
        open_run(args.out, contract, _recipe(args), args.dataset)
    elif (args.out / checkpoint.TENSORS).exists():
        raise UsageError(
            f"{args.out} holds a training run already: add --resume to go on with it, or choose another --out"
        )
    elif args.start_from is not None:
        checkpoint.load(args.start_from, contract)


def _recipe(args: Args) -> "Recipe":
    from sovereign_robot.learning.training import Recipe

    return Recipe(args.steps, args.batch, args.learning_rate, args.seed, args.processes)


def _decode_once(args: Args, contract: RobotContract) -> None:
    """Decode every dataset before the processes share it."""
    from sovereign_robot.datasets.frames import load_frames

    console = Console(stderr=True)
    for root in args.dataset:
        with console.status(f"decoding {root}"):
            load_frames(root, contract)


def _train(rank: int, args: Args, contract: RobotContract, address: Path) -> None:
    from sovereign_robot.learning.training import Trainer, join_processes

    join_processes(rank, args.processes, address)
    trainer = Trainer(args.dataset, contract, _recipe(args), args.out, rank)
    if args.resume:
        trainer.resume()
    else:
        trainer.begin(args.start_from)
    if rank:
        trainer.run(lambda step, loss, rate: None)
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
            lambda step, loss, rate: progress.update(
                bar, completed=step, note=f"loss {loss:.4f}, {rate:.0f} samples/s"
            )
        )
