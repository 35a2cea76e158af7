"""Push the named drawer shut; the others stay open."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.sim.hand import Hand
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.tasks import drawers
from sovereign_robot.sim.tasks.fixtures import PLACES, come_down, go_up, let_go
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

# The hand begins in the middle, so the drawer there is not as wide open.
OPENINGS_M = {"left": (0.025, 0.046), "middle": (0.024, 0.034), "right": (0.025, 0.046)}
SHUT_M, WRONG_M = 0.006, 0.012
JAWS_RAD = -0.05
BEFORE_M, TOUCH_M, PRESS_M = -0.028, -0.0075, 0.0015  # the tool from the tab: where it comes down, pushes
BESIDE_M, LOW_M = 0.012, 0.01


class CloseDrawer(Task):
    """The drawer is shut."""

    name: ClassVar[str] = "close_drawer"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"colour": COLOURS, "place": PLACES}
    hold_s: ClassVar[float] = 0.3

    def props(self) -> Mapping[str, Prop]:
        """A drawer of every colour."""
        return drawers.drawers()

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two or three open drawers."""
        return drawers.layout(rng, OPENINGS_M)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Shut, but for a gap."""
        return drawers.opening_m(world, goal["colour"]) <= SHUT_M

    def spoilt(self, world: WorldState, goal: Goal) -> bool:
        """Another one was pushed: it is less open than any drawer is at the beginning."""
        others = (colour for colour in COLOURS if colour != goal["colour"])
        return any(
            world.is_on_table(drawers.drawer(colour)) and drawers.opening_m(world, colour) < WRONG_M
            for colour in others
        )

    def progress(self, world: WorldState, scene: Scene) -> float:
        """The way of the drawer against the one that is asked for."""
        opening = drawers.opening_m(world, scene.goal["colour"])
        start = scene.joints[f"{drawers.drawer(scene.goal)}/slide"]
        return (start - opening) / (start - SHUT_M)

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The tab."""
        tab = world.point_m(drawers.drawer(goal), "handle")
        return tab, tab

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Down before the tab, push, go up."""
        prop, opening = drawers.drawer(goal), drawers.opening_m(world, goal["colour"])
        if self.in_place(world, goal):
            let_go(hand, world, self.props())
        else:
            along, beside = drawers.from_tab(world, prop)
            low = world.tool_m()[2] < drawers.TOOL_Z_M + LOW_M
            if not (low and along < TOUCH_M + 0.002 and abs(beside) < BESIDE_M):
                let_go(hand, world, self.props())
                before = drawers.before_tab(world, prop, opening, BEFORE_M)
                come_down(hand, world, before, world.yaw_rad(prop), JAWS_RAD)
            drawers.along_axis(hand, world, prop, (opening, -PRESS_M), TOUCH_M, JAWS_RAD)
        go_up(hand, JAWS_RAD)
