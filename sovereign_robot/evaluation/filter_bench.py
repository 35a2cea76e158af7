"""Random and adversarial commands for the safety filter, judged by other code, and what a tick costs."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.control.link_guard import LinkGuard
from sovereign_robot.control.safety_filter import SafetyFilter
from sovereign_robot.evaluation.filter_judge import LinkJudge, parts_shares

TICKS = 1000  # commands of one run
ROUNDING = 1e-6  # share of a limit, and metres, that arithmetic may take
LINKS_EVERY = 20  # commands of which one is judged by the links
TRIES = 200
START_SPARE_M = 0.003
SPOILT = 0.01  # share of commands that are no numbers or have no time

Targets = Callable[[np.random.Generator, RobotContract, Array], Array]


@dataclass
class FilterRun:
    """What came of some commands.

    Attributes:
        violations: commands beyond a limit, by limit.
        shares: greatest share of each limit used; of "links" the least distance left, negative [m].
        interventions: by kind.
        refused: commands that were no numbers and were refused.
    """

    commands: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    shares: dict[str, float] = field(default_factory=dict)
    interventions: Counter[str] = field(default_factory=Counter)
    refused: int = 0

    def note(self, limit: str, share: float, most: float = 1.0) -> None:
        """Keep the greatest share of a limit, and count it when it is beyond."""
        self.shares[limit] = max(self.shares.get(limit, -np.inf), share)
        if share > most + ROUNDING:
            self.violations[limit] += 1

    def add(self, other: "FilterRun") -> None:
        """Take in the outcome of other commands."""
        self.commands += other.commands
        self.refused += other.refused
        self.violations.update(other.violations)
        self.interventions.update(other.interventions)
        for limit, share in other.shares.items():
            self.shares[limit] = max(self.shares.get(limit, -np.inf), share)


class FilterBench:
    """Runs of commands for one robot, each the same for its seed."""

    def __init__(self, contract: RobotContract) -> None:
        """Build the filter and the judge of a robot."""
        self._contract = contract
        self._filter = SafetyFilter(contract, LinkGuard(contract))
        self._judge = LinkJudge(contract)

    def run(self, seed: int) -> FilterRun:
        """`TICKS` commands of one kind, from a random pose that keeps its distances."""
        rng = np.random.default_rng(seed)
        start_rad = self._start(rng)
        kinds = tuple(TARGETS.values())
        targets = kinds[seed % len(kinds)](rng, self._contract, start_rad)
        outcome = FilterRun(commands=TICKS)
        stamps, commands, breaks = self._play(outcome, targets, start_rad, rng)
        for shares in parts_shares(commands, stamps, breaks, self._contract):
            for limit, share in shares.items():
                outcome.note(limit, share)
        self._judge_links(outcome, commands, stamps, rng)
        return outcome

    def _play(
        self, outcome: FilterRun, targets: Array, start_rad: Array, rng: np.random.Generator
    ) -> tuple[Array, Array, list[int]]:
        """Commands (N, J) [rad], their times (N,) [s], and the first of each that came after a pause."""
        self._filter.start(start_rad)
        stamps, commands, breaks = [0.0], [start_rad], []
        steps_s = _steps(rng, self._contract.control_step_s)
        braking = rng.random(TICKS) < np.repeat(rng.random(TICKS // 50) < 0.1, 50)
        for target, step_s, brakes in zip(targets, steps_s.tolist(), braking.tolist(), strict=True):
            asked = _spoilt(rng, target) if rng.random() < SPOILT else target
            try:
                filtered = self._filter.brake(step_s) if brakes else self._filter.apply(asked, step_s)
            except CommandError:
                outcome.refused += 1
                continue
            outcome.interventions.update(str(kind) for kind in filtered.interventions)
            if step_s > self._contract.safety.clock_jump_s:
                breaks.append(len(commands))
            stamps.append(stamps[-1] + step_s)
            commands.append(filtered.command_rad)
        return np.array(stamps), np.array(commands), breaks

    def _judge_links(
        self, outcome: FilterRun, commands: Array, stamps: Array, rng: np.random.Generator
    ) -> None:
        most_m_s = self._contract.safety.speed_scale * self._contract.safety.tool_speed_m_s
        for index in range(1 + int(rng.integers(LINKS_EVERY)), len(commands), LINKS_EVERY):
            outcome.note("links", -self._judge.spare_m(commands[index]), 0.0)
            way_m = self._judge.tool_m(commands[index]) - self._judge.tool_m(commands[index - 1])
            speed_m_s = float(np.linalg.norm(way_m) / (stamps[index] - stamps[index - 1]))
            outcome.note("tool_speed", speed_m_s / most_m_s)

    def _start(self, rng: np.random.Generator) -> Array:
        """A random pose with every distance kept; home when none is found."""
        for _ in range(TRIES):
            pose_rad = rng.uniform(self._contract.lower_rad, self._contract.upper_rad)
            if self._judge.spare_m(pose_rad) > START_SPARE_M:
                return pose_rad
        return self._contract.home


def tick_times_s(contract: RobotContract, guarded: bool, ticks: int, seed: int = 0) -> Array:
    """(ticks,) processor time of each command on one thread [s], over all kinds of commands alike."""
    rng = np.random.default_rng(seed)
    safety = SafetyFilter(contract, LinkGuard(contract) if guarded else None)
    times_s: list[float] = []
    while len(times_s) < ticks:
        for kind in TARGETS.values():
            safety.start(contract.home)
            for target in kind(rng, contract, contract.home)[: -(-ticks // len(TARGETS))]:
                start_s = time.thread_time()
                safety.apply(target, contract.control_step_s)
                times_s.append(time.thread_time() - start_s)
    return np.array(times_s[:ticks])


def _steps(rng: np.random.Generator, step_s: float) -> Array:
    """(TICKS,) times between commands [s]: even, shaken, late, or early by turns."""
    steps_s = np.full(TICKS, step_s)
    shaken = rng.random() < 0.5
    if shaken:
        steps_s *= np.exp(rng.normal(0.0, 0.3, TICKS))
        late = rng.random(TICKS) < 0.02
        steps_s[late] *= rng.uniform(1.0, 30.0, int(late.sum()))
    return steps_s


def _spoilt(rng: np.random.Generator, target: Array) -> Array:
    spoilt = target.copy()
    spoilt[rng.integers(len(target))] = rng.choice([np.nan, np.inf, -np.inf])
    return spoilt


def _uniform(rng: np.random.Generator, contract: RobotContract, start_rad: Array) -> Array:
    span = contract.upper_rad - contract.lower_rad
    return rng.uniform(contract.lower_rad - span, contract.upper_rad + span, (TICKS, len(start_rad)))


def _held(rng: np.random.Generator, contract: RobotContract, start_rad: Array) -> Array:
    hold = int(rng.integers(5, 100))
    return np.repeat(_uniform(rng, contract, start_rad)[: TICKS // hold + 1], hold, axis=0)[:TICKS]


def _walk(rng: np.random.Generator, contract: RobotContract, start_rad: Array) -> Array:
    return start_rad + np.cumsum(
        rng.normal(0.0, 10.0 ** rng.uniform(-3, -1), (TICKS, len(start_rad))), axis=0
    )


def _bang(rng: np.random.Generator, contract: RobotContract, start_rad: Array) -> Array:
    """From end to end, each joint at its own time."""
    times = np.arange(TICKS)[:, None] / rng.uniform(3, 120, len(start_rad)) + rng.random(len(start_rad))
    return np.where(times % 1.0 < 0.5, contract.lower_rad, contract.upper_rad)


def _swing(rng: np.random.Generator, contract: RobotContract, start_rad: Array) -> Array:
    size = 0.5 * (contract.upper_rad - contract.lower_rad) * rng.uniform(0.0, 1.2, len(start_rad))
    rates = rng.uniform(0.01, 0.6, len(start_rad))
    return start_rad + size * np.sin(np.arange(TICKS)[:, None] * rates)


def _chunks(rng: np.random.Generator, contract: RobotContract, start_rad: Array) -> Array:
    """Straight lines between knots of the policy's rate, as a policy asks."""
    knots = start_rad + np.cumsum(rng.normal(0.0, 0.06, (TICKS // 5 + 2, len(start_rad))), axis=0)
    times = np.arange(TICKS) / 5.0
    return np.column_stack(
        [np.interp(times, np.arange(len(knots)), knots[:, j]) for j in range(len(start_rad))]
    )


def _huge(rng: np.random.Generator, contract: RobotContract, start_rad: Array) -> Array:
    sign = rng.choice([-1.0, 1.0], (TICKS, len(start_rad)))
    return sign * 10.0 ** rng.uniform(-300, 308, (TICKS, len(start_rad)))


def _to_and_fro(rng: np.random.Generator, contract: RobotContract, start_rad: Array) -> Array:
    """Back where it came from whenever it is fast: the target turns before the arm can."""
    turns = np.cumsum(rng.random(TICKS) < 0.1) % 2
    other = rng.uniform(contract.lower_rad, contract.upper_rad)
    return np.where(turns[:, None] == 0, start_rad, other)


TARGETS: dict[str, Targets] = {
    "uniform": _uniform,
    "held": _held,
    "walk": _walk,
    "bang": _bang,
    "swing": _swing,
    "chunks": _chunks,
    "huge": _huge,
    "to_and_fro": _to_and_fro,
}
