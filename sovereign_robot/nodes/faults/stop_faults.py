"""The emergency stop."""

from sovereign_robot.contract import names
from sovereign_robot.nodes.faults.fault import Fault, at_once, stops

GROUP = "emergency stop"
PRESSED_S = 0.15
LATCHED = frozenset({"estop"})


FAULTS = (
    Fault(
        "stop_by_service",
        GROUP,
        f"service {names.SAFETY_ESTOP}",
        stops(PRESSED_S, "safety/estop", LATCHED),
        at_once(lambda stack: stack.observer.trigger(names.SAFETY_ESTOP)),
        1.5,
        fast=True,
    ),
    Fault(
        "stop_by_topic",
        GROUP,
        f"a key that publishes true on {names.EMERGENCY_STOP}",
        stops(PRESSED_S, "observer called for an emergency stop", LATCHED),
        at_once(lambda stack: stack.observer.press_stop()),
        1.5,
    ),
)
