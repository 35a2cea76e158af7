"""Two named cubes go to two different bins; one sentence asks for both."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.sim.hand import Hand
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.skills import Grasp, leave, pick, put_away, put_down
from sovereign_robot.sim.tasks.place_in_bin import (
    BIN_CENTRES_M,
    BIN_JITTER_M,
    CUBE_GRASP,
    CUBE_HALF_M,
    in_bin,
    put_in_bin,
)
from sovereign_robot.sim.tasks.table_layout import jittered, scatter
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

BINS = ("left", "right")
GRASPS: dict[str, Grasp] = dict.fromkeys(COLOURS, CUBE_GRASP)


class SortTwo(Task):
    """Both cubes rest, released, each in its own bin.

    A goal names the cube of the left bin first, whichever half of the sentence comes first.
    """

    name: ClassVar[str] = "sort_two"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {
        "colour": COLOURS,
        "bin": BINS,
        "other": COLOURS,
        "other_bin": BINS,
    }
    hold_s: ClassVar[float] = 0.3
    timeout_s: ClassVar[float] = 22.0

    def props(self) -> Mapping[str, Prop]:
        """Four cubes and two bins."""
        cubes: dict[str, Prop] = {colour: Prop("cube", colour, CUBE_HALF_M) for colour in COLOURS}
        return {**cubes, **{_bin(name): Prop("bin") for name in BINS}}

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two or three cubes between the bins; a third one stays where it is."""
        cubes = [str(colour) for colour in rng.permutation(COLOURS)[: int(rng.integers(2, 4))]]
        bins = {_bin(name): jittered(rng, *BIN_CENTRES_M[name], BIN_JITTER_M) for name in BINS}
        choices = tuple(
            {"colour": left, "bin": "left", "other": right, "other_bin": "right"}
            for left in cubes
            for right in cubes
            if left != right
        )
        return Layout({**scatter(rng, cubes), **bins}, {}, choices)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Each inside its bin and not between the jaws any more."""
        return all(in_bin(world, cube, bin_) and not world.in_both_jaws(cube) for cube, bin_ in _ways(goal))

    def progress(self, world: WorldState, scene: Scene) -> float:
        """Mean over both cubes of the distance to the bin against the distance at the start."""
        return float(np.mean([_brought(world, scene, cube, bin_) for cube, bin_ in _ways(scene.goal)]))

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The cube that is to be moved next, and its bin."""
        first, second = _ways(goal)
        held = [way for way in (first, second) if world.holding(way[0])]
        first_waits = in_bin(world, second[0], first[1]) and not in_bin(world, first[0], second[1])
        order = (second, first) if first_waits else (first, second)
        open_ = [way for way in order if not in_bin(world, *way)]
        cube, bin_ = (held or open_ or [second])[0]
        return world.position_m(cube), world.position_m(bin_)

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """First what is in the jaws, else the cube of the left bin; then the other one; go away."""
        (first, first_bin), (second, second_bin) = _ways(goal)
        wanted = next((cube for cube in (first, second) if world.holding(cube)), None)
        if put_away(hand, world, GRASPS, keep=wanted):
            return
        first_waits, second_waits = in_bin(world, second, first_bin), in_bin(world, first, second_bin)
        if first_waits and second_waits:
            pick(hand, world, first, CUBE_GRASP)
            put_down(hand, world, first, CUBE_GRASP, COLOURS)
            hand.look_again()
            return
        for cube, bin_ in reversed(_ways(goal)) if wanted == second or first_waits else _ways(goal):
            put_in_bin(hand, world, cube, bin_)
        leave(hand)

    def combinations(self, goal: Goal) -> tuple[tuple[int, int], ...]:
        """Either cube with its bin."""
        halves = ((goal["colour"], goal["bin"]), (goal["other"], goal["other_bin"]))
        colours, bins = self.slots["colour"], self.slots["bin"]
        return tuple((colours.index(cube), bins.index(bin_)) for cube, bin_ in halves)


def _ways(goal: Goal) -> tuple[tuple[str, str], tuple[str, str]]:
    """Each cube and the prop of its bin."""
    return (goal["colour"], _bin(goal["bin"])), (goal["other"], _bin(goal["other_bin"]))


def _brought(world: WorldState, scene: Scene, cube: str, bin_: str) -> float:
    """How far a cube is on its way, 0 .. 1."""
    place, pose = world.position_m(bin_), scene.props[cube]
    start = float(np.hypot(pose.x_m - place[0], pose.y_m - place[1]))
    left = float(np.linalg.norm((world.position_m(cube) - place)[:2]))
    return float(np.clip(1.0 - left / start, 0.0, 1.0))


def _bin(name: str) -> str:
    """The prop of a bin."""
    return f"{name}_bin"
