"""A scene as data: what stands where, where the arm starts, and what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.variation import Variation

# What is new to a policy that learnt from `train`: positions (in every other split), sentences, pairs of
# slot values, looks, things that lie around, and sentences with a slip. Seeds depend on the order.
SPLITS = ("train", "layout", "phrase", "combo", "visual", "clutter", "typo")

Goal = Mapping[str, str]  # value by slot, such as {"colour": "red", "bin": "left"}


@dataclass(frozen=True, slots=True)
class Pose2D:
    """A pose on the table: x, y [m] and yaw [rad] in the arm's base frame (x forward, y left)."""

    x_m: float
    y_m: float
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class Layout:
    """What a task draws: a picture, and every goal that it leaves open.

    Attributes:
        props: pose of what stands on the table; what is not named is not in the picture.
        joints: position [rad or m] of fixtures' joints at the beginning, by "<prop>/<joint>"; else 0.
        choices: goals that a sentence may ask for, at least two.
    """

    props: dict[str, Pose2D]
    joints: dict[str, float]
    choices: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One episode's beginning; the same task, seed and split give the same scene on every machine."""

    seed: int
    split: str
    task: str
    instruction: str
    language: str
    goal: Goal
    choices: tuple[Goal, ...]
    props: dict[str, Pose2D]
    joints: dict[str, float]
    start_rad: tuple[float, ...]
    variation: Variation


def require_split(split: str) -> None:
    """Refuse a split that does not exist.

    Raises:
        UsageError: lists the splits.
    """
    if split not in SPLITS:
        raise UsageError(f"split {split!r} is not known; choose one of {', '.join(SPLITS)}")
