"""Judge one injected fault by what was recorded from outside, without a line of the code that is judged.

Times are steady [s], equal for all processes of one machine. A command has no stamp, so its speed is taken
over windows that are long against the jitter of its publication.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array

STOPPED = frozenset({"init", "ready", "holding", "protective_stop", "estop"})
BRAKING_S = 0.25  # from the state that says "stop" until nothing moves: 3 rad/s at 20 rad/s^2, and two ticks
STILL_RAD = 1e-3
MOVING_RAD = 1e-4
WINDOW_S = 0.08
SPEED_WINDOW_S = 0.25
SENT_LATE_S = 0.03  # by which a command may leave later than it was decided
LEAP_S = 0.03  # three control periods: the longest step that counts after a late tick
HISTORY_S = 5.0
PACE_S = 2.0
SLOWEST_PACE = 0.3
HISTORY_STATES = 20
REST_RAD_S = 0.05
SPEED_TOLERANCE = 1.02
PLAN_S = 0.8  # sixteen rows of 0.05 s
LATE_S = 0.1  # what planning and two ticks add to it


class Sign(StrEnum):
    """By what a fault is known to be detected."""

    STATE = "state"  # the safety state changes
    WORDS = "words"  # the operator is told, the arm goes on
    REST = "rest"  # the measured joints come to rest
    NONE = "none"  # nothing happens, and nothing may


@dataclass(frozen=True, slots=True)
class Promise:
    """What is declared to happen.

    Attributes:
        sign: by what the detection is known.
        within_s: longest time from the fault to that sign [s].
        states: safety states that may be in force at the end of the fault.
        words: regular expression that the operator must be told; "" asks for none.
    """

    sign: Sign
    within_s: float
    states: frozenset[str]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What an observer heard, each with its steady time [s], in order.

    Attributes:
        commands: position (J,) [rad].
        measured: stamp [s] and position (J,) [rad], as the arm sent them.
        states: safety state and its reason.
        said: sentences of log and diagnostics.
        chunks: stamp of the observation behind an action chunk [s].
    """

    commands: list[tuple[float, Array]] = field(default_factory=list)
    measured: list[tuple[float, float, Array]] = field(default_factory=list)
    states: list[tuple[float, str, str]] = field(default_factory=list)
    said: list[tuple[float, str]] = field(default_factory=list)
    chunks: list[tuple[float, float]] = field(default_factory=list)

    def forget(self, before_s: float) -> None:
        """Drop what was heard before a time [s], but for the last states."""
        streams: tuple[list[Any], ...] = (self.commands, self.measured, self.said, self.chunks)
        for heard in streams:
            kept = next((i for i, entry in enumerate(heard) if entry[0] >= before_s), len(heard))
            del heard[:kept]
        del self.states[:-HISTORY_STATES]


