"""Fit the student to demonstrations and labels; moving average of the weights.

Every step's batch follows from (seed, step), so a run that was stopped and resumed sees the same batches as
one that was not. On a CPU several processes of one thread each train faster than one of several threads;
they share each batch and average gradients (Hugging Face Accelerate, over gloo or NCCL).
"""

import copy
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from torch import Tensor, nn

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.frames import load_frames
from sovereign_robot.datasets.lerobot_v3 import OpenDataset, open_dataset
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.feed import Feed
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.objective import Batch, StudentWithText, Weights
from sovereign_robot.learning.recipe import Recipe
from sovereign_robot.learning.samples import Samples
from sovereign_robot.learning.student_config import StudentConfig, StudentOptions
from sovereign_robot.learning.word_cache import remembered_encoder
from sovereign_robot.policy.text import token_ids

GRADIENT_NORM = 1.0
EMA_DECAY = 0.999
WARM_UP_STEPS = 300
CHECKPOINT_STEPS = 500
LOG_STEPS = 50
LOG = "log.jsonl"
CLOCKS: dict[str, Callable[[], float]] = {"wall": time.monotonic, "cpu": time.process_time}
SNAPSHOTS, SNAPSHOTS_AT = "snapshots", (0.9, 0.95, 1.0)

Progress = Callable[[float, int, float, float], None]


