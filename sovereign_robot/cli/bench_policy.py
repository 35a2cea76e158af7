"""Measure what a policy costs on this machine: inference on one thread, memory, cold start, size."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.policy_bench import Bounds, Check, PolicyCost, measure_policy
from sovereign_robot.evaluation.policy_report import cost_facts, write_policy_report
from sovereign_robot.policy.default import DEFAULT, policy_dir
from sovereign_robot.policy.onnx_policy import OnnxPolicy

KIND = "policy bench"
CPU_INFO = Path("/proc/cpuinfo")


@dataclass
class Args:
    """What `sovereign-robot bench policy` takes."""

    out: Path = Path("outputs/policy-bench")
    """Folder of report.json and report.html: new, empty, or of an earlier bench of a policy."""
    policy: str = DEFAULT
    """Policy folder; "default" is the one that ships with the package."""
    calls: int = 2000
    """Inferences that are timed, after a warm-up."""
    starts: int = 5
    """Cold starts that are timed; their median counts."""
    p50_ms: float = 5.0
    """Half of the inferences take at most so long [ms]."""
    p99_ms: float = 10.0
    """99 of 100 inferences take at most so long [ms]."""
    memory_mb: float = 400.0
    """Resident memory of a process that only runs the policy is at most so much [MB]."""
    cold_start_s: float = 2.0
    """From the start of Python to the first action it takes at most so long [s]."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Measures; 0 when every bound is kept, else 1."""
    bounds = Bounds(args.p50_ms, args.p99_ms, args.memory_mb, args.cold_start_s)
    policy = OnnxPolicy.load(policy_dir(args.policy), load_robot(args.robot))
    check_out(args.out, KIND)
    with Console(stderr=True).status(f"measuring policy {args.policy}"):
        cost = measure_policy(policy.bundle, args.robot, args.calls, args.starts)
    checks = cost.checks(bounds)
    page = write_policy_report(prepare_out(args.out, KIND), cost, checks, _facts(args))
    _print(args, cost, checks, page)
    return 0 if all(check.passed for check in checks) else 1


def _facts(args: Args) -> dict[str, str]:
    """Where it was measured; a load above the number of cores makes times worthless."""
    return {
        "policy": args.policy,
        "sovereign_robot": __version__,
        "robot": args.robot,
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "load of the last minute": f"{os.getloadavg()[0]:.2f}",
        "onnxruntime": metadata.version("onnxruntime"),
        "python": platform.python_version(),
    }


def _processor() -> str:
    lines = CPU_INFO.read_text(encoding="utf-8").splitlines() if CPU_INFO.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _print(args: Args, cost: PolicyCost, checks: Sequence[Check], page: Path) -> None:
    if args.json:
        print((args.out / "report.json").read_text(encoding="utf-8"), end="")
        return
    console = Console()
    table = Table("", "measured", "at most")
    for check in checks:
        style = "" if check.passed else "red"
        bound = f"{check.bound:g} {check.unit}"
        table.add_row(check.name, f"{check.value:.2f} {check.unit}", bound, style=style)
    console.print(table)
    facts = Table(show_header=False, box=None)
    facts.add_column()
    facts.add_column(overflow="fold")
    for name, value in cost_facts(cost).items():
        facts.add_row(name, value)
    facts.add_row("report", str(page))
    console.print(facts)
    short = [check.name for check in checks if not check.passed]
    console.print(f"fell short: {', '.join(short)}" if short else "passed")
