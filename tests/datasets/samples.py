"""Small synthetic episodes, moving squares seen by two small cameras, and the dataset that they make."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.types import Episode, Labels
from sovereign_robot.datasets.collection import Recipe
from sovereign_robot.datasets.merge import begin, hold, merge
from sovereign_robot.datasets.stopwatch import Stopwatch
from sovereign_robot.datasets.takes import TakeWriter

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
        rate_hz=20.0,
        stamp_s=0.05 * np.arange(frames) + 0.001,
        joint_position_rad=joints,
        action_rad=joints + 0.01,
        expert=np.arange(frames) % 4 != 0,
        images=images,
        attention=rng.uniform(-1.2, 1.2, (frames, len(robot.cameras), 2, 2)),
    )


def labelled(episode: Episode, rows: int = 8) -> Episode:
    """The same as a student's attempt, four times slower; row i of a label is the joints and 0.01 i rad."""
    frames = len(episode.stamp_s)
    steps = 0.01 * np.arange(rows)[:, None]
    begin = np.arange(frames) % 3
    labels = Labels(
        rows_rad=episode.joint_position_rad[:, None] + steps,
        span=np.stack([begin, np.minimum(begin + 5, rows)], axis=1),
    )
    return replace(episode, rate_hz=5.0, success=False, expert=np.ones(frames, dtype=bool), labels=labels)


def sample_recipe(episodes_per_task: int = 100, tasks: tuple[str, ...] = ("place_in_bin",)) -> Recipe:
    return Recipe(
        version="0.1.0",
        tasks={task: {} for task in tasks},
        robot=small_robot().name,
        contract_sha256=small_robot().sha256,
        split="train",
        seed=0,
        noise=0.03,
        student="",
        rescue=False,
        episodes_per_task=episodes_per_task,
    )


def write_takes(root: Path, episodes: Iterable[Episode]) -> None:
    """As one worker does it."""
    writer = TakeWriter(root, small_robot(), Stopwatch("waiting"))
    for episode in episodes:
        writer.write(episode)


def write_dataset(root: Path, episodes: Iterable[Episode], recipe: Recipe | None = None) -> Path:
    """As a collection does it; the episodes lie in the dataset in the order of task and seed."""
    with hold(root):
        begin(root, recipe or sample_recipe(), small_robot())
        write_takes(root, episodes)
        merge(root)
    return root


def _squares(frames: int, shade: int) -> np.ndarray:
    images = np.full((frames, HEIGHT_PX, WIDTH_PX, 3), shade, dtype=np.uint8)
    for i in range(frames):
        images[i, 8:24, 2 * i : 2 * i + 16] = (200, 40, 30)
    return images
