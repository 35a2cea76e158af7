from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError, ObservationError
from sovereign_robot.contract.fakes import example_observation
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk

SO101 = load_robot("so101")


def chunk(**changes) -> ActionChunk:
    fields = {
        "stamp_s": 1.0,
        "step_s": 0.05,
        "joint_names": SO101.joint_names,
        "position_rad": np.tile(SO101.home, (4, 1)),
    }
    return ActionChunk(**(fields | changes))


def test_row_i_of_a_chunk_is_due_i_plus_1_steps_after_its_stamp():
    assert chunk().times_s == pytest.approx([1.05, 1.10, 1.15, 1.20])
    assert chunk().times_s.dtype == np.float64


def test_a_chunk_that_fits_passes():
    chunk().validate(SO101)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"joint_names": SO101.joint_names[:5]}, "names joints shoulder_pan, .*, expected shoulder_pan, "),
        ({"position_rad": np.zeros((4, 5))}, r"shape \(4, 5\), expected \(T, 6\) with T >= 1"),
        ({"position_rad": np.zeros((0, 6))}, r"shape \(0, 6\), expected \(T, 6\) with T >= 1"),
        ({"position_rad": np.zeros(6)}, r"shape \(6,\), expected \(T, 6\) with T >= 1"),
        ({"position_rad": np.full((4, 6), np.nan)}, "row 0 of joint shoulder_pan is not finite"),
        ({"stamp_s": float("inf")}, "stamp inf s and step 0.05 s, expected finite"),
        ({"step_s": float("nan")}, "step nan s"),
        ({"step_s": -0.05}, "step above 0"),
    ],
)
def test_a_chunk_that_does_not_fit_is_refused_with_what_is_wrong(changes: dict, sentence: str):
    with pytest.raises(CommandError, match=sentence):
        chunk(**changes).validate(SO101)


def test_an_observation_that_fits_passes():
    example_observation(SO101).validate(SO101)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_joint_that_is_not_finite_is_named(value: float):
    position = SO101.home.copy()
    position[[1, 5]] = value
    observation = replace(example_observation(SO101), joint_position_rad=position)
    with pytest.raises(ObservationError, match="joint position of shoulder_lift, gripper is not finite"):
        observation.validate(SO101)


def test_a_wrong_number_of_joint_velocities_is_refused():
    observation = replace(example_observation(SO101), joint_velocity_rad_s=np.zeros(5))
    with pytest.raises(ObservationError, match=r"joint velocity has shape \(5,\), expected \(6,\) for so101"):
        observation.validate(SO101)


def test_a_missing_camera_is_refused_and_never_filled():
    observation = example_observation(SO101)
    only_front = replace(observation, images={"front": observation.images["front"]})
    with pytest.raises(ObservationError, match="camera wrist is missing; got front"):
        only_front.validate(SO101)
    with pytest.raises(ObservationError, match="camera front is missing; got no camera"):
        replace(observation, images={}).validate(SO101)


@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_an_image_of_another_type_is_refused(dtype: type):
    observation = example_observation(SO101)
    images = dict(observation.images) | {"wrist": observation.images["wrist"].astype(dtype)}
    with pytest.raises(
        ObservationError, match=f"camera wrist gave {np.dtype(dtype).name} .*, expected uint8"
    ):
        replace(observation, images=images).validate(SO101)


def test_an_image_of_another_size_is_refused():
    observation = example_observation(SO101)
    images = dict(observation.images) | {"front": np.zeros((480, 640, 3), np.uint8)}
    with pytest.raises(ObservationError, match=r"camera front gave uint8 \(480, 640, 3\), expected uint8"):
        replace(observation, images=images).validate(SO101)


def test_what_flows_cannot_be_reassigned():
    with pytest.raises(FrozenInstanceError):
        chunk().stamp_s = 2.0