@dataclass(frozen=True, slots=True)
class Audit:
    """Worst of a sequence of commands against the contract.

    Attributes:
        outside_rad: way beyond a position limit [rad].
        speed: greatest speed over a quarter of a second as a share of its limit.
        leap: greatest step between two commands as a share of the longest that a late tick may make.
        gap_s: longest time between two commands [s].
        jitter_s: 99th percentile of how far a period is from the contract's [s].
    """

    outside_rad: float = 0.0
    speed: float = 0.0
    leap: float = 0.0
    gap_s: float = 0.0
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one fault.

    Attributes:
        detected_s: from the fault to its sign [s]; None when there was none.
        state: safety state at the end of the fault.
        told: what the operator saw of it.
        moved_rad: way of the command after the stop [rad].
        oldest_s: age of the oldest observation behind a command that moved [s].
        broken: every promise that was not kept, as a sentence; empty when the fault was survived.
    """

    detected_s: float | None
    state: str
    told: str
    moved_rad: float
    oldest_s: float
    audit: Audit
    broken: tuple[str, ...]


def judge(record: Record, promise: Promise, contract: RobotContract, fault_s: float, end_s: float) -> Verdict:
    """Hold what happened between `fault_s` and `end_s` [s] against a promise."""
    detected_s, told = _detection(record, promise, fault_s, end_s)
    state, reason = state_at(record, end_s)
    moved_rad = 0.0
    if promise.sign is Sign.STATE and detected_s is not None and "running" not in promise.states:
        moved_rad = way_rad(record, detected_s + BRAKING_S, end_s)
    within = audit([c for c in record.commands if fault_s <= c[0] <= end_s], contract)
    oldest_s = oldest_observation_s(record, fault_s, end_s)
    took_s = None if detected_s is None else max(0.0, detected_s - fault_s)
    broken = [
        *_detected_in_time(took_s, promise, pace(record, fault_s)),
        *_kept_within(within, moved_rad, oldest_s),
    ]
    if state not in promise.states:
        broken.append(f"the state at the end is {state or 'unknown'} ({reason})")
    if promise.words and not re.search(promise.words, told):
        broken.append(f"nobody was told {promise.words!r}; the operator saw {told or reason!r}")
    return Verdict(took_s, state, told or reason, moved_rad, oldest_s, within, tuple(broken))


def audit(commands: Sequence[tuple[float, Array]], contract: RobotContract) -> Audit:
    """Measure commands (time [s], position (J,) [rad]) against the limits of the contract."""
    if len(commands) < 2:
        return Audit()
    times_s = np.array([time_s for time_s, _ in commands])
    rows_rad = np.array([row_rad for _, row_rad in commands])
    outside_rad = np.maximum(rows_rad - contract.upper_rad, contract.lower_rad - rows_rad).max()
    periods_s = np.diff(times_s)
    leaps = np.abs(np.diff(rows_rad, axis=0)) / (contract.velocity_rad_s * LEAP_S)
    jitter_s = float(np.percentile(np.abs(periods_s - contract.control_step_s), 99))
    speed = _speed(times_s, rows_rad, contract)
    return Audit(max(0.0, float(outside_rad)), speed, float(leaps.max()), float(periods_s.max()), jitter_s)


def _speed(times_s: Array, rows_rad: Array, contract: RobotContract) -> float:
    """Greatest speed over a window as a share of its limit."""
    first = np.searchsorted(times_s, times_s - SPEED_WINDOW_S)
    full = times_s - times_s[0] >= SPEED_WINDOW_S
    if not full.any():
        return 0.0
    lengths_s = (times_s - times_s[first] + SENT_LATE_S)[full]
    ways_rad = np.abs(rows_rad - rows_rad[first])[full]
    return float((ways_rad / lengths_s[:, None] / contract.velocity_rad_s).max())


def way_rad(record: Record, from_s: float, to_s: float) -> float:
    """Greatest way of any joint's command between two times [rad]."""
    rows = [row_rad for time_s, row_rad in record.commands if from_s <= time_s <= to_s]
    return float(np.ptp(np.array(rows), axis=0).max()) if rows else 0.0


def state_at(record: Record, time_s: float) -> tuple[str, str]:
    """Safety state and reason in force at a time [s]; "" when none was heard."""
    before = [(state, reason) for heard_s, state, reason in record.states if heard_s <= time_s]
    return before[-1] if before else ("", "")


def oldest_observation_s(record: Record, from_s: float, to_s: float) -> float:
    """Age of the newest observation that had arrived, at the worst command that moved [s] of the arm's time.

    What is stamped out of the arm's own time does not count as an observation.
    """
    near = [m for m in record.measured if from_s - HISTORY_S <= m[0] <= to_s]
    if len(near) < 2:
        return 0.0
    heard_s, stamps_s = np.array([m[0] for m in near]), np.array([m[1] for m in near])

    def arm_time_s(time_s: float) -> float:
        return float(np.interp(time_s, heard_s, stamps_s))

    arrived = [(s, seen) for s, seen in record.chunks if heard_s[0] <= s <= to_s]
    true = [(s, seen) for s, seen in arrived if abs(arm_time_s(s) - seen) <= HISTORY_S]
    oldest_s = 0.0
    for (_, before), (time_s, now) in zip(record.commands, record.commands[1:], strict=False):
        if from_s <= time_s <= to_s and np.abs(now - before).max() > MOVING_RAD:
            newest_s = max((seen for s, seen in true if s <= time_s), default=None)
            oldest_s = oldest_s if newest_s is None else max(oldest_s, arm_time_s(time_s) - newest_s)
    return oldest_s


