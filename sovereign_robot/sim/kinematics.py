"""Tool poses to joint angles with mink: the tool points down, turned by a yaw about the vertical.

An SO-101 has five joints, so position, downward pitch and yaw fix the arm completely.
"""

import math

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mink  # noqa: E402  (imports MuJoCo, which reads MUJOCO_GL at import)
import numpy as np  # noqa: E402

from sovereign_robot.contract.robot import RobotContract  # noqa: E402
from sovereign_robot.contract.types import Array  # noqa: E402
from sovereign_robot.sim.world import TOOL, arm_spec  # noqa: E402

STEP_S = 1.0
ITERATIONS = 25
POSITION_TOLERANCE_M = 5e-4


class ToolKinematics:
    """Forward and inverse kinematics of the arm alone."""

    def __init__(self, contract: RobotContract) -> None:
        model = arm_spec(contract).compile()
        self._contract = contract
        self._qpos = np.array([model.joint(n).qposadr[0] for n in contract.joint_names])
        self._configuration = mink.Configuration(model)
        self._task = mink.FrameTask(TOOL, "site", position_cost=1.0, orientation_cost=0.1, lm_damping=1e-3)
        self._hold = mink.DofFreezingTask(
            model, dof_indices=[int(model.joint(contract.gripper.joint).dofadr[0])]
        )
        self._limits = [mink.ConfigurationLimit(model)]

    def tool_position_m(self, joint_rad: Array) -> Array:
        """(3,) position of the tool in the base frame [m] for joints (J,) [rad]."""
        self._update(joint_rad)
        return self._configuration.get_transform_frame_to_world(TOOL, "site").translation().copy()

    def tool_yaw_rad(self, joint_rad: Array) -> float:
        """Direction in which the jaws open [rad] for joints (J,) [rad], as `solve` takes it."""
        self._update(joint_rad)
        pose = self._configuration.get_transform_frame_to_world(TOOL, "site")
        away = -pose.rotation().as_matrix()[:, 0]
        return math.atan2(float(away[1]), float(away[0]))

    def solve(self, position_m: Array, yaw_rad: float, near_rad: Array) -> Array:
        """Joints (J,) [rad] that bring the tool to `position_m` (3,), pointing down.

        Args:
            position_m: target of the tool in the base frame [m].
            yaw_rad: direction in which the jaws open, from the base's x axis [rad].
            near_rad: (J,) where the search starts; the gripper keeps its value.
        """
        self._update(near_rad)
        self._task.set_target(mink.SE3.from_rotation_and_translation(_pointing_down(yaw_rad), position_m))
        for _ in range(ITERATIONS):
            velocity = mink.solve_ik(
                self._configuration,
                [self._task],
                STEP_S,
                "daqp",
                limits=self._limits,
                constraints=[self._hold],
            )
            self._configuration.integrate_inplace(velocity, STEP_S)
            if np.linalg.norm(self._task.compute_error(self._configuration)[:3]) < POSITION_TOLERANCE_M:
                break
        return self._configuration.q[self._qpos].copy()

    def _update(self, joint_rad: Array) -> None:
        q = np.zeros(self._configuration.model.nq)
        q[self._qpos] = np.clip(joint_rad, self._contract.lower_rad, self._contract.upper_rad)
        self._configuration.update(q)


def _pointing_down(yaw_rad: float) -> mink.SO3:
    """The tool's z axis down; its x axis, from the moving to the fixed jaw, against `yaw_rad`."""
    x = np.array([-np.cos(yaw_rad), -np.sin(yaw_rad), 0.0])
    z = np.array([0.0, 0.0, -1.0])
    return mink.SO3.from_matrix(np.column_stack([x, np.cross(z, x), z]))
