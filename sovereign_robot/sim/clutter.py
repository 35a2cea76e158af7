"""Things that no sentence names: shapes that training never shows, laid where work stays possible."""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import combinations, product

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mujoco  # noqa: E402  (MUJOCO_GL is read at import)
import numpy as np  # noqa: E402

from sovereign_robot.contract.resources import share_dir  # noqa: E402
from sovereign_robot.sim.scene import Pose2D  # noqa: E402
from sovereign_robot.sim.world import Prop  # noqa: E402

PIECES = {
    "clutter_ring": Prop("clutter_ring", rest_m=0.005),
    "clutter_pyramid": Prop("clutter_pyramid"),
    "clutter_corner": Prop("clutter_corner", rest_m=0.007),
    "clutter_star": Prop("clutter_star", "red", rest_m=0.007),
    "clutter_dumbbell": Prop("clutter_dumbbell", "blue", rest_m=0.01),
}
COUNT = (2, 4)
FIELD_X_M, FIELD_Y_M = (0.1, 0.34), (-0.18, 0.18)  # all of it is in the picture of the front camera
GAP_M = 0.02
CORRIDOR_M = 0.02
TRIES = 200

Point = tuple[float, float]
Circle = tuple[float, float, float]
Way = tuple[Point, Point]


def clutter_props() -> Mapping[str, Prop]:
    """The pieces that a world holds beside its task's props."""
    return PIECES


def scatter_clutter(
    rng: np.random.Generator, taken: Sequence[Circle], named: Collection[str] = ()
) -> dict[str, Pose2D]:
    """Lay out two to four pieces, fewer when there is no room: clear of what is taken and of each other.

    They also stay off the straight ways between the arm's base and all that is taken, where there is room.

    Args:
        taken: x, y and radius of what stands on the table [m].
        named: colours that the sentence names; a piece of such a colour stays away.
    """
    count = int(rng.integers(COUNT[0], COUNT[1] + 1))
    pieces = [name for name in PIECES if PIECES[name].colour not in named]
    placed: dict[str, Pose2D] = {}
    circles, ways = list(taken), list(combinations([(0.0, 0.0), *((x, y) for x, y, _ in taken)], 2))
    for name in map(str, rng.permutation(pieces)):
        radius_m = footprint_m(PIECES[name].asset)
        point = _free_point(rng, radius_m, circles, ways)
        if point is not None:
            placed[name] = Pose2D(*point, float(rng.uniform(-math.pi, math.pi)))
            circles.append((*point, radius_m))
        if len(placed) == count:
            break
    return placed


@cache
def footprint_m(asset: str) -> float:
    """Radius about its origin that a thing needs on the table [m]."""
    model = mujoco.MjModel.from_xml_path(str(share_dir() / "sim_assets" / "objects" / f"{asset}.xml"))
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    corners = np.array(list(product((-1.0, 1.0), repeat=3)))
    furthest_m = 0.0
    for geom, box in enumerate(model.geom_aabb):
        points = data.geom_xpos[geom] + (box[:3] + corners * box[3:]) @ data.geom_xmat[geom].reshape(3, 3).T
        furthest_m = max(furthest_m, float(np.hypot(points[:, 0], points[:, 1]).max()))
    return furthest_m


def _free_point(
    rng: np.random.Generator, radius_m: float, circles: Sequence[Circle], ways: Sequence[Way]
) -> Point | None:
    """A point with room for a circle that blocks as few ways as possible; None where the table is full."""
    best, fewest = None, math.inf
    for _ in range(TRIES):
        point = (float(rng.uniform(*FIELD_X_M)), float(rng.uniform(*FIELD_Y_M)))
        if any(math.dist(point, (x, y)) < radius_m + r + GAP_M for x, y, r in circles):
            continue
        blocked = sum(_off_the_way_m(point, way) < radius_m + CORRIDOR_M for way in ways)
        if blocked < fewest:
            best, fewest = point, blocked
        if blocked == 0:
            break
    return best


def _off_the_way_m(point: Point, way: Way) -> float:
    """Distance of a point from the straight line between two others [m]."""
    (ax, ay), (bx, by) = way
    dx, dy = bx - ax, by - ay
    share = ((point[0] - ax) * dx + (point[1] - ay) * dy) / max(dx * dx + dy * dy, 1e-9)
    share = min(max(share, 0.0), 1.0)
    return math.dist(point, (ax + share * dx, ay + share * dy))
