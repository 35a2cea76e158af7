"""Measured joints that are missing, mixed up, in another unit, or of another time."""

import math

from sovereign_robot.nodes.faults.fault import Fault, spoilt, stops, unmoved

GROUP = "joint states"
STALE_S = 0.1  # three control periods, one tick, and the way to the observer

FAULTS = (
    Fault(
        "joints_gone",
        GROUP,
        "the arm reports no joints",
        stops(STALE_S, "joint_states is .* old"),
        spoilt("drop", "joints"),
        1.5,
        fast=True,
    ),
    Fault(
        "joints_in_other_order",
        GROUP,
        "names and values in the opposite order: the same joints, and no fault",
        unmoved(),
        spoilt("reorder", "joints"),
        1.0,
    ),
    Fault(
        "joints_mixed_up",
        GROUP,
        "the values in the opposite order under the names as they were",
        stops(STALE_S, "moved .* rad in .* mixed up"),
        spoilt("turn", "joints"),
        1.5,
    ),
    Fault(
        "joint_missing",
        GROUP,
        "one joint is missing",
        stops(STALE_S, "lacks elbow_flex"),
        spoilt("lack", "joints"),
        1.5,
    ),
    Fault(
        "joints_in_degrees",
        GROUP,
        "positions in degrees",
        stops(STALE_S, "says that .* is at .* rad"),
        spoilt("degrees", "joints"),
        1.5,
    ),
    Fault(
        "joint_not_a_number",
        GROUP,
        "one joint says NaN",
        stops(STALE_S, "elbow_flex is at nan"),
        spoilt("joint_value", "joints", by=math.nan),
        1.5,
        fast=True,
    ),
    Fault(
        "joints_stamped_alike",
        GROUP,
        "one joint state again and again, stamp and all",
        stops(STALE_S, "joint_states is .* old"),
        spoilt("repeat", "joints"),
        1.5,
    ),
    Fault(
        "joints_from_the_future",
        GROUP,
        "stamps 10 s ahead",
        stops(STALE_S, "joint_states .*future"),
        spoilt("shift", "joints", by=10.0),
        1.5,
    ),
    Fault(
        "joints_from_the_past",
        GROUP,
        "stamps 10 s behind",
        stops(STALE_S, "joint_states"),
        spoilt("shift", "joints", by=-10.0),
        1.5,
    ),
)
