import json
from dataclasses import asdict

import pytest

from sovereign_robot.contract.errors import ContractError, UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.learning.student_config import StudentConfig, StudentOptions
from tests.learning.samples import with_cameras
from tests.policies import student_of

ROBOT = load_robot("so101")


@pytest.mark.parametrize("sizes", [[], [(128, 96), (64, 48)], [(100, 96)], [(128, 90)]])
def test_cameras_that_the_student_cannot_take_are_refused_with_their_sizes(sizes):
    with pytest.raises(ContractError) as refusal:
        student_of(with_cameras(*sizes))

    assert "multiples of 16 px" in str(refusal.value)
    for width, height in sizes:
        assert f"{width}x{height} px" in str(refusal.value)


def test_the_sizes_follow_from_the_robot():
    config = student_of(ROBOT)

    assert config.cameras == ROBOT.camera_names
    assert (config.width_px, config.height_px, config.joints) == (128, 96, 6)


def test_it_looks_through_the_cameras_that_are_chosen_in_the_robots_order():
    assert student_of(ROBOT, cameras=("wrist",)).cameras == ("wrist",)
    assert student_of(ROBOT, cameras=("wrist", "front")).cameras == ("front", "wrist")


def test_a_camera_that_does_not_fit_may_be_left_out():
    assert student_of(with_cameras((128, 96), (100, 70)), cameras=("c0",)).cameras == ("c0",)


def test_a_camera_that_the_robot_lacks_is_refused():
    with pytest.raises(UsageError, match=r"student\.cameras names side, expected some of front, wrist"):
        student_of(ROBOT, cameras=("front", "side"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"horizon": 0}, r"student\.horizon is 0, expected at least 1"),
        ({"max_committed": -1}, r"student\.max_committed is -1"),
        ({"width": 0}, r"student\.width is 0"),
        ({"trunk_width": 0}, r"student\.trunk_width is 0"),
        ({"horizon": 4, "max_committed": 4}, "fewer promised rows than rows"),
        ({"keypoints": 1}, "0 or at least 2 keypoints"),
    ],
)
def test_sizes_that_make_no_student_are_refused_by_name(options, sentence):
    with pytest.raises(UsageError, match=sentence):
        StudentOptions(**options)


def test_it_is_read_back_from_what_a_checkpoint_stores():
    config = student_of(ROBOT, head="flow", cameras=("front",))

    assert StudentConfig.from_data(json.loads(json.dumps(asdict(config)))) == config
