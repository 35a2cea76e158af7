"""Things with a colour and a kind: cubes, discs and towers, and pictures in which both words matter."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sovereign_robot.sim.scene import Goal, Layout, Pose2D
from sovereign_robot.sim.skills import Grasp
from sovereign_robot.sim.tasks.table_layout import clear_of_the_hand, scatter
from sovereign_robot.sim.tasks.task import COLOURS
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

Kind = Literal["cube", "disc", "tower"]

FIELD_X_M, FIELD_Y_M = (0.155, 0.24), (-0.12, 0.12)
SPACING_M = 0.064
SHADE_DEPTH_M, SHADE_HALF_M = 0.09, 0.034  # table that a tower hides from the front camera
FOUR_THINGS = 0.3  # share of pictures that hold a fourth thing
UPRIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind as it stands and as it lies when it fell over.

    Attributes:
        half_height_m: half of its height as it stands [m].
        half_width_m: half of its height as it lies [m].
        standing: how it is taken as it stands.
        lying: how it is taken as it lies.
    """

    half_height_m: float
    half_width_m: float
    standing: Grasp
    lying: Grasp


_DISC = Grasp(above_m=0.007, open_rad=0.45, repeats_rad=0.0, aside_m=-0.003)
SHAPES: dict[Kind, Shape] = {
    "cube": Shape(0.014, 0.014, Grasp(), Grasp()),
    "disc": Shape(0.006, 0.02, _DISC, _DISC),
    "tower": Shape(0.028, 0.012, Grasp(above_m=-0.002), Grasp(above_m=0.001, repeats_rad=math.pi)),
}
KINDS: tuple[Kind, ...] = tuple(SHAPES)
SLOTS: dict[str, tuple[str, ...]] = {"colour": COLOURS, "kind": KINDS}
_NAMES: dict[str, Kind] = {f"{colour}_{kind}": kind for colour in COLOURS for kind in KINDS}


def thing_of(goal: Goal) -> str:
    """The prop that a colour and a kind name."""
    return f"{goal['colour']}_{goal['kind']}"


def things() -> Mapping[str, Prop]:
    """One prop of every colour and kind."""
    return {
        f"{colour}_{kind}": Prop(kind, colour, SHAPES[kind].half_height_m)
        for colour in COLOURS
        for kind in KINDS
    }


def layout(rng: np.random.Generator) -> Layout:
    """Three or four things: one shares its colour with the first, another one its kind."""
    colour, other_colour = (str(name) for name in rng.permutation(COLOURS)[:2])
    kind, other_kind = (str(name) for name in rng.permutation(KINDS)[:2])
    pairs = [(colour, kind), (colour, other_kind), (other_colour, kind)]
    if rng.random() < FOUR_THINGS:
        pairs.append((other_colour, other_kind))
    goals = tuple({"colour": colour, "kind": kind} for colour, kind in pairs)
    names = [thing_of(goal) for goal in goals]
    while True:
        poses = scatter(rng, names, FIELD_X_M, FIELD_Y_M, SPACING_M)
        if not _tower_in_the_way(poses):
            return Layout(poses, {}, goals)


def grasps(world: WorldState) -> dict[str, Grasp]:
    """How each thing is taken as it stands or lies now."""
    return {
        name: SHAPES[kind].standing if _stands(world, name) else SHAPES[kind].lying
        for name, kind in _NAMES.items()
    }


def top_m(world: WorldState, thing: str) -> tuple[float, float, float]:
    """The middle of a thing's top as it stands or lies now [m]."""
    shape = SHAPES[_NAMES[thing]]
    x, y, z = (float(v) for v in world.position_m(thing))
    return x, y, z + (shape.half_height_m if _stands(world, thing) else shape.half_width_m)


def rest_m(thing: str) -> float:
    """Height of a thing's centre when it stands on the table [m]."""
    return SHAPES[_NAMES[thing]].half_height_m


def others(thing: str) -> Sequence[str]:
    """All things but one."""
    return [name for name in _NAMES if name != thing]


def _stands(world: WorldState, thing: str) -> bool:
    return abs(world.upright(thing)) > UPRIGHT


def _tower_in_the_way(poses: Mapping[str, Pose2D]) -> bool:
    """Whether a tower stands in the hand, or before another thing, seen from the front camera."""
    towers = [pose for name, pose in poses.items() if _NAMES[name] == "tower"]
    return not all(clear_of_the_hand(tower) for tower in towers) or any(
        0.0 < tower.x_m - pose.x_m < SHADE_DEPTH_M and abs(tower.y_m - pose.y_m) < SHADE_HALF_M
        for tower in towers
        for pose in poses.values()
    )
