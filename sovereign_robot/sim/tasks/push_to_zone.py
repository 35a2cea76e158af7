"""Push the cube of the named colour over the table into the named zone."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sovereign_robot.sim.hand import Hand, Waypoint, facing, wrapped
from sovereign_robot.sim.scene import Goal, Layout, Pose2D, Scene
from sovereign_robot.sim.skills import leave
from sovereign_robot.sim.tasks.table_layout import jittered, scatter
from sovereign_robot.sim.tasks.task import COLOURS, Attention, Task
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

ZONES_M = {
    "left": (0.205, 0.115),
    "middle": (0.205, 0.0),
    "right": (0.205, -0.115),
    "near": (0.15, 0.0),
    "far": (0.26, 0.0),
}
# Zones of one picture, and how many cubes leave every way clear there.
PICTURES = ((("left", "right"), 2), (("left", "middle", "right"), 2), (("near", "far"), 3))
ZONE_HALF_M, ZONE_JITTER_M = 0.032, 0.008
CUBE_HALF_M = 0.014
LIFTED_M = 0.008
AT_REST_M_S = 0.02
FIELD_X_M, FIELD_Y_M, SPACING_M = (0.14, 0.27), (-0.1, 0.1), 0.07
CLEAR_M = 0.048  # from the middle of a pushed cube's way to another cube
OUTSIDE_M = 0.066  # from a zone's middle to a cube at the beginning

OPEN_RAD = 0.45
PUSH_Z_M, HOVER_Z_M = 0.013, 0.052
BEHIND_M = 0.0075  # a pushed cube's middle from the tool, against the push
STEP_M = 0.025
TURN_BACK_RAD = math.radians(135.0)
OVER_M, OVER_RAD = 0.006, 0.2  # from where open jaws come straight down


class PushToZone(Task):
    """The cube lies at rest in the zone and was never lifted."""

    name: ClassVar[str] = "push_to_zone"
    slots: ClassVar[dict[str, tuple[str, ...]]] = {"colour": COLOURS, "zone": tuple(ZONES_M)}

    def props(self) -> Mapping[str, Prop]:
        """Four cubes and five zones."""
        cubes: dict[str, Prop] = {colour: Prop("sliding_cube", colour, CUBE_HALF_M) for colour in COLOURS}
        return {**cubes, **{_zone(name): Prop("zone") for name in ZONES_M}}

    def layout(self, rng: np.random.Generator) -> Layout:
        """Two or three zones, and cubes outside of them with a clear way to each."""
        zones, most = PICTURES[int(rng.integers(len(PICTURES)))]
        cubes = [str(colour) for colour in rng.permutation(COLOURS)[: int(rng.integers(2, most + 1))]]
        while True:
            places = {name: jittered(rng, *ZONES_M[name], ZONE_JITTER_M) for name in zones}
            lie = scatter(rng, cubes, FIELD_X_M, FIELD_Y_M, SPACING_M)
            if _all_ways_clear(list(lie.values()), list(places.values())):
                break
        choices = tuple({"colour": colour, "zone": name} for colour in cubes for name in zones)
        return Layout({**lie, **{_zone(name): pose for name, pose in places.items()}}, {}, choices)

    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Its middle is in the zone, and it rests."""
        return in_zone(world, goal["colour"], _zone(goal["zone"])) and _at_rest(world, goal["colour"])

    def spoilt(self, world: WorldState, goal: Goal) -> bool:
        """It was lifted instead of pushed."""
        return float(world.position_m(goal["colour"])[2]) > CUBE_HALF_M + LIFTED_M

    def progress(self, world: WorldState, scene: Scene) -> float:
        """Distance of the cube to the zone against the distance at the start."""
        cube, zone = scene.props[scene.goal["colour"]], scene.props[_zone(scene.goal["zone"])]
        x, y, _ = world.position_m(scene.goal["colour"])
        start = math.dist((cube.x_m, cube.y_m), (zone.x_m, zone.y_m))
        return 1.0 - math.dist((x, y), (zone.x_m, zone.y_m)) / start

    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """The cube and the zone."""
        return world.position_m(goal["colour"]), world.position_m(_zone(goal["zone"]))

    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """Put the open jaws around the cube, push it with the one behind it, go away upwards."""
        cube, zone = goal["colour"], _zone(goal["zone"])
        if in_zone(world, cube, zone):
            _rise(hand)
            leave(hand)
            return
        x, y, _ = (float(v) for v in world.position_m(cube))
        to_x, to_y, _ = (float(v) for v in world.position_m(zone))
        yaw = _push_yaw(x, y, to_x, to_y)
        if _around(hand, x, y, yaw + math.pi):  # a push that has begun goes on with the same jaw
            yaw += math.pi
        if not _around(hand, x, y, yaw):
            if not _is_over(hand, x, y, yaw) and _rise(hand):
                hand.look_again()  # a cube that the jaws touched lies elsewhere now
                return
            _straddle(hand, x, y, yaw)
        _push(hand, (x, y), (to_x, to_y), yaw)
        _rise(hand)
        leave(hand)


