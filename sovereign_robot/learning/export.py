"""The trained student as two ONNX graphs, checked against torch before anybody uses them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from sovereign_robot import __version__
from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.card import card
from sovereign_robot.learning.familiarity import DRAWS, familiarity_facts
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.objective import StudentWithText
from sovereign_robot.learning.student import StudentOnBoard
from sovereign_robot.learning.student_config import StudentConfig
from sovereign_robot.learning.text_encoder import TextOnBoard
from sovereign_robot.policy.bundle import POLICY_GRAPH, TEXT_GRAPH, write_facts
from sovereign_robot.policy.familiarity import GOAL_CODE
from sovereign_robot.policy.text import token_ids, vocabulary_size
from sovereign_robot.policy.text_encoder import FAMILIARITY

OPSET = 18
PARITY = 1e-4
INPUTS = ("images", "joints_rad", "text", "anchor_rad", "committed_rad", "mask")
PARITY_SAMPLES = 20
CARD = "CARD.md"
TEXT_LICENCE = "Apache-2.0; the text encoder is trained from nothing by this package"


def export(training: Path, out: Path, robot: RobotContract, draws: int = DRAWS) -> float:
    """Write the policy folder `out` from a training folder; returns the largest difference to torch [rad].

    Args:
        draws: sentences of each kind on which the familiarity is calibrated.

    Raises:
        CheckpointError: the checkpoint is missing or broken, or ONNX and torch differ by PARITY or more.
        ContractMismatch: the checkpoint was made for another robot.
    """
    trained = checkpoint.load(training, robot)
    model = StudentWithText(trained.config)
    trained.restore(model, "average")
    model.eval()
    on_board = StudentOnBoard(model.student).eval()
    text = TextOnBoard(model.text).eval()
    _write(text, (torch.from_numpy(token_ids("cube")),), ("tokens",), ("text", FAMILIARITY), out / TEXT_GRAPH)
    example = _example(trained.config, np.random.default_rng(0))
    _write(on_board, example, INPUTS, ("position_rad",), out / POLICY_GRAPH)
    difference = _parity(text, on_board, trained.config, out)
    if not difference < PARITY:
        raise CheckpointError(
            f"ONNX and torch differ by {difference:.2e}, expected below {PARITY}: the export is not used"
        )
    facts = {
        "version": __version__,
        "text_weights_licence": TEXT_LICENCE,
        **_facts(trained.facts),
        GOAL_CODE: GoalCode().groups,
        FAMILIARITY: familiarity_facts(model.text, draws=draws),
        "parameters": {part: _size(getattr(model, part)) for part in ("student", "text")},
        "parity_rad": difference,
        "statistics": _statistics(model),
    }
    write_facts(out, facts)
    (out / CARD).write_text(card(facts), encoding="utf-8")
    return difference


def _statistics(model: StudentWithText) -> dict[str, list[float]]:
    """Normalisation of the joints [rad], which the graph carries; written out for people."""
    student = model.student
    return {name: getattr(student, name).tolist() for name in ("state_mean", "state_std", "step_std")}


def _size(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("contract", "student", *checkpoint.RUN, "history")
    return {name: facts[name] for name in kept}


def _write(
    module: nn.Module,
    example: tuple[Tensor, ...],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    path: Path,
) -> None:
    program = torch.onnx.export(
        module,
        example,
        input_names=list(inputs),
        output_names=list(outputs),
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise CheckpointError(f"torch exported nothing for {path}")
    program.save(str(path), external_data=False)


def _example(config: StudentConfig, rng: np.random.Generator) -> tuple[Tensor, ...]:
    """Random inputs of one tick."""
    cameras, joints, rows = len(config.cameras), config.joints, config.max_committed
    pixels = rng.integers(0, 256, (1, cameras, config.height_px, config.width_px, 3), dtype=np.uint8)
    shapes = ((1, joints), (1, config.text_width), (1, joints), (1, rows, joints))
    values = [torch.from_numpy(rng.uniform(-1, 1, shape).astype(np.float32)) for shape in shapes]
    mask = torch.from_numpy((np.arange(rows) < rng.integers(rows + 1)).astype(np.float32)[None])
    return torch.from_numpy(pixels), *values, mask


@torch.no_grad()
def _parity(text: nn.Module, on_board: nn.Module, config: StudentConfig, out: Path) -> float:
    """Largest absolute difference between torch and ONNX Runtime over random inputs."""
    rng = np.random.default_rng(1)
    text_session, policy_session = (
        onnxruntime.InferenceSession(str(out / name)) for name in (TEXT_GRAPH, POLICY_GRAPH)
    )
    worst = 0.0
    for _ in range(PARITY_SAMPLES):
        tokens = torch.from_numpy(rng.integers(0, vocabulary_size(), token_ids("cube").shape))
        for ours, theirs in zip(
            text(tokens), text_session.run(None, {"tokens": tokens.numpy()}), strict=True
        ):
            worst = max(worst, _difference(ours, theirs))
        inputs = _example(config, rng)
        named = {name: tensor.numpy() for name, tensor in zip(INPUTS, inputs, strict=True)}
        worst = max(worst, _difference(on_board(*inputs), policy_session.run(None, named)[0]))
    return worst


def _difference(ours: Tensor, theirs: np.ndarray) -> float:
    return float(np.abs(ours.numpy() - theirs).max())
