import math

import numpy as np
import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk, JointState, Observation
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.faults.spoil import spoiler
from sovereign_robot.nodes.faults.sweep_node import sweep_policy

ROBOT = load_robot("so101")
GREY = np.full((ROBOT.cameras[0].height_px, ROBOT.cameras[0].width_px, 3), 100, np.uint8)


def joints(stamp_s: float = 100.0):
    state = JointState(stamp_s, ROBOT.joint_names, ROBOT.home, np.zeros(6))
    return ros_msgs.joint_state_msg(state)


def picture(stamp_s: float = 100.0, level: int = 100):
    return ros_msgs.image_msg(ROBOT.cameras[0], stamp_s, np.full_like(GREY, level))


def chunk(stamp_s: float = 100.0):
    rows = np.linspace(ROBOT.home, ROBOT.home + 0.1, 4)
    return ros_msgs.chunk_msg(ActionChunk(stamp_s, ROBOT.policy_step_s, ROBOT.joint_names, rows))


def stamp_s(message) -> float:
    return message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec


def test_an_unknown_way_is_refused():
    with pytest.raises(UsageError, match="no way 'burn' to spoil a message"):
        spoiler("burn", 0.0)


def test_dropped_messages_do_not_arrive():
    assert spoiler("drop", 0.0)(joints()) == []


def test_shifted_stamps_move_and_never_before_zero():
    assert stamp_s(spoiler("shift", -10.0)(joints())[0]) == pytest.approx(90.0)
    assert stamp_s(spoiler("shift", -3600.0)(joints())[0]) == 0.0
    assert spoiler("shift", 3600.0)(ros_msgs.clock_msg(1.0))[0].clock.sec == 3601


def test_a_repeated_message_keeps_its_stamp_and_a_frozen_one_does_not():
    for how, expected_s in (("repeat", 100.0), ("freeze", 101.0)):
        spoil = spoiler(how, 0.0)
        spoil(picture(100.0, 7))
        arrived = spoil(picture(101.0, 8))[0]
        assert stamp_s(arrived) == pytest.approx(expected_s)
        assert set(arrived.data) == {7}


def test_a_black_picture_has_the_same_size():
    arrived = spoiler("black", 0.0)(picture())[0]
    assert ros_msgs.image_from(arrived, "front").shape == GREY.shape
    assert not any(arrived.data)


def test_another_order_says_the_same_and_mixed_up_values_do_not():
    same = ros_msgs.joint_state_from(spoiler("reorder", 0.0)(joints())[0], ROBOT)
    assert same.position_rad == pytest.approx(ROBOT.home)
    other = ros_msgs.joint_state_from(spoiler("turn", 0.0)(joints())[0], ROBOT)
    assert other.position_rad == pytest.approx(ROBOT.home[::-1])


def test_a_missing_joint_degrees_and_a_value():
    lacking = spoiler("lack", 0.0)(joints())[0]
    assert list(lacking.name) == [name for name in ROBOT.joint_names if name != "elbow_flex"]
    assert len(lacking.position) == len(lacking.velocity) == 5
    assert spoiler("degrees", 0.0)(joints())[0].position == pytest.approx(np.rad2deg(ROBOT.home))
    assert math.isnan(spoiler("joint_value", math.nan)(joints())[0].position[2])


def test_chunks_lose_columns_names_points_and_reason():
    assert {len(p.positions) for p in spoiler("columns", 5)(chunk())[0].points} == {5}
    assert tuple(spoiler("rename", 0.0)(chunk())[0].joint_names) == ROBOT.joint_names[::-1]
    assert list(spoiler("empty", 0.0)(chunk())[0].points) == []
    assert math.isinf(spoiler("row_value", math.inf)(chunk())[0].points[1].positions[2])
    wild = ros_msgs.chunk_from(spoiler("stride", 10.0)(chunk())[0]).position_rad
    assert (wild[-1] - wild[0]).min() > 1.0


def test_the_sweep_always_moves_and_its_mirror_image_goes_the_other_way():
    images = dict.fromkeys(ROBOT.camera_names, GREY)
    seen = Observation(100.0, ROBOT.home, np.zeros(6), images, "sweep", {})
    rows, mirrored = (sweep_policy(name, ROBOT).predict(seen).position_rad for name in ("sweep", "counter"))
    assert np.abs(np.diff(rows, axis=0)).max(axis=1).min() > 0.01
    np.testing.assert_allclose(rows + mirrored, 2.0 * np.tile(ROBOT.home, (len(rows), 1)), atol=1e-12)
    with pytest.raises(UsageError, match="motion 'dance' is not known"):
        sweep_policy("dance", ROBOT)
