"""What experts do again and again: pick a thing up, bring it somewhere, go away.

A skill decides by where things are now, so it also goes on from the middle of the work. Near enough to shut
or open the jaws is done at once: a jaw that has begun to turn is never turned back for a last centimetre,
because a student that saw both would learn to do neither.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.hand import Hand, Waypoint, facing
from sovereign_robot.sim.tasks.table_layout import free_spot
from sovereign_robot.sim.world_state import WorldState

SHUT_RAD = -0.05
SETTLE_S = 0.15
HOVER_M, APPROACH_M = 0.062, 0.029  # above the grasp: where the hand comes from, where it goes straight down
LIFT_M = 0.08
RETREAT_Z_M = 0.11
CARRY_Z_M, SET_DOWN_M, LOW_M = 0.09, 0.002, 0.008
GRASP_ASIDE_M, GRASP_ABOVE_M = 0.008, 0.008
RELEASE_ASIDE_M, RELEASE_ABOVE_M = 0.02, 0.02
STRAIGHT_DOWN_M = 0.012
FINGER_ALONG_M, FINGER_ACROSS_M = 0.045, 0.024  # from a prop to a neighbour that is in a finger's way


@dataclass(frozen=True, slots=True)
class Grasp:
    """How a prop is taken from above.

    Attributes:
        above_m: height of the finger tips above the body's origin [m].
        open_rad: gripper before it shuts [rad]; 0.34 goes around 28 mm.
        repeats_rad: after how much yaw the prop looks the same to the jaws [rad]; 0 for round things.
        shut_rad: gripper command that holds it [rad].
        aside_m: how far the tool stands from the body's origin, along the jaws' yaw [m]; a wide thing is in
            the middle of the open jaws when the tool, which belongs to narrower ones, is not.
    """

    above_m: float = -0.001
    open_rad: float = 0.34
    repeats_rad: float = math.pi / 2
    shut_rad: float = SHUT_RAD
    aside_m: float = 0.0


def pick(hand: Hand, world: WorldState, prop: str, grasp: Grasp) -> None:
    """Take a prop that is not in the jaws; the hand ends where it took it."""
    x, y, z = (float(v) for v in world.position_m(prop))
    yaw = _clear_yaw(grasp, grasp_yaw(grasp, world.yaw_rad(prop), facing(x, y)), world.neighbours_m(prop))
    x, y, z = x + grasp.aside_m * math.cos(yaw), y + grasp.aside_m * math.sin(yaw), z + grasp.above_m
    tool = hand.tool_m
    aside = float(np.hypot(tool[0] - x, tool[1] - y))
    if not (aside < GRASP_ASIDE_M and tool[2] < z + GRASP_ABOVE_M):
        hover = z + HOVER_M
        points = []
        if tool[2] < hover - 0.015 and aside > STRAIGHT_DOWN_M:
            points.append(Waypoint((float(tool[0]), float(tool[1]), hover), yaw, grasp.open_rad))
        if aside > STRAIGHT_DOWN_M or tool[2] > hover:
            points.append(Waypoint((x, y, hover), yaw, grasp.open_rad))
        if aside > STRAIGHT_DOWN_M or tool[2] > z + 0.037:
            points.append(Waypoint((x, y, z + APPROACH_M), yaw, grasp.open_rad))
        hand.go(*points, Waypoint((x, y, z), yaw, grasp.open_rad))
    hand.grip(grasp.shut_rad)
    hand.rest(SETTLE_S)


def bring(
    hand: Hand,
    prop: str,
    grasp: Grasp,
    to_m: tuple[float, float, float],
    carry_z_m: float,
    yaw_rad: float,
    release_above_m: float = RELEASE_ABOVE_M,
) -> None:
    """Carry a held prop over `to_m` at height `carry_z_m`, lower the tool to `to_m` and let go.

    Args:
        to_m: x, y, z of the tool when it lets go [m].
        carry_z_m: height of the tool over the destination [m].
        yaw_rad: direction of the jaws there [rad].
        release_above_m: how far above `to_m` it may be let go at once [m]; little for what falls over.
    """
    x, y, z = to_m
    tool = hand.tool_m
    aside = float(np.hypot(tool[0] - x, tool[1] - y))
    if not (aside < RELEASE_ASIDE_M and tool[2] < z + release_above_m):
        points = []
        if aside > RELEASE_ASIDE_M:
            low = carry_z_m - 0.01
            if tool[2] < low:
                up = (float(tool[0]), float(tool[1]), low)
                points.append(Waypoint(up, facing(up[0], up[1]), grasp.shut_rad))
            points.append(Waypoint((x, y, carry_z_m), yaw_rad, grasp.shut_rad))
        points.append(Waypoint((x, y, z), yaw_rad, grasp.shut_rad))
        with hand.carrying(prop):
            hand.go(*points)
    hand.grip(grasp.open_rad)


def put_down(hand: Hand, world: WorldState, prop: str, grasp: Grasp, things: Iterable[str]) -> None:
    """Put a held prop on the table, where none of the other things stands, as near as can be."""
    here = world.position_m(prop)
    above_m = grasp.above_m
    if world.holding(prop):
        above_m = float(world.tool_m()[2] - here[2])
    others = [world.position_m(name) for name in things if name != prop]
    x, y = free_spot([(float(p[0]), float(p[1])) for p in others], (float(here[0]), float(here[1])))
    bring(hand, prop, grasp, (x, y, world.rest_m(prop) + above_m + SET_DOWN_M), CARRY_Z_M, facing(x, y))


def put_away(hand: Hand, world: WorldState, grasps: Mapping[str, Grasp], keep: str | None = None) -> bool:
    """Put down whatever is in the jaws but `keep` and look again; False when nothing is.

    What still stands on the table is let go where it stands.
    """
    for prop, grasp in grasps.items():
        if prop != keep and world.holding(prop):
            if world.position_m(prop)[2] < world.rest_m(prop) + LOW_M:
                hand.grip(grasp.open_rad)
            else:
                put_down(hand, world, prop, grasp, grasps)
            hand.look_again()
            return True
    return False


def leave(hand: Hand, open_rad: float = 0.34) -> None:
    """Straight up, jaws open."""
    tool = hand.tool_m
    if tool[2] > RETREAT_Z_M - 0.01:
        hand.grip(open_rad)
        return
    up = (float(tool[0]), float(tool[1]), RETREAT_Z_M)
    hand.go(Waypoint(up, facing(up[0], up[1]), open_rad))


def grasp_yaw(grasp: Grasp, prop_yaw_rad: float, towards_rad: float) -> float:
    """The yaw of the jaws nearest to `towards_rad` at which the prop fits between them [rad]."""
    if grasp.repeats_rad == 0.0:
        return towards_rad
    half = grasp.repeats_rad / 2
    return towards_rad + (prop_yaw_rad - towards_rad + half) % grasp.repeats_rad - half


def _clear_yaw(grasp: Grasp, yaw_rad: float, neighbours_m: Array) -> float:
    """`yaw_rad`, or a quarter turn from it where only so no finger comes down on a neighbour (N, 2) [m]."""
    if grasp.repeats_rad > math.pi / 2:
        return yaw_rad

    def is_blocked(yaw: float) -> bool:
        along = np.abs(neighbours_m @ (math.cos(yaw), math.sin(yaw)))
        across = np.abs(neighbours_m @ (-math.sin(yaw), math.cos(yaw)))
        return bool(((along < FINGER_ALONG_M) & (across < FINGER_ACROSS_M)).any())

    turned = yaw_rad - math.pi / 2
    return turned if is_blocked(yaw_rad) and not is_blocked(turned) else yaw_rad
