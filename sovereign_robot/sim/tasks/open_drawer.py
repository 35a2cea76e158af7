"""Pull the named drawer open, and no other."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.sim.hand import Hand, Waypoint
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.tasks import drawers
from sovereign_robot.sim.tasks.fixtures import PLACES, come_down, go_up, let_go
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

OPEN_M, WRONG_M, PULL_TO_M = 0.035, 0.012, 0.046
OPEN_RAD, SHUT_RAD = 0.34, -0.15
HOLDING_RAD = 0.05  # the command of jaws that are shut on the tab
AROUND_M, HELD_M = -0.001, 0.015  # the tool behind the tab: the open jaws around it, the fixed jaw at it
IN_JAWS_M, LOW_M = 0.011, 0.009


class OpenDrawer(Task):
    """The drawer stands open."""

    name: ClassVar[str] = "open_drawer"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"colour": COLOURS, "place": PLACES}
    hold_s: ClassVar[float] = 0.3

    def props(self) -> Mapping[str, Prop]:
        """A drawer of every colour."""
        return drawers.drawers()

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two or three shut drawers."""
        return drawers.layout(rng, dict.fromkeys(PLACES, (0.0, 0.0)))

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Open wide."""
        return drawers.opening_m(world, goal["colour"]) >= OPEN_M

    def spoilt(self, world: WorldState, goal: Goal) -> bool:
        """Another one was opened."""
        others = (colour for colour in COLOURS if colour != goal["colour"])
        return any(drawers.opening_m(world, colour) >= WRONG_M for colour in others)

    def progress(self, world: WorldState, scene: Scene) -> float:
        """The opening against the one that is asked for."""
        return drawers.opening_m(world, scene.goal["colour"]) / OPEN_M

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The tab."""
        tab = world.point_m(drawers.drawer(goal), "handle")
        return tab, tab

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Around the tab, pull, let go, go up."""
        prop, opening = drawers.drawer(goal), drawers.opening_m(world, goal["colour"])
        if not self.in_place(world, goal):
            self._grip(hand, world, prop, opening)
            drawers.along_axis(hand, world, prop, (opening, PULL_TO_M), HELD_M, SHUT_RAD)
            hand.grip(OPEN_RAD)
        else:
            let_go(hand, world, self.props())
        go_up(hand, OPEN_RAD)

    def _grip(self, hand: Hand, world: WorldState, prop: str, opening: float) -> None:
        """Bring the jaws around the tab and shut them."""
        along, beside = drawers.from_tab(world, prop)
        low = world.tool_m()[2] < drawers.TOOL_Z_M + LOW_M
        around_it = low and abs(along - AROUND_M) < IN_JAWS_M and abs(beside) < IN_JAWS_M
        at_it = low and abs(along - HELD_M) < IN_JAWS_M and abs(beside) < IN_JAWS_M
        if hand.jaw_rad < HOLDING_RAD and (at_it or world.in_both_jaws(prop)):
            return
        if not (around_it or world.in_both_jaws(prop)):
            let_go(hand, world, self.props())
            around = drawers.before_tab(world, prop, opening, AROUND_M)
            come_down(hand, world, around, world.yaw_rad(prop), OPEN_RAD)
        held = drawers.before_tab(world, prop, opening, HELD_M)
        hand.go(Waypoint(held, world.yaw_rad(prop), SHUT_RAD))
        hand.rest(0.1)
