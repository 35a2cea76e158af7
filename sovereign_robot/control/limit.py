"""Why a command is not what was asked for."""

from enum import StrEnum


class Limit(StrEnum):
    """A limit that shaped a command; `meaning` says it in words."""

    POSITION = "position"
    VELOCITY = "velocity"
    ACCELERATION = "acceleration"
    JERK = "jerk"
    LATE = "late"
    TOOL_SPEED = "tool_speed"
    WORKSPACE = "workspace"
    KEEP_OUT = "keep_out"
    TABLE = "table"
    SELF_COLLISION = "self_collision"
    EFFORT = "effort"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _MEANING[self]


_MEANING = {
    Limit.POSITION: "the target lies outside a joint's range, or its motion could not end inside",
    Limit.VELOCITY: "the target asks a joint to move faster than its velocity limit",
    Limit.ACCELERATION: "the target asks a joint to change its speed faster than its acceleration limit",
    Limit.JERK: "the target asks a joint to change its acceleration faster than its jerk limit",
    Limit.LATE: "the last command is so long ago that the motion begins anew from rest",
    Limit.TOOL_SPEED: "the tool would move faster than its limit",
    Limit.WORKSPACE: "a link would leave the workspace",
    Limit.KEEP_OUT: "a link would come too close to a keep-out box",
    Limit.TABLE: "a link would come too close to the table",
    Limit.SELF_COLLISION: "two links would come too close to each other",
    Limit.EFFORT: "a joint pushes harder than its share of effort: it touches something",
}