def pace(record: Record, fault_s: float) -> float:
    """Seconds of the arm's time in a second before a fault: below 1 where the simulator has too few cores."""
    before = [m[:2] for m in record.measured if fault_s - PACE_S <= m[0] <= fault_s]
    if len(before) < 2:
        return 1.0
    (from_s, stamp_s), (to_s, last_stamp_s) = before[0], before[-1]
    return float(np.clip((last_stamp_s - stamp_s) / (to_s - from_s), SLOWEST_PACE, 1.0))


def rest_s(record: Record, from_s: float, to_s: float) -> float | None:
    """When the measured joints came to rest for good between two times [s]; None when they did not."""
    rows = [(time_s, row_rad) for time_s, _, row_rad in record.measured if from_s <= time_s <= to_s]
    if len(rows) < 2:
        return None
    times_s, rows_rad = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    first = np.searchsorted(times_s, times_s - WINDOW_S)
    ways_rad = np.abs(rows_rad - rows_rad[first]).max(axis=1)
    moving = np.flatnonzero(ways_rad > REST_RAD_S * WINDOW_S)
    if not len(moving):
        return float(times_s[0])
    return None if moving[-1] == len(rows) - 1 else float(times_s[first[moving[-1]]])


def _detection(record: Record, promise: Promise, fault_s: float, end_s: float) -> tuple[float | None, str]:
    """When the sign came [s], and what the operator was told until the end of the fault."""
    reasons = [(s, f"{state}: {reason}") for s, state, reason in record.states]
    heard = sorted((s, text) for s, text in [*reasons, *record.said] if fault_s <= s <= end_s)
    fitting = [(s, text) for s, text in heard if promise.words and re.search(promise.words, text)]
    told = fitting[0][1] if fitting else ""
    if promise.sign is Sign.WORDS:
        return (fitting[0][0] if fitting else None), told
    if promise.sign is Sign.REST:
        return rest_s(record, fault_s, end_s), told
    if promise.sign is Sign.STATE:
        changes = [s for s, state, _ in record.states if fault_s <= s <= end_s and state in promise.states]
        return (changes[0] if changes else None), told
    return None, told


def _detected_in_time(took_s: float | None, promise: Promise, pace: float) -> list[str]:
    if promise.sign is Sign.NONE:
        return []
    if took_s is None:
        return [f"there was no sign ({promise.sign}) of the fault"]
    if took_s * pace > promise.within_s:
        return [f"it was detected after {took_s:.3f} s, expected within {promise.within_s:.3f} s"]
    return []


def _kept_within(found: Audit, moved_rad: float, oldest_s: float) -> list[str]:
    broken = []
    if found.outside_rad > 1e-9:
        broken.append(f"a command lay {found.outside_rad:.4f} rad outside the position limits")
    if found.leap > 1.0 + 1e-6:
        broken.append(f"a command leapt {found.leap:.2f} times the longest step")
    if found.speed > SPEED_TOLERANCE:
        broken.append(f"a command moved at {found.speed:.2f} times the velocity limit")
    if moved_rad > STILL_RAD:
        broken.append(f"the command moved {moved_rad:.4f} rad after the stop")
    if oldest_s > PLAN_S + BRAKING_S:
        broken.append(f"a command moved by an observation {oldest_s:.2f} s old")
    return broken
