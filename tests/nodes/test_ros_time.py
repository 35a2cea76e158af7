import pytest
from hypothesis import given
from hypothesis import strategies as st
from rosgraph_msgs.msg import Clock

from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.ros_time import (
    RESET_LEAP_S,
    RosClock,
    SteadyClock,
    begins_scene,
    on_leap,
    s_from_stamp,
    stamp_from_s,
)
from tests.nodes.conftest import Ros


@given(st.floats(0, 2e9))
def test_a_time_survives_its_stamp_to_the_nanosecond(time_s: float):
    assert s_from_stamp(stamp_from_s(time_s)) == pytest.approx(time_s, abs=1e-6)


def test_steady_time_never_runs_back():
    clock = SteadyClock()
    times_s = [clock.now_s() for _ in range(100)]
    assert times_s == sorted(times_s)


def test_steady_time_is_that_of_ros_whose_timers_go_by_it():
    clock = SteadyClock()
    before_s, ros_s, after_s = clock.now_s(), s_from_stamp(clock.ros.now().to_msg()), clock.now_s()
    assert before_s <= ros_s <= after_s


def test_only_a_leap_of_the_clock_counts_not_its_beginning_or_a_late_step(ros: Ros):
    node, clock = ros.peer("listener"), ros.peer("clock").create_publisher(Clock, "/clock", 10)
    from rclpy.parameter import Parameter

    node.set_parameters([Parameter("use_sim_time", value=True)])
    leaps: list[tuple[float, float]] = []
    now = RosClock(node)
    handle = on_leap(node, lambda leap_s: leaps.append((now.now_s(), leap_s)))
    ros.spin_until(lambda: clock.get_subscription_count() > 0)
    for time_s in (100.0, 100.01, 101.0, 111.0, 111.01, 50.0, 50.01):
        clock.publish(ros_msgs.clock_msg(time_s))
        ros.spin_until(lambda t=time_s: now.now_s() == t)
    assert leaps == [(111.0, pytest.approx(10.0)), (50.0, pytest.approx(-61.01))]
    handle.unregister()


@pytest.mark.parametrize(
    ("leap_s", "begins"),
    [(RESET_LEAP_S, True), (RESET_LEAP_S + 1.5, True), (5.0, False), (3600.0, False), (-RESET_LEAP_S, False)],
)
def test_only_the_leap_of_a_reset_begins_a_scene(leap_s: float, begins: bool):
    assert begins_scene(leap_s) is begins
