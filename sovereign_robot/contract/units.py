"""Every conversion between the units inside (SI, radians, 0..1) and those met at a border.

REP 103 fixes SI and radians; LeRobot's arms speak degrees or +-100, and 0..100 for the gripper.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def rad_from_deg(angle_deg: ArrayLike) -> Array:
    """Degrees to radians, any shape."""
    return np.deg2rad(np.asarray(angle_deg, dtype=np.float64))


def deg_from_rad(angle_rad: ArrayLike) -> Array:
    """Radians to degrees, any shape."""
    return np.rad2deg(np.asarray(angle_rad, dtype=np.float64))


def opening_from_rad(angle_rad: float, closed_rad: float, open_rad: float) -> float:
    """Gripper joint angle [rad] to opening, 0 shut .. 1 open."""
    return (angle_rad - closed_rad) / (open_rad - closed_rad)


def rad_from_opening(opening: float, closed_rad: float, open_rad: float) -> float:
    """Gripper opening, 0 shut .. 1 open, to joint angle [rad]."""
    return closed_rad + opening * (open_rad - closed_rad)


def opening_from_percent(percent: float) -> float:
    """LeRobot's gripper 0..100 to opening 0..1."""
    return percent / 100.0


def percent_from_opening(opening: float) -> float:
    """Opening 0..1 to LeRobot's gripper 0..100."""
    return opening * 100.0
