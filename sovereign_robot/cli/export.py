"""Turn a training checkpoint into the ONNX policy that the robot runs.

Torch and ONNX must agree within 1e-4 rad, or nothing is written.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.robot import load_robot

KIND = "policy"


@dataclass
class Args:
    """What `sovereign-robot export` takes."""

    training: Path
    """Folder of `sovereign-robot train`."""
    out: Path
    """Folder of the policy."""
    robot: str = "so101"
    """Robot name or YAML file."""


def main(args: Args) -> int:
    """Exports; nothing is left in --out unless the parity check passed."""
    from sovereign_robot.learning.export import export
    from sovereign_robot.policy.bundle import open_bundle

    robot = load_robot(args.robot)
    check_out(args.out, KIND)
    with tempfile.TemporaryDirectory() as temporary:
        difference = export(args.training, Path(temporary), robot)
        prepare_out(args.out, KIND)
        shutil.copytree(temporary, args.out, dirs_exist_ok=True)
    bundle = open_bundle(args.out, robot)
    Console().print(
        f"policy {bundle.sha256[:12]} in {args.out}; ONNX differs from torch by at most {difference:.1e} rad"
    )
    return 0
