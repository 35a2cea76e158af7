"""From a task, a seed and a split to a scene.

Random streams are named by task, seed and split, so seeds of different splits never meet. `train` and the
splits that test something else ask for pairs of slot values that `combo` never asks for.
"""

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.scene import SPLITS, Goal, Layout, Scene, require_split
from sovereign_robot.sim.tasks.phrases import LANGUAGES, instruction
from sovereign_robot.sim.tasks.task import Task

START_JITTER_RAD = 0.15
COMBO, PHRASE = "combo", "phrase"
TRIES = 1000


def sample_scene(contract: RobotContract, task: Task, seed: int, split: str) -> Scene:
    """Draw the scene of a seed.

    Raises:
        UsageError: unknown split, or a task that was narrowed until nothing is left to ask for.
    """
    require_split(split)
    rng = np.random.default_rng([seed, SPLITS.index(split), crc32(task.name.encode())])
    layout, goals = _layout(task, rng, split)
    goal = goals[int(rng.integers(len(goals)))]
    language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    sentence = _sentence(task, rng, language, goal, split)
    start = contract.home + rng.uniform(-START_JITTER_RAD, START_JITTER_RAD, len(contract.joints))
    start = np.clip(start, contract.lower_rad, contract.upper_rad)
    return Scene(
        seed=seed,
        split=split,
        task=task.name,
        instruction=sentence,
        language=language,
        goal=goal,
        choices=layout.choices,
        props=layout.props,
        joints=layout.joints,
        start_rad=tuple(float(v) for v in start),
    )


def ask_for(task: Task, scene: Scene, goal: Goal) -> Scene:
    """The same picture, asking for another of its goals in the same language.

    Raises:
        UsageError: the picture does not leave that goal open.
    """
    if goal not in scene.choices:
        raise UsageError(
            f"goal {dict(goal)} is not open in scene {scene.seed} of split {scene.split}, "
            f"expected one of {[dict(choice) for choice in scene.choices]}"
        )
    rng = np.random.default_rng([scene.seed, SPLITS.index(scene.split), crc32(task.name.encode()), 1])
    sentence = _sentence(task, rng, scene.language, goal, scene.split)
    return replace(scene, goal=goal, instruction=sentence)


def askable(task: Task, choices: Sequence[Goal], split: str) -> list[Goal]:
    """The goals of a picture that a split may ask for."""
    return [goal for goal in choices if task.is_held_out(goal) == (split == COMBO)]


def _sentence(task: Task, rng: np.random.Generator, language: str, goal: Goal, split: str) -> str:
    """What a scene says."""
    if task.name == "place_in_bin":
        return instruction(rng, language, goal["colour"], goal["bin"])
    return f"{task.name} {' '.join(goal.values())}"


def _layout(task: Task, rng: np.random.Generator, split: str) -> tuple[Layout, list[Goal]]:
    """A layout that leaves open several goals which this split may ask for."""
    needed = 1 if split == COMBO else 2
    for _ in range(TRIES):
        layout = task.layout(rng)
        goals = askable(task, layout.choices, split)
        if len(goals) >= needed:
            return layout, goals
    raise UsageError(
        f"task {task.name} with {task!r} leaves open fewer than {needed} goals for split {split}: "
        "allow more colours or places"
    )
