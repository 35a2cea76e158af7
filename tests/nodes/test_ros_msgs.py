import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sensor_msgs.msg import Image as ImageMessage

from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.robot import Camera, RobotContract, load_robot
from sovereign_robot.contract.types import ActionChunk, JointState
from sovereign_robot.nodes import ros_msgs

ROBOT = load_robot("so101")
CAMERA = ROBOT.cameras[0]
POSITIONS = hnp.arrays(np.float64, (6,), elements=st.floats(-3, 3))


def joints(stamp_s: float = 1.5) -> JointState:
    return JointState(stamp_s, ROBOT.joint_names, np.arange(6) / 10, -np.arange(6) / 10)


def chunk(rows: int = 16) -> ActionChunk:
    return ActionChunk(2.25, 0.05, ROBOT.joint_names, np.random.default_rng(0).normal(size=(rows, 6)))


@settings(deadline=None)
@given(st.floats(0, 1e6), POSITIONS, POSITIONS)
def test_a_joint_state_comes_back_unchanged(stamp_s: float, position_rad, velocity_rad_s):
    sent = JointState(stamp_s, ROBOT.joint_names, position_rad, velocity_rad_s)
    back = ros_msgs.joint_state_from(ros_msgs.joint_state_msg(sent), ROBOT)
    assert back.stamp_s == pytest.approx(stamp_s, abs=1e-8)
    np.testing.assert_array_equal(back.position_rad, position_rad)
    np.testing.assert_array_equal(back.velocity_rad_s, velocity_rad_s)


def test_joints_are_matched_by_name_in_any_order_and_others_are_left_out():
    message = ros_msgs.joint_state_msg(joints())
    message.name = ["tail", *reversed(message.name)]
    message.position = [9.0, *reversed(message.position)]
    message.velocity = [9.0, *reversed(message.velocity)]
    np.testing.assert_array_equal(
        ros_msgs.joint_state_from(message, ROBOT).position_rad, joints().position_rad
    )


def test_a_missing_joint_is_named():
    message = ros_msgs.joint_state_msg(joints())
    message.name[2] = "elbow"
    with pytest.raises(ObservationError, match=r"lacks elbow_flex: it names shoulder_pan"):
        ros_msgs.joint_state_from(message, ROBOT)


def test_a_joint_that_is_there_twice_is_named():
    message = ros_msgs.joint_state_msg(joints())
    message.name[2] = "gripper"
    with pytest.raises(ObservationError, match="names gripper twice"):
        ros_msgs.joint_state_from(message, ROBOT)


@pytest.mark.parametrize("part", ["position", "velocity"])
def test_joints_without_a_measured_part_are_refused_not_filled_in(part: str):
    message = ros_msgs.joint_state_msg(joints())
    setattr(message, part, [])
    with pytest.raises(ObservationError, match=f"0 values of {part} for 6 joints"):
        ros_msgs.joint_state_from(message, ROBOT)


def test_a_picture_is_copied_once_into_its_message_and_never_out_of_it():
    sent = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    message = ros_msgs.image_msg(CAMERA, 3.5, sent)
    data = np.frombuffer(message.data, np.uint8)
    assert not np.shares_memory(data, sent)
    for encoding in ("rgb8", "bgr8"):
        message.encoding = encoding
        assert np.shares_memory(ros_msgs.image_from(message, "front"), data)


def test_an_image_comes_back_unchanged():
    sent = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    message = ros_msgs.image_msg(CAMERA, 3.5, sent)
    assert (message.header.frame_id, message.encoding, message.step) == (CAMERA.frame, "rgb8", 192)
    np.testing.assert_array_equal(ros_msgs.image_from(message, "front"), sent)


def test_an_image_that_is_a_view_of_another_is_sent_as_seen():
    whole = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    message = ros_msgs.image_msg(CAMERA, 0.0, whole[::2, ::-1])
    np.testing.assert_array_equal(ros_msgs.image_from(message, "front"), whole[::2, ::-1])


def test_bgr_becomes_rgb_and_padding_at_the_end_of_rows_is_dropped():
    rgb = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    rows = np.concatenate((rgb[:, :, ::-1].reshape(4, 15), np.zeros((4, 3), np.uint8)), axis=1)
    message = ImageMessage(height=4, width=5, step=18, encoding="bgr8", data=rows.tobytes())
    np.testing.assert_array_equal(ros_msgs.image_from(message, "front"), rgb)


