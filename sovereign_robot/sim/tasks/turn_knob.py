"""Turn the named knob the named way: left is counter-clockwise seen from above."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.sim.hand import Hand, Waypoint, facing
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.skills import Grasp, grasp_yaw
from sovereign_robot.sim.tasks.fixtures import arrange, come_down, go_up, let_go
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

SPOTS = {"left": (0.245, 42.0), "middle": (0.295, 0.0), "right": (0.245, -42.0)}
WAYS = {"left": 1.0, "right": -1.0}
TURNED_RAD, WRONG_RAD = math.radians(45.0), math.radians(20.0)
TURN_TO_RAD = math.radians(66.0)
TOOL_Z_M = 0.031
OPEN_RAD, SHUT_RAD = 0.34, -0.15
HOLDING_RAD = 0.05  # the command of jaws that are shut on the bar
AROUND_M, HELD_M = (
    -0.001,
    0.0155,
)  # the tool from the bar's axis: the open jaws around it, the fixed jaw at it
BAR = Grasp(repeats_rad=math.pi)
IN_JAWS_M, LOW_M, IN_LINE_RAD = 0.012, 0.009, math.radians(15.0)
STEPS = 4


class TurnKnob(Task):
    """The knob's mark stands at least 45 degrees from where it began; the hand may still hold it."""

    name: ClassVar[str] = "turn_knob"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"colour": COLOURS, "way": tuple(WAYS)}
    hold_s: ClassVar[float] = 0.3

    def props(self) -> Mapping[str, Prop]:
        """A knob of every colour."""
        return {knob(colour): Prop("knob", colour) for colour in COLOURS}

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two or three knobs around the arm, each at its starting mark."""
        stand = arrange(rng, SPOTS)
        choices = tuple({"colour": colour, "way": way} for colour, _ in stand for way in WAYS)
        return Layout({knob(colour): pose for (colour, _), pose in stand.items()}, {}, choices)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Turned far enough the right way."""
        return WAYS[goal["way"]] * turned_rad(world, goal["colour"]) >= TURNED_RAD

    def spoilt(self, world: WorldState, goal: Goal) -> bool:
        """Another one was turned, or this one the wrong way."""
        others = (colour for colour in COLOURS if colour != goal["colour"])
        wrong_way = -WAYS[goal["way"]] * turned_rad(world, goal["colour"]) >= WRONG_RAD
        return wrong_way or any(abs(turned_rad(world, colour)) >= WRONG_RAD for colour in others)

    def progress(self, world: WorldState, scene: Scene) -> float:
        """The turn against the one that is asked for."""
        return WAYS[scene.goal["way"]] * turned_rad(world, scene.goal["colour"]) / TURNED_RAD

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The knob."""
        axis = world.position_m(knob(goal["colour"]))
        return axis, axis

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Around the bar, turn, let go, go up."""
        if self.in_place(world, goal):
            let_go(hand, world, self.props())
        else:
            prop, turned = knob(goal["colour"]), turned_rad(world, goal["colour"])
            yaw = self._grip(hand, world, prop, turned)
            by = WAYS[goal["way"]] * TURN_TO_RAD - turned
            stops = np.linspace(yaw, yaw + by, STEPS + 1)[1:]
            points = [_beside_axis(world, prop, float(stop), HELD_M) for stop in stops]
            hand.go(
                *(Waypoint(point, float(stop), SHUT_RAD) for point, stop in zip(points, stops, strict=True))
            )
            hand.go(Waypoint(_beside_axis(world, prop, yaw + by, AROUND_M), yaw + by, OPEN_RAD))
        go_up(hand, OPEN_RAD)

    def _grip(self, hand: Hand, world: WorldState, prop: str, turned_rad: float) -> float:
        """Bring the jaws around the bar and shut them; returns their yaw [rad]."""
        x, y, _ = (float(v) for v in world.position_m(prop))
        yaw = grasp_yaw(BAR, world.yaw_rad(prop) + turned_rad, facing(x, y))
        around = _beside_axis(world, prop, yaw, AROUND_M)
        tool = world.tool_m()
        held = _beside_axis(world, prop, yaw, HELD_M)
        aside = min(math.dist(point[:2], (float(tool[0]), float(tool[1]))) for point in (around, held))
        off_line = abs((hand.yaw_rad - yaw + math.pi) % (2 * math.pi) - math.pi)
        around_it = tool[2] < TOOL_Z_M + LOW_M and aside < IN_JAWS_M and off_line < IN_LINE_RAD
        if hand.jaw_rad < HOLDING_RAD and (around_it or world.in_both_jaws(prop)):
            return yaw
        if not (around_it or world.in_both_jaws(prop)):
            let_go(hand, world, self.props())
            come_down(hand, world, around, yaw, OPEN_RAD)
        hand.go(Waypoint(held, yaw, SHUT_RAD))
        hand.rest(0.1)
        return yaw


def knob(colour: str) -> str:
    """The prop of a knob."""
    return f"{colour}_knob"


def turned_rad(world: WorldState, colour: str) -> float:
    """How far a knob was turned to the left [rad]."""
    return world.joint(knob(colour), "hinge")


def _beside_axis(world: WorldState, prop: str, yaw_rad: float, aside_m: float) -> tuple[float, float, float]:
    """Where the tool is when a knob's axis stands `aside_m` behind it along the jaws' yaw."""
    x, y, _ = (float(v) for v in world.position_m(prop))
    return x + aside_m * math.cos(yaw_rad), y + aside_m * math.sin(yaw_rad), TOOL_Z_M
