"""Run the simulated robot for a while and measure how long it takes from the cameras to the command."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sovereign_robot.evaluation.latency import PARTS, GraphTiming
from sovereign_robot.nodes.flame_graph import flame_graphs
from sovereign_robot.nodes.graph import Spec, running
from sovereign_robot.nodes.operator import Operator, Trace, operator
from sovereign_robot.nodes.process_meter import ProcessMeter
from sovereign_robot.nodes.ros_time import SteadyClock

STARTUP_TIMEOUT_S = 120.0
WARM_UP_S = 3.0
SCENE_S = 20.0
type Heard = Mapping[str, Any]
MILLISECOND = 3  # decimals by which stamps of one picture are told from the next


@dataclass
class Tally:
    """What scene after scene adds up to."""

    parts_s: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})
    tick_period_s: list[float] = field(default_factory=list)
    sent: int = 0
    arrived: int = 0

    def add(self, trace: Trace, cameras: int) -> None:
        """Take what was heard of one scene."""
        self.tick_period_s += [s for timing in trace.timing for s in timing["tick_periods_s"]]
        seen_s = {round(heard["stamp_s"], MILLISECOND): heard["steady_s"] for heard in trace.truth}
        for first in (first for timing in trace.timing for first in timing["first_commands"]):
            moment_s = seen_s.get(round(first["stamp_s"], MILLISECOND))
            if moment_s is not None and "inference" in first:
                self._add_latency(first, first["steady_s"] - moment_s)
        if len(trace.plans) > 1:
            self._count_pictures(trace.truth, trace.plans[0], trace.plans[-1], cameras)

    def _add_latency(self, first: Mapping[str, float], latency_s: float) -> None:
        # In simulation the cameras' moment is known in steady time, finer than the nodes' clock moves.
        parts_s = {part: first[part] for part in PARTS if part != "camera"}
        parts_s["camera"] = latency_s - sum(parts_s.values())
        for part, part_s in parts_s.items():
            self.parts_s[part].append(part_s)

    def _count_pictures(self, truth: Sequence[Heard], first: Heard, last: Heard, cameras: int) -> None:
        """Pictures between the first plan and the last: each says how many had come by its observation."""
        begin_s, end_s = (round(plan["stamp_s"], MILLISECOND) for plan in (first, last))
        stamps_s = {round(heard["stamp_s"], MILLISECOND) for heard in truth}
        self.sent += cameras * sum(begin_s < stamp_s <= end_s for stamp_s in stamps_s)
        came: dict[str, int] = defaultdict(int, last["pictures"])
        self.arrived += sum(came[camera] - count for camera, count in first["pictures"].items())


@dataclass(frozen=True)
class LatencyBench:
    """One graph, watched for some time.

    Attributes:
        specs: its nodes.
        cameras: how many cameras the robot has.
        control_step_s: the period of its loop [s].
        seconds: how long to watch it once it is warm [s].
        out: folder of logs and flame graphs.
        py_spy: path of py-spy for flame graphs; "" draws none.
    """

    specs: Sequence[Spec]
    cameras: int
    control_step_s: float
    seconds: float
    out: Path
    py_spy: str = ""

    def run(self) -> tuple[GraphTiming, list[Path]]:
        """What was measured, and the flame graphs that were drawn.

        Raises:
            NodeDied: a node ended.
            Unanswered: a node did not come up.
        """
        steady, tally = SteadyClock(), Tally()
        with running(self.specs, self.out / "logs") as processes:
            pids = {name: process.pid for name, process in processes.running.items()}
            meter = ProcessMeter(pids, steady)
            with operator(processes.check) as person:
                person.wait_until_ready(STARTUP_TIMEOUT_S)
                _watch_scene(person, WARM_UP_S)
                with flame_graphs(self.py_spy, pids if self.py_spy else {}, self.out) as flames:
                    start_s = steady.now_s()
                    while (left_s := start_s + self.seconds - steady.now_s()) > 0.0:
                        _watch_scene(person, min(left_s, SCENE_S), meter)
                        tally.add(person.trace, self.cameras)
                    seconds = steady.now_s() - start_s
        return self._timing(tally, meter, seconds), flames

    def _timing(self, tally: Tally, meter: ProcessMeter, seconds: float) -> GraphTiming:
        return GraphTiming(
            seconds=seconds,
            control_step_s=self.control_step_s,
            parts_s={part: np.array(values_s) for part, values_s in tally.parts_s.items()},
            tick_period_s=np.array(tally.tick_period_s),
            sent=tally.sent,
            arrived=tally.arrived,
            processes=meter.loads(),
        )


def _watch_scene(person: Operator, seconds: float, meter: ProcessMeter | None = None) -> None:
    """Begin the next scene, say its sentence and watch until it is done or its time is over."""
    scene = person.reset_scene()
    person.watch(scene["instruction"], scene["seed"], seconds, meter.sample if meter else lambda: None)
