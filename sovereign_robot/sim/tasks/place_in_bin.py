"""Put the cube of the named colour into the named bin; other cubes make the sentence necessary."""

import math
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sovereign_robot.contract.config_files import config_file, read_yaml
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.validation import sentence
from sovereign_robot.sim.scene import SPLITS, Pose2D, Scene, require_split
from sovereign_robot.sim.tasks.phrases import BINS, COLOURS, LANGUAGES, instruction

NAME = "place_in_bin"
OBJECTS = tuple(COLOURS)
FIXTURES = tuple(BINS)
RGBA = {
    "red": (0.85, 0.12, 0.1, 1.0),
    "blue": (0.1, 0.25, 0.85, 1.0),
    "green": (0.1, 0.6, 0.2, 1.0),
    "yellow": (0.95, 0.82, 0.1, 1.0),
}
BIN_CENTRES_M = {"left": (0.225, 0.175), "middle": (0.315, 0.0), "right": (0.225, -0.175)}
BIN_HALF_M = 0.042
BIN_HEIGHT_M = 0.03
CUBE_HALF_M = 0.014
FIELD_X_M = (0.15, 0.22)
FIELD_Y_M = (-0.09, 0.09)
SPACING_M = 0.056
YAW_RANGE_RAD = math.radians(30.0)
BIN_JITTER_M = 0.01
START_JITTER_RAD = 0.15


class PlaceInBin(BaseModel):
    """What people may choose about the task, read from `config/tasks/place_in_bin.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Literal["place_in_bin"]
    colours: Annotated[tuple[Literal["red", "blue", "green", "yellow"], ...], Field(min_length=2)]
    bins: Annotated[tuple[Literal["left", "middle", "right"], ...], Field(min_length=1)]
    distractors_min: Annotated[int, Field(strict=True, ge=0)]
    distractors_max: Annotated[int, Field(strict=True, ge=0)]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        for field, names in (("colours", self.colours), ("bins", self.bins)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{field} name {', '.join(twice)} twice")
        return self

    @model_validator(mode="after")
    def _distractors_exist(self) -> Self:
        if not self.distractors_min <= self.distractors_max < len(self.colours):
            raise ValueError(
                f"distractors_min {self.distractors_min} .. distractors_max {self.distractors_max} must rise "
                f"and stay below the number of colours, {len(self.colours)}"
            )
        return self


def load(name_or_path: str) -> PlaceInBin:
    """The task of that name, or of a YAML file.

    Raises:
        UsageError: unknown name, or a wrong field; names the field.
    """
    path = config_file("task", name_or_path, UsageError)
    try:
        return PlaceInBin.model_validate(read_yaml("task", path, UsageError))
    except ValidationError as error:
        raise UsageError(f"{path}: {sentence(error, 'task')}") from error


def sample_scene(contract: RobotContract, task: PlaceInBin, seed: int, split: str) -> Scene:
    """Draw one scene; the two splits never share a layout, because their seeds never meet.

    A cube's yaw is within 30 degrees of facing the arm, so that one grasp is the natural one.

    Raises:
        UsageError: unknown split.
    """
    require_split(split)
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    target, destination, language = (str(rng.choice(o)) for o in (task.colours, task.bins, LANGUAGES))
    others = [colour for colour in task.colours if colour != target]
    distractors = rng.permutation(others)[: int(rng.integers(task.distractors_min, task.distractors_max + 1))]
    objects = _scatter(rng, [target, *map(str, distractors)])
    fixtures = {
        name: Pose2D(x + _jitter(rng), y + _jitter(rng), 0.0) for name, (x, y) in BIN_CENTRES_M.items()
    }
    start = contract.home + rng.uniform(-START_JITTER_RAD, START_JITTER_RAD, len(contract.joints))
    start = np.clip(start, contract.lower_rad, contract.upper_rad)
    return Scene(
        seed=seed,
        split=split,
        task=NAME,
        instruction=instruction(rng, language, target, destination),
        language=language,
        target=target,
        destination=destination,
        objects=objects,
        fixtures=fixtures,
        start_rad=tuple(float(v) for v in start),
    )


def in_bin(cube_m: np.ndarray, bin_m: np.ndarray) -> bool:
    """Whether a cube's centre (3,) lies inside the bin whose base centre is `bin_m` (3,) [m]."""
    offset = np.abs(cube_m - bin_m)
    return bool(offset[0] < BIN_HALF_M and offset[1] < BIN_HALF_M and cube_m[2] < BIN_HEIGHT_M)


def _jitter(rng: np.random.Generator) -> float:
    return float(rng.uniform(-BIN_JITTER_M, BIN_JITTER_M))


def _scatter(rng: np.random.Generator, names: list[str]) -> dict[str, Pose2D]:
    """Positions at least SPACING_M apart, by rejection; starts over when a draw is stuck."""
    while True:
        placed: list[tuple[float, float]] = []
        for _ in range(200):
            point = (float(rng.uniform(*FIELD_X_M)), float(rng.uniform(*FIELD_Y_M)))
            if all(math.dist(point, other) >= SPACING_M for other in placed):
                placed.append(point)
            if len(placed) == len(names):
                return {
                    name: Pose2D(x, y, _facing(rng, x, y)) for name, (x, y) in zip(names, placed, strict=True)
                }


def _facing(rng: np.random.Generator, x_m: float, y_m: float) -> float:
    return math.atan2(y_m, x_m) + float(rng.uniform(-YAW_RANGE_RAD, YAW_RANGE_RAD))
