"""The one description of the running graph: which executables, under which names, with which parameters.

`launch/sim.launch.py` turns it into launch actions, `sovereign-robot demo` into processes; neither knows
more about the nodes than this file. It imports no ROS, so that it can be read anywhere.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sovereign_robot.contract.errors import SovereignError, UsageError
from sovereign_robot.nodes.node_config import Value, read_node_config

PACKAGE = "sovereign_robot"
PARENT = "SOVEREIGN_ROBOT_PARENT_PID"
GRACE_S = 5.0
TAIL_LINES = 15
# One thread for each library in each process: a second one makes inference slower when cores are shared.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Argument:
    """One thing that may be chosen about the graph; the type is that of the default."""

    name: str
    default: str | int | float
    description: str


@dataclass(frozen=True, slots=True)
class NodeSpec[V]:
    """One process: an executable of this package, the node's name and its parameters."""

    executable: str
    name: str
    parameters: Mapping[str, V]


type Spec = NodeSpec[Value]

ARGUMENTS = (
    Argument("robot", "so101", "name in config/robots, or a YAML file"),
    Argument("task", "place_in_bin", "task on the simulated table until another is named on sim/task"),
    Argument("policy", "default", "policy folder; 'default' is the one that the package carries"),
    Argument("seed", 0, "seed of the first scene"),
    Argument("split", "layout", "kind of scenes: train, layout, phrase, combo, visual or clutter"),
    Argument("instruction", "", "what the robot is asked from the start on; '' waits for the topic"),
    Argument("real_time_factor", 1.0, "simulated seconds per second"),
    Argument("replan_every_steps", 4, "policy steps from one action chunk to the next"),
    Argument("chunking", "prefix", "how action chunks become one plan: prefix, ensemble or switch"),
)
# In the order in which they are started; they are stopped the other way round, so that the arm comes to rest
# while its driver still listens.
CHOSEN_PER_RUN = {
    "sim_node": ("robot", "task", "seed", "split", "real_time_factor"),
    "safety_node": ("robot", "chunking"),
    "policy_node": ("robot", "policy", "instruction", "replan_every_steps", "chunking"),
}
ON_SIMULATED_TIME = ("policy_node", "safety_node")


def graph[V](values: Mapping[str, V], config: Path | None = None) -> list[NodeSpec[V | Value]]:
    """Every node of the simulated robot.

    Args:
        values: one for each of `ARGUMENTS`, as plain values or as a launch file's substitutions.
        config: folder of the nodes' parameter files, by default `config/nodes`.

    Raises:
        UsageError: a value is missing or belongs to no argument, or a parameter file is wrong.
    """
    names = {argument.name for argument in ARGUMENTS}
    wrong = sorted(names ^ set(values))
    if wrong:
        raise UsageError(
            f"the graph got a wrong set of arguments ({', '.join(wrong)}): it has {', '.join(sorted(names))}"
        )
    specs: list[NodeSpec[V | Value]] = []
    for executable, chosen in CHOSEN_PER_RUN.items():
        parameters: dict[str, V | Value] = {**read_node_config(executable, chosen, config)}
        parameters |= {name: values[name] for name in chosen}
        if executable in ON_SIMULATED_TIME:
            parameters["use_sim_time"] = True
        specs.append(NodeSpec(executable, executable, parameters))
    return specs


def command_line(spec: Spec) -> list[str]:
    """How to start a node as a process of this Python."""
    command = [sys.executable, "-m", f"{__package__}.{spec.executable}"]
    command += ["--ros-args", "--disable-external-lib-logs", "-r", f"__node:={spec.name}"]
    for name, value in spec.parameters.items():
        command += ["-p", f"{name}:={json.dumps(value, ensure_ascii=False)}"]
    return command


class NodeDied(SovereignError):
    """A process of the graph ended by itself; the message names it and ends with what it said last."""

    exit_status = 1


class Processes:
    """The graph as running processes; each writes what it says into `<logs>/<name>.log`."""

    def __init__(self, specs: Sequence[Spec], logs: Path, grace_s: float = GRACE_S) -> None:
        """Take what to start, where logs go and how long a process may take to end; `start` starts it."""
        self._specs = specs
        self._grace_s = grace_s
        self._logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> Self:
        """Start every node; each ends with this process, however this one ends."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for spec in self._specs:
            self._log(spec.name).unlink(missing_ok=True)
            self.launch(spec)
        return self

    def launch(self, spec: Spec) -> None:
        """Start one node, whether for the first time or after it ended."""
        environ = os.environ | ONE_THREAD | {PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        with self._log(spec.name).open("ab") as log:
            # Its own session: a Ctrl-C at the terminal reaches only this process, which stops the others.
            self.running[spec.name] = subprocess.Popen(
                self.command(spec),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def command(self, spec: Spec) -> list[str]:
        """How a node is started."""
        return command_line(spec)

    def check(self) -> None:
        """Raise when a node has ended.

        Raises:
            NodeDied: or, with its own sentence and status 2, a node refused its input.
        """
        for name, process in self.running.items():
            status = process.poll()
            if status is not None:
                raise self._death(name, status)

    def stop(self) -> dict[str, int]:
        """Interrupt the last one, await it, kill it if it outlasts the grace, and so on to the first.

        Returns:
            Exit statuses by name.
        """
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(self._grace_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        statuses = {name: process.returncode for name, process in self.running.items()}
        self.running.clear()
        return statuses

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _death(self, name: str, status: int) -> SovereignError:
        lines = self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
        if status == SovereignError.exit_status and lines:
            return SovereignError(lines[-1])
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
        said = "\n  ".join(lines) or "(nothing)"
        return NodeDied(f"{name} ended with {how} while the graph was running; it said last:\n  {said}")


@contextmanager
def running(specs: Sequence[Spec], logs: Path, make: type[Processes] = Processes) -> Iterator[Processes]:
    """The graph's processes, all stopped at the end of the block whatever ends it."""
    processes = make(specs, logs)
    try:
        yield processes.start()
    finally:
        processes.stop()
