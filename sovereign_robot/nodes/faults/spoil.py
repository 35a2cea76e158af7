"""What can go wrong with a message on its way: each spoiler takes one and gives what arrives in its place."""

import copy
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.ros_time import s_from_stamp, stamp_from_s

type Spoiler = Callable[[Any], list[Any]]
type MakeSpoiler = Callable[[float], Spoiler]

RAD_IN_DEG = 180.0 / np.pi


def spoiler(how: str, by: float) -> Spoiler:
    """The spoiler of a name; `by` is its number: seconds, a factor or a count.

    Raises:
        UsageError: unknown name.
    """
    if how not in SPOILERS:
        raise UsageError(f"no way {how!r} to spoil a message, expected one of {', '.join(SPOILERS)}")
    return SPOILERS[how](by)


def _drop(_: float) -> Spoiler:
    return lambda message: []


def _shift(by_s: float) -> Spoiler:
    """Stamps are moved by `by_s` [s]; those that would be before 0 become 0."""

    def spoil(message: Any) -> list[Any]:
        stamp = message.clock if hasattr(message, "clock") else message.header.stamp
        moved = stamp_from_s(max(0.0, s_from_stamp(stamp) + by_s))
        stamp.sec, stamp.nanosec = moved.sec, moved.nanosec
        return [message]

    return spoil


def _repeat(_: float) -> Spoiler:
    """The first message again and again, stamp and all."""
    kept: list[Any] = []

    def spoil(message: Any) -> list[Any]:
        if not kept:
            kept.append(message)
        return kept[:1]

    return spoil


def _freeze(_: float) -> Spoiler:
    """The first message again and again, with the stamps of those that come."""
    kept: list[Any] = []

    def spoil(message: Any) -> list[Any]:
        if not kept:
            kept.append(copy.deepcopy(message))
        kept[0].header.stamp = message.header.stamp
        return kept[:1]

    return spoil


def _black(_: float) -> Spoiler:
    def spoil(message: Any) -> list[Any]:
        message.data = array("B", bytes(len(message.data)))
        return [message]

    return spoil


def _turn(_: float) -> Spoiler:
    """Values in the opposite order, names as they were."""

    def spoil(message: Any) -> list[Any]:
        message.position = array("d", list(message.position)[::-1])
        message.velocity = array("d", list(message.velocity)[::-1])
        return [message]

    return spoil


def _reorder(_: float) -> Spoiler:
    """Names and values in the opposite order: the same joints, which is no fault."""

    def spoil(message: Any) -> list[Any]:
        message.name = list(message.name)[::-1]
        return _turn(0.0)(message)

    return spoil


def _lack(_: float) -> Spoiler:
    """Without the third joint."""

    def spoil(message: Any) -> list[Any]:
        for part in ("name", "position", "velocity"):
            values = getattr(message, part)
            del values[2]
            setattr(message, part, values)
        return [message]

    return spoil


def _degrees(_: float) -> Spoiler:
    def spoil(message: Any) -> list[Any]:
        message.position = array("d", [RAD_IN_DEG * rad for rad in message.position])
        return [message]

    return spoil


def _joint_value(value: float) -> Spoiler:
    """The third joint says `value` [rad]."""

    def spoil(message: Any) -> list[Any]:
        message.position[2] = value
        return [message]

    return spoil


def _row_value(value: float) -> Spoiler:
    """The third joint of the second row of a chunk says `value` [rad]."""

    def spoil(message: Any) -> list[Any]:
        message.points[1].positions[2] = value
        return [message]

    return spoil


def _columns(count: float) -> Spoiler:
    """A chunk of so many joints, the first ones."""

    def spoil(message: Any) -> list[Any]:
        message.joint_names = message.joint_names[: int(count)]
        for point in message.points:
            point.positions = point.positions[: int(count)]
        return [message]

    return spoil


def _rename(_: float) -> Spoiler:
    """A chunk whose joint names stand in the opposite order."""

    def spoil(message: Any) -> list[Any]:
        message.joint_names = list(message.joint_names)[::-1]
        return [message]

    return spoil


def _stride(factor: float) -> Spoiler:
    """A chunk whose rows lie `factor` times as far from its first one, plus `factor` tenths of a radian."""

    def spoil(message: Any) -> list[Any]:
        first = np.array(message.points[0].positions)
        for point in message.points[1:]:
            way_rad = factor * (np.array(point.positions) - first) + 0.1 * factor
            point.positions = array("d", first + way_rad)
        return [message]

    return spoil


def _empty(_: float) -> Spoiler:
    def spoil(message: Any) -> list[Any]:
        message.points = []
        return [message]

    return spoil


SPOILERS: dict[str, MakeSpoiler] = {
    "drop": _drop,
    "shift": _shift,
    "repeat": _repeat,
    "freeze": _freeze,
    "black": _black,
    "turn": _turn,
    "reorder": _reorder,
    "lack": _lack,
    "degrees": _degrees,
    "joint_value": _joint_value,
    "row_value": _row_value,
    "columns": _columns,
    "rename": _rename,
    "stride": _stride,
    "empty": _empty,
}
