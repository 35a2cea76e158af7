"""Train the student on demonstrations and labels.

Stopped with Ctrl-C or killed, the same command with --resume goes on from the last checkpoint. On several
GPUs or machines the same command runs under `accelerate launch`, which then decides the processes:

    accelerate launch --num-processes 4 -m sovereign_robot.cli.main train --dataset ... --out ...
"""

import math
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.learning.recipe import Recipe
from sovereign_robot.learning.student_config import StudentConfig, StudentOptions

KIND = "training"
LAUNCHED = "WORLD_SIZE"  # set by `accelerate launch`


@dataclass
class Args:
    """What `sovereign-robot train` takes."""

    dataset: tuple[Path, ...]
    """Folders of LeRobot v3 datasets, for example from `sovereign-robot collect`."""
    out: Path
    """Folder of the checkpoint."""
    steps: int = 12000
    """Optimiser steps."""
    minutes: float = 0.0
    """End after this time at the latest, the learning rate's schedule with it; 0 for never."""
    clock: Literal["wall", "cpu"] = "wall"
    """Of --minutes: the wall's, or processor time of the main process, to compare on a busy machine."""
    batch: int = 256
    """Samples per step, over all processes."""
    learning_rate: float = 1e-3
    """Highest learning rate."""
    seed: int = 0
    """Seed of weights and batches."""
    processes: int = 2
    """Processes of one thread each; on a CPU, one per core."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """Of the vision; "auto" is bf16 where the processor computes in it."""
    text: Literal["frozen", "tuned"] = "frozen"
    """Whether the text encoder, which knows the words of the tasks already, learns from the sentences too."""
    attention: float = 0.1
    """Weight of learning where each camera sees what the sentence names."""
    keyframe: float = 0.2
    """Weight of learning the arm's pose at the next turn of the gripper."""
    augment: float = 1.0
    """How strongly pictures are shifted, tinted and blurred; 0 for not at all."""
    student: StudentOptions = field(default_factory=StudentOptions)
    """What the student is made of."""
    start_from: Path | None = None
    """Begin with the weights of this training folder."""
    resume: bool = False
    """Go on from the checkpoint in --out."""
    robot: str = "so101"
    """Robot name or YAML file."""


def main(args: Args) -> int:
    """Trains; 0 when the run is over."""
    _check(args)
    contract = load_robot(args.robot)
    _require_inputs(args, contract)
    prepare_out(args.out, KIND)
    _decode_once(args, contract)
    processes = _processes(args)
    if LAUNCHED in os.environ or processes == 1:
        _train(None, args, contract, processes, 0)
    else:
        from torch.multiprocessing.spawn import spawn

        spawn(_train, (args, contract, processes, _free_port()), nprocs=processes)
    return 0


def _check(args: Args) -> None:
    """Refuse numbers that make no run.

    Raises:
        UsageError: names them.
    """
    processes = _processes(args)
    if args.steps < 1 or processes < 1 or args.batch < processes or args.batch % processes:
        raise UsageError(
            f"--steps {args.steps} --batch {args.batch} --processes {processes}: "
            "expected at least 1 step and a batch that the processes share evenly"
        )
    if not 0.0 < args.learning_rate < math.inf:
        raise UsageError(f"--learning-rate {args.learning_rate:g}: expected a number above 0")
    if not all(0.0 <= v < math.inf for v in (args.minutes, args.attention, args.keyframe, args.augment)):
        raise UsageError(
            f"--minutes {args.minutes:g} --attention {args.attention:g} --keyframe {args.keyframe:g} "
            f"--augment {args.augment:g}: expected numbers of 0 or more"
        )


def _processes(args: Args) -> int:
    return int(os.environ.get(LAUNCHED, args.processes))


def _require_inputs(args: Args, contract: RobotContract) -> None:
    """Refuse here, once and before anything is written, what each process would refuse."""
    from sovereign_robot.datasets.lerobot_v3 import open_dataset
    from sovereign_robot.learning import checkpoint
    from sovereign_robot.learning.goal_code import GoalCode
    from sovereign_robot.learning.training import open_run

    for root in args.dataset:
        open_dataset(root, contract)
    config = StudentConfig.of(args.student, contract, GoalCode().width)
    check_out(args.out, KIND)
    if args.resume:
        open_run(args.out, contract, _recipe(args), config, args.dataset)
    elif LAUNCHED not in os.environ and (args.out / checkpoint.TENSORS).exists():
        raise UsageError(
            f"{args.out} holds a training run already: add --resume to go on with it, or choose another --out"
        )
    elif args.start_from is not None:
        checkpoint.load(args.start_from, contract).require_student(config)


def _recipe(args: Args) -> Recipe:
    from sovereign_robot.learning.precision import computes_in_bf16

    return Recipe(
        steps=args.steps,
        seconds=60.0 * args.minutes,
        clock=args.clock,
        batch=args.batch,
        learning_rate=args.learning_rate,
        seed=args.seed,
        processes=_processes(args),
        bf16=computes_in_bf16() if args.precision == "auto" else args.precision == "bf16",
        text=args.text,
        attention=args.attention,
        keyframe=args.keyframe,
        augment=args.augment,
    )


def _decode_once(args: Args, contract: RobotContract) -> None:
    """Decode every dataset before the processes share it, and say what looks wrong with it.

    Raises:
        DatasetError: nothing can be learnt from it.
    """
    from sovereign_robot.cli.dataset_check import show
    from sovereign_robot.datasets.data_checks import findings, refuse_errors
    from sovereign_robot.datasets.frames import load_frames

    console = Console(stderr=True)
    for root in args.dataset:
        with console.status(f"decoding {root}"):
            found = findings(load_frames(root, contract), contract, str(root), args.student.horizon)
        refuse_errors(found)
        if os.environ.get("RANK", "0") == "0":
            show(found, console)


def _train(rank: int | None, args: Args, contract: RobotContract, processes: int, port: int) -> None:
    """One process; `rank` is its number where this command itself began them."""
    if rank is not None:
        _join(rank, processes, port)
    from sovereign_robot.learning.training import Trainer

    trainer = Trainer(args.dataset, contract, _recipe(args), args.student, args.out)
    if args.resume:
        trainer.resume()
    else:
        trainer.begin(args.start_from)
    if not trainer.is_main:
        trainer.run(lambda done, step, loss, rate: None)
        return
    columns = (TextColumn("train"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True)) as progress:
        bar = progress.add_task("train", total=1.0, note="")
        trainer.run(
            lambda done, step, loss, rate: progress.update(
                bar, completed=done, note=f"step {step}, loss {loss:.4f}, {rate:.0f} samples/s"
            )
        )


def _join(rank: int, processes: int, port: int) -> None:
    """Tell Accelerate, as its launcher would, which process of how many this is.

    Each takes a core of its own where there are enough: left alone, two of them may end on one.
    """
    cores = sorted(os.sched_getaffinity(0))
    if processes <= len(cores):
        os.sched_setaffinity(0, {cores[rank]})
    number, count = str(rank), str(processes)
    os.environ |= {"RANK": number, "LOCAL_RANK": number, LAUNCHED: count, "LOCAL_WORLD_SIZE": count}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "ACCELERATE_USE_CPU": "true"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