def test_an_encoding_that_is_not_known_names_camera_and_choices():
    message = ImageMessage(height=1, width=1, step=2, encoding="mono16", data=bytes(2))
    with pytest.raises(
        ObservationError, match=r"camera wrist sends encoding 'mono16', expected one of rgb8, bgr8"
    ):
        ros_msgs.image_from(message, "wrist")


@pytest.mark.parametrize(("step", "size"), [(15, 59), (14, 56), (0, 0)])
def test_an_image_whose_data_does_not_fill_its_size_is_refused(step: int, size: int):
    message = ImageMessage(height=4, width=5, step=step, encoding="rgb8", data=bytes(size))
    with pytest.raises(
        ObservationError, match=f"camera front sends {size} bytes with a step of {step} for 5x4"
    ):
        ros_msgs.image_from(message, "front")


def test_filling_a_640x480_image_takes_milliseconds_not_seconds():
    image = np.zeros((480, 640, 3), np.uint8)
    start_s = time.process_time()
    for _ in range(20):
        ros_msgs.image_msg(CAMERA, 0.0, image)
    assert (time.process_time() - start_s) / 20 < 0.02


def test_the_intrinsics_have_square_pixels_and_the_field_of_view_that_was_given():
    camera = Camera(name="c", width_px=640, height_px=480, rate_hz=30, frame="c_optical")
    info = ros_msgs.camera_info_msg(camera, 1.0, np.deg2rad(60))
    k = info.k.reshape(3, 3)
    assert k[0, 0] == k[1, 1] == pytest.approx(240 / np.tan(np.deg2rad(30)))
    assert (k[0, 2], k[1, 2], info.width, info.height) == (320, 240, 640, 480)
    np.testing.assert_array_equal(info.p.reshape(3, 4)[:, :3], k)


def test_a_chunk_comes_back_unchanged():
    sent = chunk()
    back = ros_msgs.chunk_from(ros_msgs.chunk_msg(sent))
    assert (back.stamp_s, back.step_s, back.joint_names) == (sent.stamp_s, sent.step_s, sent.joint_names)
    np.testing.assert_array_equal(back.position_rad, sent.position_rad)


def test_row_i_of_a_chunk_is_due_one_step_and_i_steps_after_its_observation():
    points = ros_msgs.chunk_msg(chunk(3)).points
    assert [p.time_from_start.nanosec for p in points] == [50_000_000, 100_000_000, 150_000_000]


def test_a_chunk_with_too_many_points_is_refused():
    with pytest.raises(CommandError, match="has 1001 points, expected at most 1000"):
        ros_msgs.chunk_from(ros_msgs.chunk_msg(chunk(ros_msgs.MAX_POINTS + 1)))


def test_a_withdrawal_is_a_chunk_without_rows():
    back = ros_msgs.chunk_from(ros_msgs.withdrawal_msg(ROBOT, 12.5))
    assert (back.stamp_s, back.joint_names) == (12.5, ROBOT.joint_names)
    assert back.position_rad.shape == (0, len(ROBOT.joints))


def test_a_chunk_whose_points_are_not_evenly_spaced_is_refused():
    message = ros_msgs.chunk_msg(chunk(4))
    message.points[2].time_from_start.nanosec += 2_000
    with pytest.raises(CommandError, match="not evenly spaced"):
        ros_msgs.chunk_from(message)


def test_a_chunk_with_ragged_points_is_refused():
    message = ros_msgs.chunk_msg(chunk(4))
    message.points[2].positions = [0.0]
    with pytest.raises(CommandError, match="points of different length"):
        ros_msgs.chunk_from(message)


def test_a_command_comes_back_unchanged():
    sent = np.linspace(-1, 1, 6)
    np.testing.assert_array_equal(ros_msgs.command_from(ros_msgs.command_msg(sent), ROBOT), sent)


@pytest.mark.parametrize("values", [[0.0] * 5, [0.0] * 5 + [float("nan")], []])
def test_a_command_that_does_not_fit_the_robot_is_refused(values: list[float]):
    message = ros_msgs.command_msg(np.array(values))
    with pytest.raises(CommandError, match="expected a finite position for each of shoulder_pan"):
        ros_msgs.command_from(message, ROBOT)


def test_japanese_text_stays_readable_in_json(contract: RobotContract):
    message = ros_msgs.json_msg({"instruction": "赤いキューブ"})
    assert "赤いキューブ" in message.data
    assert ros_msgs.json_from(message) == {"instruction": "赤いキューブ"}
