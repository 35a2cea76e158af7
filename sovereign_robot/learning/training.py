"""Fit the student to demonstrations: chunk L1, one auxiliary pose, moving average of the weights.

Every step draws its samples from a generator seeded by (seed, step, process), so a run that was stopped
and resumed sees the same batches as one that was not. Several processes of one thread each train faster
on a CPU than one process of several threads; they average gradients over gloo.
"""

import copy
import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as distributed
from torch import Tensor, nn
from torch.nn import functional

from sovereign_robot.contract.errors import ContractError, UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.frames import load_frames
from sovereign_robot.datasets.lerobot_v3 import OpenDataset, open_dataset
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.language import teach_words
from sovereign_robot.learning.samples import Batch, Samples, augment, draw, join
from sovereign_robot.learning.student import Student, StudentConfig, TextEncoder

KEYFRAME_WEIGHT = 0.3
GRADIENT_NORM = 1.0
EMA_DECAY = 0.999
WARM_UP_STEPS = 300
CHECKPOINT_STEPS = 250
LOG_STEPS = 50
LOG = "log.jsonl"
CELL_PX = 16  # the student halves a picture four times

Progress = Callable[[int, float, float], None]


@dataclass(frozen=True)
class Recipe:
    """What decides the weights of a run, besides the data."""

    steps: int
    batch: int
    learning_rate: float
    seed: int
    processes: int


