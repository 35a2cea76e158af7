"""Press the named call button, and no other."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.sim.hand import Hand, Waypoint, facing
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.tasks.fixtures import PLACES, arrange, come_down, let_go
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

SPOTS = {"left": (0.24, 42.0), "middle": (0.295, 0.0), "right": (0.24, -42.0)}
PRESSED_M, WRONG_M = 0.005, 0.003
SHUT_RAD = -0.15
TIPS_ASIDE_M, TIPS_BELOW_M = 0.0188, 0.0095  # of the shut jaws, from the tool
OVER_CAP_M, DOWN_M = 0.012, 0.009  # above the cap where it pauses; how far it then presses it
ON_CAP_M = 0.011
PRESS_SPEED = 0.4


class PressButton(Task):
    """The finger holds the button down."""

    name: ClassVar[str] = "press_button"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"colour": COLOURS, "place": PLACES}
    hold_s: ClassVar[float] = 0.1

    def props(self) -> Mapping[str, Prop]:
        """A button of every colour."""
        return {button(colour): Prop("button", colour) for colour in COLOURS}

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two or three buttons around the arm."""
        stand = arrange(rng, SPOTS)
        choices = tuple({"colour": colour, "place": place} for colour, place in stand)
        return Layout({button(colour): pose for (colour, _), pose in stand.items()}, {}, choices)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """It is down."""
        return pressed_m(world, goal["colour"]) >= PRESSED_M

    def spoilt(self, world: WorldState, goal: Goal) -> bool:
        """Another one was touched hard enough to call somebody."""
        return any(pressed_m(world, colour) >= WRONG_M for colour in COLOURS if colour != goal["colour"])

    def progress(self, world: WorldState, scene: Scene) -> float:
        """Half of it is the way of the finger to the cap, half is pressing."""
        colour = scene.goal["colour"]
        top = world.point_m(button(colour), "top")
        start = float(np.linalg.norm(world.finger_tips_m(np.array(scene.start_rad)) - top))
        near = 1.0 - min(float(np.linalg.norm(world.finger_tips_m() - top)) / start, 1.0)
        return 0.5 * near + 0.5 * min(pressed_m(world, colour) / PRESSED_M, 1.0)

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The cap."""
        cap = world.point_m(button(goal["colour"]), "top")
        return cap, cap

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Shut the hand above the cap, press, stay."""
        if self.in_place(world, goal):
            hand.rest(0.2)
            return
        x, y, _ = (float(v) for v in world.position_m(button(goal["colour"])))
        top = float(world.point_m(button(goal["colour"]), "top")[2]) + pressed_m(world, goal["colour"])
        yaw = facing(x, y)
        x, y = x + TIPS_ASIDE_M * math.cos(yaw), y + TIPS_ASIDE_M * math.sin(yaw)
        tool = hand.tool_m
        low = tool[2] < top + TIPS_BELOW_M + 2 * OVER_CAP_M
        if not (low and math.dist((x, y), (float(tool[0]), float(tool[1]))) < ON_CAP_M):
            let_go(hand, world, self.props())
            come_down(hand, world, (x, y, top + TIPS_BELOW_M + OVER_CAP_M), yaw, SHUT_RAD)
        hand.go(Waypoint((x, y, top + TIPS_BELOW_M - DOWN_M), yaw, SHUT_RAD), speed=PRESS_SPEED)
        hand.rest(0.2)


def button(colour: str) -> str:
    """The prop of a button."""
    return f"{colour}_button"


def pressed_m(world: WorldState, colour: str) -> float:
    """How far a button is down [m]."""
    return world.joint(button(colour), "slide")
