"""Cameras that are gone, late, frozen, dark, or each other's: policy_node withdraws the plan in play.

What a picture shows is judged with that picture; what is late is looked at ten times a second.
"""

from sovereign_robot.evaluation.fault_judge import LATE_S
from sovereign_robot.nodes.faults.fault import Fault, spoilt, stops

GROUP = "cameras"
PICTURE_S = 0.05  # from one picture to the next
LOOK_S = 0.1  # from one look at the ages to the next
HOLD_S = 0.5  # image_hold_s of the contract
FROZEN_S = 1.0  # as long as a picture may stay the same
SEEN_S = PICTURE_S + LATE_S
SEEN_OLD_S = HOLD_S + LOOK_S + LATE_S
SEEN_FROZEN_S = FROZEN_S + SEEN_S

FAULTS = (
    Fault(
        "camera_gone",
        GROUP,
        "the front camera sends nothing",
        stops(SEEN_OLD_S, "camera front is .* old"),
        spoilt("drop", "front"),
        2.5,
    ),
    Fault(
        "camera_2_s_late",
        GROUP,
        "the pictures of the wrist camera come 2 s late",
        stops(SEEN_OLD_S, "camera wrist is .* old"),
        spoilt("late", "wrist", by=2.0),
        3.0,
    ),
    Fault(
        "camera_repeats",
        GROUP,
        "the front camera sends one picture again and again, stamp and all",
        stops(SEEN_OLD_S, "camera front is .* old"),
        spoilt("repeat", "front"),
        2.5,
    ),
    Fault(
        "camera_frozen",
        GROUP,
        "the wrist camera sends the same bytes with new stamps",
        stops(SEEN_FROZEN_S, "camera wrist .*same picture"),
        spoilt("freeze", "wrist"),
        3.5,
        fast=True,
    ),
    Fault(
        "camera_black",
        GROUP,
        "the front camera sends black pictures",
        stops(SEEN_S, "camera front .*black"),
        spoilt("black", "front"),
        2.0,
    ),
    Fault(
        "cameras_swapped",
        GROUP,
        "the two cameras send under each other's name",
        stops(SEEN_S, "camera (front|wrist) .*(wrist|front)_optical"),
        spoilt("swap", "front"),
        2.5,
    ),
)