def in_zone(world: WorldState, cube: str, zone: str) -> bool:
    """Whether the middle of a cube lies in a zone."""
    offset = np.abs(world.position_m(cube) - world.position_m(zone))
    return bool(offset[0] < ZONE_HALF_M and offset[1] < ZONE_HALF_M and offset[2] < CUBE_HALF_M + LIFTED_M)


def _at_rest(world: WorldState, cube: str) -> bool:
    return world.speed_m_s(cube) < AT_REST_M_S


def _push_yaw(x_m: float, y_m: float, to_x_m: float, to_y_m: float) -> float:
    """Jaws open along the push; the fixed one pushes, but a cube is drawn near with the other."""
    along, ahead = math.atan2(to_y_m - y_m, to_x_m - x_m), facing(x_m, y_m)
    turn = wrapped(along - ahead)
    return ahead + turn if abs(turn) < TURN_BACK_RAD else ahead + wrapped(turn + math.pi)


def _around(hand: Hand, x_m: float, y_m: float, yaw_rad: float) -> bool:
    """Whether the jaws are low around a cube at x, y and turned so that they can push it."""
    tool, yaw = hand.tool_m, hand.yaw_rad
    dx, dy = x_m - float(tool[0]), y_m - float(tool[1])
    along = abs(dx * math.cos(yaw) + dy * math.sin(yaw))
    across = abs(dy * math.cos(yaw) - dx * math.sin(yaw))
    turned = abs(wrapped(yaw - yaw_rad))
    return float(tool[2]) < PUSH_Z_M + 0.008 and along < 0.012 and across < 0.007 and turned < 0.35


def _is_over(hand: Hand, x_m: float, y_m: float, yaw_rad: float) -> bool:
    """Whether the open jaws can come straight down around a cube at x, y."""
    tool = hand.tool_m
    aside = math.dist((x_m, y_m), (float(tool[0]), float(tool[1])))
    return (
        aside < OVER_M and abs(wrapped(hand.yaw_rad - yaw_rad)) < OVER_RAD and hand.jaw_rad > OPEN_RAD - 0.05
    )


def _straddle(hand: Hand, x_m: float, y_m: float, yaw_rad: float) -> None:
    """Open jaws come down around a cube."""
    points = [Waypoint((x_m, y_m, PUSH_Z_M), yaw_rad, OPEN_RAD)]
    if not _is_over(hand, x_m, y_m, yaw_rad):
        points.insert(0, Waypoint((x_m, y_m, HOVER_Z_M), yaw_rad, OPEN_RAD))
    hand.go(*points)


def _push(hand: Hand, from_m: tuple[float, float], to_m: tuple[float, float], yaw_rad: float) -> None:
    """Straight to where the cube's middle shall be."""
    length = math.dist(from_m, to_m)
    ahead_x, ahead_y = (to_m[0] - from_m[0]) / length, (to_m[1] - from_m[1]) / length
    tool = hand.tool_m
    end_x, end_y = to_m[0] + BEHIND_M * ahead_x, to_m[1] + BEHIND_M * ahead_y
    steps = max(1, math.ceil(length / STEP_M))
    points = []
    for share in np.linspace(0.0, 1.0, steps + 1)[1:]:
        x = float(tool[0] + share * (end_x - tool[0]))
        y = float(tool[1] + share * (end_y - tool[1]))
        points.append(Waypoint((x, y, PUSH_Z_M), yaw_rad, OPEN_RAD))
    hand.go(*points, speed=0.7)


def _rise(hand: Hand) -> bool:
    """Open, then straight up, not turned, so that a cube between the jaws stays; False when already high."""
    x, y, z = (float(v) for v in hand.tool_m)
    if z > HOVER_Z_M - 0.01:
        return False
    if hand.jaw_rad < OPEN_RAD - 0.03:
        hand.grip(OPEN_RAD)
    hand.go(Waypoint((x, y, HOVER_Z_M), hand.yaw_rad, OPEN_RAD))
    return True


def _all_ways_clear(cubes: list[Pose2D], zones: list[Pose2D]) -> bool:
    """Whether every cube lies outside of every zone and can go straight to it past the others."""
    for cube in cubes:
        others = [other for other in cubes if other is not cube]
        for zone in zones:
            if math.dist((cube.x_m, cube.y_m), (zone.x_m, zone.y_m)) < OUTSIDE_M:
                return False
            if any(_from_way_m(cube, zone, other) < CLEAR_M for other in others):
                return False
    return True


def _from_way_m(start: Pose2D, end: Pose2D, point: Pose2D) -> float:
    """Distance of a point to the straight way from start to end [m]."""
    way = np.array([end.x_m - start.x_m, end.y_m - start.y_m])
    offset = np.array([point.x_m - start.x_m, point.y_m - start.y_m])
    share = float(np.clip(offset @ way / (way @ way), 0.0, 1.0))
    return float(np.linalg.norm(offset - share * way))


def _zone(name: str) -> str:
    """The prop of a zone."""
    return f"{name}_zone"
