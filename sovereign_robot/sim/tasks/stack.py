"""Put one cube on another; which one comes on top is what the sentence says."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.hand import Hand, Waypoint, facing
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.skills import SETTLE_S, Grasp, grasp_yaw, leave, pick, put_away, put_down
from sovereign_robot.sim.tasks.table_layout import scatter
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

CUBE_HALF_M = 0.014
CUBE_M = 2 * CUBE_HALF_M
GRASP = Grasp()
ASIDE_M, ABOVE_M = 0.01, 0.005
OVER_M = 0.02
STILL_M_S = 0.02
CARRY_Z_M = 0.085
RELEASE_ABOVE_M = 0.0015
LOWER_SPEED = 0.6
# Near enough to let go at once. A student hovers 2 to 3 mm off; told to come nearer, settle and then let go,
# it is told so again at each decision and never lets go. A jaw that has begun to open is never turned back.
THERE_M, OPENING_RAD = 0.004, 0.02
GRASPS: dict[str, Grasp] = dict.fromkeys(COLOURS, GRASP)


class Stack(Task):
    """The cube rests, released, on the other one."""

    name: ClassVar[str] = "stack"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"colour": COLOURS, "onto": COLOURS}
    hold_s: ClassVar[float] = 0.3

    def props(self) -> Mapping[str, Prop]:
        """Four cubes."""
        return {colour: Prop("cube", colour, CUBE_HALF_M) for colour in COLOURS}

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two or three cubes; any of them may come on any other."""
        cubes = [str(colour) for colour in rng.permutation(COLOURS)[: int(rng.integers(2, 4))]]
        choices = tuple({"colour": a, "onto": b} for a in cubes for b in cubes if a != b)
        return Layout(scatter(rng, cubes), {}, choices)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """On it, at rest, not touched by a jaw; the lower one on the table."""
        upper, lower = goal["colour"], goal["onto"]
        on_table = abs(world.position_m(lower)[2] - CUBE_HALF_M) < ABOVE_M
        still = max(world.speed_m_s(upper), world.speed_m_s(lower)) < STILL_M_S
        return on_table and still and _is_on(world, upper, lower) and not world.touched_by_arm(upper)

    def progress(self, world: WorldState, scene: Scene) -> float:
        """Distance of the cube to its place against the distance at the start."""
        upper, lower = scene.goal["colour"], scene.goal["onto"]
        place = world.position_m(lower) + np.array([0.0, 0.0, CUBE_M])
        pose = scene.props[upper]
        start = float(np.linalg.norm(place - (pose.x_m, pose.y_m, CUBE_HALF_M)))
        return 1.0 - float(np.linalg.norm(world.position_m(upper) - place)) / start

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """Both cubes."""
        return world.position_m(goal["colour"]), world.position_m(goal["onto"])

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Clear both cubes, pick the upper one up, look how it sits in the jaws, and set it down."""
        upper, lower = goal["colour"], goal["onto"]
        if self.in_place(world, goal):
            leave(hand)
            return
        blocking = _on_top_of(world, upper, lower) or _on_top_of(world, lower, upper)
        if put_away(hand, world, GRASPS, keep=None if blocking else upper):
            return
        if blocking:
            pick(hand, world, blocking, GRASP)
            put_down(hand, world, blocking, GRASP, tuple(COLOURS))
        elif world.holding(upper) and _is_over(world, upper, lower):
            _set_on(hand, world, upper, lower)
            return
        else:
            if not world.holding(upper):
                pick(hand, world, upper, GRASP)
            _hover(hand, upper, world.position_m(lower), _yaw(world, lower))
        hand.look_again()


def _is_on(world: WorldState, upper: str, lower: str) -> bool:
    """Whether a cube's centre is above the middle of another one, at the height at which it rests there."""
    offset = world.position_m(upper) - world.position_m(lower)
    return float(np.hypot(offset[0], offset[1])) < ASIDE_M and abs(offset[2] - CUBE_M) < ABOVE_M


def _is_over(world: WorldState, upper: str, lower: str) -> bool:
    """Whether a cube can be lowered straight onto another one."""
    offset = world.position_m(upper) - world.position_m(lower)
    return bool(np.hypot(offset[0], offset[1]) < OVER_M and offset[2] > CUBE_M - ABOVE_M)


def _on_top_of(world: WorldState, cube: str, other: str) -> str | None:
    """The cube that lies on `cube`, if any, and is not the `other` one of the sentence."""
    for name in COLOURS:
        offset = world.position_m(name) - world.position_m(cube)
        aside = float(np.hypot(offset[0], offset[1]))
        if name != other and aside < CUBE_M and CUBE_HALF_M < offset[2] < 1.5 * CUBE_M:
            return name
    return None


def _hover(hand: Hand, upper: str, over_m: Array, yaw_rad: float) -> None:
    """Carry the cube high over a point."""
    x, y, z = (float(v) for v in hand.tool_m)
    points = []
    if z < CARRY_Z_M - 0.01:
        points.append(Waypoint((x, y, CARRY_Z_M), facing(x, y), GRASP.shut_rad))
    points.append(Waypoint((float(over_m[0]), float(over_m[1]), CARRY_Z_M), yaw_rad, GRASP.shut_rad))
    with hand.carrying(upper):
        hand.go(*points)


def _set_on(hand: Hand, world: WorldState, upper: str, lower: str) -> None:
    """From over the lower cube straight down, by where the cube sits between the jaws; let go and leave."""
    in_jaws = world.position_m(upper) - world.tool_m()
    place = world.position_m(lower) + np.array([0.0, 0.0, CUBE_M + RELEASE_ABOVE_M])
    x, y, z = (float(v) for v in place - in_jaws)
    tool = hand.tool_m
    there = abs(tool[2] - z) < THERE_M and math.dist((x, y), (float(tool[0]), float(tool[1]))) < THERE_M
    if not (there or hand.jaw_rad > OPENING_RAD):
        with hand.carrying(upper):
            hand.go(Waypoint((x, y, z), _yaw(world, lower), GRASP.shut_rad), speed=LOWER_SPEED)
        hand.rest(SETTLE_S)
    hand.grip(GRASP.open_rad)
    leave(hand)


def _yaw(world: WorldState, lower: str) -> float:
    """The jaws along the lower cube's sides, so that the cubes come to lie in line [rad]."""
    x, y, _ = world.position_m(lower)
    return grasp_yaw(GRASP, world.yaw_rad(lower), facing(float(x), float(y)))