class Trainer:
    """One process's share of a training run: `begin` or `resume`, then `run`.

    The main process decides the weights, follows their average and writes; the others take its weights.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        contract: RobotContract,
        recipe: Recipe,
        options: StudentOptions,
        out: Path,
        checkpoint_steps: int = CHECKPOINT_STEPS,
    ) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(recipe.seed)
        self._accelerator = Accelerator()
        self._recipe, self._contract, self._out, self._roots = recipe, contract, out, roots
        self._checkpoint_steps = checkpoint_steps
        self._config = StudentConfig.of(options, contract, GoalCode().width)
        self._history: list[dict[str, Any]] = []
        self._datasets = [summary(open_dataset(root, contract)) for root in roots]
        frames = [load_frames(root, contract) for root in roots]
        self._feed = Feed(frames, contract, self._config, recipe.augment)
        weights = Weights(keyframe=recipe.keyframe, attention=recipe.attention)
        self._model = StudentWithText(self._config, weights, bf16=recipe.bf16)
        self._model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self._model.tune_text(recipe.text == "tuned")
        self._model.to(self._accelerator.device)
        self._average = copy.deepcopy(self._model)
        learning = [p for p in self._model.parameters() if p.requires_grad]
        self._optimiser = torch.optim.AdamW(learning, lr=recipe.learning_rate, weight_decay=1e-2)
        self.step, self._seconds = 0, 0.0

    @property
    def is_main(self) -> bool:
        """Whether this process decides and writes."""
        return bool(self._accelerator.is_main_process)

    def begin(self, start_from: Path | None = None) -> None:
        """Take the weights of another run, or new ones whose text encoder knows the words.

        Raises:
            CheckpointError, ContractMismatch: see `checkpoint.load`.
            UsageError: the other run was of another student.
        """
        if not self.is_main:
            return
        if start_from is None:
            self._model.text.load_state_dict(remembered_encoder(self._recipe.seed).state_dict())
            normalise(self._model, self._feed.samples[0])
        else:
            earlier = checkpoint.load(start_from, self._contract)
            earlier.require_student(self._config)
            earlier.restore(self._model, "average")
            run = {name: earlier.facts[name] for name in checkpoint.RUN}
            self._history = [*earlier.facts["history"], run]
        self._average.load_state_dict(self._model.state_dict())

    def resume(self) -> None:
        """Go on from the checkpoint in the output folder; raises as `open_run`."""
        stopped = open_run(self._out, self._contract, self._recipe, self._config, self._roots)
        stopped.restore(self._model, "model")
        stopped.restore(self._average, "average")
        stopped.restore_optimiser(self._optimiser)
        self._history = stopped.facts["history"]
        self.step, self._seconds = stopped.facts["step"], stopped.facts["seconds"]

    def run(self, report: Progress) -> None:
        """Train to the end; the main process writes and reports (share done, step, loss, samples/s)."""
        model, optimiser = self._accelerator.prepare(self._model, self._optimiser)
        if self._recipe.text == "frozen":
            self._feed.set_vectors([vectors(self._model, texts) for texts in self._feed.sentences()])
        now_s = CLOCKS[self._recipe.clock]
        began_s, first, loss_average = now_s(), self.step, 0.0
        done = self._done(0.0)
        while done < 1.0:
            loss = self._one_step(model, optimiser, done)
            if self.is_main:
                follow(self._average, self._model, self.step)
            self.step += 1
            spent_s = now_s() - began_s
            before, done = done, self._done(spent_s)
            loss_average = loss if self.step == first + 1 else 0.98 * loss_average + 0.02 * loss
            if self.is_main:
                report(done, self.step, loss_average, (self.step - first) * self._recipe.batch / spent_s)
                self._keep(loss_average, self._seconds + spent_s, before, done)
        self._accelerator.end_training()

    def _done(self, spent_s: float) -> float:
        """Share of the run that is over; by the clock of the main process where time is limited."""
        share = self.step / self._recipe.steps
        if not self._recipe.seconds:
            return share
        share = max(share, (self._seconds + spent_s) / self._recipe.seconds)
        agreed = broadcast(torch.tensor([share], device=self._accelerator.device))
        return float(agreed.item())

    def _one_step(self, model: nn.Module, optimiser: torch.optim.Optimizer, done: float) -> float:
        """Learn from the batch of a step; returns the loss of the whole batch."""
        r, processes = self._recipe, self._accelerator.num_processes
        dtype = torch.bfloat16 if r.bf16 else torch.float32
        batch = self._feed.batch(
            r.seed, self.step, r.batch, self._accelerator.process_index, processes, dtype
        )
        for group in optimiser.param_groups:
            group["lr"] = r.learning_rate * schedule(self.step, done)
        loss = model(_on(batch, self._accelerator.device))
        optimiser.zero_grad(set_to_none=True)
        self._accelerator.backward(loss)
        self._accelerator.clip_grad_norm_(self._model.parameters(), GRADIENT_NORM)
        optimiser.step()
        return float(self._accelerator.reduce(loss.detach(), reduction="mean"))

    def _keep(self, loss: float, seconds: float, before: float, done: float) -> None:
        """Write the log, the checkpoint and the late snapshots when their step has come."""
        if self.step % LOG_STEPS == 0:
            self._log(loss, seconds)
        if self.step % self._checkpoint_steps == 0 or done >= 1.0:
            self._save(self._out, loss, seconds)
        for share in SNAPSHOTS_AT:
            if before < share <= done:
                self._save(self._out / SNAPSHOTS / f"{round(100 * share):03d}", loss, seconds)

    def _log(self, loss: float, seconds: float) -> None:
        """Add one line to the training log, which the loss curve of a report is drawn from."""
        with (self._out / LOG).open("a", encoding="utf-8") as log:
            log.write(
                json.dumps({"step": self.step, "loss": round(loss, 5), "seconds": round(seconds, 1)}) + "\n"
            )

    def _save(self, folder: Path, loss: float, seconds: float) -> None:
        tensors = {f"average/{k}": v for k, v in self._average.state_dict().items()}
        if folder == self._out:
            tensors |= {f"model/{k}": v for k, v in self._model.state_dict().items()}
            tensors |= checkpoint.optimiser_tensors(self._optimiser)
        facts: dict[str, Any] = {
            "history": self._history,
            "recipe": asdict(self._recipe),
            "datasets": self._datasets,
            "samples": self._feed.frames,
            "step": self.step,
            "loss": round(loss, 5),
            "seconds": round(seconds, 1),
        }
        checkpoint.save(folder, self._contract, self._config, tensors, facts)


def open_run(
    folder: Path, contract: RobotContract, recipe: Recipe, config: StudentConfig, roots: Sequence[Path]
) -> checkpoint.Checkpoint:
    """The checkpoint from which a run of that recipe, student and datasets goes on.

    Raises:
        CheckpointError, ContractMismatch: see `checkpoint.load`.
        UsageError: it was begun with another recipe, student or other datasets.
    """
    stopped = checkpoint.load(folder, contract)
    now = asdict(recipe)
    begun = {name: stopped.facts["recipe"].get(name, getattr(Recipe, name, None)) for name in now}
    flags = [f"{name} {begun[name]} != {now[name]}" for name in now if begun[name] != now[name]]
    if flags:
        raise UsageError(f"{folder} was begun with {', '.join(flags)}: use the same flags to resume")
    stopped.require_student(config)
    if stopped.facts["datasets"] != [summary(open_dataset(root, contract)) for root in roots]:
        raise UsageError(
            f"{folder} was begun with other datasets than {', '.join(map(str, roots))}: "
            "resume with those, in the same order, or begin a new run in another --out with --start-from"
        )
    return stopped


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, step: int) -> None:
    """Move the averaged weights after a step."""
    decay = min(EMA_DECAY, (1 + step) / (10 + step))
    pairs = zip(average.parameters(), model.parameters(), strict=True)
    slow, fast = zip(*((s, f) for s, f in pairs if f.requires_grad), strict=True)
    torch._foreach_lerp_(slow, fast, 1.0 - decay)


def normalise(model: StudentWithText, samples: Samples, count: int = 20_000) -> None:
    """Let the first dataset say what is far and what is near."""
    student = model.student
    mean, deviation = samples.joint_statistics()
    student.state_mean.copy_(torch.from_numpy(mean))
    student.state_std.copy_(torch.from_numpy(deviation))
    index = samples.starts[:: max(1, len(samples.starts) // count)]
    numbers = samples.numbers(index, np.zeros_like(index))
    joints, anchor, target = (
        torch.from_numpy(v) for v in (numbers.joints_rad, numbers.anchor_rad, numbers.target_rad)
    )
    away = target - student.base_rad(joints, anchor).unsqueeze(1)
    student.step_std.copy_(away.std(dim=0).clamp(min=0.01))


@torch.no_grad()
def vectors(model: StudentWithText, texts: Sequence[str]) -> np.ndarray:
    """(S, text_width) of sentences."""
    device = next(model.parameters()).device
    tokens = torch.from_numpy(np.concatenate([token_ids(text) for text in texts])).to(device)
    return np.concatenate([model.text(part).cpu().numpy() for part in tokens.split(256)])


def _on(batch: Batch, device: torch.device) -> Batch:
    """The batch where the model is."""
    if device.type == "cpu":
        return batch
    return Batch(**{k: v.to(device) if isinstance(v, Tensor) else v for k, v in vars(batch).items()})


def summary(dataset: OpenDataset) -> dict[str, Any]:
    """How a dataset was made, without its single episodes and workers."""
    made = {k: v for k, v in dataset.collection.items() if k not in ("episodes", "workers")}
    return {**made, "failures": len(dataset.collection.get("failures", ()))}


def schedule(step: int, done: float) -> float:
    """Warm-up, then a cosine to 1 %."""
    return min(1.0, (step + 1) / WARM_UP_STEPS) * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done)))
