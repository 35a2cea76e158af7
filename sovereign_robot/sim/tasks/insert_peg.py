"""Put the peg of the named colour into the hole of the named block; 2 mm of play decide."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.hand import Hand, Waypoint, facing, wrapped
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.skills import SETTLE_S, Grasp, leave, pick, put_away
from sovereign_robot.sim.tasks.table_layout import clear_of_the_hand, jittered, scatter
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

HOLES_M = {"left": (0.195, 0.135), "right": (0.195, -0.135)}
HOLE_JITTER_M = 0.012
BLOCK_HEIGHT_M = 0.018
DEPTH_M = 0.012  # how far below the block's top a peg's bottom counts as inside
IN_HOLE_M = 0.006
PEG_HALF_M = 0.023
UPRIGHT = math.cos(math.radians(5.0))
FALLEN = math.cos(math.radians(50.0))
PEG_FIELD_X_M, PEG_FIELD_Y_M, PEG_SPACING_M = (0.16, 0.28), (-0.08, 0.08), 0.062
PEG_GRASP = Grasp(above_m=0.011, aside_m=0.007, shut_rad=-0.15)
TO_FIXED_JAW_M = 0.0125  # a held peg's axis from the tool
CARRY_Z_M, OVER_Z_M, IN_Z_M = 0.088, 0.062, 0.0345  # the tool's height: on the way, over the hole, in it
CLEAR_Z_M = 0.075  # over a peg that stands on the table
NEAR_M, MIDDLE_M = 0.03, 0.005  # a peg between the open jaws: from the tool at most, and in their middle
WIDE_RAD, WRIST_RAD = 0.8, math.radians(140.0)  # to take a peg that leans
ROCKS_M_S = 0.01
AIMED_M, ENTERS_M = 0.0025, 0.004  # from the hole: what is lowered, and what the chamfer lets in on its way
DOWN_SPEED = 0.4


class InsertPeg(Task):
    """The peg stands in the hole, released."""

    name: ClassVar[str] = "insert_peg"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"colour": COLOURS, "hole": tuple(HOLES_M)}
    hold_s: ClassVar[float] = 0.3
    timeout_s: ClassVar[float] = 22.0

    def props(self) -> Mapping[str, Prop]:
        """Four pegs and two blocks."""
        pegs: dict[str, Prop] = {colour: Prop("peg", colour, PEG_HALF_M) for colour in COLOURS}
        return {**pegs, **{_block(name): Prop("hole_block") for name in HOLES_M}}

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two pegs in front of the arm, a block at each side of them."""
        pegs = [str(colour) for colour in rng.permutation(COLOURS)[:2]]
        blocks = {_block(name): jittered(rng, x, y, HOLE_JITTER_M) for name, (x, y) in HOLES_M.items()}
        stand = scatter(rng, pegs, PEG_FIELD_X_M, PEG_FIELD_Y_M, PEG_SPACING_M)
        while not all(clear_of_the_hand(pose) for pose in stand.values()):
            stand = scatter(rng, pegs, PEG_FIELD_X_M, PEG_FIELD_Y_M, PEG_SPACING_M)
        choices = tuple({"colour": colour, "hole": name} for colour in pegs for name in HOLES_M)
        return Layout({**stand, **blocks}, {}, choices)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Upright, deep in the hole and not between the jaws any more."""
        peg = goal["colour"]
        return in_hole(world, peg, _block(goal["hole"])) and not world.in_both_jaws(peg)

    def progress(self, world: WorldState, scene: Scene) -> float:
        """Distance of the peg to the hole against the distance at the start."""
        peg, hole = scene.goal["colour"], scene.props[_block(scene.goal["hole"])]
        pose = scene.props[peg]
        start = math.dist((pose.x_m, pose.y_m), (hole.x_m, hole.y_m))
        bottom = bottom_m(world, peg)
        return 1.0 - float(np.linalg.norm(bottom - np.array([hole.x_m, hole.y_m, 0.0]))) / start

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The peg and the hole."""
        return world.position_m(goal["colour"]), world.position_m(_block(goal["hole"]))

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Pick the peg, bring it over the hole, look, correct, go down, look, let go."""
        peg, block = goal["colour"], _block(goal["hole"])
        hole_m = world.position_m(block)
        if in_hole(world, peg, block):
            _let_go(hand, world, peg, hole_m)
        elif world.holding(peg):
            _insert(hand, world, peg, hole_m)
        elif world.upright(peg) < FALLEN:
            leave(hand)  # the tool points down: it cannot stand a fallen peg up again
        elif world.upright(peg) < UPRIGHT:
            _straighten(hand, world, peg)
            hand.look_again()
        elif not put_away(hand, world, dict.fromkeys(COLOURS, PEG_GRASP)):
            pick(hand, world, peg, PEG_GRASP)
            _go_over(hand, world, peg, hole_m)


def bottom_m(world: WorldState, peg: str) -> Array:
    """(3,) middle of a peg's lower end in the base frame [m]."""
    return world.position_m(peg) - PEG_HALF_M * world.axis(peg)


