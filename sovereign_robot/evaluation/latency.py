"""How long the running graph takes from the cameras to the arm, how evenly it ticks, and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.types import Array
from sovereign_robot.evaluation.policy_bench import Check
from sovereign_robot.evaluation.statistics import Spread

PARTS = ("camera", "wait", "inference", "transfer", "tick")
MISSED_S = 0.010
BOUNDED_CORES = 2
BOUNDED_NODES = ("sim_node", "policy_node")


@dataclass(frozen=True, slots=True)
class LatencyBounds:
    """What the graph may take."""

    p50_ms: float
    p99_ms: float
    jitter_ms: float
    lost_pictures_percent: float
    memory_growth_percent: float
    processor_percent: float

    def __post_init__(self) -> None:
        wrong = [f"--{name.replace('_', '-')} {v:g}" for name, v in asdict(self).items() if not v > 0.0]
        if wrong:
            raise UsageError(f"{' '.join(wrong)}: expected bounds above 0")


@dataclass(frozen=True, slots=True)
class ProcessLoad:
    """What one process took from the machine.

    Attributes:
        cores: processor time per second.
        waited: seconds per second in which its threads could have run but got no core; on an idle machine 0.
        resident_mb: memory over the run [MB].
    """

    cores: float
    waited: float
    resident_mb: Sequence[float]

    @property
    def growth_percent(self) -> float:
        """From the second tenth of the run, when all is loaded, to the last one [%]."""
        tenth = max(1, len(self.resident_mb) // 10)
        begin = float(np.median(self.resident_mb[tenth : 2 * tenth] or self.resident_mb[:1]))
        return 100.0 * (float(np.median(self.resident_mb[-tenth:])) / begin - 1.0) if begin else 0.0

    def as_dict(self) -> dict[str, float]:
        """Plain data."""
        return {
            "cores": round(self.cores, 4),
            "waited_for_a_core": round(self.waited, 4),
            "resident_mb": round(self.resident_mb[-1], 1),
            "growth_percent": round(self.growth_percent, 3),
        }


@dataclass(frozen=True)
class GraphTiming:
    """What was measured of one graph.

    Attributes:
        seconds: how long it was watched [s].
        control_step_s: the period that the loop should have [s].
        parts_s: (N,) of each part of `PARTS`: of N observations, until their first command [s].
        tick_period_s: time between two commands [s].
        sent: pictures that the cameras sent.
        arrived: pictures of those that the policy node got.
        processes: by node.
    """

    seconds: float
    control_step_s: float
    parts_s: Mapping[str, Array]
    tick_period_s: Array
    sent: int
    arrived: int
    processes: Mapping[str, ProcessLoad]

    @property
    def latency_s(self) -> Array:
        """Cameras' moment to the first command that follows it (N,) [s]."""
        return np.sum([self.parts_s[part] for part in PARTS], axis=0)

    @property
    def jitter_s(self) -> Array:
        """How far each period is from the one that the loop should have [s]."""
        return np.abs(self.tick_period_s - self.control_step_s)

    @property
    def missed(self) -> int:
        """Ticks that came more than `MISSED_S` too late."""
        return int((self.tick_period_s - self.control_step_s > MISSED_S).sum())

    @property
    def lost_percent(self) -> float:
        """Pictures that did not arrive [%]."""
        return 100.0 * max(0, self.sent - self.arrived) / self.sent if self.sent else 100.0

    def checks(self, bounds: LatencyBounds) -> list[Check]:
        """Each value against its bound; one that could not be measured keeps none."""
        latency, jitter = Spread.of(self.latency_s), Spread.of(self.jitter_s)
        growth = max((load.growth_percent for load in self.processes.values()), default=np.inf)
        cores = sum(load.cores for name, load in self.processes.items() if name in BOUNDED_NODES)
        return [
            Check("camera to command p50", _ms(latency.p50_s), bounds.p50_ms, "ms"),
            Check("camera to command p99", _ms(latency.p99_s), bounds.p99_ms, "ms"),
            Check("loop jitter p99", _ms(jitter.p99_s), bounds.jitter_ms, "ms"),
            Check("missed ticks", self.missed, 0, f"over {1e3 * MISSED_S:g} ms"),
            Check("lost pictures", self.lost_percent, bounds.lost_pictures_percent, "%"),
            Check("memory growth", growth, bounds.memory_growth_percent, "%"),
            Check(
                "sim_node and policy_node",
                100.0 * cores / BOUNDED_CORES,
                bounds.processor_percent,
                f"% of {BOUNDED_CORES} cores",
            ),
        ]

    def spreads(self) -> dict[str, Spread]:
        """Percentiles of the whole, of each part and of the loop."""
        parts = {part: Spread.of(self.parts_s[part]) for part in PARTS}
        return {
            "camera to command": Spread.of(self.latency_s),
            **parts,
            "loop jitter": Spread.of(self.jitter_s),
        }

    def as_dict(self) -> dict[str, Any]:
        """Plain data of what was measured."""
        return {
            "seconds": round(self.seconds, 1),
            "spreads": {name: asdict(spread) for name, spread in self.spreads().items()},
            "ticks": len(self.tick_period_s),
            "missed_ticks": self.missed,
            "pictures": {"sent": self.sent, "arrived": self.arrived},
            "processes": {name: load.as_dict() for name, load in self.processes.items()},
        }


def _ms(seconds: float | None) -> float:
    return np.inf if seconds is None else 1e3 * seconds
