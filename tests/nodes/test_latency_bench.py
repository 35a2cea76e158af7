import pytest

from sovereign_robot.evaluation.latency import PARTS
from sovereign_robot.nodes.latency_bench import Tally
from sovereign_robot.nodes.operator import Trace

FIRST = {"stamp_s": 1.2, "age_s": 0.02, "steady_s": 100.03}
SAID = {"camera": 0.01, "wait": 0.001, "inference": 0.008, "transfer": 0.002, "tick": 0.006, "played": 0.0}


def trace(**changes: object) -> Trace:
    values = {
        "truth": [{"stamp_s": round(1.2 + 0.05 * i, 6), "steady_s": 100.0 + 0.05 * i} for i in range(9)],
        "timing": [{"tick_periods_s": [0.01, 0.011], "first_commands": [FIRST | SAID]}],
        "plans": [
            {"stamp_s": 1.2, "pictures": {"front": 3, "wrist": 3}},
            {"stamp_s": 1.4, "pictures": {"front": 7, "wrist": 6}},
        ],
    }
    return Trace(**(values | changes))


def test_parts_add_up_to_the_time_from_the_cameras_moment_to_the_command():
    tally = Tally()
    tally.add(trace(), cameras=2)
    assert sum(tally.parts_s[part][0] for part in PARTS) == pytest.approx(0.03)
    assert tally.parts_s["camera"] == [pytest.approx(0.03 - 0.017)]
    assert tally.tick_period_s == [0.01, 0.011]


def test_a_command_whose_pictures_or_parts_are_not_known_is_left_out():
    tally = Tally()
    tally.add(trace(truth=[]), cameras=2)
    tally.add(trace(timing=[{"tick_periods_s": [], "first_commands": [FIRST]}]), cameras=2)
    assert tally.parts_s == {part: [] for part in PARTS}


def test_pictures_are_counted_between_the_first_plan_and_the_last():
    tally = Tally()
    tally.add(trace(), cameras=2)
    assert (tally.sent, tally.arrived) == (8, 7)
    tally.add(trace(plans=[]), cameras=2)
    assert (tally.sent, tally.arrived) == (8, 7)