def in_hole(world: WorldState, peg: str, block: str) -> bool:
    """Whether a peg stands in a block's hole."""
    offset = bottom_m(world, peg) - world.position_m(block)
    deep = float(offset[2]) < BLOCK_HEIGHT_M - DEPTH_M
    return deep and float(np.hypot(offset[0], offset[1])) < IN_HOLE_M and world.upright(peg) > UPRIGHT


def _insert(hand: Hand, world: WorldState, peg: str, hole_m: Array) -> None:
    """One step with the peg in the jaws: over the hole, a correction, or down."""
    error = (hole_m - bottom_m(world, peg))[:2]
    tool = hand.tool_m
    aside, is_low = float(np.hypot(*error)), tool[2] < OVER_Z_M - 0.006
    if aside > (ENTERS_M if is_low else 0.02):
        _go_over(hand, world, peg, hole_m)
        return
    x, y = float(tool[0] + error[0]), float(tool[1] + error[1])
    yaw = hand.yaw_rad
    with hand.carrying(peg):
        if aside > AIMED_M and not is_low:
            hand.go(Waypoint((x, y, OVER_Z_M), yaw, PEG_GRASP.shut_rad))
            hand.rest(SETTLE_S)
        else:
            hand.go(Waypoint((x, y, IN_Z_M), yaw, PEG_GRASP.shut_rad), speed=DOWN_SPEED)
    hand.look_again()


def _let_go(hand: Hand, world: WorldState, peg: str, hole_m: Array) -> None:
    """Open the jaws, bring the peg between them into their middle, go straight up before anything turns."""
    (x, y, z), yaw = (float(v) for v in hand.tool_m), hand.yaw_rad
    peg_x, peg_y, _ = (float(v) for v in world.position_m(peg))
    if z < CLEAR_Z_M and math.dist((x, y), (peg_x, peg_y)) < NEAR_M:
        if world.holding(peg):
            error = hole_m - bottom_m(world, peg)
            straight = (x + float(error[0]), y + float(error[1]), z + float(error[2]))
            hand.go(Waypoint(straight, yaw, PEG_GRASP.open_rad))
        x, y = peg_x + MIDDLE_M * math.cos(yaw), peg_y + MIDDLE_M * math.sin(yaw)
        off = Waypoint((x, y, float(hand.tool_m[2])), yaw, PEG_GRASP.open_rad)
        hand.go(off, Waypoint((x, y, CLEAR_Z_M), yaw, PEG_GRASP.open_rad))
    leave(hand)


def _straighten(hand: Hand, world: WorldState, peg: str) -> None:
    """Take a peg that leans: the fixed jaw stands where its handle belongs, the other one pushes it there."""
    if world.speed_m_s(peg) > ROCKS_M_S:
        hand.rest(SETTLE_S)
        return
    bottom, axis = bottom_m(world, peg), world.axis(peg)
    ahead = facing(float(bottom[0]), float(bottom[1]))
    lean = wrapped(math.atan2(axis[1], axis[0]) - ahead)
    yaw = ahead + float(np.clip(lean, -WRIST_RAD, WRIST_RAD))
    x = float(bottom[0]) + TO_FIXED_JAW_M * math.cos(yaw)
    y = float(bottom[1]) + TO_FIXED_JAW_M * math.sin(yaw)
    z = float(bottom[2]) + PEG_HALF_M + PEG_GRASP.above_m
    tool = hand.tool_m
    up = (float(tool[0]), float(tool[1]), CARRY_Z_M)
    points = [Waypoint(up, hand.yaw_rad, WIDE_RAD)] if tool[2] < CARRY_Z_M - 0.01 else []
    hand.go(*points, Waypoint((x, y, CARRY_Z_M), yaw, WIDE_RAD), Waypoint((x, y, z), yaw, WIDE_RAD))
    hand.grip(PEG_GRASP.shut_rad)
    hand.rest(SETTLE_S)


def _go_over(hand: Hand, world: WorldState, peg: str, hole_m: Array) -> None:
    """Carry the held peg high to the hole and look."""
    tool = hand.tool_m
    yaw = facing(float(hole_m[0]), float(hole_m[1]))
    x = float(hole_m[0]) + TO_FIXED_JAW_M * math.cos(yaw)
    y = float(hole_m[1]) + TO_FIXED_JAW_M * math.sin(yaw)
    points = [Waypoint((x, y, OVER_Z_M), yaw, PEG_GRASP.shut_rad)]
    if math.dist((x, y), (float(tool[0]), float(tool[1]))) > 0.03:
        up = (float(tool[0]), float(tool[1]), CARRY_Z_M)
        over = Waypoint((x, y, CARRY_Z_M), yaw, PEG_GRASP.shut_rad)
        points = [Waypoint(up, hand.yaw_rad, PEG_GRASP.shut_rad), over, *points]
    with hand.carrying(peg):
        hand.go(*points)
        hand.rest(SETTLE_S)
    hand.look_again()


def _block(name: str) -> str:
    """The prop of a block."""
    return f"{name}_block"
