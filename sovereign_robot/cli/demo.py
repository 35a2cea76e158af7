"""Run the whole robot in simulation: three ROS 2 nodes as processes, one instruction per scene, a report."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.cli.success_table import success_table
from sovereign_robot.contract.errors import InstructionError, UsageError
from sovereign_robot.contract.instruction import check_instruction
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.evaluation.matrix import rows_of
from sovereign_robot.evaluation.report import write_report
from sovereign_robot.evaluation.results import EpisodeResult, rate_of
from sovereign_robot.evaluation.run_report import RunReport
from sovereign_robot.nodes.graph import ARGUMENTS, Spec, graph, running
from sovereign_robot.nodes.operator import Operator, Trace, operator
from sovereign_robot.nodes.transport import DOMAIN, own_domain
from sovereign_robot.policy.bundle import Bundle, open_bundle
from sovereign_robot.policy.default import policy_dir
from sovereign_robot.sim.language.grammar import grammar_of
from sovereign_robot.sim.language.nearest_task import nearest_task
from sovereign_robot.sim.scene import require_split
from sovereign_robot.sim.tasks.registry import TASKS, load_task, task_names

KIND = "demo"
LEARNT = "learnt"
DOZEN = 12
STARTUP_TIMEOUT_S = 60.0
SCENES_TRIED = 100


@dataclass
class Args:
    """What `sovereign-robot demo` takes."""

    out: Path = Path("outputs/demo")
    """Folder of report.json, report.html and the logs: new, empty, or of an earlier demo."""
    tasks: str = LEARNT
    """Tasks, separated by commas; "all" is every one, "learnt" every one that the policy was taught."""
    episodes: int | None = None
    """Scenes of each task, each with its own layout and instruction; without it about a dozen in all."""
    seed: int = 0
    """Seed of the first scene of each task."""
    instruction: str | None = None
    """What to say, in Japanese or English; without it each scene's own sentence. Of the tasks only the one
    that it means is run, in scenes in which it can be done."""
    policy: str = "default"
    """Policy folder; "default" is the one that ships with the package."""
    split: str = "layout"
    """Kind of scenes: train, layout, phrase, combo, visual, clutter or typo."""
    real_time_factor: float = 1.0
    """Simulated seconds per second."""
    replan_every_steps: int = 4
    """Policy steps from one action chunk to the next."""
    timeout: float | None = None
    """Simulated time after which an episode has failed [s]; without it the task's own."""
    threshold: float = 0.9
    """Success rate that passes, 0 .. 1."""
    videos: int = 6
    """At most so many episodes as video in the report, failures first."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""


def main(args: Args) -> int:
    """Runs the demo; 0 when the success rate reaches the threshold, else 1."""
    contract, bundle, tasks = _check(args)
    specs = _specs(args, tasks)
    prepare_out(args.out, KIND)
    start_s = time.monotonic()
    with _sigterm_as_interrupt():
        episodes, ticks_s = _run(args, tasks, specs)
        report = _report(args, contract, bundle, episodes, ticks_s, time.monotonic() - start_s)
        page = write_report(args.out, report, args.videos)
    _print(args, report, page)
    return 0 if report.passed else 1


def _check(args: Args) -> tuple[RobotContract, Bundle, tuple[str, ...]]:
    """Refuse bad input while nothing is running and nothing is written; gives also the tasks to run."""
    require_split(args.split)
    too_short = args.timeout is not None and args.timeout <= 0.0
    too_few = args.episodes is not None and args.episodes < 1
    if too_few or args.seed < 0 or too_short or not 0.0 <= args.threshold <= 1.0:
        raise UsageError(
            f"--episodes {args.episodes} --seed {args.seed} --timeout {args.timeout} "
            f"--threshold {args.threshold}: "
            "expected at least 1 episode, a seed of 0 or more, a timeout above 0 and a threshold in 0 .. 1"
        )
    if args.tasks != LEARNT:
        task_names(args.tasks)
    contract = load_robot(args.robot)
    bundle = open_bundle(policy_dir(args.policy), contract)
    tasks = chosen_tasks(args.tasks, bundle.tasks, args.instruction)
    if args.instruction is not None:
        _require_familiar(bundle, args.instruction)
    check_out(args.out, KIND)
    return contract, bundle, tasks


def chosen_tasks(chosen: str, learnt: Sequence[str], said: str | None) -> tuple[str, ...]:
    """The tasks to run, each once; with an instruction the one that it means.

    Raises:
        UsageError: an unknown task.
        InstructionError: the instruction names nothing that is in any of them.
    """
    known = tuple(task for task in TASKS if task in learnt) or tuple(TASKS)
    tasks = known if chosen == LEARNT else tuple(dict.fromkeys(task_names(chosen)))
    if said is None:
        return tasks
    by_kind = {load_task(task).name: task for task in tasks}
    return (by_kind[nearest_task(said, tuple(by_kind))],)


def _require_familiar(bundle: Bundle, instruction: str) -> None:
    """Refuse a sentence for which the policy's arm would only hold."""
    from sovereign_robot.policy.familiarity import Listening

    Listening.of(bundle).require_familiar(instruction)


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C, so that every process is stopped on the way out."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _specs(args: Args, tasks: Sequence[str]) -> list[Spec]:
    """The nodes to run, the first task on the table and nothing said.

    Raises:
        UsageError: a parameter file of a node is wrong.
    """
    chosen = {a.name: getattr(args, a.name, a.default) for a in ARGUMENTS}
    return graph(chosen | {"instruction": "", "task": tasks[0]})


