"""Desktop drawers that face the arm, each with an upright tab to pull and to push."""

import math
from collections.abc import Mapping

import numpy as np

from sovereign_robot.sim.hand import Hand, Waypoint
from sovereign_robot.sim.scene import Goal, Layout
from sovereign_robot.sim.tasks.fixtures import arrange
from sovereign_robot.sim.tasks.task import COLOURS
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

SPOTS = {"left": (0.272, 34.0), "middle": (0.302, 0.0), "right": (0.272, -34.0)}  # of the shut drawer's tab
TRAVEL_M = 0.05
TOOL_Z_M = 0.048  # with it the finger tips are beside the tab and clear of the case
STEPS = 3


def drawer(goal_or_colour: Goal | str) -> str:
    """The prop of a drawer."""
    colour = goal_or_colour if isinstance(goal_or_colour, str) else goal_or_colour["colour"]
    return f"{colour}_drawer"


def drawers() -> dict[str, Prop]:
    """A drawer of every colour."""
    return {drawer(colour): Prop("drawer", colour) for colour in COLOURS}


def layout(rng: np.random.Generator, openings_m: Mapping[str, tuple[float, float]]) -> Layout:
    """Two or three drawers around the arm.

    Args:
        openings_m: smallest and largest opening at the beginning [m] by place.
    """
    stand = arrange(rng, SPOTS)
    joints = {f"{drawer(colour)}/slide": float(rng.uniform(*openings_m[place])) for colour, place in stand}
    choices = tuple({"colour": colour, "place": place} for colour, place in stand)
    return Layout({drawer(colour): pose for (colour, _), pose in stand.items()}, joints, choices)


def opening_m(world: WorldState, colour: str) -> float:
    """How far a drawer is open [m]."""
    return world.joint(drawer(colour), "slide")


def before_tab(world: WorldState, prop: str, opening: float, aside_m: float) -> tuple[float, float, float]:
    """Where the tool is when the tab of a drawer that is open by `opening` [m] stands `aside_m` nearer."""
    x, y, _ = (float(v) for v in world.position_m(prop))
    yaw = world.yaw_rad(prop)
    along = aside_m - opening
    return x + along * math.cos(yaw), y + along * math.sin(yaw), TOOL_Z_M


def along_axis(
    hand: Hand, world: WorldState, prop: str, openings_m: tuple[float, float], aside_m: float, jaw_rad: float
) -> None:
    """Move the tool with the tab from one opening to another, straight along the drawer's axis."""
    yaw = world.yaw_rad(prop)
    stops = np.linspace(*openings_m, STEPS + 1)[1:]
    hand.go(*(Waypoint(before_tab(world, prop, float(stop), aside_m), yaw, jaw_rad) for stop in stops))


def from_tab(world: WorldState, prop: str) -> tuple[float, float]:
    """How far the tool stands behind the tab, along the drawer's axis, and beside it [m]."""
    offset = world.tool_m() - world.point_m(prop, "handle")
    yaw = world.yaw_rad(prop)
    along = offset[0] * math.cos(yaw) + offset[1] * math.sin(yaw)
    beside = offset[1] * math.cos(yaw) - offset[0] * math.sin(yaw)
    return float(along), float(beside)
