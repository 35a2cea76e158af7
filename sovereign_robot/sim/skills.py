"""What experts do again and again: pick a thing up, bring it somewhere, go away.

A skill decides by where things are now, so it also goes on from the middle of the work. Near enough to shut
or open the jaws is done at once: a jaw that has begun to turn is never turned back for a last centimetre,
because a student that saw both would learn to do neither.
"""

import math
from dataclasses import dataclass

import numpy as np

from sovereign_robot.sim.hand import Hand, Waypoint, facing
from sovereign_robot.sim.world_state import WorldState

SHUT_RAD = -0.05
SETTLE_S = 0.15
HOVER_M, APPROACH_M = 0.062, 0.029  # above the grasp: where the hand comes from, where it goes straight down
LIFT_M = 0.08
RETREAT_Z_M = 0.11
GRASP_ASIDE_M, GRASP_ABOVE_M = 0.008, 0.008
RELEASE_ASIDE_M, RELEASE_ABOVE_M = 0.02, 0.02
STRAIGHT_DOWN_M = 0.012


@dataclass(frozen=True, slots=True)
class Grasp:
    """How a prop is taken from above.

    Attributes:
        above_m: height of the finger tips above the body's origin [m].
        open_rad: gripper before it shuts [rad]; 0.34 goes around 28 mm.
        repeats_rad: after how much yaw the prop looks the same to the jaws [rad]; 0 for round things.
        shut_rad: gripper command that holds it [rad].
    """

    above_m: float = -0.001
    open_rad: float = 0.34
    repeats_rad: float = math.pi / 2
    shut_rad: float = SHUT_RAD


def pick(hand: Hand, world: WorldState, prop: str, grasp: Grasp) -> None:
    """Take a prop that is not in the jaws; the hand ends where it took it."""
    x, y, z = (float(v) for v in world.position_m(prop))
    z += grasp.above_m
    tool = hand.tool_m
    aside = float(np.hypot(tool[0] - x, tool[1] - y))
    if not (aside < GRASP_ASIDE_M and tool[2] < z + GRASP_ABOVE_M):
        yaw = grasp_yaw(grasp, world.yaw_rad(prop), facing(x, y))
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
    hand: Hand, prop: str, grasp: Grasp, to_m: tuple[float, float, float], carry_z_m: float, yaw_rad: float
) -> None:
    """Carry a held prop over `to_m` at height `carry_z_m`, lower the tool to `to_m` and let go.

    Args:
        to_m: x, y, z of the tool when it lets go [m].
        carry_z_m: height of the tool over the destination [m].
        yaw_rad: direction of the jaws there [rad].
    """
    x, y, z = to_m
    tool = hand.tool_m
    aside = float(np.hypot(tool[0] - x, tool[1] - y))
    if not (aside < RELEASE_ASIDE_M and tool[2] < z + RELEASE_ABOVE_M):
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
