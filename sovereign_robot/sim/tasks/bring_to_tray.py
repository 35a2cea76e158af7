"""Bring the medicine box, the cup or the bottle to the named tray; their colours say nothing."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.sim.hand import Hand, facing
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.skills import Grasp, bring, leave, pick, put_away
from sovereign_robot.sim.tasks.table_layout import clear_of_the_hand, jittered, scatter
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

TRAYS_M = {"left": (0.19, 0.163), "right": (0.19, -0.163)}
TRAY_JITTER_M, TRAY_HALF_M, TRAY_FLOOR_M = 0.008, 0.041, 0.002
REST_M = {"medicine": 0.01, "cup": 0.018, "bottle": 0.02}
GRASPS = {
    "medicine": Grasp(above_m=0.002, repeats_rad=math.pi),
    "cup": Grasp(above_m=0.002, open_rad=0.45, repeats_rad=0.0),
    "bottle": Grasp(above_m=0.008, repeats_rad=0.0, shut_rad=-0.12, aside_m=0.004),
}
STANDS = math.cos(math.radians(12.0))
LOW_M = 0.008  # a thing's origin above where it rests
FIELD_X_M, FIELD_Y_M, SPACING_M = (0.155, 0.285), (-0.082, 0.082), 0.066
CARRY_Z_M, RELEASE_M = 0.088, 0.003


class BringToTray(Task):
    """The thing stands, or the box lies, released, in the tray."""

    name: ClassVar[str] = "bring_to_tray"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"kind": tuple(REST_M), "tray": tuple(TRAYS_M)}
    hold_s: ClassVar[float] = 0.3

    def props(self) -> Mapping[str, Prop]:
        """Each kind in each colour, and two trays."""
        things: dict[str, Prop] = {
            _thing_name(kind, colour): Prop(kind, colour, rest_m)
            for kind, rest_m in REST_M.items()
            for colour in COLOURS
        }
        return {**things, **{_tray(name): Prop("tray") for name in TRAYS_M}}

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two or three kinds, each in any colour, between two trays."""
        kinds = [str(kind) for kind in rng.permutation(tuple(REST_M))[: int(rng.integers(2, 4))]]
        things = [_thing_name(kind, COLOURS[int(rng.integers(len(COLOURS)))]) for kind in kinds]
        trays = {_tray(name): jittered(rng, x, y, TRAY_JITTER_M) for name, (x, y) in TRAYS_M.items()}
        lie = scatter(rng, things, FIELD_X_M, FIELD_Y_M, SPACING_M)
        while not all(clear_of_the_hand(pose) for pose in lie.values()):
            lie = scatter(rng, things, FIELD_X_M, FIELD_Y_M, SPACING_M)
        choices = tuple({"kind": kind, "tray": name} for kind in kinds for name in TRAYS_M)
        return Layout({**lie, **trays}, {}, choices)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """In the tray, standing if it is one that stands, and not between the jaws any more."""
        thing = the_thing(world, goal["kind"])
        return in_tray(world, thing, goal["kind"], _tray(goal["tray"])) and not world.in_both_jaws(thing)

    def progress(self, world: WorldState, scene: Scene) -> float:
        """Distance of the thing to the tray against the distance at the start."""
        thing, tray = the_thing(world, scene.goal["kind"]), scene.props[_tray(scene.goal["tray"])]
        pose = scene.props[thing]
        x, y, _ = world.position_m(thing)
        start = math.dist((pose.x_m, pose.y_m), (tray.x_m, tray.y_m))
        return 1.0 - math.dist((x, y), (tray.x_m, tray.y_m)) / start

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The thing and the tray."""
        return world.position_m(the_thing(world, goal["kind"])), world.position_m(_tray(goal["tray"]))

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Pick it up, bring it over the tray, set it down, go away."""
        kind, tray = goal["kind"], _tray(goal["tray"])
        thing, grasp = the_thing(world, kind), GRASPS[kind]
        if in_tray(world, thing, kind, tray):
            hand.grip(grasp.open_rad)
        else:
            if not world.holding(thing):
                if put_away(hand, world, _grasps(world)):
                    return
                pick(hand, world, thing, grasp)
            x, y, _ = (float(v) for v in world.position_m(tray))
            z = TRAY_FLOOR_M + REST_M[kind] + grasp.above_m + RELEASE_M
            bring(hand, thing, grasp, (x, y, z), CARRY_Z_M, facing(x, y), release_above_m=0.002)
        leave(hand, grasp.open_rad)


def the_thing(world: WorldState, kind: str) -> str:
    """The prop of a kind that is in the picture: the others are far below the table."""
    return max((_thing_name(kind, colour) for colour in COLOURS), key=lambda name: world.position_m(name)[2])


def in_tray(world: WorldState, thing: str, kind: str, tray: str) -> bool:
    """Whether a thing rests in a tray, on its bottom if it is a cup or a bottle."""
    offset = np.abs(world.position_m(thing) - world.position_m(tray))
    inside = bool(offset[0] < TRAY_HALF_M and offset[1] < TRAY_HALF_M)
    low = bool(offset[2] < TRAY_FLOOR_M + REST_M[kind] + LOW_M)
    return inside and low and (kind == "medicine" or world.upright(thing) > STANDS)


def _grasps(world: WorldState) -> dict[str, Grasp]:
    """How each thing is taken that is in the picture."""
    return {the_thing(world, kind): grasp for kind, grasp in GRASPS.items()}


def _thing_name(kind: str, colour: str) -> str:
    """The prop of a kind in a colour."""
    return f"{colour}_{kind}"


def _tray(name: str) -> str:
    """The prop of a tray."""
    return f"{name}_tray"
