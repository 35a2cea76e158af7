"""Take the named thing and hold it up; other things stay down."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.sim.hand import Hand, Waypoint, facing
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.skills import pick, put_away
from sovereign_robot.sim.tasks import shapes
from sovereign_robot.sim.tasks.task import Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

LIFTED_M = 0.06
LIFT_TO_M = 0.075
STAYS_DOWN_M = 0.03
HIGH_FROM_M = 0.2  # nearer to the base the hand cannot point down so high up


class Lift(Task):
    """The thing is in the jaws, well above where it stood."""

    name: ClassVar[str] = "lift"
    slots: ClassVar[dict[str, tuple[str, ...]]] = shapes.SLOTS
    hold_s: ClassVar[float] = 0.3

    def props(self) -> Mapping[str, Prop]:
        """Every colour of every kind."""
        return shapes.things()

    def layout(self, rng: np.random.Generator) -> Layout:
        """Things that share a colour or a kind."""
        return shapes.layout(rng)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Held, and high enough."""
        thing = shapes.thing_of(goal)
        return _raised_m(world, thing) > LIFTED_M and world.holding(thing)

    def spoilt(self, world: WorldState, goal: Goal) -> bool:
        """Another thing was lifted."""
        return any(_raised_m(world, thing) > STAYS_DOWN_M for thing in shapes.others(shapes.thing_of(goal)))

    def progress(self, world: WorldState, scene: Scene) -> float:
        """How high the thing is."""
        return _raised_m(world, shapes.thing_of(scene.goal)) / LIFTED_M

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The thing."""
        thing = world.position_m(shapes.thing_of(goal))
        return thing, thing

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Let go of another thing, take this one, raise it and stay."""
        thing, grasps = shapes.thing_of(goal), shapes.grasps(world)
        put_away(hand, world, grasps, keep=thing)
        if not world.holding(thing):
            pick(hand, world, thing, grasps[thing])
            above = grasps[thing].above_m
        else:
            above = float(world.tool_m()[2] - world.position_m(thing)[2])
        _raise(hand, thing, shapes.rest_m(thing) + LIFT_TO_M + above)


def _raise(hand: Hand, thing: str, to_z_m: float) -> None:
    """Straight up, and away from the base where the arm is too short to do so."""
    x, y, z = (float(v) for v in hand.tool_m)
    if z > to_z_m - (LIFT_TO_M - LIFTED_M) / 2:
        return
    outwards = max(1.0, HIGH_FROM_M / float(np.hypot(x, y)))
    with hand.carrying(thing):
        hand.go(Waypoint((x * outwards, y * outwards, to_z_m), facing(x, y), hand.jaw_rad))


def _raised_m(world: WorldState, thing: str) -> float:
    """How far a thing is above where it stands on the table [m]."""
    return float(world.position_m(thing)[2]) - shapes.rest_m(thing)
