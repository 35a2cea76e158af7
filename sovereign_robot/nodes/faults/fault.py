"""A fault as data: how it is put in, what is promised to come of it, how long it lasts."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sovereign_robot.evaluation.fault_judge import LATE_S, PLAN_S, Promise, Sign
from sovereign_robot.nodes.faults.stack import Stack

type Injection = Callable[[Stack], AbstractContextManager[None]]

RUNS = frozenset({"running"})
STOPS = frozenset({"holding", "protective_stop"})
RUNS_OR_STOPS = RUNS | STOPS
REPLAN_S = 0.2
PLAYED_OUT_S = PLAN_S + REPLAN_S + LATE_S
"""No chunk comes any more: the last one is played out, then the arm holds."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One case of the campaign.

    Attributes:
        name: short name, letters and underscores.
        group: heading under which it is listed.
        what: the fault in one sentence.
        promise: what is declared to come of it.
        inject: puts it in for the length of a block.
        lasts_s: how long the block is [s].
        fast: whether it belongs to the short round of `make test`.
    """

    name: str
    group: str
    what: str
    promise: Promise
    inject: Injection
    lasts_s: float
    fast: bool = False


def stops(within_s: float, words: str = "", states: frozenset[str] = STOPS) -> Promise:
    """The arm stops, the state says so, and the reason holds `words`."""
    return Promise(Sign.STATE, within_s, states, words)


def told(within_s: float, words: str, states: frozenset[str] = RUNS) -> Promise:
    """The operator is told; the arm may go on."""
    return Promise(Sign.WORDS, within_s, states, words)


def unmoved(states: frozenset[str] = RUNS) -> Promise:
    """Nothing comes of it."""
    return Promise(Sign.NONE, 0.0, states)


def spoilt(how: str, *stream_names: str, by: float = 0.0) -> Injection:
    """The relay spoils these streams for the length of the block."""

    @contextmanager
    def inject(stack: Stack) -> Iterator[None]:
        for name in stream_names:
            stack.observer.spoil(name, how, by)
        try:
            yield
        finally:
            for name in stream_names:
                stack.observer.spoil(name, "")

    return inject


def at_once(act: Callable[[Stack], object]) -> Injection:
    """Something that happens once, and that nothing but the operator takes back."""

    @contextmanager
    def inject(stack: Stack) -> Iterator[None]:
        act(stack)
        yield

    return inject


def for_a_while(seconds: float, injection: Injection) -> Injection:
    """The fault passes by itself after `seconds`, before its block ends."""

    @contextmanager
    def inject(stack: Stack) -> Iterator[None]:
        with injection(stack):
            time.sleep(seconds)
        yield

    return inject
