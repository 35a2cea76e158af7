"""Measure the running robot in simulation: cameras to command, by parts, and how evenly the loop ticks."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.evaluation.latency import GraphTiming, LatencyBounds
from sovereign_robot.evaluation.latency_report import process_facts, value_of, write_latency_report
from sovereign_robot.evaluation.policy_bench import Check
from sovereign_robot.nodes.flame_graph import require_py_spy
from sovereign_robot.nodes.graph import ARGUMENTS, graph
from sovereign_robot.nodes.latency_bench import LatencyBench
from sovereign_robot.nodes.transport import own_domain, prepare_transport, transport_in_use
from sovereign_robot.policy.bundle import open_bundle
from sovereign_robot.policy.default import DEFAULT, policy_dir
from sovereign_robot.sim.tasks.registry import load_task

KIND = "latency bench"


@dataclass
class Args:
    """What `sovereign-robot bench latency` takes."""

    out: Path = Path("outputs/latency-bench")
    """Folder of report.json, report.html and the logs: new, empty, or of an earlier bench of latency."""
    seconds: float = 60.0
    """How long to watch the graph once it is warm [s]; 1800 for a claim about the loop."""
    task: str = "place_in_bin"
    """What the robot does meanwhile, one scene after the other."""
    policy: str = DEFAULT
    """Policy folder; "default" is the one that ships with the package."""
    seed: int = 0
    """Seed of the first scene."""
    replan_every_steps: int = 4
    """Policy steps from one action chunk to the next."""
    p50_ms: float = 35.0
    """From the cameras' moment to the first command that follows it, half of the time at most [ms]."""
    p99_ms: float = 60.0
    """The same, 99 of 100 times at most [ms]."""
    jitter_ms: float = 2.0
    """99 of 100 control periods differ from the contract's by at most so much [ms]."""
    lost_pictures_percent: float = 0.5
    """Pictures that do not arrive at the policy, at most [%]."""
    memory_growth_percent: float = 1.0
    """Memory that a node gains from the second tenth of the run to the last, at most [%]."""
    processor_percent: float = 60.0
    """What sim_node and policy_node take of two cores together, at most [%]."""
    flame_graph: bool = False
    """Draw what each process does with py-spy, as flame-<node>.svg in the folder; it makes the run slower."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Measures; 0 when every bound is kept, else 1."""
    bounds, contract = _check(args)
    py_spy = require_py_spy() if args.flame_graph else ""
    prepare_out(args.out, KIND)
    own_domain()
    values = {argument.name: getattr(args, argument.name, argument.default) for argument in ARGUMENTS}
    bench = LatencyBench(
        graph(values), len(contract.cameras), contract.control_step_s, args.seconds, args.out, py_spy
    )
    with Console(stderr=True).status(f"watching the robot for {args.seconds:g} s"):
        timing, flames = bench.run()
    checks = timing.checks(bounds)
    page = write_latency_report(args.out, timing, checks, _facts(args, contract), flames)
    _print(args, timing, checks, page)
    return 0 if all(check.passed for check in checks) else 1


def _check(args: Args) -> tuple[LatencyBounds, RobotContract]:
    """Refuse bad input while nothing is running and nothing is written."""
    if not args.seconds >= 1.0 or args.seed < 0 or args.replan_every_steps < 1:
        raise UsageError(
            f"--seconds {args.seconds:g} --seed {args.seed} --replan-every-steps {args.replan_every_steps}: "
            "expected at least 1 s, a seed of 0 or more and at least 1 step"
        )
    bounds = LatencyBounds(
        args.p50_ms,
        args.p99_ms,
        args.jitter_ms,
        args.lost_pictures_percent,
        args.memory_growth_percent,
        args.processor_percent,
    )
    load_task(args.task)
    contract = load_robot(args.robot)
    open_bundle(policy_dir(args.policy), contract)
    check_out(args.out, KIND)
    return bounds, contract


def _facts(args: Args, contract: RobotContract) -> dict[str, str]:
    """Where and how it was measured; a load above the number of cores makes times worthless."""
    prepare_transport()
    cameras = ", ".join(f"{c.name} {c.width_px}x{c.height_px} {c.rate_hz:g} Hz" for c in contract.cameras)
    facts = {
        "policy": args.policy,
        "task": args.task,
        "robot": args.robot,
        "cameras": cameras,
        "sovereign_robot": __version__,
        "cores": str(os.cpu_count()),
        "load of the last minute": f"{os.getloadavg()[0]:.2f}",
        "transport": transport_in_use(),
        "python": platform.python_version(),
    }
    return facts | ({"watched by": "py-spy, which makes times longer"} if args.flame_graph else {})


def _print(args: Args, timing: GraphTiming, checks: Sequence[Check], page: Path) -> None:
    if args.json:
        print((args.out / "report.json").read_text(encoding="utf-8"), end="")
        return
    console = Console()
    parts = Table("", "p50 ms", "p99 ms", "max ms", "n")
    for name, spread in timing.spreads().items():
        times = (spread.p50_s, spread.p99_s, spread.max_s)
        parts.add_row(name, *("-" if s is None else f"{1e3 * s:.2f}" for s in times), str(spread.n))
    console.print(parts)
    table = Table("", "measured", "at most")
    for check in checks:
        table.add_row(
            check.name, value_of(check), f"{check.bound:g} {check.unit}", style="" if check.passed else "red"
        )
    console.print(table)
    facts = Table(show_header=False, box=None)
    for name, value in {**process_facts(timing), "report": str(page)}.items():
        facts.add_row(name, value)
    console.print(facts)
    short = [check.name for check in checks if not check.passed]
    console.print(f"fell short: {', '.join(short)}" if short else "passed")
