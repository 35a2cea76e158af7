import numpy as np
import pytest

from sovereign_robot.contract.errors import ObservationError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import JointState
from sovereign_robot.control.observation_builder import ObservationBuilder

ROBOT = load_robot("so101")
IMAGE = np.full((ROBOT.cameras[0].height_px, ROBOT.cameras[0].width_px, 3), 100, np.uint8)


def joints(stamp_s: float, value: float = 0.0) -> JointState:
    return JointState(stamp_s, ROBOT.joint_names, np.full(6, value), np.zeros(6))


@pytest.fixture
def builder() -> ObservationBuilder:
    return ObservationBuilder(ROBOT)


def see(builder: ObservationBuilder, stamp_s: float, image=IMAGE) -> None:
    for camera in ROBOT.camera_names:
        builder.on_image(camera, stamp_s, image)


def test_an_observation_is_stamped_with_its_pictures_and_carries_every_age(builder: ObservationBuilder):
    builder.on_joint_state(joints(0.99))
    builder.on_image("front", 0.99, IMAGE)
    builder.on_image("wrist", 1.0, IMAGE)
    seen = builder.build(1.02, "go")
    assert (seen.stamp_s, seen.instruction) == (1.0, "go")
    assert seen.age_s == pytest.approx({"joint_states": 0.01, "front": 0.01, "wrist": 0.0})


def test_the_joints_are_those_from_before_the_pictures_not_the_newest(builder: ObservationBuilder):
    for stamp_s, value in ((0.98, 1.0), (0.99, 2.0), (1.01, 3.0), (1.02, 4.0)):
        builder.on_joint_state(joints(stamp_s, value))
    see(builder, 1.0)
    assert builder.build(1.03, "go").joint_position_rad[0] == 2.0


def test_pictures_make_one_observation_only_once(builder: ObservationBuilder):
    builder.on_joint_state(joints(1.0))
    see(builder, 1.0)
    builder.build(1.0, "go")
    assert builder.stamp_s is None
    with pytest.raises(ObservationError, match="no new picture from every camera"):
        builder.build(1.0, "go")


def test_pictures_of_different_moments_are_not_joined(builder: ObservationBuilder):
    builder.on_image("front", 1.0, IMAGE)
    builder.on_image("wrist", 1.05, IMAGE)
    assert builder.stamp_s is None
    builder.on_image("front", 1.05, IMAGE)
    assert builder.stamp_s == 1.05


def test_an_older_picture_does_not_replace_a_newer_one(builder: ObservationBuilder):
    see(builder, 1.0)
    see(builder, 0.9)
    assert builder.stamp_s == 1.0


def test_every_missing_stream_is_named(builder: ObservationBuilder):
    builder.on_image("front", 1.0, IMAGE)
    assert builder.fault(1.0) == "joint_states has not been received; camera wrist has not been received"


def test_a_late_stream_is_named_with_its_age_and_the_limit(builder: ObservationBuilder):
    builder.on_joint_state(joints(1.5))
    see(builder, 1.0)
    builder.on_image("wrist", 1.5, IMAGE)
    assert builder.fault(1.5) == "camera front is 0.500 s old, expected at most 0.150 s"
    with pytest.raises(ObservationError, match=r"camera front is 0\.500 s old"):
        builder.build(1.5, "go")


def test_a_plan_goes_on_until_its_newest_picture_is_older_than_the_contract_allows(
    builder: ObservationBuilder,
):
    hold_s = ROBOT.safety.image_hold_s
    see(builder, 1.0)
    builder.on_image("wrist", 1.2, IMAGE)
    assert builder.loss(1.0 + hold_s) == ""
    assert builder.loss(1.01 + hold_s) == "camera front is 0.510 s old, expected at most 0.500 s"


def test_a_plan_does_not_go_on_by_wrong_pictures_or_without_any(builder: ObservationBuilder):
    assert builder.loss(1.0) == "camera front has not been received; camera wrist has not been received"
    see(builder, 1.0)
    assert builder.loss(1.0) == ""
    builder.on_image("front", 1.05, np.zeros_like(IMAGE))
    assert builder.loss(1.05).startswith("camera front is black")


def test_joints_that_stopped_before_the_pictures_make_no_observation(builder: ObservationBuilder):
    builder.on_joint_state(joints(1.0 - 4 * ROBOT.control_step_s))
    see(builder, 1.0)
    with pytest.raises(ObservationError, match=r"no joint_states came from the 0\.030 s before the pictures"):
        builder.build(1.0, "go")


def test_a_picture_of_another_size_is_refused(builder: ObservationBuilder):
    builder.on_joint_state(joints(1.0))
    see(builder, 1.0, np.full((48, 48, 3), 100, np.uint8))
    with pytest.raises(ObservationError, match="camera front gave uint8"):
        builder.build(1.0, "go")


def test_a_camera_that_the_robot_does_not_have_is_refused(builder: ObservationBuilder):
    with pytest.raises(ObservationError, match="camera top is not one of the robot's: front, wrist"):
        builder.on_image("top", 1.0, IMAGE)


def test_after_forgetting_an_earlier_clock_counts_again(builder: ObservationBuilder):
    builder.on_joint_state(joints(9.0))
    see(builder, 9.0)
    builder.build(9.0, "go")
    builder.forget()
    builder.on_joint_state(joints(1.0))
    see(builder, 1.0)
    assert builder.build(1.0, "go").stamp_s == 1.0


def test_a_robot_without_cameras_sees_nothing():
    blind = RobotContract.model_validate(ROBOT.model_dump() | {"cameras": ()})
    assert ObservationBuilder(blind).stamp_s is None


def test_what_is_stamped_in_the_future_is_named_once_and_does_not_shadow_what_is_true(
    builder: ObservationBuilder,
):
    builder.on_joint_state(joints(11.0))
    see(builder, 11.0)
    said = builder.fault(1.0)
    for stream in ("joint_states", "camera front", "camera wrist"):
        assert f"{stream} is stamped 10.000 s in the future" in said
    builder.on_joint_state(joints(1.0))
    see(builder, 1.0)
    assert builder.fault(1.0) == ""
    assert builder.build(1.0, "go").stamp_s == 1.0


def test_a_picture_that_cannot_be_trusted_makes_no_observation(builder: ObservationBuilder):
    builder.on_joint_state(joints(1.0))
    see(builder, 1.0, np.zeros_like(IMAGE))
    with pytest.raises(ObservationError, match=r"camera front is black .*; camera wrist is black"):
        builder.build(1.0, "go")


def test_forgetting_forgets_what_was_wrong_with_a_camera(builder: ObservationBuilder):
    see(builder, 1.0, np.zeros_like(IMAGE))
    builder.forget()
    assert "black" not in builder.fault(1.0)
