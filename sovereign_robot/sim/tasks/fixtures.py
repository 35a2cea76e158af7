"""What stands fast on the table at the left, in the middle and at the right, and how the hand comes to it."""

import math
from collections.abc import Iterable, Mapping

import numpy as np

from sovereign_robot.sim.hand import Hand, Waypoint, facing
from sovereign_robot.sim.scene import Pose2D
from sovereign_robot.sim.tasks.task import COLOURS
from sovereign_robot.sim.world_state import WorldState

PLACES = ("left", "middle", "right")
JITTER_M = 0.006
TURN_RAD = math.radians(8.0)
TRAVEL_Z_M = 0.088  # the tool's height when it passes over a fixture
IN_LINE_M = 0.012
LET_GO_RAD = 0.3


def arrange(
    rng: np.random.Generator, spots: Mapping[str, tuple[float, float]]
) -> dict[tuple[str, str], Pose2D]:
    """Two or three fixtures of different colours, each facing the arm, by (colour, place).

    Args:
        spots: distance from the base [m] and direction [deg] of every place.
    """
    count = int(rng.integers(2, 4))
    places = [str(place) for place in rng.permutation(list(spots))[:count]]
    colours = [str(colour) for colour in rng.permutation(COLOURS)[:count]]
    return {
        (colour, place): _facing_the_arm(rng, *spots[place])
        for colour, place in zip(colours, places, strict=True)
    }


def let_go(hand: Hand, world: WorldState, fixtures: Iterable[str]) -> None:
    """Open the jaws when they hold one of the fixtures."""
    if any(world.in_both_jaws(fixture) for fixture in fixtures):
        hand.grip(max(LET_GO_RAD, hand.jaw_rad))


def come_down(
    hand: Hand, world: WorldState, to_m: tuple[float, float, float], yaw_rad: float, jaw_rad: float
) -> None:
    """Straight up, across above everything, and straight down to a point.

    It goes up from where the hand truly is, which is not where it was sent when something is in its way.

    Args:
        to_m: x, y, z where the tool shall arrive [m].
        yaw_rad: direction of the jaws there [rad].
        jaw_rad: gripper there [rad].
    """
    x, y, _ = to_m
    tool = world.tool_m()
    points = []
    if math.dist((x, y), (float(tool[0]), float(tool[1]))) > IN_LINE_M:
        if tool[2] < TRAVEL_Z_M - 0.015:
            up = (float(tool[0]), float(tool[1]), TRAVEL_Z_M)
            points.append(Waypoint(up, hand.yaw_rad, max(hand.jaw_rad, jaw_rad)))
        points.append(Waypoint((x, y, TRAVEL_Z_M), yaw_rad, jaw_rad))
    hand.go(*points, Waypoint(to_m, yaw_rad, jaw_rad))


def go_up(hand: Hand, jaw_rad: float) -> None:
    """Straight up from a fixture, as the jaws point."""
    tool = hand.tool_m
    if tool[2] < TRAVEL_Z_M - 0.01:
        hand.go(Waypoint((float(tool[0]), float(tool[1]), TRAVEL_Z_M), hand.yaw_rad, jaw_rad))


def _facing_the_arm(rng: np.random.Generator, distance_m: float, direction_deg: float) -> Pose2D:
    angle = math.radians(direction_deg)
    x, y = (
        distance_m * along + float(rng.uniform(-JITTER_M, JITTER_M))
        for along in (math.cos(angle), math.sin(angle))
    )
    return Pose2D(x, y, facing(x, y) + float(rng.uniform(-TURN_RAD, TURN_RAD)))
