"""The three steps of an ablation's cell, each by the command that a person would type, in its own process."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sovereign_robot.contract.errors import SovereignError
from sovereign_robot.evaluation.ablation_plan import Cell
from sovereign_robot.evaluation.onnx_file import read_stored
from sovereign_robot.policy.bundle import FACTS, POLICY_GRAPH
from sovereign_robot.policy.run_datasets import spread

# As learning/ names them; nothing of torch is loaded here.
TENSORS, SNAPSHOTS, LAST = "checkpoint.safetensors", "snapshots", "100"
STEPS = 100_000_000  # more than fit into any time: the time ends a training
LOG = "log.txt"


class CommandSteps:
    """Train, export and evaluate."""

    def __init__(self, robot: str, workers: int, say: Callable[[str], None]) -> None:
        """Take the robot, the processes that simulate, and whom to tell what begins."""
        self._robot, self._workers, self._say = robot, workers, say

    def train(self, cell: Cell, folder: Path) -> list[Path]:
        """Train for the time of the cell, or go on; returns its last snapshots, oldest first."""
        training = folder / "training"
        if not (training / SNAPSHOTS / LAST / TENSORS).exists():
            self._say(f"training for {cell.train_seconds:g} s")
            begun = ["--resume"] if (training / TENSORS).exists() else []
            run_command(self.train_command(cell, training) + begun, folder / LOG)
        return sorted((training / SNAPSHOTS).iterdir())[-cell.checkpoints :]

    def train_command(self, cell: Cell, training: Path) -> list[str]:
        """How a cell is trained."""
        settings = {
            "--minutes": f"{cell.train_seconds / 60:.6g}",
            "--clock": "cpu",
            "--steps": STEPS,
            "--batch": cell.batch,
            "--seed": cell.train_seed,
            "--processes": cell.processes,
            "--robot": self._robot,
            "--out": training,
        }
        return _command("train", "--dataset", *cell.datasets, *_words(settings), *cell.train_flags)

    def export(self, training: Path, policy: Path) -> tuple[int, int]:
        """Export a snapshot; returns the parameters of its policy graph and the frames of its data."""
        if not (policy / FACTS).exists():
            settings = {"--training": training, "--out": policy, "--robot": self._robot}
            run_command(_command("export", *_words(settings)), policy.parents[1] / LOG)
        facts = spread(json.loads((policy / FACTS).read_text(encoding="utf-8")))
        labels = sum(dataset["frames"] for dataset in facts["datasets"])
        return read_stored(policy / POLICY_GRAPH).weights, labels

    def evaluate(self, cell: Cell, policy: Path, out: Path) -> Mapping[str, Any]:
        """Measure a policy; returns the report of `eval`."""
        report = out / "report.json"
        if not report.exists():
            self._say(f"measuring the policy at {policy.name} % of the training")
            run_command(self.eval_command(cell, policy, out), out.parents[1] / LOG)
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found

    def eval_command(self, cell: Cell, policy: Path, out: Path) -> list[str]:
        """How a policy of a cell is measured; no rate is too low to go on."""
        settings = {
            "--policy": policy,
            "--tasks": cell.scenes.tasks,
            "--splits": ",".join(cell.scenes.splits),
            "--episodes": cell.scenes.episodes,
            "--seed": cell.scenes.seed,
            "--arms": cell.scenes.controls,
            "--workers": self._workers,
            "--threshold": 0,
            "--videos": 0,
            "--robot": self._robot,
            "--out": out,
        }
        return _command("eval", *_words(settings), *cell.eval_flags)


def _words(settings: Mapping[str, object]) -> list[str]:
    return [str(word) for pair in settings.items() for word in pair]


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", f"{__package__}.main", *words]


def run_command(command: Sequence[str], log: Path) -> None:
    """Run a command to its end; what it says goes into a file.

    Raises:
        SovereignError: it failed; with its own last sentence.
    """
    with log.open("ab") as file:
        begin = file.tell()
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False)
    if status.returncode:
        said = log.read_bytes()[begin:].decode(errors="replace").strip().splitlines()
        raise SovereignError(
            f"`{' '.join(command[3:])}` ended with status {status.returncode}: "
            f"{(said or ['it said nothing'])[-1]} (see {log})"
        )
