"""Reach the top of the named thing with the closed hand, softly: nothing is shoved."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.hand import Hand, Waypoint, facing
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.skills import put_away
from sovereign_robot.sim.tasks import shapes
from sovereign_robot.sim.tasks.task import Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

SHUT_RAD = -0.15
TIPS_ASIDE_M, TIPS_BELOW_M = 0.0188, 0.008  # of the shut jaws, from the tool
ABOVE_M, ASIDE_M = (-0.002, 0.02), 0.012  # where the tips count as at the top
STILL_M_S = 0.02
POINT_ABOVE_M = 0.006
CLEAR_Z_M = 0.08  # the tool passes over everything
HOVER_M = 0.03


class Reach(Task):
    """The finger tips rest at the middle of the thing's top, or just above."""

    name: ClassVar[str] = "reach"
    slots: ClassVar[dict[str, tuple[str, ...]]] = shapes.SLOTS
    hold_s: ClassVar[float] = 0.3

    def props(self) -> Mapping[str, Prop]:
        """Every colour of every kind."""
        return shapes.things()

    def layout(self, rng: np.random.Generator) -> Layout:
        """Things that share a colour or a kind."""
        return shapes.layout(rng)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Above it or on it, not beside it; the thing lies still."""
        thing = shapes.thing_of(goal)
        offset = world.finger_tips_m() - shapes.top_m(world, thing)
        near = float(np.hypot(offset[0], offset[1])) < ASIDE_M and ABOVE_M[0] < offset[2] < ABOVE_M[1]
        return near and world.speed_m_s(thing) < STILL_M_S

    def progress(self, world: WorldState, scene: Scene) -> float:
        """Distance of the tips to the top against the distance at the start."""
        top = np.array(shapes.top_m(world, shapes.thing_of(scene.goal)))
        start = float(np.linalg.norm(world.finger_tips_m(np.array(scene.start_rad)) - top))
        return 1.0 - float(np.linalg.norm(world.finger_tips_m() - top)) / start

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The top of the thing."""
        top = np.array(shapes.top_m(world, shapes.thing_of(goal)))
        return top, top

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Let go of what is held, shut the hand above the thing, lower it."""
        put_away(hand, world, shapes.grasps(world))
        _point(hand, shapes.top_m(world, shapes.thing_of(goal)))


def _point(hand: Hand, top_m: tuple[float, float, float]) -> None:
    """Bring the tips of the shut jaws over a point."""
    yaw = facing(top_m[0], top_m[1])
    x, y = top_m[0] + TIPS_ASIDE_M * np.cos(yaw), top_m[1] + TIPS_ASIDE_M * np.sin(yaw)
    z = top_m[2] + TIPS_BELOW_M + POINT_ABOVE_M
    tool: Array = hand.tool_m
    points = []
    if np.hypot(tool[0] - x, tool[1] - y) > ASIDE_M:
        if tool[2] < CLEAR_Z_M - 0.03:
            points.append(Waypoint((float(tool[0]), float(tool[1]), CLEAR_Z_M), yaw, SHUT_RAD))
        points.append(Waypoint((x, y, max(z + HOVER_M, CLEAR_Z_M)), yaw, SHUT_RAD))
    hand.go(*points, Waypoint((x, y, z), yaw, SHUT_RAD))
