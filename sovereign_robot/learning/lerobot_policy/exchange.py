"""Checkpoints between LeRobot's format and ours, both ways, with the same weights bit by bit."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from lerobot.configs import PreTrainedConfig
from lerobot.policies import make_pre_post_processors

from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.layout import ACTION
from sovereign_robot.datasets.lerobot_v3 import open_dataset
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.lerobot_foreign import TRAINING, read_config, require_fit
from sovereign_robot.learning.lerobot_policy.configuration_sovereign import SovereignConfig, features_of
from sovereign_robot.learning.lerobot_policy.modeling_sovereign import SovereignPolicy
from sovereign_robot.learning.student_config import StudentOptions
from sovereign_robot.learning.training import summary

RUN = "sovereign_training.json"  # beside LeRobot's files: how the weights came to be
PARTS = ("average", "model")


def to_lerobot(training: Path, out: Path, robot: RobotContract) -> None:
    """Write LeRobot's folder, as in `pretrained_model`, from a training folder of ours.

    Raises:
        CheckpointError, ContractMismatch: see `checkpoint.load`.
    """
    trained = checkpoint.load(training, robot)
    options = {f.name: getattr(trained.config, f.name) for f in fields(StudentOptions)}
    features = features_of(robot, trained.config.cameras)
    config = SovereignConfig(
        device="cpu",
        push_to_hub=False,
        student=StudentOptions(**options),
        contract=json.dumps(robot.model_dump(mode="json")),
        input_features={name: f for name, f in features.items() if name != ACTION},
        output_features={ACTION: features[ACTION]},
    )
    policy = SovereignPolicy(config)
    whole = any(name.startswith("model/") for name in trained.tensors)  # a snapshot holds the average alone
    for part in PARTS:
        trained.restore(getattr(policy, part), part if whole else "average")
    policy.updates.fill_(int(trained.facts["step"]))
    policy.ran.copy_(policy.ran.new_tensor([trained.facts["loss"], trained.facts["seconds"]]))
    policy.save_pretrained(out)
    for processor in make_pre_post_processors(config):
        processor.save_pretrained(out)
    facts = {name: trained.facts[name] for name in ("history", *checkpoint.RUN)}
    (out / RUN).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def from_lerobot(folder: Path, out: Path, robot: RobotContract) -> None:
    """Write a training folder of ours from one of LeRobot's; its optimiser stays behind.

    Raises:
        CheckpointError: it is broken, or holds another kind of policy.
        ContractMismatch: it was trained for another robot.
    """
    config: PreTrainedConfig = read_config(folder)
    if not isinstance(config, SovereignConfig):
        raise CheckpointError(
            f"LeRobot policy {folder} is of type {config.type}, expected sovereign: other ones cannot become "
            "ours; measure them with `sovereign-robot eval --policy lerobot:<folder>`"
        )
    robot.require_match(config.robot)
    require_fit(folder, config, robot)
    policy = SovereignPolicy.from_pretrained(folder, config=config, local_files_only=True, strict=True)
    tensors = {
        f"{part}/{name}": tensor
        for part in PARTS
        for name, tensor in getattr(policy, part).state_dict().items()
    }
    checkpoint.save(out, robot, policy.sizes, tensors, _facts(folder, policy))


def _facts(folder: Path, policy: SovereignPolicy) -> dict[str, Any]:
    """How it was trained: as our run said it, or as lerobot-train did."""
    if (folder / RUN).is_file():
        return dict(json.loads((folder / RUN).read_text(encoding="utf-8")))
    run: dict[str, Any] = {}
    if (folder / TRAINING).is_file():
        run = json.loads((folder / TRAINING).read_text(encoding="utf-8"))
    c, (loss, seconds) = policy.config, policy.ran.tolist()
    recipe = {
        name: getattr(c, name)
        for name in ("learning_rate", "bf16", "text", "attention", "keyframe", "augment")
    }
    root = (run.get("dataset") or {}).get("root")
    found = [open_dataset(Path(root), policy.robot)] if root and Path(root).is_dir() else []
    return {
        "recipe": {
            "command": "lerobot-train",
            "steps": run.get("steps", 0),
            "seconds": 0.0,
            "batch": run.get("batch_size", 0),
            "seed": run.get("seed"),
            "processes": 1,
            **recipe,
        },
        "datasets": [summary(dataset) for dataset in found],
        "samples": sum(dataset.frames for dataset in found),
        "step": int(policy.updates),
        "loss": round(loss, 5),
        "seconds": round(seconds, 1),
        "history": [],
    }