class StudentWithText(nn.Module):
    """Student and text encoder as one module, which is what trains."""

    def __init__(self, config: StudentConfig) -> None:
        super().__init__()
        self.student = Student(config)
        self.text = TextEncoder(config.text_width)

    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch."""
        chunk, keyframe = self.student(
            batch.images,
            batch.joints_rad,
            self.text(batch.tokens),
            batch.anchor_rad,
            batch.committed_rad,
            batch.mask,
        )
        wanted = (batch.target_rad - batch.anchor_rad.unsqueeze(1)) / self.student.step_std
        error = (chunk - wanted).abs().mean(2) * batch.weight
        pose = (batch.keyframe_rad - batch.anchor_rad) / self.student.state_std
        return error.sum() / batch.weight.sum().clamp(min=1.0) + KEYFRAME_WEIGHT * functional.l1_loss(
            keyframe, pose
        )


class Trainer:
    """One process's share of a training run: `begin` or `resume`, then `run`.

    Process 0 decides the weights, follows their average and writes; the others take its weights in `run`.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        contract: RobotContract,
        recipe: Recipe,
        out: Path,
        rank: int = 0,
        checkpoint_steps: int = CHECKPOINT_STEPS,
    ) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(recipe.seed)
        self._recipe, self._contract, self._out, self._rank = recipe, contract, out, rank
        self._roots = roots
        self._checkpoint_steps = checkpoint_steps
        self._config = student_of(contract)
        self._history: list[dict[str, Any]] = []
        frames = [load_frames(root, contract) for root in roots]
        self._datasets = [_summary(open_dataset(root, contract)) for root in roots]
        self._samples = [
            Samples(f, contract, self._config.horizon, self._config.max_committed) for f in frames
        ]
        self._model = StudentWithText(self._config)
        self._model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self._average = copy.deepcopy(self._model)
        self._optimiser = torch.optim.AdamW(
            self._model.parameters(), lr=recipe.learning_rate, weight_decay=1e-2
        )
        self.step, self._seconds = 0, 0.0

    @property
    def frames(self) -> int:
        """Frames of all datasets."""
        return sum(len(s.starts) for s in self._samples)

    def begin(self, start_from: Path | None = None) -> None:
        """Take the weights of another run, or new ones whose text encoder knows the words.

        Raises:
            CheckpointError, ContractMismatch: see `checkpoint.load`.
        """
        if self._rank != 0:
            return
        if start_from is None:
            self._make_weights()
        else:
            earlier = checkpoint.load(start_from, self._contract)
            earlier.restore(self._model, "average")
            run = {name: earlier.facts[name] for name in checkpoint.RUN}
            self._history = [*earlier.facts["history"], run]
        self._average.load_state_dict(self._model.state_dict())

    def _make_weights(self) -> None:
        teach_words(self._model.text, self._config.text_width, self._recipe.seed)
        mean, deviation = self._samples[0].joint_statistics()
        student = self._model.student
        student.state_mean.copy_(torch.from_numpy(mean))
        student.state_std.copy_(torch.from_numpy(deviation))
        student.step_std.copy_(torch.from_numpy(self._samples[0].step_deviation()))

    def resume(self) -> None:
        """Go on from the checkpoint in the output folder; raises as `open_run`."""
        stopped = open_run(self._out, self._contract, self._recipe, self._roots)
        stopped.restore(self._model, "model")
        stopped.restore(self._average, "average")
        stopped.restore_optimiser(self._optimiser)
        self._history = stopped.facts["history"]
        self.step, self._seconds = stopped.facts["step"], stopped.facts["seconds"]

    def run(self, report: Progress) -> None:
        """Train to the last step; process 0 writes checkpoints and reports (step, loss, samples/s)."""
        model: nn.Module = self._model
        if self._recipe.processes > 1:
            model = nn.parallel.DistributedDataParallel(self._model)
        began_s, first = time.monotonic(), self.step
        loss_average = 0.0
        while self.step < self._recipe.steps:
            loss = self._one_step(model)
            if self._rank == 0:
                self._follow()
            self.step += 1
            loss_average = loss if self.step == first + 1 else 0.98 * loss_average + 0.02 * loss
            if self._rank == 0:
                spent_s = time.monotonic() - began_s
                report(self.step, loss_average, (self.step - first) * self._recipe.batch / spent_s)
                self._keep(loss_average, self._seconds + spent_s)

    def _one_step(self, model: nn.Module) -> float:
        rng = np.random.default_rng([self._recipe.seed, self.step, self._rank])
        batch = join(
            draw(self._samples, self._recipe.batch // self._recipe.processes, self._config.max_committed, rng)
        )
        augment(batch.images, rng)
        for group in self._optimiser.param_groups:
            group["lr"] = self._recipe.learning_rate * _schedule(self.step, self._recipe.steps)
        loss = model(batch)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._model.parameters(), GRADIENT_NORM)
        self._optimiser.step()
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the averaged weights; batch norm statistics are copied."""
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        for slow, fast in zip(self._average.parameters(), self._model.parameters(), strict=True):
            slow.lerp_(fast, 1.0 - decay)
        for copied, current in zip(self._average.buffers(), self._model.buffers(), strict=True):
            copied.copy_(current)

    def _keep(self, loss: float, seconds: float) -> None:
        """Write the log and the checkpoint when their step has come."""
        if self.step % LOG_STEPS == 0:
            self._log(loss, seconds)
        if self.step % self._checkpoint_steps == 0 or self.step == self._recipe.steps:
            self._save(loss, seconds)

    def _log(self, loss: float, seconds: float) -> None:
        """Add one line to the training log, which the loss curve of a report is drawn from."""
        with (self._out / LOG).open("a", encoding="utf-8") as log:
            log.write(
                json.dumps({"step": self.step, "loss": round(loss, 5), "seconds": round(seconds, 1)}) + "\n"
            )

    def _save(self, loss: float, seconds: float) -> None:
        tensors = {f"model/{k}": v for k, v in self._model.state_dict().items()}
        tensors |= {f"average/{k}": v for k, v in self._average.state_dict().items()}
        facts: dict[str, Any] = {
            "history": self._history,
            "recipe": asdict(self._recipe),
            "datasets": self._datasets,
            "samples": self.frames,
            "step": self.step,
            "loss": round(loss, 5),
            "seconds": round(seconds, 1),
        }
        tensors |= checkpoint.optimiser_tensors(self._optimiser)
        checkpoint.save(self._out, self._contract, self._config, tensors, facts)


def student_of(contract: RobotContract) -> StudentConfig:
    """The student that fits a robot.

    Raises:
        ContractError: its cameras differ in size, or a side is no multiple of CELL_PX.
    """
    sizes = {(c.height_px, c.width_px) for c in contract.cameras}
    if len(sizes) != 1 or any(side % CELL_PX for size in sizes for side in size):
        found = ", ".join(f"{c.name} {c.width_px}x{c.height_px} px" for c in contract.cameras) or "none"
        raise ContractError(
            f"robot {contract.name} has cameras {found}: the student needs one or more, all of one size, "
            f"whose sides are multiples of {CELL_PX} px"
        )
    ((height_px, width_px),) = sizes
    return StudentConfig(contract.camera_names, height_px, width_px, len(contract.joints))


def open_run(
    folder: Path, contract: RobotContract, recipe: Recipe, roots: Sequence[Path]
) -> checkpoint.Checkpoint:
    """The checkpoint from which a run of that recipe and those datasets goes on.

    Raises:
        CheckpointError, ContractMismatch: see `checkpoint.load`.
        UsageError: it was begun with another recipe or other datasets.
    """
    stopped = checkpoint.load(folder, contract)
    begun, now = stopped.facts["recipe"], asdict(recipe)
    flags = [f"{name} {begun.get(name)} != {now[name]}" for name in now if begun.get(name) != now[name]]
    if flags:
        raise UsageError(f"{folder} was begun with {', '.join(flags)}: use the same flags to resume")
    if stopped.facts["datasets"] != [_summary(open_dataset(root, contract)) for root in roots]:
        raise UsageError(
            f"{folder} was begun with other datasets than {', '.join(map(str, roots))}: "
            "resume with those, in the same order, or begin a new run in another --out with --start-from"
        )
    return stopped


def join_processes(rank: int, count: int, address: Path) -> None:
    """Make this process one of `count` that average their gradients; `address` is a file they share.

    Each takes a core of its own where there are enough: left alone, two of them may end on one.
    """
    cores = sorted(os.sched_getaffinity(0))
    if count > 1:
        if count <= len(cores):
            os.sched_setaffinity(0, {cores[rank]})
        distributed.init_process_group("gloo", init_method=f"file://{address}", rank=rank, world_size=count)


def _summary(dataset: OpenDataset) -> dict[str, Any]:
    """How a dataset was made, without its single episodes and workers."""
    made = {k: v for k, v in dataset.collection.items() if k not in ("episodes", "workers")}
    return {**made, "failures": len(dataset.collection.get("failures", ()))}


def _schedule(step: int, steps: int) -> float:
    """Warm-up, then a cosine to 1 %."""
    if step < WARM_UP_STEPS:
        return (step + 1) / WARM_UP_STEPS
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * step / steps))
