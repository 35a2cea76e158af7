"""A scene as data: what lies where, where the arm starts, and what is asked."""

from dataclasses import dataclass

from sovereign_robot.contract.errors import UsageError

SPLITS = ("train", "held_out")


@dataclass(frozen=True, slots=True)
class Pose2D:
    """A pose on the table: x, y [m] and yaw [rad] in the arm's base frame (x forward, y left)."""

    x_m: float
    y_m: float
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One episode's beginning; the same seed and split give the same scene on every machine."""

    seed: int
    split: str
    task: str
    instruction: str
    language: str
    target: str
    destination: str
    objects: dict[str, Pose2D]
    fixtures: dict[str, Pose2D]
    start_rad: tuple[float, ...]


def require_split(split: str) -> None:
    """Refuse a split that does not exist.

    Raises:
        UsageError: lists the splits.
    """
    if split not in SPLITS:
        raise UsageError(f"split {split!r} is not known; choose one of {', '.join(SPLITS)}")
