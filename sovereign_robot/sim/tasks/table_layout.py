"""Where things may lie: the field in front of the arm, without touching each other."""

import math
from collections.abc import Sequence

import numpy as np

from sovereign_robot.sim.scene import Pose2D

FIELD_X_M = (0.15, 0.22)
FIELD_Y_M = (-0.09, 0.09)
SPACING_M = 0.056
GRID_M = 0.01
HAND_X_M, HAND_Y_M = 0.26, 0.058  # how far from the base and from the middle a hand reaches that begins low
YAW_RANGE_RAD = math.radians(30.0)


def scatter(
    rng: np.random.Generator,
    names: Sequence[str],
    x_m: tuple[float, float] = FIELD_X_M,
    y_m: tuple[float, float] = FIELD_Y_M,
    spacing_m: float = SPACING_M,
) -> dict[str, Pose2D]:
    """Poses of `names` at least `spacing_m` apart, by rejection; starts over when a draw is stuck.

    A yaw is within 30 degrees of facing the arm, so that one grasp is the natural one.
    """
    while True:
        placed: list[tuple[float, float]] = []
        for _ in range(200):
            point = (float(rng.uniform(*x_m)), float(rng.uniform(*y_m)))
            if all(math.dist(point, other) >= spacing_m for other in placed):
                placed.append(point)
            if len(placed) == len(names):
                return {name: _facing(rng, *point) for name, point in zip(names, placed, strict=True)}


def jittered(rng: np.random.Generator, x_m: float, y_m: float, by_m: float) -> Pose2D:
    """A pose near a point, not turned."""
    return Pose2D(x_m + float(rng.uniform(-by_m, by_m)), y_m + float(rng.uniform(-by_m, by_m)), 0.0)


def clear_of_the_hand(pose: Pose2D) -> bool:
    """Whether something tall can stand there without touching the hand where episodes begin."""
    return pose.x_m > HAND_X_M or abs(pose.y_m) > HAND_Y_M


def free_spot(taken_m: Sequence[tuple[float, float]], near_m: tuple[float, float]) -> tuple[float, float]:
    """The point of the field nearest to `near_m` that keeps its distance from `taken_m`.

    In a field that is full it is the point farthest from all of them.
    """
    xs, ys = np.arange(*FIELD_X_M, GRID_M), np.arange(*FIELD_Y_M, GRID_M)
    grid = [(float(x), float(y)) for x in xs for y in ys]
    room = [min((math.dist(point, other) for other in taken_m), default=SPACING_M) for point in grid]
    free = [point for point, metres in zip(grid, room, strict=True) if metres >= SPACING_M]
    if free:
        return min(free, key=lambda point: math.dist(point, near_m))
    return grid[int(np.argmax(room))]


def _facing(rng: np.random.Generator, x_m: float, y_m: float) -> Pose2D:
    turn_rad = float(rng.uniform(-YAW_RANGE_RAD, YAW_RANGE_RAD))
    return Pose2D(x_m, y_m, math.atan2(y_m, x_m) + turn_rad)
