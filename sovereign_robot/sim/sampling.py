"""From a task, a seed and a split to a scene.

Random streams are named by task, seed and split, so seeds of different splits never meet. `train` and the
splits that test something else ask for pairs of slot values that `combo` never asks for.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from zlib import crc32

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.clutter import footprint_m, scatter_clutter
from sovereign_robot.sim.language.grammar import LANGUAGES, grammar_of
from sovereign_robot.sim.language.slips import slipped
from sovereign_robot.sim.randomisation import Ranges, draw, load_ranges
from sovereign_robot.sim.scene import SPLITS, Goal, Layout, Pose2D, Scene, require_split
from sovereign_robot.sim.tasks.task import Task

START_JITTER_RAD = 0.15
COMBO, PHRASE, CLUTTER, TYPO = "combo", "phrase", "clutter", "typo"
SENTENCE, VARIATION, PIECES = 1, 2, 3  # streams of their own beside the picture's
TRIES = 1000


def sample_scene(contract: RobotContract, task: Task, seed: int, split: str) -> Scene:
    """Draw the scene of a seed.

    Raises:
        UsageError: unknown split, or a task that was narrowed until nothing is left to ask for.
    """
    require_split(split)
    rng = _stream(task, seed, split)
    layout, goals = _layout(task, rng, split)
    goal = goals[int(rng.integers(len(goals)))]
    language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    sentence = _sentence(task, rng, language, goal, split, layout.choices)
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
        props={**layout.props, **_clutter(task, layout, seed, split)},
        joints=layout.joints,
        start_rad=tuple(float(v) for v in start),
        variation=draw(_ranges(), _stream(task, seed, split, VARIATION), split),
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
    rng = _stream(task, scene.seed, scene.split, SENTENCE)
    sentence = _sentence(task, rng, scene.language, goal, scene.split, scene.choices)
    return replace(scene, goal=goal, instruction=sentence)


def askable(task: Task, choices: Sequence[Goal], split: str) -> list[Goal]:
    """The goals of a picture that a split may ask for."""
    return [goal for goal in choices if task.is_held_out(goal) == (split == COMBO)]


def _sentence(
    task: Task, rng: np.random.Generator, language: str, goal: Goal, split: str, choices: Sequence[Goal]
) -> str:
    """What is said for a goal in a split: as in training, with a new phrasing, or with a slip in it."""
    text = grammar_of(task.name).sentence(rng, language, goal, split in (PHRASE, TYPO), choices)
    return slipped(rng, text, held_out=True) if split == TYPO else text


def _stream(task: Task, seed: int, split: str, *purpose: int) -> np.random.Generator:
    """The random numbers of one scene, for one purpose."""
    return np.random.default_rng([seed, SPLITS.index(split), crc32(task.name.encode()), *purpose])


@cache
def _ranges() -> Ranges:
    return load_ranges()


def _clutter(task: Task, layout: Layout, seed: int, split: str) -> dict[str, Pose2D]:
    """What else lies around, in colours that no sentence about this picture can mean."""
    if split != CLUTTER:
        return {}
    props = task.props()
    taken = [(pose.x_m, pose.y_m, footprint_m(props[name].asset)) for name, pose in layout.props.items()]
    named = {value for choice in layout.choices for value in choice.values()}
    return scatter_clutter(_stream(task, seed, split, PIECES), taken, named)


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
