"""What keeps one robot safe beyond the limits of its joints: speeds, boxes, distances, ages.

These say how a robot is guarded, not what a policy learnt: two contracts that differ here alone still match.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sovereign_robot.contract.fields import Finite, Name, NotNegative, Part, Positive, Share

Point = tuple[Finite, Finite, Finite]
Periods = Annotated[Positive, Field(ge=1)]


class Box(Part):
    """A box along the axes of the world [m]; the world is the root frame of the robot's MJCF."""

    lower_m: Point
    upper_m: Point

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        for axis, lower, upper in zip("xyz", self.lower_m, self.upper_m, strict=True):
            if lower >= upper:
                raise ValueError(f"lower_m {lower} must be below upper_m {upper} in {axis}")
        return self


class Clearance(Part):
    """From `slow_down_m` on two things may only come closer slowly, at `stop_m` no more [m]."""

    slow_down_m: Positive = 0.04
    stop_m: NotNegative = 0.01

    @model_validator(mode="after")
    def _slows_before_it_stops(self) -> Self:
        if self.stop_m >= self.slow_down_m:
            raise ValueError(f"stop_m {self.stop_m} must be below slow_down_m {self.slow_down_m}")
        return self


class KeepOut(Box):
    """A named box that no moving link may enter, or come closer to than its clearance."""

    name: Name
    clearance: Clearance = Clearance()


class SafetyLimits(Part):
    """Limits of the safety filter and of the supervisor; values without a source are ours.

    Attributes:
        jerk_rad_s3: (J,) in joint order [rad/s^3]; empty: what reaches each joint's acceleration limit
            within `RobotContract.JERK_RISE_S`.
        tool_site: site of the MJCF whose speed counts as the tool's.
        tool_speed_m_s: the teaching limit of ISO 10218-1, 0.25 m/s, unless a robot declares another.
        speed_scale: share of the joint velocity and tool speed limits that may be used.
        workspace: no moving link leaves it; None: no such box.
        keep_out: boxes that no moving link enters, such as the table or a person's side.
        self_clearance: between links that are not neighbours.
        look_ahead_s: how far along the present motion distances are looked at.
        effort_share: share of a joint's `effort_nm` that means contact when it lasts `effort_time_s`.
        joint_state_hold_periods: age of the joints in control periods from which the arm is held.
        joint_state_stop_s: age of the joints that is a protective stop.
        image_plan_periods: age of a picture in its frame periods from which no new plan may start.
        image_hold_s: age of a picture from which the arm is held.
        command_hold_periods: age of a command source in its periods from which the arm is held.
        command_stop_s: age of a command source that is a protective stop.
        clock_jump_s: step of the clock between two ticks that is a fault, not an age.
        heartbeat_period_s: how often every node says that it lives.
        heartbeat_timeout_s: silence of a node that counts as its death.
    """

    jerk_rad_s3: tuple[Positive, ...] = ()
    tool_site: Name = "tcp"
    tool_speed_m_s: Positive = 0.25
    speed_scale: Share = 1.0
    workspace: Box | None = None
    keep_out: tuple[KeepOut, ...] = ()
    self_clearance: Clearance = Clearance()
    look_ahead_s: Positive = 0.2
    effort_share: Share = 0.8
    effort_time_s: Positive = 0.2
    joint_state_hold_periods: Periods = 3.0
    joint_state_stop_s: Positive = 0.2
    image_plan_periods: Periods = 3.0
    image_hold_s: Positive = 0.5
    command_hold_periods: Periods = 2.0
    command_stop_s: Positive = 0.5
    clock_jump_s: Positive = 0.05
    heartbeat_period_s: Positive = 0.1
    heartbeat_timeout_s: Positive = 0.3

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        names = [box.name for box in self.keep_out]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"keep_out name {', '.join(twice)} twice")
        if self.heartbeat_timeout_s <= self.heartbeat_period_s:
            raise ValueError(
                f"heartbeat_timeout_s {self.heartbeat_timeout_s} must be above "
                f"heartbeat_period_s {self.heartbeat_period_s}"
            )
        return self
