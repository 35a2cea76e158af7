"""Processes that die, stand still or become slow."""

import signal

from sovereign_robot.evaluation.fault_judge import Promise, Sign
from sovereign_robot.nodes.faults.fault import (
    PLAYED_OUT_S,
    RUNS_OR_STOPS,
    STOPS,
    Fault,
    at_once,
    for_a_while,
    spoilt,
    stops,
    unmoved,
)

GROUP = "processes"
DRIVER_WATCHDOG_S = 0.1
SETTLING_S = 0.3  # the servos of the arm come to rest
STILL = Promise(Sign.REST, DRIVER_WATCHDOG_S + SETTLING_S, RUNS_OR_STOPS)
CLOCK_STANDS_S = 0.7  # a simulated clock may stand still for half a second

FAULTS = (
    Fault(
        "policy_killed",
        GROUP,
        "kill -9 of policy_node",
        stops(PLAYED_OUT_S, "ran out|policy_node.*(silent|heard|heartbeat)"),
        at_once(lambda stack: stack.signal("policy_node", signal.SIGKILL)),
        2.0,
        fast=True,
    ),
    Fault(
        "policy_stopped",
        GROUP,
        "SIGSTOP of policy_node for 2 s",
        stops(PLAYED_OUT_S, "ran out|policy_node.*(silent|heard|heartbeat)"),
        lambda stack: stack.stopped("policy_node"),
        2.0,
    ),
    Fault(
        "policy_10_times_slower",
        GROUP,
        "policy_node runs a tenth of the time",
        unmoved(RUNS_OR_STOPS),
        lambda stack: stack.slowed("policy_node", 10.0),
        3.0,
    ),
    Fault(
        "policy_late",
        GROUP,
        "every chunk comes 1 s late, longer than it reaches",
        stops(PLAYED_OUT_S, "ran out|ended .* ago"),
        spoilt("late", "chunks", by=1.0),
        3.0,
    ),
    Fault(
        "safety_killed",
        GROUP,
        "kill -9 of safety_node: the driver's watchdog stops the arm",
        STILL,
        at_once(lambda stack: stack.signal("safety_node", signal.SIGKILL)),
        1.5,
        fast=True,
    ),
    Fault(
        "safety_stopped",
        GROUP,
        "SIGSTOP of safety_node for 2 s: the driver's watchdog stops the arm",
        STILL,
        lambda stack: stack.stopped("safety_node"),
        2.0,
    ),
    Fault(
        "driver_killed",
        GROUP,
        "kill -9 of sim_node, the driver of the arm and its clock",
        stops(CLOCK_STANDS_S, "joint_states|clock|sim_node", STOPS | {"estop", "init"}),
        at_once(lambda stack: stack.signal("sim_node", signal.SIGKILL)),
        1.5,
    ),
    Fault(
        "driver_stopped",
        GROUP,
        "SIGSTOP of sim_node for 2 s",
        stops(CLOCK_STANDS_S, "joint_states|clock|sim_node"),
        lambda stack: stack.stopped("sim_node"),
        2.0,
    ),
    Fault(
        "driver_stutters",
        GROUP,
        "sim_node stands still for 0.3 s",
        unmoved(RUNS_OR_STOPS),
        for_a_while(0.3, lambda stack: stack.stopped("sim_node")),
        1.5,
    ),
)
