import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Episode
from sovereign_robot.sim.collection import BURST_STEPS, Recorder

CALM, SHAKEN = 11, 13


@pytest.fixture(scope="module")
def calm(simulation) -> Episode:
    return Recorder(simulation, 0.0).record(CALM)


@pytest.fixture(scope="module")
def shaken(simulation) -> Episode:
    return Recorder(simulation, 0.05).record(SHAKEN)


def stretches(expert: np.ndarray) -> list[int]:
    """Lengths of the stretches in which somebody else than the expert acted."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], expert, [True]]).astype(int)))
    return [int(end - begin) for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def check_limits(episode: Episode, robot: RobotContract) -> None:
    speed = np.diff(episode.action_rad, axis=0) / robot.policy_step_s
    assert (episode.action_rad >= robot.lower_rad).all()
    assert (episode.action_rad <= robot.upper_rad).all()
    assert (np.abs(speed) <= robot.velocity_rad_s + 1e-9).all()


def test_an_undisturbed_episode_is_the_experts_from_beginning_to_success(calm, robot):
    frames = len(calm.stamp_s)

    assert calm.expert.all()
    assert calm.action_rad.shape == calm.joint_position_rad.shape == (frames, len(robot.joints))
    assert (calm.robot, calm.task, calm.seed) == ("so101", "place_in_bin", CALM)
    assert calm.instruction
    assert calm.language in ("ja", "en")
    check_limits(calm, robot)


def test_frames_are_one_policy_step_apart_and_actions_one_step_ahead(calm, robot):
    np.testing.assert_allclose(np.diff(calm.stamp_s), robot.policy_step_s)
    lag = np.abs(calm.joint_position_rad[1:] - calm.action_rad[:-1]).max()
    behind = np.abs(calm.joint_position_rad[:-1] - calm.action_rad[:-1]).max()

    assert calm.stamp_s[0] == 0.0
    assert lag < behind


def test_the_pictures_are_the_cameras_frame_by_frame(calm, robot):
    for camera in robot.cameras:
        images = calm.images[camera.name]
        assert images.shape == (len(calm.stamp_s), camera.height_px, camera.width_px, 3)
        assert (images[0] != images[len(images) // 2]).any()


def test_an_episode_ends_when_the_cube_rests_in_its_bin(simulation, calm):
    Recorder(simulation, 0.0).record(CALM)

    assert simulation.success()
    assert calm.stamp_s[-1] < simulation.task.timeout_s


def test_the_same_seed_gives_the_same_disturbed_episode(simulation, shaken):
    again = Recorder(simulation, 0.05).record(SHAKEN)

    for name in ("stamp_s", "joint_position_rad", "action_rad", "expert"):
        np.testing.assert_array_equal(getattr(again, name), getattr(shaken, name))
    for name, images in shaken.images.items():
        np.testing.assert_array_equal(again.images[name], images)


def test_random_pushes_are_flagged_short_and_within_limits(shaken, robot):
    assert shaken.success
    pushes = stretches(shaken.expert)

    assert pushes
    assert all(BURST_STEPS[0] <= length < BURST_STEPS[1] * 2 for length in pushes)
    check_limits(shaken, robot)


def test_an_episode_that_does_not_succeed_in_time_says_so(simulation):
    episode = Recorder(simulation, 1.0).record(CALM)

    assert not episode.success
    assert not episode.teaches
    assert not episode.expert.any()
    assert episode.stamp_s[-1] > simulation.task.timeout_s - 0.1
