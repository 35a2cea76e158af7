import dataclasses

import numpy as np
import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.data_checks import Finding, findings, refuse_errors
from sovereign_robot.datasets.frames import Frames
from tests.datasets.sample_frames import sample_frames
from tests.datasets.samples import small_robot

ROBOT = small_robot()


def sentences(frames: Frames, **how: int) -> list[str]:
    return [finding.sentence for finding in findings(frames, ROBOT, "mine", **how)]


def changed(name: str, change, frames: Frames | None = None) -> Frames:
    """The frames with one column changed in place."""
    frames = frames or sample_frames()
    values = np.array(getattr(frames, name))
    change(values)
    return dataclasses.replace(frames, **{name: values})


def with_dims(name: str, joint: int, values: np.ndarray | float, frames: Frames | None = None) -> Frames:
    def change(column):
        column[:, joint] = values

    return changed(name, change, frames)


def test_good_demonstrations_have_no_finding():
    assert findings(sample_frames(), ROBOT) == []


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_an_error_with_its_place(value):
    def spoil(action):
        action[65, 2] = value

    found = findings(changed("action_rad", spoil), ROBOT, "mine")

    assert found[0].is_error
    assert found[0].sentence == (
        f"dataset mine, episode 1, frame 5: action of joint elbow_flex is {value} (1 such values in all), "
        "expected finite numbers: record it again, or leave the episode out"
    )
    with pytest.raises(DatasetError, match="episode 1, frame 5"):
        refuse_errors(found)


def test_warnings_refuse_nothing():
    refuse_errors([Finding("mine looks odd")])


@pytest.mark.parametrize("name", ["action_rad", "joint_position_rad"])
def test_degrees_are_suspected_and_not_called_out_of_range(name):
    frames = sample_frames()
    found = sentences(dataclasses.replace(frames, **{name: np.rad2deg(getattr(frames, name))}))

    assert "expected radians within 6.28: it looks like degrees, convert it" in found[0]
    assert not any("out of range" in sentence for sentence in found)


def test_a_joint_that_never_moves_is_named():
    frames = with_dims("action_rad", 1, 0.1, with_dims("joint_position_rad", 1, 0.1))

    found = sentences(frames)

    assert len(found) == 2
    assert all("of joint shoulder_lift stays within 0.0000 rad" in sentence for sentence in found)


def test_an_action_outside_the_limits_is_named_with_them():
    def reach_too_far(action):
        action[130, 5] = ROBOT.upper_rad[5] + 0.05

    (sentence,) = sentences(changed("action_rad", reach_too_far))

    assert sentence.startswith("dataset mine, episode 2: action of joint gripper is 1.795 rad (0.4% of all")
    assert "expected -0.175 .. 1.745" in sentence


def test_a_state_that_sags_a_little_past_its_limit_is_usual():
    def sag(state):
        state[130, 5] = ROBOT.upper_rad[5] + 0.05

    assert sentences(changed("joint_position_rad", sag)) == []


def test_pauses_are_found_when_they_are_long():
    def pause(column):
        column[20:60] = column[20]
        column[80:120] = column[80]
        column[140:180] = column[140]

    frames = changed("joint_position_rad", pause, changed("action_rad", pause))

    assert any("neither the command nor the arm moves in" in sentence for sentence in sentences(frames))


@pytest.mark.parametrize(
    ("lag", "said"),
    [(-3, "after -0.15 s (-3 frames), expected 0 .. 0.3 s: actions were recorded late"), (8, "after 0.40 s")],
)
def test_an_arm_that_moves_before_its_command_or_long_after_is_found(lag, said):
    (sentence,) = sentences(sample_frames(lag=lag))

    assert said in sentence


@pytest.mark.parametrize("lag", [0, 1, 6])
def test_an_arm_that_follows_in_time_is_usual(lag):
    assert sentences(sample_frames(lag=lag)) == []


def test_an_arm_that_does_not_follow_at_all_is_found():
    frames = sample_frames()
    shuffled = frames.action_rad[np.random.default_rng(0).permutation(len(frames))]

    found = sentences(dataclasses.replace(frames, action_rad=shuffled))

    assert any("are of the same arm and in the same order" in sentence for sentence in found)


def test_episodes_shorter_than_a_chunk_are_listed():
    (sentence,) = sentences(sample_frames(episodes=8, length=30), horizon=40)

    assert "episodes 0, 1, 2, 3, 4 and 3 more: as short as 1.50 s, expected at least the 2.00 s" in sentence


def test_times_count_by_the_rate_of_the_data():
    slow = dataclasses.replace(sample_frames(lag=2), rate_hz=5.0)

    (sentence,) = sentences(slow)

    assert "after 0.40 s (2 frames)" in sentence
    assert sentences(sample_frames(lag=1, length=10), horizon=20)
    assert not sentences(dataclasses.replace(sample_frames(lag=1, length=10), rate_hz=5.0), horizon=40)


def test_an_episode_that_is_there_twice_is_named():
    def copy(column):
        column[120:180] = column[0:60]

    frames = changed("joint_position_rad", copy, changed("action_rad", copy))

    (sentence,) = sentences(frames)

    assert "episode 2 holds the same joints and actions as episode 0 (1 copies in all)" in sentence


@pytest.mark.parametrize("text", ["", "  。"])
def test_a_sentence_without_words_is_found_with_its_episodes(text):
    frames = dataclasses.replace(sample_frames(), instructions=("put the red cube in the left bin", text))

    (sentence,) = sentences(frames)

    assert sentence.startswith(f"dataset mine, episodes 1, 3: the instruction {text!r} holds no words")


def test_a_camera_fault_names_dataset_and_episodes():
    frames = sample_frames()
    dark = {**frames.images, "wrist": np.zeros_like(frames.images["wrist"])}

    (sentence,) = sentences(dataclasses.replace(frames, images=dark))

    assert sentence.startswith("dataset mine, episodes 0, 1, 2, 3: camera wrist shows one even colour")
