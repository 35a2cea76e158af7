"""Put the cube of the named colour into the named bin; other cubes make the sentence necessary."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sovereign_robot.sim.hand import Hand, facing
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.skills import Grasp, bring, leave, pick
from sovereign_robot.sim.tasks.table_layout import jittered, scatter
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Colour, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

BIN_CENTRES_M = {"left": (0.225, 0.175), "middle": (0.315, 0.0), "right": (0.225, -0.175)}
BIN_HALF_M = 0.042
BIN_HEIGHT_M = 0.03
BIN_JITTER_M = 0.01
CUBE_HALF_M = 0.014
CUBE_GRASP = Grasp()
CARRY_Z_M = 0.09
RELEASE_Z_M = 0.055

Bin = Literal["left", "middle", "right"]


class PlaceInBin(Task):
    """The cube rests, released, inside the bin."""

    name: ClassVar[str] = "place_in_bin"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"colour": COLOURS, "bin": tuple(BIN_CENTRES_M)}

    colours: Annotated[tuple[Colour, ...], Field(min_length=2)] = COLOURS
    bins: Annotated[tuple[Bin, ...], Field(min_length=1)] = ("left", "middle", "right")
    distractors_min: Annotated[int, Field(strict=True, ge=0)] = 1
    distractors_max: Annotated[int, Field(strict=True, ge=0)] = 3

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

    def props(self) -> Mapping[str, Prop]:
        """Four cubes and three bins."""
        cubes: dict[str, Prop] = {colour: Prop("cube", colour, CUBE_HALF_M) for colour in COLOURS}
        return {**cubes, **{_bin(name): Prop("bin") for name in BIN_CENTRES_M}}

    def layout(self, rng: np.random.Generator) -> Layout:
        """Cubes in front of the arm, every bin at its side of them."""
        count = 1 + int(rng.integers(self.distractors_min, self.distractors_max + 1))
        cubes = [str(colour) for colour in rng.permutation(self.colours)[:count]]
        bins = {_bin(name): jittered(rng, x, y, BIN_JITTER_M) for name, (x, y) in BIN_CENTRES_M.items()}
        choices = tuple({"colour": colour, "bin": name} for colour in cubes for name in self.bins)
        return Layout({**scatter(rng, cubes), **bins}, {}, choices)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Inside the bin and not between the jaws any more."""
        cube, bin_ = goal["colour"], _bin(goal["bin"])
        return in_bin(world, cube, bin_) and not world.in_both_jaws(cube)

    def progress(self, world: WorldState, scene: Scene) -> float:
        """Distance of the cube to its bin against the distance at the start."""
        cube, bin_ = scene.goal["colour"], world.position_m(_bin(scene.goal["bin"]))
        pose = scene.props[cube]
        start = float(np.hypot(pose.x_m - bin_[0], pose.y_m - bin_[1]))
        return 1.0 - float(np.linalg.norm((world.position_m(cube) - bin_)[:2])) / start

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The cube and the bin."""
        return world.position_m(goal["colour"]), world.position_m(_bin(goal["bin"]))

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Pick it up, bring it over the bin, let go, go away."""
        put_in_bin(hand, world, goal["colour"], _bin(goal["bin"]))
        leave(hand)


def put_in_bin(hand: Hand, world: WorldState, cube: str, bin_: str) -> None:
    """Bring a cube into a bin; nothing when it is there already."""
    held = world.holding(cube)
    if in_bin(world, cube, bin_) and not (held and world.position_m(cube)[2] > RELEASE_Z_M):
        return
    if not held:
        pick(hand, world, cube, CUBE_GRASP)
    x, y, _ = (float(v) for v in world.position_m(bin_))
    bring(hand, cube, CUBE_GRASP, (x, y, RELEASE_Z_M), CARRY_Z_M, facing(x, y))


def in_bin(world: WorldState, cube: str, bin_: str) -> bool:
    """Whether a cube's centre lies inside a bin."""
    offset = np.abs(world.position_m(cube) - world.position_m(bin_))
    return bool(offset[0] < BIN_HALF_M and offset[1] < BIN_HALF_M and offset[2] < BIN_HEIGHT_M)


def _bin(name: str) -> str:
    """The prop of a bin."""
    return f"{name}_bin"
