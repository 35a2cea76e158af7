"""Cameras that are gone, late, frozen, dark, or each other's."""

from sovereign_robot.nodes.faults.fault import PLAYED_OUT_S, Fault, spoilt, stops

GROUP = "cameras"
SEEN_FROZEN_S = 1.0 + PLAYED_OUT_S

FAULTS = (
    Fault(
        "camera_gone",
        GROUP,
        "the front camera sends nothing",
        stops(PLAYED_OUT_S, "camera front is .* old"),
        spoilt("drop", "front"),
        2.5,
    ),
    Fault(
        "camera_2_s_late",
        GROUP,
        "the pictures of the wrist camera come 2 s late",
        stops(PLAYED_OUT_S, "camera wrist is .* old"),
        spoilt("late", "wrist", by=2.0),
        3.0,
    ),
    Fault(
        "camera_repeats",
        GROUP,
        "the front camera sends one picture again and again, stamp and all",
        stops(PLAYED_OUT_S, "camera front is .* old"),
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
        stops(PLAYED_OUT_S, "camera front .*black"),
        spoilt("black", "front"),
        2.0,
    ),
    Fault(
        "cameras_swapped",
        GROUP,
        "the two cameras send under each other's name",
        stops(PLAYED_OUT_S, "camera (front|wrist) .*(wrist|front)_optical"),
        spoilt("swap", "front"),
        2.5,
    ),
)
