"""Chunks of a smooth motion, and how hard what is played of them pulls."""

from collections.abc import Callable

import numpy as np

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk, Array

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s
TICK_S = SO101.control_step_s
ROWS = 16


def wave(time_s: float) -> Array:
    """A smooth motion of all joints."""
    return SO101.home + 0.2 * np.sin(2.0 * time_s + np.arange(6))


def chunk(
    stamp_s: float, motion: Callable[[float], Array] = wave, rows: int = ROWS, **changes
) -> ActionChunk:
    position_rad = np.array([motion(stamp_s + (i + 1) * STEP_S) for i in range(rows)])
    fields = {"step_s": STEP_S, "joint_names": SO101.joint_names, "position_rad": position_rad}
    return ActionChunk(stamp_s=stamp_s, **(fields | changes))


def shares(target_rad: Array) -> tuple[float, float]:
    """Greatest velocity and acceleration of targets (N, J) one tick apart, as shares of the limits."""
    velocity = np.diff(target_rad, axis=0) / TICK_S
    acceleration = np.diff(velocity, axis=0) / TICK_S
    return (
        float(np.max(np.abs(velocity) / SO101.velocity_rad_s)),
        float(np.max(np.abs(acceleration) / SO101.acceleration_rad_s2)),
    )
