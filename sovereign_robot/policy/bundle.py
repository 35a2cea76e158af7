"""A policy folder: two ONNX graphs, the contract they were made for, and hashes that prove both.

policy.json   contract, sizes, how it was trained, SHA-256 of each graph
policy.onnx   observation -> joint targets
text.onnx     character ids -> text vector, run once per instruction
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.policy.run_datasets import gathered, spread

FORMAT = 2  # 1 repeats the summary of a dataset in every run that learnt from it
READABLE = (1, FORMAT)
FACTS, POLICY_GRAPH, TEXT_GRAPH = "policy.json", "policy.onnx", "text.onnx"
GRAPHS = (POLICY_GRAPH, TEXT_GRAPH)


@dataclass(frozen=True)
class Bundle:
    """A policy folder that passed every check of `open_bundle`."""

    folder: Path
    contract: RobotContract
    horizon: int
    max_committed: int
    facts: dict[str, Any]

    @property
    def sha256(self) -> str:
        """Hash of both graphs, a name for this policy."""
        return hashlib.sha256("".join(self.facts["sha256"][name] for name in GRAPHS).encode()).hexdigest()

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks that it was taught, in the order in which it met them."""
        named = [(data.get("task"), *data.get("tasks", ())) for data in self.facts.get("datasets", ())]
        return tuple(dict.fromkeys(task for tasks in named for task in tasks if task))


def open_bundle(folder: Path, robot: RobotContract) -> Bundle:
    """Check that a policy folder is whole and fits the robot.

    Raises:
        CheckpointError: a file is missing, cut short or altered.
        ContractMismatch: it was made for another robot; lists every difference.
    """
    facts = _read_facts(folder)
    try:
        hashes, student = dict(facts["sha256"]), dict(facts["student"])
        horizon, max_committed = int(student["horizon"]), int(student["max_committed"])
        contract = RobotContract.from_data(facts["contract"], str(folder / FACTS))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / FACTS} lacks {error}: export the policy again") from error
    robot.require_match(contract)
    for name in GRAPHS:
        _require_hash(folder / name, hashes.get(name))
    return Bundle(folder, contract, horizon, max_committed, facts)


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    """Write policy.json with the hashes of the graphs that lie beside it."""
    hashes = {name: _sha256(folder / name) for name in GRAPHS}
    text = json.dumps({"format": FORMAT, **gathered(facts), "sha256": hashes}, indent=2, ensure_ascii=False)
    (folder / FACTS).write_text(text + "\n", encoding="utf-8")


def _read_facts(folder: Path) -> dict[str, Any]:
    path = folder / FACTS
    if not path.is_file():
        raise CheckpointError(
            f"policy folder {folder} holds no {FACTS}: make one with `sovereign-robot export --out {folder}`"
        )
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON ({error}): export the policy again") from error
    if not isinstance(facts, dict) or facts.get("format") not in READABLE:
        raise CheckpointError(f"{path} is not a policy of format {FORMAT}: export the policy again")
    try:
        return spread(facts)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} lists datasets wrongly ({error}): export the policy again") from error


def _require_hash(path: Path, expected: str | None) -> None:
    if not path.is_file():
        raise CheckpointError(f"policy file {path} is missing: export the policy again")
    found = _sha256(path)
    if found != expected:
        raise CheckpointError(
            f"policy file {path} ({path.stat().st_size} bytes) has SHA-256 {found[:12]}, "
            f"expected {str(expected)[:12]}: it was cut short or altered, export or copy the policy again"
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
