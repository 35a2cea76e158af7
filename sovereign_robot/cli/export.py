"""Turn a training checkpoint into the ONNX policy that the robot runs, or into a folder of LeRobot.

The checkpoint is a folder of `sovereign-robot train`, or the pretrained_model of
`lerobot-train --policy.type=sovereign`. Torch and ONNX must agree within 1e-4 rad, or nothing is written.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.robot import RobotContract, load_robot

KIND, LEROBOT_KIND = "policy", "LeRobot policy"
LEROBOT_CONFIG = "config.json"


@dataclass
class Args:
    """What `sovereign-robot export` takes."""

    training: Path
    """Folder of `sovereign-robot train`, or pretrained_model of lerobot-train."""
    out: Path
    """Folder of the policy."""
    robot: str = "so101"
    """Robot name or YAML file."""
    format: Literal["onnx", "lerobot"] = "onnx"
    """For the robot, or for LeRobot's commands as --policy.path."""


def main(args: Args) -> int:
    """Exports; nothing is left in --out unless the parity check passed."""
    robot = load_robot(args.robot)
    kind = KIND if args.format == "onnx" else LEROBOT_KIND
    check_out(args.out, kind)
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        training = _training(args.training, Path(temporary) / "training", robot)
        said = _make(training, made, robot, args.format)
        prepare_out(args.out, kind)
        shutil.copytree(made, args.out, dirs_exist_ok=True)
    Console().print(f"policy {_name(args, robot)} in {args.out}; {said}")
    return 0


def _training(given: Path, converted: Path, robot: RobotContract) -> Path:
    """A training folder of ours: the given one, or what LeRobot's becomes."""
    from sovereign_robot.learning import checkpoint

    if (given / checkpoint.TENSORS).exists() or not (given / LEROBOT_CONFIG).is_file():
        return given
    from sovereign_robot.learning.lerobot_policy.exchange import from_lerobot

    from_lerobot(given, converted, robot)
    return converted


def _make(training: Path, out: Path, robot: RobotContract, form: str) -> str:
    """Write the policy; returns what is known of it."""
    if form == "lerobot":
        from sovereign_robot.learning.lerobot_policy.exchange import to_lerobot

        to_lerobot(training, out, robot)
        return "its weights are those of the checkpoint"
    from sovereign_robot.learning.export import export

    return f"ONNX differs from torch by at most {export(training, out, robot):.1e} rad"


def _name(args: Args, robot: RobotContract) -> str:
    if args.format == "lerobot":
        return "sovereign"
    from sovereign_robot.policy.bundle import open_bundle

    return open_bundle(args.out, robot).sha256[:12]
