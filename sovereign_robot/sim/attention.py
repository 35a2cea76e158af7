"""Where a camera sees a point of the world."""

import math

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mujoco  # noqa: E402  (MUJOCO_GL is read at import)
import numpy as np  # noqa: E402

from sovereign_robot.contract.types import Array  # noqa: E402

FAR = 3.0  # picture coordinate of what lies behind the camera, and the largest of any


def seen_at(model: mujoco.MjModel, data: mujoco.MjData, camera: int, aspect: float, points_m: Array) -> Array:
    """Project points into a picture.

    A MuJoCo camera looks along its -z axis, x to the right and y upwards.

    Args:
        camera: id of the camera.
        aspect: width of the picture over its height.
        points_m: (P, 3) in the base frame [m].

    Returns:
        (P, 2) x to the right and y downwards, -1 .. 1 inside of the picture.
    """
    in_camera = (points_m - data.cam_xpos[camera]) @ data.cam_xmat[camera].reshape(3, 3)
    depth = -in_camera[:, 2]
    half_height = np.maximum(depth, 1e-6) * math.tan(math.radians(float(model.cam_fovy[camera])) / 2)
    seen = np.stack([in_camera[:, 0] / (half_height * aspect), -in_camera[:, 1] / half_height], axis=1)
    seen[depth <= 0.0] = FAR
    return np.clip(seen, -FAR, FAR)
