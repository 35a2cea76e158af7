"""A dataset in which every joint rises by the same step per frame: what follows is easy to learn."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from sovereign_robot.contract.types import Episode
from tests.datasets import samples
from tests.datasets.samples import sample_episode

EPISODES, FRAMES, STEP_RAD = 3, 24, 0.02


def write_dataset(root: Path) -> Path:
    failed = replace(_rising(EPISODES), success=False)
    return samples.write_dataset(root, [*(_rising(seed) for seed in range(EPISODES)), failed])


def _rising(seed: int) -> Episode:
    made = sample_episode(seed, FRAMES, "en" if seed % 2 else "ja")
    rise = STEP_RAD * np.arange(FRAMES)[:, None]
    joints = np.tile(0.1 * seed - 0.3 + rise, (1, made.action_rad.shape[1]))
    everywhere = np.ones(FRAMES, dtype=bool)
    return replace(made, joint_position_rad=joints, action_rad=joints + STEP_RAD, expert=everywhere)
