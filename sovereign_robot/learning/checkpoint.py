"""Training state on disk without pickle: safetensors that carry their facts, and the facts as JSON."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from sovereign_robot.contract.errors import CheckpointError, UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.learning.student_config import StudentConfig
from sovereign_robot.policy.run_datasets import gathered, spread

TENSORS, FACTS = "checkpoint.safetensors", "checkpoint.json"
# What a checkpoint says of its run; "history" says the same of the runs whose weights it began with.
RUN = ("recipe", "datasets", "samples", "step", "loss", "seconds")


@dataclass(frozen=True)
class Checkpoint:
    """One moment of a training run; see `Trainer` for the names of tensors and facts."""

    path: Path
    contract: RobotContract
    config: StudentConfig
    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any]

    def require_student(self, config: StudentConfig) -> None:
        """Refuse to go on with another student.

        Raises:
            UsageError: lists what differs.
        """
        begun, now = asdict(self.config), asdict(config)
        flags = [f"student.{name} {begun[name]} != {now[name]}" for name in now if begun[name] != now[name]]
        if flags:
            raise UsageError(f"{self.path.parent} was begun with {', '.join(flags)}: use the same flags")

    def restore(self, module: nn.Module, prefix: str) -> None:
        """Put the tensors "prefix/..." into a module.

        Raises:
            CheckpointError: they are not those of the module.
        """
        try:
            module.load_state_dict(_part(self.tensors, prefix))
        except RuntimeError as error:
            raise CheckpointError(
                f"checkpoint {self.path} holds other {prefix} weights than this version of the student has: "
                "train again"
            ) from error

    def restore_optimiser(self, optimiser: torch.optim.Optimizer) -> None:
        """Put the moments of AdamW back."""
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in _part(self.tensors, "optimiser").items():
            number, name = key.split("/")
            state.setdefault(int(number), {})[name] = value
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": state, "param_groups": groups})


def save(
    folder: Path,
    contract: RobotContract,
    config: StudentConfig,
    tensors: Mapping[str, Tensor],
    facts: Mapping[str, Any],
) -> None:
    """Write both files; `load` reads one alone, so a crash leaves either the old or the new checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    every = {"student": asdict(config), "contract": contract.model_dump(mode="json"), **gathered(facts)}
    flat = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    temporary = folder / f"{TENSORS}.new"
    save_file(flat, temporary, metadata={"facts": json.dumps(every, ensure_ascii=False)})
    os.replace(temporary, folder / TENSORS)
    (folder / FACTS).write_text(json.dumps(every, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path, robot: RobotContract) -> Checkpoint:
    """Read a checkpoint of a robot.

    Raises:
        CheckpointError: it is missing or broken.
        ContractMismatch: it was made for another robot; lists every difference.
    """
    path = folder / TENSORS
    if not path.is_file():
        raise CheckpointError(
            f"training folder {folder} holds no {TENSORS}: "
            f"train first with `sovereign-robot train --out {folder}`"
        )
    try:
        tensors, facts = _read(path)
        contract = RobotContract.from_data(facts["contract"], str(path))
        config = StudentConfig.from_data(facts["student"])
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"checkpoint {path} is cut short or not a checkpoint of this version ({error}): train again"
        ) from error
    robot.require_match(contract)
    return Checkpoint(path, contract, config, tensors, facts)


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Moments of AdamW by parameter number."""
    state = optimiser.state_dict()["state"]
    return {
        f"optimiser/{i}/{name}": torch.as_tensor(value)
        for i, entry in state.items()
        for name, value in entry.items()
    }


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a mapping)
        facts = spread(json.loads((file.metadata() or {})["facts"]))
    missing = {"student", "contract", "history", *RUN} - facts.keys()
    if missing:
        raise ValueError(f"it says nothing of {', '.join(sorted(missing))}")
    return tensors, facts


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Tensors whose name begins with "prefix/", without it."""
    return {
        name.removeprefix(f"{prefix}/"): tensor
        for name, tensor in tensors.items()
        if name.startswith(f"{prefix}/")
    }
