"""Action chunks that are wrong, old, absurd or absent, and a second source of them."""

import math

from sovereign_robot.contract import names
from sovereign_robot.evaluation.fault_judge import LATE_S
from sovereign_robot.nodes.faults.fault import (
    PLAYED_OUT_S,
    REPLAN_S,
    RUNS_OR_STOPS,
    Fault,
    spoilt,
    stops,
    told,
    unmoved,
)
from sovereign_robot.nodes.faults.stack import ASKED

GROUP = "action chunks"
SECOND_SEEN_S = 2.0

FAULTS = (
    Fault(
        "chunk_not_a_number",
        GROUP,
        "one value is NaN",
        stops(PLAYED_OUT_S, "not finite"),
        spoilt("row_value", "chunks", by=math.nan),
        2.0,
        fast=True,
    ),
    Fault(
        "chunk_infinite",
        GROUP,
        "one value is infinite",
        stops(PLAYED_OUT_S, "not finite"),
        spoilt("row_value", "chunks", by=math.inf),
        2.0,
    ),
    Fault(
        "chunk_of_five_joints",
        GROUP,
        "one joint too few",
        stops(PLAYED_OUT_S, "names joints"),
        spoilt("columns", "chunks", by=5),
        2.0,
    ),
    Fault(
        "chunk_of_other_order",
        GROUP,
        "joint names in the opposite order",
        stops(PLAYED_OUT_S, "names joints"),
        spoilt("rename", "chunks"),
        2.0,
    ),
    Fault(
        "chunk_10_times_the_step",
        GROUP,
        "ten times the way, and a leap of 1 rad",
        unmoved(RUNS_OR_STOPS),
        spoilt("stride", "chunks", by=10.0),
        2.0,
        fast=True,
    ),
    Fault(
        "chunk_an_hour_old",
        GROUP,
        "stamps an hour old",
        stops(PLAYED_OUT_S, "ended|before|not newer"),
        spoilt("shift", "chunks", by=-3600.0),
        2.0,
    ),
    Fault(
        "chunk_from_the_future",
        GROUP,
        "stamps an hour ahead",
        stops(PLAYED_OUT_S, "in the future"),
        spoilt("shift", "chunks", by=3600.0),
        2.0,
    ),
    Fault(
        "chunk_again_and_again",
        GROUP,
        "one chunk again and again",
        stops(PLAYED_OUT_S, "not newer|ended"),
        spoilt("repeat", "chunks"),
        2.0,
    ),
    Fault(
        "chunk_empty",
        GROUP,
        "no point: the plan is withdrawn",
        stops(REPLAN_S + LATE_S, "was withdrawn"),
        spoilt("empty", "chunks"),
        2.0,
    ),
    Fault(
        "no_chunk",
        GROUP,
        "nothing at all",
        stops(PLAYED_OUT_S, "ran out"),
        spoilt("drop", "chunks"),
        2.0,
    ),
    Fault(
        "two_policies",
        GROUP,
        "a second policy wants the opposite",
        told(SECOND_SEEN_S, "second_policy_node.* is refused", RUNS_OR_STOPS),
        lambda stack: stack.joined_by(
            stack.counter_policy(), names.INSTRUCTION, lambda: stack.observer.say(ASKED)
        ),
        4.0,
    ),
)
