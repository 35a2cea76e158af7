"""Good demonstrations as frames that never were on disk, for what looks for faults in them."""

import numpy as np

from sovereign_robot.datasets.frames import Frames
from tests.datasets.samples import HEIGHT_PX, WIDTH_PX, small_robot


def sample_frames(episodes: int = 4, length: int = 60, lag: int = 2) -> Frames:
    """An arm that follows its commands `lag` frames later, seen by two cameras."""
    robot = small_robot()
    middle, half = (robot.upper_rad + robot.lower_rad) / 2, (robot.upper_rad - robot.lower_rad) / 2
    times = np.arange(length + 40) / 12.0
    count = episodes * length
    action, state = np.empty((2, count, len(robot.joints)))
    for episode in range(episodes):
        waves = np.sin(times[:, None] * (1.0 + 0.2 * np.arange(len(robot.joints))) + episode)
        path = middle + 0.8 * half * waves
        rows = slice(episode * length, (episode + 1) * length)
        action[rows], state[rows] = path[20 : 20 + length], path[20 - lag : 20 - lag + length]
    one = {name: _moving_square(length, 40 * (i + 1)) for i, name in enumerate(robot.camera_names)}
    return Frames(
        images={name: np.concatenate([images] * episodes) for name, images in one.items()},
        joint_position_rad=state,
        action_rad=action,
        stamp_s=np.tile(0.05 * np.arange(length), episodes),
        expert=np.ones(count, dtype=np.bool_),
        episode_index=np.repeat(np.arange(episodes), length),
        frame_index=np.tile(np.arange(length), episodes),
        instruction_index=np.repeat(np.arange(episodes) % 2, length),
        instructions=("赤いキューブを左の箱に入れて", "put the red cube in the left bin"),
        attention=np.zeros((count, len(robot.cameras), 2, 2)),
        rate_hz=robot.policy_rate_hz,
    )


def _moving_square(frames: int, shade: int) -> np.ndarray:
    images = np.full((frames, HEIGHT_PX, WIDTH_PX, 3), shade, dtype=np.uint8)
    for i in range(frames):
        left = 2 * i % (WIDTH_PX - 16)
        images[i, 8:24, left : left + 16] = (200, 40, 30)
    return images
