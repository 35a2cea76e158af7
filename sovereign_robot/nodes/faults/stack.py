"""The running graph with a relay between its nodes, whose processes can be killed, stopped and starved."""

import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sovereign_robot.contract import names
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.nodes.faults.observer import Observer, wait_for
from sovereign_robot.nodes.faults.relay_node import raw_topic, streams
from sovereign_robot.nodes.graph import ARGUMENTS, GRACE_S, NodeSpec, Processes, Spec, command_line, graph

ASKED = "sweep"
MOVING_S = 0.3
MOVED_RAD = 0.01
READY_S = 60.0
PATIENCE_S = 1.0
LATCHED_STATES = ("protective_stop", "estop")


class Stack(Processes):
    """The simulated robot, swept by a known policy, with a relay in the middle.

    Attributes:
        observer: who hears and speaks.
        contract: the robot.
        begun_s: when the fault began that took a while to put in [s]; None for all others.
    """

    def __init__(self, observer: Observer, logs: Path, robot: str = "so101") -> None:
        """Take who observes and where logs go; `start` starts it."""
        self.observer = observer
        self.contract = load_robot(robot)
        self.begun_s: float | None = None
        values = {argument.name: argument.default for argument in ARGUMENTS}
        values |= {"robot": robot, "policy": "sweep", "instruction": ASKED}
        specs = {spec.name: spec for spec in graph(values)}
        policy = specs["policy_node"]
        specs["policy_node"] = NodeSpec("faults.sweep_node", "policy_node", policy.parameters)
        specs["relay_node"] = NodeSpec("faults.relay_node", "relay_node", {"robot": robot})
        self._by_name = specs
        super().__init__(list(specs.values()), logs)

    def command(self, spec: Spec) -> list[str]:
        """How a node is started: what the simulator and the policy publish goes to the relay."""
        remaps = []
        for name, stream in streams(self.contract).items():
            source = "policy_node" if name == "chunks" else "sim_node"
            if spec.name == source:
                remaps += ["-r", f"{stream.topic}:={raw_topic(stream.topic)}"]
        return command_line(spec) + remaps

    def restart(self, name: str) -> None:
        """Start a node again that has ended."""
        self.running[name].wait()
        self.launch(self._by_name[name])

    def counter_policy(self) -> Spec:
        """A second policy that wants the opposite of the first, past the relay, once it is asked."""
        policy = self._by_name["policy_node"]
        waiting = {**policy.parameters, "policy": "counter", "instruction": ""}
        return NodeSpec(policy.executable, "second_policy_node", waiting)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a node's process."""
        self.running[name].send_signal(number)

    @contextmanager
    def joined_by(self, spec: Spec, ear: str, begin: Callable[[], None]) -> Iterator[None]:
        """One more process beside the graph for the length of the block.

        Args:
            spec: the process.
            ear: topic to which it listens once it is up.
            begin: called then; the fault counts from there on.
        """
        before = self.observer.count_subscribers(ear)
        self.launch(spec)
        try:
            wait_for(lambda: self.observer.count_subscribers(ear) > before, READY_S)
            time.sleep(PATIENCE_S)
            self.begun_s = time.monotonic()
            begin()
            yield
        finally:
            process = self.running.pop(spec.name)
            process.send_signal(signal.SIGINT)  # one that is killed stays in the graph for seconds
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def state(self) -> str:
        """Safety state heard last."""
        return self.observer.said[0]

    def moves(self) -> bool:
        """Whether the arm is running and its command moved during the last moment."""
        now_s = time.monotonic()
        rows = [row for sent_s, row in self.observer.record.commands[-60:] if now_s - sent_s <= MOVING_S]
        return self.state == "running" and len(rows) > 5 and bool(abs(rows[-1] - rows[0]).max() > MOVED_RAD)

    def bring_up(self) -> None:
        """Wait until the arm sweeps; ask again and start again whatever is missing.

        Raises:
            TimeoutError: it did not come to that.
        """
        if not self.rearm([]):
            raise TimeoutError(f"the arm did not move within {READY_S:g} s; state {self.state or 'unknown'}")

    def rearm(self, took: list[str]) -> str:
        """Do what an operator does after a fault until the arm moves.

        Args:
            took: what has been done already.

        Returns:
            All that it took; "" when it was in vain.
        """
        end_s = time.monotonic() + READY_S
        self.restart_ended(took)
        while time.monotonic() < end_s:
            if wait_for(self.moves, PATIENCE_S):
                return ", ".join(dict.fromkeys(took)) or "by itself"
            self.restart_ended(took)
            self._act(took)
        return ""

    def _act(self, took: list[str]) -> None:
        """One step of an operator: reset what is latched, start what was reset, ask again."""
        state, reason = self.observer.said
        if state in ("holding", *LATCHED_STATES) and self.observer.trigger(names.SAFETY_RESET)[0]:
            took.append("reset")
        elif names.SAFETY_START in reason and self.observer.trigger(names.SAFETY_START)[0]:
            took.append("start")
        elif not self.observer.active:
            took.append("instruction")
            self.observer.say(ASKED)

    def restart_ended(self, took: list[str]) -> None:
        """Start every node that has ended again, and note it in `took`."""
        for name in [name for name, process in self.running.items() if process.poll() is not None]:
            took.append(f"{name} started again")
            self.restart(name)

    @contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """SIGSTOP for the length of the block."""
        self.signal(name, signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(name, signal.SIGCONT)

    @contextmanager
    def slowed(self, name: str, factor: float, period_s: float = 0.1) -> Iterator[None]:
        """A process runs only one part in `factor` of the time."""
        over = threading.Event()

        def chop() -> None:
            while not over.is_set():
                self.signal(name, signal.SIGSTOP)
                over.wait(period_s * (1.0 - 1.0 / factor))
                self.signal(name, signal.SIGCONT)
                over.wait(period_s / factor)

        thread = threading.Thread(target=chop, name="slow")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    @contextmanager
    def disk_full(self) -> Iterator[None]:
        """No process of the graph can make a file longer than it is."""
        pids = [process.pid for process in self.running.values()]
        before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[pid][1]))
        try:
            yield
        finally:
            for pid in pids:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, before[pid])


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """So many processes that only compute."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
