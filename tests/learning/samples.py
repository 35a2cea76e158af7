"""A dataset in which every joint rises by the same step per frame: what follows is easy to learn; robots."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Episode
from sovereign_robot.learning.recipe import Recipe
from tests.datasets import samples
from tests.datasets.samples import sample_episode
from tests.policies import RECIPE

EPISODES, FRAMES, STEP_RAD = 3, 24, 0.02


def write_dataset(root: Path) -> Path:
    failed = replace(_rising(EPISODES), success=False)
    return samples.write_dataset(root, [*(_rising(seed) for seed in range(EPISODES)), failed])


def small_recipe(**changes: object) -> Recipe:
    """A recipe of a few steps; changes are fields of it."""
    return replace(RECIPE, **({"steps": 12} | changes))


def with_cameras(*sizes: tuple[int, int]) -> RobotContract:
    """The shipped robot with cameras of those widths and heights [px]."""
    robot = load_robot("so101")
    cameras = [
        {"name": f"c{i}", "width_px": w, "height_px": h, "rate_hz": 20.0, "frame": f"c{i}_optical"}
        for i, (w, h) in enumerate(sizes)
    ]
    return RobotContract.model_validate(robot.model_dump() | {"cameras": cameras})


def _rising(seed: int) -> Episode:
    made = sample_episode(seed, FRAMES, "en" if seed % 2 else "ja")
    rise = STEP_RAD * np.arange(FRAMES)[:, None]
    joints = np.tile(0.1 * seed - 0.3 + rise, (1, made.action_rad.shape[1]))
    everywhere = np.ones(FRAMES, dtype=bool)
    return replace(made, joint_position_rad=joints, action_rad=joints + STEP_RAD, expert=everywhere)
