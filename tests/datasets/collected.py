"""A dataset of two kinds of work in two languages, with the record that a collection leaves."""

from dataclasses import replace
from pathlib import Path

from sovereign_robot.contract.types import Episode
from tests.datasets.samples import sample_episode, sample_recipe, write_dataset

EPISODES = 6
TASKS = ("place_in_bin", "stack")


def collected_episode(index: int) -> Episode:
    episode = sample_episode(index, frames=10 + index, language="en" if index % 2 else "ja")
    return replace(episode, task=TASKS[index // 4])


def write_collected(root: Path) -> Path:
    failed = [replace(sample_episode(seed), success=False) for seed in (7, 9)]
    recipe = sample_recipe(episodes_per_task=4, tasks=TASKS)
    return write_dataset(root, [*(collected_episode(i) for i in range(EPISODES)), *failed], recipe)
