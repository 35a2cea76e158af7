"""Compared with MuJoCo alone, in a model of one arm that leaves nothing out."""

from itertools import combinations

import mujoco
import numpy as np
import pytest

from sovereign_robot.contract.resources import share_dir
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.seven_joint import seven_joint_arm
from sovereign_robot.control.link_model import LinkModel

ARMS = pytest.mark.parametrize(
    "contract", [load_robot("so101"), seven_joint_arm()], ids=["so101", "seven_joint"]
)
POSES = 6
ENOUGH_M = 0.03


class OneArm:
    """The robot's MJCF as it is, with every pair of links that collide and are no neighbours."""

    def __init__(self, contract: RobotContract) -> None:
        self.model = model = mujoco.MjModel.from_xml_path(str(share_dir() / "sim_assets" / contract.mjcf))
        self.data = mujoco.MjData(model)
        self.qpos = [model.joint(name).qposadr[0] for name in contract.joint_names]
        self.tool = model.site(contract.safety.tool_site).id
        self.links = [g for g in range(model.ngeom) if model.geom_contype[g] or model.geom_conaffinity[g]]
        self.place(contract.home)
        stop_m = contract.safety.self_clearance.stop_m
        self.pairs = [
            (a, b)
            for a, b in combinations(self.links, 2)
            if not self.are_kin(a, b) and self.distance_m(a, b) > stop_m
        ]

    def place(self, joint_rad: np.ndarray) -> None:
        self.data.qpos[self.qpos] = joint_rad
        mujoco.mj_kinematics(self.model, self.data)

    def are_kin(self, first: int, second: int) -> bool:
        a, b = (self.model.body_weldid[self.model.geom_bodyid[g]] for g in (first, second))
        parents = self.model.body_weldid[self.model.body_parentid[[a, b]]]
        return a == b or a == parents[1] or b == parents[0]

    def distance_m(self, first: int, second: int) -> float:
        return mujoco.mj_geomDistance(self.model, self.data, first, second, 1.0, None)


def random_poses(contract: RobotContract, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(contract.lower_rad, contract.upper_rad, (POSES, len(contract.joints)))


@ARMS
def test_arms_that_stand_side_by_side_in_one_model_stand_like_one_alone(contract: RobotContract):
    arm, links, rng = OneArm(contract), LinkModel(contract, POSES), np.random.default_rng(1)
    poses_rad = random_poses(contract, rng)
    bounds = links.place(poses_rad)
    for pose, joint_rad in enumerate(poses_rad):
        arm.place(joint_rad)
        assert np.allclose(bounds.tool_m[pose], arm.data.site_xpos[arm.tool], atol=1e-12)
        for index, geom in enumerate(arm.links):
            axes, half_m = arm.data.geom_xmat[geom].reshape(3, 3), arm.model.geom_aabb[geom, 3:]
            signs = np.stack(np.meshgrid(*[[-1, 1]] * 3), axis=-1).reshape(-1, 3)
            corners_m = arm.data.geom_xpos[geom] + (arm.model.geom_aabb[geom, :3] + signs * half_m) @ axes.T
            assert np.allclose(bounds.sides_m[:3, index, pose], corners_m.min(axis=0), atol=1e-12)
            assert np.allclose(bounds.sides_m[3:, index, pose], -corners_m.max(axis=0), atol=1e-12)


@ARMS
def test_pairs_that_are_left_out_are_never_the_nearest(contract: RobotContract):
    arm, links, rng, near = OneArm(contract), LinkModel(contract, POSES), np.random.default_rng(2), 0
    for _ in range(60):
        poses_rad = random_poses(contract, rng)
        bounds = links.place(poses_rad)
        found_m = links.apart(bounds, ENOUGH_M)
        assert links.apart(bounds, ENOUGH_M, poses=2) == found_m[:2]
        for pose, joint_rad in enumerate(poses_rad):
            arm.place(joint_rad)
            apart_m = np.array([arm.distance_m(a, b) for a, b in arm.pairs])
            assert found_m[pose] == pytest.approx(min(ENOUGH_M, apart_m.min()), abs=1e-9)
            assert (bounds.gap_m[:, pose] <= np.maximum(apart_m, 0.0) + 1e-9).all()
            near += apart_m.min() < ENOUGH_M
    assert near > 50, "links came near each other"