def _run(args: Args, tasks: Sequence[str], specs: Sequence[Spec]) -> tuple[list[EpisodeResult], list[float]]:
    """All episodes, task by task, and the wall time of every control tick [s]."""
    of_each = args.episodes or max(1, DOZEN // len(tasks))
    episodes: list[EpisodeResult] = []
    ticks_s: list[float] = []
    own_domain()
    with running(specs, args.out / "logs") as processes, operator(processes.check) as person:
        person.wait_until_ready(STARTUP_TIMEOUT_S)
        with _progress() as progress:
            bar = progress.add_task("demo", total=of_each * len(tasks), said="")
            for task in tasks:
                person.set_task(task)
                timeout_s = load_task(task).timeout_s if args.timeout is None else args.timeout
                for _ in range(of_each):
                    scene = _next_scene(person, args.instruction)
                    progress.update(bar, said=scene["instruction"])
                    success = person.watch(scene["instruction"], scene["seed"], timeout_s)
                    episodes.append(episode_result(task, scene, person.trace, success))
                    ticks_s += [s for timing in person.trace.timing for s in timing["tick_periods_s"]]
                    progress.update(bar, advance=1, said=str(rate_of(episodes).successes) + " succeeded")
    return episodes, ticks_s


def _next_scene(person: Operator, said: str | None) -> dict[str, Any]:
    """The next scene, or the next one in which the given sentence can be done, with what it asks for.

    Raises:
        InstructionError: there is none among many.
    """
    scene = person.reset_scene()
    if said is None:
        return scene
    for _ in range(SCENES_TRIED):
        with suppress(InstructionError):
            goal = grammar_of(scene["task"]).goal_of(said, scene["choices"])
            language = "en" if check_instruction(said).isascii() else "ja"
            return {**scene, "instruction": said, "language": language, "goal": goal}
        scene = person.reset_scene()
    raise InstructionError(
        f"the instruction {said!r} could not be done in any of {SCENES_TRIED} scenes: ask for something else"
    )


def episode_result(task: str, scene: Mapping[str, Any], trace: Trace, success: bool) -> EpisodeResult:
    """One episode of a task (name or YAML file) out of what the operator heard of it."""
    truth = [heard for heard in trace.truth if heard["seed"] == scene["seed"]]
    seen_s = {round(heard["stamp_s"], 3): heard["steady_s"] for heard in truth}
    first = [moved for timing in trace.timing for moved in timing["first_commands"]]
    latency_s = [m["steady_s"] - seen_s[k] for m in first if (k := round(m["stamp_s"], 3)) in seen_s]
    stamp_s = np.array([heard["time_s"] for heard in truth])
    return EpisodeResult(
        task=task,
        seed=scene["seed"],
        split=scene["split"],
        instruction=scene["instruction"],
        language=scene["language"],
        labels=scene["goal"],
        success=success,
        time_s=float(stamp_s[-1]),
        stamp_s=stamp_s,
        joint_position_rad=np.array([heard["joint_position_rad"] for heard in truth]),
        command_rad=np.array([heard["command_rad"] for heard in truth]),
        latency_s=np.array(latency_s),
        qpos=np.array([heard["qpos"] for heard in truth], dtype=np.float32),
        qpos_step_s=float(np.median(np.diff(stamp_s))) if len(stamp_s) > 1 else 1.0,
        interventions=_interventions(trace),
        progress=round(max(heard["progress"] for heard in truth), 3),
    )


def _interventions(trace: Trace) -> dict[str, int]:
    """How often each kind was counted during the trace."""
    if not trace.timing:
        return {}
    before, after = (Counter(trace.timing[i]["interventions"]) for i in (0, -1))
    return dict(after - before)


def _report(
    args: Args,
    contract: RobotContract,
    bundle: Bundle,
    episodes: list[EpisodeResult],
    ticks_s: list[float],
    elapsed_s: float,
) -> RunReport:
    """The report; tick periods count in simulated time, as the control period of the contract does."""
    return RunReport(
        kind=KIND,
        contract=contract,
        threshold=args.threshold,
        policy={"folder": args.policy, "sha256": bundle.sha256},
        episodes=episodes,
        tick_period_s=args.real_time_factor * np.array(ticks_s),
        elapsed_s=elapsed_s,
        facts={
            "sovereign_robot": __version__,
            "real time factor": f"{args.real_time_factor:g}",
            "replanned every": f"{args.replan_every_steps} policy steps",
            DOMAIN: os.environ.get(DOMAIN, "0"),
            "observation to command": "wall time from the cameras' moment in sim_node to the first command "
            "of the chunk in safety_node",
        },
    )


def _progress() -> Progress:
    columns = (TextColumn("demo"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TextColumn("{task.fields[said]}", markup=False), console=Console(stderr=True))


def _print(args: Args, report: RunReport, page: Path) -> None:
    if args.json:
        print(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
        return
    console = Console()
    episodes = Table("task", "seed", "instruction", "outcome", "time")
    for episode in report.episodes:
        outcome, seed = "success" if episode.success else "failure", str(episode.seed)
        episodes.add_row(episode.task, seed, episode.instruction, outcome, f"{episode.time_s:.1f} s")
    console.print(episodes)
    rows = rows_of(report)
    console.print(success_table(rows, list(rows[0].rates)))
    table = Table(show_header=False, box=None)
    table.add_row("success", str(report.rate))
    table.add_row("seeds", f"{report.seeds[0]} .. {report.seeds[-1]}, split {', '.join(report.splits)}")
    table.add_row("observation to command", str(report.latency))
    table.add_row("loop jitter", str(report.jitter))
    table.add_row("report", str(page))
    console.print(table)
    console.print(f"{'passed' if report.passed else 'fell short'}: threshold {report.threshold:.0%}")
