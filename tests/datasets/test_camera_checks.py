import dataclasses

import numpy as np

from sovereign_robot.datasets.camera_checks import EPISODES, CameraFault, camera_faults
from sovereign_robot.datasets.frames import Frames
from tests.datasets.sample_frames import sample_frames


def faults(frames: Frames, length: int = 60) -> list[CameraFault]:
    episodes = [(i, i * length, (i + 1) * length) for i in range(len(frames) // length)]
    return list(camera_faults(frames, episodes))


def with_front(frames: Frames, change) -> Frames:
    images = frames.images["front"].copy()
    change(images)
    return dataclasses.replace(frames, images={**frames.images, "front": images})


def test_cameras_that_see_the_arm_move_are_well():
    assert faults(sample_frames()) == []


def test_one_even_colour_all_through_an_episode_is_a_dead_camera():
    def cover(images):
        images[60:120] = 37

    (fault,) = faults(with_front(sample_frames(), cover))

    assert fault.episodes == [1]
    assert "camera front shows one even colour (brightness 37 of 255) in 1 of 4 episodes" in fault.what


def test_a_camera_that_is_covered_for_a_while_is_not_dead():
    def cover(images):
        images[60:100] = 0

    assert faults(with_front(sample_frames(), cover)) == []


def test_a_picture_that_stands_still_while_the_arm_moves_is_frozen_whatever_the_codec_adds():
    def freeze(images):
        noise = np.random.default_rng(0).integers(0, 4, images[120:180].shape)
        images[120:180] = images[120] + noise

    (fault,) = faults(with_front(sample_frames(), freeze))

    assert fault.episodes == [2]
    assert "camera front stands still for 0.5 s while the arm moves in 1 of 4 episodes" in fault.what


def test_a_picture_may_stand_still_while_the_arm_does():
    frames = sample_frames()
    still = dataclasses.replace(frames, joint_position_rad=np.zeros_like(frames.joint_position_rad))

    assert faults(with_front(still, lambda images: images.__setitem__(slice(None), images[:1]))) == []


def test_of_many_episodes_only_some_are_looked_at():
    frames = sample_frames(episodes=3 * EPISODES, length=20)
    dark = {"front": np.zeros_like(frames.images["front"])}

    (fault,) = faults(dataclasses.replace(frames, images=dark), length=20)

    assert len(fault.episodes) == EPISODES
    assert (fault.episodes[0], fault.episodes[-1]) == (0, 3 * EPISODES - 1)
