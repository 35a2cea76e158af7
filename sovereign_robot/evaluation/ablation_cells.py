"""The cells of an ablation: each is trained, exported and measured once, and kept as one JSON file.

What the three steps do comes in as an argument. A cell that is done is read, never repeated.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.evaluation.ablation_plan import Cell
from sovereign_robot.evaluation.arms import WRONG_SENTENCE
from sovereign_robot.evaluation.results import POLICY

Scene = tuple[str, str, int]  # task, split, seed
METRICS = {"success": POLICY, "listened": WRONG_SENTENCE}  # which arm of `eval` says it


class Steps(Protocol):
    """How a cell is trained and measured; what lies in the folders already is not done again."""

    def train(self, cell: Cell, folder: Path) -> Sequence[Path]:
        """Train into a folder; returns the folders of the last checkpoints, oldest first."""

    def export(self, training: Path, policy: Path) -> tuple[int, int]:
        """Make the policy of a checkpoint; returns its parameters and how many frames an expert labelled."""

    def evaluate(self, cell: Cell, policy: Path, out: Path) -> Mapping[str, Any]:
        """Measure a policy; returns the report of `eval`."""


@dataclass(frozen=True)
class Measured:
    """What one checkpoint did.

    Attributes:
        name: of the checkpoint.
        labels: frames of its data, each of which an expert was asked about.
        inference_s: median of one inference [s].
        marks: by metric and by "task split first_seed", a 1 or 0 for each scene in the order of seeds.
    """

    name: str
    sha256: str
    parameters: int
    labels: int
    inference_s: float
    marks: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, name: str, parameters: int, labels: int, report: Mapping[str, Any]) -> "Measured":
        """Out of a report of `eval`."""
        marks: dict[str, dict[str, str]] = {}
        for metric, arm in METRICS.items():
            rows = [e for e in report["episodes"] if e["arm"] == arm]
            firsts: dict[tuple[str, str], int] = {}
            for e in sorted(rows, key=lambda e: e["seed"]):
                first = firsts.setdefault((e["task"], e["split"]), e["seed"])
                series = marks.setdefault(metric, {})
                key = f"{e['task']} {e['split']} {first}"
                series[key] = series.get(key, "") + str(int(bool(e[metric])))
        inference_s = report["inference"]["p50_s"] or 0.0
        return cls(name, report["policy"]["sha256"], parameters, labels, inference_s, marks)

    def scenes(self, metric: str) -> dict[Scene, bool]:
        """The marks by scene."""
        found: dict[Scene, bool] = {}
        for key, series in self.marks.get(metric, {}).items():
            task, split, first = key.split(" ")
            found |= {(task, split, int(first) + i): mark == "1" for i, mark in enumerate(series)}
        return found


@dataclass(frozen=True)
class CellResult:
    """A cell that is done."""

    cell: Mapping[str, Any]
    checkpoints: tuple[Measured, ...]

    @cached_property
    def inference_s(self) -> float:
        """Fastest median of its checkpoints, which a busy machine disturbs least [s]."""
        return min(c.inference_s for c in self.checkpoints)


def cell_file(out: Path, cell: Cell) -> Path:
    """Where the result of a cell is kept."""
    return out / "cells" / f"{cell.key}.json"


def read_cell(out: Path, cell: Cell) -> CellResult | None:
    """The result of a cell; None when it is not done.

    Raises:
        CheckpointError: the file cannot be read.
    """
    path = cell_file(out, cell)
    if not path.exists():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return CellResult(data["cell"], tuple(Measured(**c) for c in data["checkpoints"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"ablation cell {path} cannot be read ({error}): delete it to repeat"
        ) from error


def run_cell(out: Path, cell: Cell, steps: Steps) -> CellResult:
    """Do what is missing of a cell, or read it."""
    done = read_cell(out, cell)
    if done is not None:
        return done
    folder = out / "work" / cell.train_key
    folder.mkdir(parents=True, exist_ok=True)
    measured = []
    for training in steps.train(cell, folder):
        policy = folder / "policies" / training.name
        parameters, labels = steps.export(training, policy)
        report = steps.evaluate(cell, policy, folder / cell.key / training.name)
        measured.append(Measured.of(training.name, parameters, labels, report))
    result = CellResult(cell.as_dict(), tuple(measured))
    _write(cell_file(out, cell), result)
    return result


def _write(path: Path, result: CellResult) -> None:
    """All or nothing: a cell that was stopped is not done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(result), indent=1, ensure_ascii=False)
    temporary = path.with_suffix(".new")
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, path)
