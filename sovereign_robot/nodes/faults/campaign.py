"""Every fault of the campaign, and how one is put into a running graph and judged."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.fault_judge import STILL_RAD, judge
from sovereign_robot.evaluation.fault_result import FaultResult
from sovereign_robot.nodes.faults import (
    camera_faults,
    chunk_faults,
    clock_faults,
    joint_faults,
    load_faults,
    process_faults,
    stop_faults,
)
from sovereign_robot.nodes.faults.fault import Fault
from sovereign_robot.nodes.faults.observer import observing
from sovereign_robot.nodes.faults.stack import LATCHED_STATES, Stack

MODULES = (
    process_faults,
    camera_faults,
    joint_faults,
    clock_faults,
    chunk_faults,
    load_faults,
    stop_faults,
)
FAULTS: tuple[Fault, ...] = tuple(fault for module in MODULES for fault in module.FAULTS)
HELD_S = 0.5
PASSING_S = 0.1


def chosen_faults(chosen: Sequence[str]) -> tuple[Fault, ...]:
    """The faults of these names or groups; without any, all of them.

    Raises:
        UsageError: a name is not known.
    """
    known = {fault.name for fault in FAULTS} | {fault.group for fault in FAULTS}
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise UsageError(f"no fault {unknown[0]!r}, expected one of {', '.join(sorted(known))}")
    return tuple(f for f in FAULTS if not chosen or f.name in chosen or f.group in chosen)


@contextmanager
def campaign(logs: Path, robot: str = "so101") -> Iterator[Stack]:
    """The graph with its relay and an observer, moving."""
    with observing() as observer:
        stack = Stack(observer, logs, robot)
        try:
            stack.start()
            stack.bring_up()
            yield stack
        finally:
            stack.stop()


def run_faults(faults: Sequence[Fault], logs: Path, robot: str = "so101") -> Iterator[FaultResult]:
    """Every fault in turn; after one that could not be re-armed the next begins with a new stack."""
    waiting = list(faults)
    while waiting:
        with campaign(logs, robot) as stack:
            result = None
            while waiting and (result is None or result.rearmed):
                result = run_fault(stack, waiting.pop(0))
                yield result


def run_fault(stack: Stack, fault: Fault, now_s: Callable[[], float] = time.monotonic) -> FaultResult:
    """Put one fault into a stack that moves, judge what comes of it, and bring the stack back.

    The stack is left moving unless the result says that it could not be re-armed.
    """
    record = stack.observer.record
    before_s = now_s()
    alive = set(stack.running)
    stack.begun_s = None
    with fault.inject(stack):
        fault_s = before_s if stack.begun_s is None else stack.begun_s
        time.sleep(max(0.0, fault_s + fault.lasts_s - now_s()))
        end_s = now_s()
        died = [name for name in alive if stack.running[name].poll() is not None]
    broken = [f"{name} ended" for name in died if name not in _killed(fault)]
    if stack.state in LATCHED_STATES:
        broken += _moves_while_latched(stack)
    took = ["reset"] if stack.state == "ready" else []
    rearmed = stack.rearm(took)
    verdict = judge(record, fault.promise, stack.contract, fault_s, end_s)
    record.forget(before_s)
    if not rearmed:
        broken.append(f"it could not be re-armed: state {stack.state}")
    return FaultResult(
        name=fault.name,
        group=fault.group,
        what=fault.what,
        promise=fault.promise,
        verdict=verdict,
        broken=(*verdict.broken, *broken),
        rearmed=rearmed,
        load=os.getloadavg()[0],
    )


def _moves_while_latched(stack: Stack) -> list[str]:
    """A latched stop stays although its cause is gone, and a reset alone moves nothing."""
    broken = []
    for act in (None, names.SAFETY_RESET):
        if act is not None:
            stack.observer.trigger(act)
        time.sleep(PASSING_S)
        rows = len(stack.observer.record.commands)
        time.sleep(HELD_S)
        heard = [row for _, row in stack.observer.record.commands[rows:]]
        if heard and max(abs(row - heard[0]).max() for row in heard) > STILL_RAD:
            broken.append(
                "the arm moved after a reset" if act else "the arm moved while the stop was latched"
            )
    return broken


def _killed(fault: Fault) -> frozenset[str]:
    """The nodes that the fault itself ends."""
    node = {"policy_killed": "policy_node", "safety_killed": "safety_node", "driver_killed": "sim_node"}
    return frozenset({node[fault.name]}) if fault.name in node else frozenset()
