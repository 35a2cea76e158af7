"""A dataset of two kinds of work in two languages, with the record that a collection leaves."""

from pathlib import Path

from sovereign_robot.contract.types import Episode
from sovereign_robot.datasets.lerobot_v3 import EpisodeWriter
from tests.datasets.samples import sample_episode, small_robot

EPISODES = 6
TASKS = ("place_in_bin", "stack")


def collected_episode(index: int) -> Episode:
    return sample_episode(index, frames=10 + index, language="en" if index % 2 else "ja")


def write_collected(root: Path) -> Path:
    writer = EpisodeWriter.create(root, small_robot())
    records = []
    for index in range(EPISODES):
        episode = collected_episode(index)
        writer.add(episode)
        records.append(
            {
                "episode_index": index,
                "task": TASKS[index // 4],
                "seed": episode.seed,
                "instruction": episode.instruction,
                "language": episode.language,
                "frames": len(episode.stamp_s),
            }
        )
    writer.close({"task": "all", "noise": 0.03, "seed": 0, "failures": [7, 9], "episodes": records})
    return root
