"""Training state on disk without pickle: tensors in safetensors, everything else in JSON."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.learning.student import StudentConfig

TENSORS, FACTS = "checkpoint.safetensors", "checkpoint.json"


def save(folder: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write both files so that a crash leaves either the old or the new checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    flat = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    temporary = folder / f"{TENSORS}.new"
    save_file(flat, temporary, metadata={"facts": json.dumps(facts, ensure_ascii=False)})
    os.replace(temporary, folder / TENSORS)
    (folder / FACTS).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a checkpoint.

    Raises:
        CheckpointError: it is missing or broken.
    """
    path = folder / TENSORS
    if not path.is_file():
        raise CheckpointError(
            f"training folder {folder} holds no {TENSORS}: "
            f"train first with `sovereign-robot train --out {folder}`"
        )
    try:
        tensors = load_file(path)
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"checkpoint {path} is cut short or not a checkpoint ({error}): train again"
        ) from error
    return tensors, facts


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Tensors whose name begins with "prefix/", without it."""
    return {
        name.removeprefix(f"{prefix}/"): tensor
        for name, tensor in tensors.items()
        if name.startswith(f"{prefix}/")
    }


def config_of(facts: Mapping[str, Any]) -> StudentConfig:
    """The sizes of a stored student."""
    fields = dict(facts["student"])
    return StudentConfig(**{**fields, "cameras": tuple(fields["cameras"])})


def contract_of(facts: Mapping[str, Any], source: str) -> RobotContract:
    """The robot of a stored student."""
    return RobotContract.from_data(facts["contract"], source)


def describe(config: StudentConfig, contract: RobotContract) -> dict[str, Any]:
    """What every checkpoint says of itself."""
    return {"student": asdict(config), "contract": contract.model_dump(mode="json")}


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Moments of AdamW by parameter number."""
    state = optimiser.state_dict()["state"]
    return {
        f"optimiser/{i}/{name}": torch.as_tensor(value)
        for i, entry in state.items()
        for name, value in entry.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Put the moments back."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in part(tensors, "optimiser").items():
        number, name = key.split("/")
        state.setdefault(int(number), {})[name] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
