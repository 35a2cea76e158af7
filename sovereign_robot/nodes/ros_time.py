"""Time of a node as seconds, and the leap of the clock that begins a new episode.

A scene reset in the simulator is a leap of `/clock`: it moves on by `RESET_LEAP_S` at once, so that time
never runs backwards and yet everything from before the reset is old. Nodes that plan forget it then. A leap
of any other length begins no scene: it is a fault of the clock.
"""

import time
from collections.abc import Callable

from builtin_interfaces.msg import Time as TimeMessage
from rclpy.clock import Clock, ClockType, JumpHandle, JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.node import Node

RESET_LEAP_S = 10.0
LEAP_S = 5.0
NS_PER_S = 1_000_000_000


class RosClock:
    """The node's clock as a Clock port: simulated time under `use_sim_time`, else system time."""

    def __init__(self, node: Node) -> None:
        self._clock = node.get_clock()

    def now_s(self) -> float:
        """Current time [s]."""
        return float(self._clock.now().nanoseconds) / NS_PER_S


class SteadyClock:
    """Time that no one can set, equal in all processes of one machine: for measuring how long things take."""

    def __init__(self) -> None:
        self.ros = Clock(clock_type=ClockType.STEADY_TIME)

    def now_s(self) -> float:
        """Current time [s] since some moment in the past: ROS's steady time, read 60 times faster."""
        return time.monotonic_ns() / NS_PER_S


def stamp_from_s(time_s: float) -> TimeMessage:
    """A message's stamp, rounded to whole nanoseconds."""
    sec, nanosec = divmod(round(time_s * NS_PER_S), NS_PER_S)
    return TimeMessage(sec=sec, nanosec=nanosec)


def s_from_stamp(stamp: TimeMessage) -> float:
    """Seconds of a message's stamp."""
    return (stamp.sec * NS_PER_S + stamp.nanosec) / NS_PER_S


def begins_scene(leap_s: float) -> bool:
    """Whether a leap of the clock [s] is a scene reset; a node that was busy sees it a little late."""
    return RESET_LEAP_S <= leap_s < 2.0 * RESET_LEAP_S


def on_leap(node: Node, leapt: Callable[[float], None]) -> JumpHandle:
    """Call `leapt` with how far [s] whenever the clock leaps by `LEAP_S` or runs back; keep the handle."""

    def after(jump: TimeJump) -> None:
        from_zero = jump.delta.nanoseconds >= node.get_clock().now().nanoseconds
        if not from_zero:  # else the clock has only begun
            leapt(jump.delta.nanoseconds / NS_PER_S)

    threshold = JumpThreshold(
        min_forward=Duration(seconds=LEAP_S), min_backward=Duration(nanoseconds=-1), on_clock_change=False
    )
    return node.get_clock().create_jump_callback(threshold, post_callback=after)
