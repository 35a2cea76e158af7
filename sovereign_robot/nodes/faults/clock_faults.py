"""A clock that jumps or stops."""

from sovereign_robot.nodes.faults.fault import Fault, spoilt, stops

GROUP = "clock"
ALL = ("clock", "joints", "front", "wrist")
HOUR_S = 3600.0
AT_ONCE_S = 0.1
STANDS_S = 0.7  # a simulated clock may stand still for half a second
JUMPED = "the clock jumped .*safety/reset"  # but for the leap by which a scene begins anew

FAULTS = (
    Fault(
        "clock_an_hour_back",
        GROUP,
        "the clock alone jumps back as far as simulated time goes, and stands there",
        stops(AT_ONCE_S, JUMPED),
        spoilt("shift", "clock", by=-HOUR_S),
        2.0,
        fast=True,
    ),
    Fault(
        "clock_two_seconds_back",
        GROUP,
        "the clock alone jumps 2 s back",
        stops(AT_ONCE_S, JUMPED),
        spoilt("shift", "clock", by=-2.0),
        2.0,
    ),
    Fault(
        "clock_an_hour_on",
        GROUP,
        "the clock alone jumps an hour on",
        stops(AT_ONCE_S, JUMPED),
        spoilt("shift", "clock", by=HOUR_S),
        2.0,
    ),
    Fault(
        "all_clocks_an_hour_on",
        GROUP,
        "the clock and every stamp jump an hour on",
        stops(AT_ONCE_S, JUMPED),
        spoilt("shift", *ALL, by=HOUR_S),
        2.0,
    ),
    Fault(
        "clock_half_a_second_on",
        GROUP,
        "the clock jumps 0.6 s on",
        stops(AT_ONCE_S, JUMPED),
        spoilt("shift", "clock", by=0.6),
        2.0,
    ),
    Fault(
        "clock_stops",
        GROUP,
        "no /clock any more",
        stops(STANDS_S, "clock"),
        spoilt("drop", "clock"),
        2.0,
    ),
)
