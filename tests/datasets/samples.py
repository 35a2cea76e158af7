"""Small synthetic episodes: moving squares seen by two small cameras."""

from functools import cache

import numpy as np

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Episode

WIDTH_PX, HEIGHT_PX = 64, 48


@cache
def small_robot() -> RobotContract:
    robot = load_robot("so101")
    size = {"width_px": WIDTH_PX, "height_px": HEIGHT_PX}
    return robot.model_copy(update={"cameras": tuple(c.model_copy(update=size) for c in robot.cameras)})


def sample_episode(seed: int, frames: int = 12, language: str = "ja") -> Episode:
    robot = small_robot()
    rng = np.random.default_rng(seed)
    joints = rng.uniform(-1.0, 1.0, (frames, len(robot.joints)))
    images = {name: _squares(frames, 40 * (i + 1) + seed) for i, name in enumerate(robot.camera_names)}
    return Episode(
        robot=robot.name,
        task="place_in_bin",
        instruction="赤いキューブを左の箱に入れて"
        if language == "ja"
        else "put the red cube in the left bin",
        language=language,
        goal={"colour": "red", "bin": "left"},
        split="train",
        seed=seed,
        success=True,
        stamp_s=0.05 * np.arange(frames) + 0.001,
        joint_position_rad=joints,
        action_rad=joints + 0.01,
        expert=np.arange(frames) % 4 != 0,
        images=images,
    )


def _squares(frames: int, shade: int) -> np.ndarray:
    images = np.full((frames, HEIGHT_PX, WIDTH_PX, 3), shade, dtype=np.uint8)
    for i in range(frames):
        images[i, 8:24, 2 * i : 2 * i + 16] = (200, 40, 30)
    return images
