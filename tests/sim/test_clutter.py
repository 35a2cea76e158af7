import math
from itertools import combinations

import mujoco
import numpy as np
import pytest

from sovereign_robot.sim.clutter import GAP_M, PIECES, clutter_props, footprint_m, scatter_clutter
from sovereign_robot.sim.scene import Pose2D
from sovereign_robot.sim.world import build_world

SPOTS = {name: (0.12 + 0.05 * index, -0.15 + 0.07 * index) for index, name in enumerate(PIECES)}
CUBES = [(0.18, -0.05, 0.02), (0.2, 0.05, 0.02)]
BINS = [(0.225, 0.175, 0.064), (0.315, 0.0, 0.064), (0.225, -0.175, 0.064)]


def scatter(seed, taken=(), named=()):
    return scatter_clutter(np.random.default_rng(seed), taken, named)


@pytest.fixture(scope="module")
def settled(robot):
    """A world in which every piece has stood on the table for half a second, and the front camera's geoms."""
    model = build_world(robot, clutter_props())
    data = mujoco.MjData(model)
    for name, (x, y) in SPOTS.items():
        data.joint(f"{name}/free").qpos[:3] = (x, y, PIECES[name].rest_m)
    data.qpos[: model.nu] = robot.home_rad
    data.ctrl[:] = robot.home_rad
    mujoco.mj_step(model, data, 100)
    renderer = mujoco.Renderer(model, 96, 128)
    renderer.enable_segmentation_rendering()
    renderer.update_scene(data, "front")
    geoms = renderer.render()[..., 0]
    renderer.close()
    return model, data, geoms


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_stands_still_where_it_is_put(settled, name):
    _, data, _ = settled
    body = data.body(f"{name}/body")

    np.testing.assert_allclose(body.xpos, (*SPOTS[name], PIECES[name].rest_m), atol=5e-4)
    assert body.xmat[8] > 0.999
    assert np.linalg.norm(body.cvel) < 0.01


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_is_small_light_and_seen(settled, name):
    model, _, seen = settled
    body = model.body(f"{name}/body").id
    geoms = np.flatnonzero(model.geom_bodyid == body)

    assert np.isin(seen, geoms).sum() > 15
    assert 0.01 <= model.body_mass[body] <= 0.02
    assert footprint_m(PIECES[name].asset) < 0.031
    assert model.geom_contype[geoms].any()


def test_two_to_four_pieces_lie_clear_of_everything():
    counts = set()
    for seed in range(100):
        taken = CUBES + BINS
        laid = scatter(seed, taken)
        counts.add(len(laid))
        circles = [(pose.x_m, pose.y_m, footprint_m(PIECES[name].asset)) for name, pose in laid.items()]
        for (x, y, radius), (other_x, other_y, other) in combinations(circles, 2):
            assert math.hypot(x - other_x, y - other_y) >= radius + other + GAP_M
        for x, y, radius in circles:
            assert all(math.hypot(x - cx, y - cy) >= radius + r + GAP_M for cx, cy, r in taken)
    assert counts == {2, 3, 4}


def test_the_straight_way_to_things_stays_free_where_there_is_room():
    for seed in range(50):
        for name, pose in scatter(seed, CUBES).items():
            for x, y, _ in CUBES:
                share = min(max((pose.x_m * x + pose.y_m * y) / (x * x + y * y), 0.0), 1.0)
                aside = math.hypot(pose.x_m - share * x, pose.y_m - share * y)
                assert aside >= footprint_m(PIECES[name].asset)


def test_a_full_table_gets_what_fits():
    wall = [(0.225, 0.0, 0.3)]

    assert scatter(0, wall) == {}
    assert 1 <= len(scatter(0, [(0.3, 0.0, 0.16), (0.1, -0.15, 0.13)])) <= 4


def test_pieces_in_a_named_colour_stay_away():
    red = {name for name, prop in PIECES.items() if prop.colour == "red"}
    assert red
    assert any(red & set(scatter(seed)) for seed in range(20))
    assert not any(red & set(scatter(seed, named={"red", "left"})) for seed in range(20))
    assert all(len(scatter(seed, named={"red", "blue", "green", "yellow"})) >= 2 for seed in range(20))


def test_a_seed_means_the_same_clutter_and_another_seed_another():
    assert scatter(3, CUBES) == scatter(3, CUBES)
    assert scatter(3, CUBES) != scatter(4, CUBES)
    assert all(isinstance(pose, Pose2D) for pose in scatter(3).values())


@pytest.mark.parametrize(("asset", "radius_m"), [("cube", math.hypot(0.014, 0.014)), ("bin", 0.0636)])
def test_a_footprint_reaches_to_the_furthest_corner(asset, radius_m):
    assert footprint_m(asset) == pytest.approx(radius_m, abs=1e-4)
