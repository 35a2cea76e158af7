"""What a policy costs on the robot's computer: time of one inference, memory, cold start, size.

Everything is measured in fresh processes that do nothing else (`policy_process.py`), on one thread.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sovereign_robot.contract.errors import SovereignError, UsageError
from sovereign_robot.contract.types import Array
from sovereign_robot.evaluation.onnx_file import Stored, read_stored
from sovereign_robot.evaluation.parallel import THREAD_VARIABLES
from sovereign_robot.policy.bundle import FACTS, GRAPHS, Bundle

PROCESS = "sovereign_robot.evaluation.policy_process"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a policy may cost."""

    p50_ms: float
    p99_ms: float
    memory_mb: float
    cold_start_s: float

    def __post_init__(self) -> None:
        if not all(bound > 0.0 for bound in (self.p50_ms, self.p99_ms, self.memory_mb, self.cold_start_s)):
            raise UsageError(
                f"--p50-ms {self.p50_ms:g} --p99-ms {self.p99_ms:g} --memory-mb {self.memory_mb:g} "
                f"--cold-start-s {self.cold_start_s:g}: expected bounds above 0"
            )


@dataclass(frozen=True, slots=True)
class Check:
    """One measured value and the most that it may be."""

    name: str
    value: float
    bound: float
    unit: str

    @property
    def passed(self) -> bool:
        """Whether the value keeps its bound."""
        return self.value <= self.bound


@dataclass(frozen=True)
class PolicyCost:
    """What was measured.

    Attributes:
        inference_s: wall time of each call, preprocessing included [s].
        peak_mb: the most memory that the process ever held resident [MB].
        cold_start_s: from the start of a fresh Python to its first chunk, run by run [s].
        stored: what each graph holds, by file name.
        files: bytes of each file of the policy.
    """

    bundle: Bundle
    inference_s: Array
    resident_mb: float
    peak_mb: float
    threads: int
    cold_start_s: Sequence[float]
    stored: dict[str, Stored]
    files: dict[str, int]

    def percentile_ms(self, percent: float) -> float:
        """A percentile of one inference [ms]."""
        return 1000.0 * float(np.percentile(self.inference_s, percent))

    @property
    def first_action_s(self) -> float:
        """Median of the cold starts [s]."""
        return float(np.median(self.cold_start_s))

    @property
    def parameters(self) -> int:
        """Weights of all graphs."""
        return sum(stored.weights for stored in self.stored.values())

    def checks(self, bounds: Bounds) -> list[Check]:
        """Each value against its bound."""
        return [
            Check("inference p50", self.percentile_ms(50), bounds.p50_ms, "ms"),
            Check("inference p99", self.percentile_ms(99), bounds.p99_ms, "ms"),
            Check("resident memory", self.peak_mb, bounds.memory_mb, "MB"),
            Check("cold start to first action", self.first_action_s, bounds.cold_start_s, "s"),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Plain data of what was measured."""
        return {
            "sha256": self.bundle.sha256,
            "inference": {
                "n": len(self.inference_s),
                **{f"p{p}_ms": round(self.percentile_ms(p), 4) for p in (50, 95, 99)},
                "max_ms": round(self.percentile_ms(100), 4),
                "threads": 1,
            },
            "memory": {"resident_mb": round(self.resident_mb, 1), "peak_mb": round(self.peak_mb, 1)},
            "process_threads": self.threads,
            "cold_start": {
                "median_s": round(self.first_action_s, 3),
                "runs_s": [round(s, 3) for s in self.cold_start_s],
            },
            "parameters": self.parameters,
            "graphs": {name: {"parameters": s.weights, "opset": s.opset} for name, s in self.stored.items()},
            "bytes": {**self.files, "all": sum(self.files.values())},
        }


def measure_policy(bundle: Bundle, robot: str, calls: int, starts: int) -> PolicyCost:
    """Measure a policy that was checked.

    Args:
        bundle: the policy.
        robot: name or YAML file of the robot.
        calls: inferences that are timed.
        starts: cold starts that are timed, once an earlier process has brought the files into memory.

    Raises:
        UsageError: fewer than 1 call or start.
        SovereignError: a process ended before it had answered.
    """
    if calls < 1 or starts < 1:
        raise UsageError(f"--calls {calls} --starts {starts}: expected at least 1 of each")
    _, measured = run_process(bundle.folder, robot, calls)
    cold_start_s = [run_process(bundle.folder, robot, 0)[0] for _ in range(starts)]
    return PolicyCost(
        bundle=bundle,
        inference_s=np.array(measured["inference_s"]),
        resident_mb=measured["resident_mb"],
        peak_mb=measured["peak_mb"],
        threads=measured["threads"],
        cold_start_s=cold_start_s,
        stored={name: read_stored(bundle.folder / name) for name in GRAPHS},
        files={name: (bundle.folder / name).stat().st_size for name in (FACTS, *GRAPHS)},
    )


def run_process(folder: Path, robot: str, calls: int) -> tuple[float, dict[str, Any]]:
    """Start one policy process; returns the time to its first chunk [s] and what it measured ({} of 0 calls).

    Raises:
        SovereignError: it ended before it had answered.
    """
    command = [sys.executable, "-m", PROCESS, str(folder), robot, str(calls)]
    environ = os.environ | dict.fromkeys(THREAD_VARIABLES, "1")
    start_s = time.monotonic()
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        first_action_s = time.monotonic() - start_s
        rest, said = process.communicate()
    if process.returncode or not first:
        last = (said.strip().splitlines() or ["nothing"])[-1]
        raise SovereignError(
            f"the process of policy {folder} ended with status {process.returncode}; it said last: {last}"
        )
    return first_action_s, json.loads(rest) if calls else {}
