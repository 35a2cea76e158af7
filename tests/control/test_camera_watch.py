import numpy as np
import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.control.camera_watch import CameraWatch

ROBOT = load_robot("so101")
CAMERA = ROBOT.camera("wrist")
GREY = np.full((CAMERA.height_px, CAMERA.width_px, 3), 100, np.uint8)


@pytest.fixture
def watch() -> CameraWatch:
    return CameraWatch(CAMERA)


def film(watch: CameraWatch, seconds: float, speed_rad_s: float, image=GREY, from_s: float = 0.0) -> None:
    """Twenty pictures a second while one joint moves."""
    for i in range(round(20 * seconds) + 1):
        position_rad = ROBOT.home + np.array([speed_rad_s * i / 20, 0, 0, 0, 0, 0])
        watch.take(from_s + i / 20, image.copy(), CAMERA.frame, position_rad)


def test_a_picture_with_light_and_the_right_frame_is_trusted(watch: CameraWatch):
    watch.take(0.0, GREY, CAMERA.frame, ROBOT.home)
    assert watch.fault == ""


def test_the_same_bytes_for_a_second_while_the_arm_moves_are_a_frozen_camera(watch: CameraWatch):
    film(watch, 1.0, 0.2)
    assert watch.fault == ""
    watch.take(1.05, GREY, CAMERA.frame, ROBOT.home + 0.21)
    assert "camera wrist sends the same picture for 1.1 s" in watch.fault


def test_an_arm_that_came_back_to_where_it_was_has_moved_too(watch: CameraWatch):
    film(watch, 1.0, 0.2)
    watch.take(1.05, GREY, CAMERA.frame, ROBOT.home)
    assert "camera wrist sends the same picture for 1.1 s" in watch.fault


def test_the_same_bytes_while_the_arm_rests_are_a_scene_at_rest(watch: CameraWatch):
    film(watch, 5.0, 0.001)
    assert watch.fault == ""


def test_a_new_picture_thaws_a_frozen_camera(watch: CameraWatch):
    film(watch, 2.0, 0.2)
    watch.take(2.05, GREY + 1, CAMERA.frame, ROBOT.home)
    assert watch.fault == ""


def test_a_black_picture_is_named(watch: CameraWatch):
    watch.take(0.0, GREY // 100, CAMERA.frame, ROBOT.home)
    assert watch.fault.startswith("camera wrist is black (mean 1.0 of 255)")


def test_a_dark_room_is_not_black(watch: CameraWatch):
    watch.take(0.0, GREY // 10, CAMERA.frame, ROBOT.home)
    assert watch.fault == ""


def test_the_frame_of_another_camera_is_refused_and_both_are_named(watch: CameraWatch):
    watch.take(0.0, GREY, "front_optical", ROBOT.home)
    assert "'front_optical', expected 'wrist_optical'" in watch.fault


def test_a_driver_that_names_no_frame_is_trusted(watch: CameraWatch):
    watch.take(0.0, GREY, "", ROBOT.home)
    assert watch.fault == ""


def test_without_joints_nothing_is_called_frozen(watch: CameraWatch):
    for i in range(60):
        watch.take(i / 20, GREY, CAMERA.frame, None)
    assert watch.fault == ""
