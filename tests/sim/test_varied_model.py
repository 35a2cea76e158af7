from colorsys import rgb_to_hsv
from dataclasses import fields, replace
from itertools import product

import mujoco
import numpy as np
import pytest

from sovereign_robot.sim.randomisation import draw, load_ranges
from sovereign_robot.sim.variation import NOMINAL, Sensing, Tint, Variation
from sovereign_robot.sim.varied_model import Variations, tinted
from sovereign_robot.sim.world import ARM, RGBA, Prop, build_world, world_camera

RANGES = load_ranges().model_copy(update={"nominal_share": 0.0})
CUBES = dict(zip(RGBA, ((0.2, -0.08), (0.2, 0.0), (0.2, 0.08), (0.28, 0.0)), strict=True))


class Table:
    """A world with a cube of every colour, and what its cameras see."""

    def __init__(self, robot):
        props = {colour: Prop("cube", colour, 0.014) for colour in RGBA}
        self.model = build_world(robot, {**props, "tray": Prop("bin")})
        self.data = mujoco.MjData(self.model)
        self.robot = robot
        self.renderer = mujoco.Renderer(self.model, 96, 128)
        self.variations = Variations(self.model)

    def shown(self, variation):
        """Apply, stand everything in its place, and let MuJoCo work out where the cameras are."""
        self.variations.apply(variation)
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[: len(self.robot.home_rad)] = self.robot.home_rad
        for colour, (x, y) in CUBES.items():
            self.data.joint(f"{colour}/free").qpos[:3] = (x, y, 0.014)
        mujoco.mj_forward(self.model, self.data)
        return {name: self._image(name) for name in self.robot.camera_names}

    def _image(self, camera):
        self.renderer.update_scene(self.data, world_camera(self.model, camera))
        return self.renderer.render()

    def prop_at_each_pixel(self, camera="front"):
        """Name of the prop at each pixel of a camera, "world" where the table or the floor is."""
        self.renderer.enable_segmentation_rendering()
        pairs = self._image(camera)
        self.renderer.disable_segmentation_rendering()
        is_geom = pairs[..., 1] == int(mujoco.mjtObj.mjOBJ_GEOM)
        names = np.array([self.model.body(body).name.partition("/")[0] for body in self.model.geom_bodyid])
        return np.where(is_geom, names[np.where(is_geom, pairs[..., 0], 0)], "")


@pytest.fixture(scope="module")
def table(robot):
    table = Table(robot)
    yield table
    table.renderer.close()


def everything(model):
    """Every number of a model by name."""
    found = {}
    parts = [("", model), *((name, getattr(model, name)) for name in ("opt", "stat"))]
    parts += [(name, getattr(model.vis, name)) for name in ("headlight", "global_", "map", "quality")]
    for prefix, part in parts:
        for name in dir(part):
            value = getattr(part, name)
            if not name.startswith("_") and isinstance(value, np.ndarray | float | int):
                found[f"{prefix}.{name}"] = np.array(value)
    return found


def variation(split, seed):
    return draw(RANGES, np.random.default_rng(seed), split)


@pytest.mark.parametrize("split", ["train", "visual"])
def test_going_back_to_nominal_restores_every_bit(table, split):
    nominal, images = everything(table.model), table.shown(NOMINAL)
    for seed in range(5):
        table.shown(variation(split, seed))
        changed = [name for name, value in everything(table.model).items() if (value != nominal[name]).any()]
        assert ".geom_rgba" in changed
    again = table.shown(NOMINAL)

    for name, value in everything(table.model).items():
        np.testing.assert_array_equal(value, nominal[name], err_msg=name)
    for name, image in images.items():
        np.testing.assert_array_equal(again[name], image)


def test_what_came_before_leaves_no_trace(table):
    wanted = variation("train", 1)
    first = table.shown(wanted)
    numbers = everything(table.model)
    table.shown(variation("visual", 2))
    again = table.shown(wanted)

    for name, value in everything(table.model).items():
        np.testing.assert_array_equal(value, numbers[name], err_msg=name)
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_the_nominal_look_is_the_one_of_the_files(table):
    """No pattern on the table, and every colour as it is written."""
    table.variations.apply(NOMINAL)

    assert table.model.geom_matid[table.model.geom("table").id] == -1
    for colour, rgba in RGBA.items():
        assert tuple(table.model.geom(f"{colour}/paint").rgba) == pytest.approx(rgba)


@pytest.mark.parametrize("field", [field.name for field in fields(variation("train", 0).look)])
def test_every_part_of_a_look_shows(table, field):
    look = variation("train", 0).look
    other = variation("visual", 1).look
    before = table.shown(Variation(look))
    after = table.shown(Variation(replace(look, **{field: getattr(other, field)})))

    differences = [np.abs(before[name].astype(int) - after[name]).mean() for name in before]
    assert max(differences) > 0.05


@pytest.mark.parametrize("split", ["train", "visual"])
def test_cameras_hang_where_the_look_says(table, split):
    table.shown(NOMINAL)
    ids = {name: world_camera(table.model, name) for name in table.robot.camera_names}
    poses = {
        n: (table.data.cam_xpos[i].copy(), table.data.cam_xmat[i].reshape(3, 3).copy())
        for n, i in ids.items()
    }
    for seed in range(40):
        wanted = variation(split, seed)
        table.shown(wanted)
        for move in wanted.look.cameras:
            position, matrix = poses[move.camera]
            now = table.data.cam_xmat[ids[move.camera]].reshape(3, 3)
            angle_deg = np.degrees(np.arccos(np.clip((np.trace(matrix.T @ now) - 1) / 2, -1, 1)))
            limit = getattr(RANGES, split).cameras[move.camera]
            shift_m = np.linalg.norm(table.data.cam_xpos[ids[move.camera]] - position)
            assert shift_m == pytest.approx(np.linalg.norm(move.shift_m), abs=1e-6)
            assert angle_deg == pytest.approx(np.linalg.norm(move.turn_deg), abs=1e-3)
            assert shift_m <= limit.shift_m + 1e-6 <= 0.03 + 1e-6
            assert angle_deg <= limit.turn_deg + 1e-3 <= 5.0 + 1e-3


def hue_deg(rgb):
    return 360.0 * rgb_to_hsv(*(float(v) for v in rgb))[0]


def nearest_colour(rgb):
    """The colour of the palette whose hue is nearest."""
    return min(RGBA, key=lambda name: abs((hue_deg(rgb) - hue_deg(RGBA[name][:3]) + 180) % 360 - 180))


@pytest.mark.parametrize("split", ["train", "visual"])
@pytest.mark.parametrize("colour", RGBA)
def test_a_tinted_colour_is_still_nearest_to_its_name(split, colour):
    limits = getattr(RANGES, split)
    corners = product(limits.object_hue_deg, limits.object_saturation_factor, limits.object_brightness_factor)
    for corner in corners:
        rgb = np.array(tinted(RGBA[colour][:3], Tint(*corner)))
        distances = {name: float(np.linalg.norm(rgb - RGBA[name][:3])) for name in RGBA}
        assert min(distances, key=distances.__getitem__) == colour
        assert nearest_colour(rgb) == colour


@pytest.mark.parametrize("split", ["train", "visual"])
def test_every_cube_is_seen_in_its_colour_and_stands_out_from_the_table(table, split):
    for seed in range(30):
        image = table.shown(variation(split, seed))["front"]
        props = table.prop_at_each_pixel()
        ground = np.median(image[props == "world"].astype(float), axis=0)
        for colour in RGBA:
            pixels = image[props == colour].astype(float)
            assert len(pixels) > 30, (seed, colour)
            mean = np.median(pixels, axis=0)
            assert nearest_colour(mean / 255.0) == colour, (seed, mean)
            assert np.linalg.norm(mean - ground) > 50.0, (seed, colour, mean, ground)


def test_masses_friction_and_gains_are_multiplied(table):
    dynamics = variation("train", 3).dynamics
    table.variations.apply(NOMINAL)
    nominal = everything(table.model)
    table.variations.apply(Variation(dynamics=dynamics))
    now = everything(table.model)
    cube, arm = table.model.body("red/body").id, table.model.body(ARM + "gripper_link").id

    for field in (".body_mass", ".body_inertia"):
        ratio = now[field][cube] / nominal[field][cube]
        assert np.abs(np.ravel(ratio)[0] - dynamics.object_mass_factor).min() < 1e-9
        assert now[field][arm] / nominal[field][arm] == pytest.approx(dynamics.arm_mass_factor)
    friction = now[".geom_friction"] / nominal[".geom_friction"]
    assert set(np.unique(friction[:, 0]).round(5)) <= set(np.round(dynamics.friction_factor, 5))
    assert (friction[:, 1:] == 1.0).all()
    gains = now[".actuator_gainprm"][:, 0] / nominal[".actuator_gainprm"][:, 0]
    np.testing.assert_allclose(gains, dynamics.gain_factor[: len(gains)])
    np.testing.assert_allclose(now[".actuator_biasprm"][:, 1], -now[".actuator_gainprm"][:, 0])
    np.testing.assert_array_equal(now[".actuator_biasprm"][:, 2], nominal[".actuator_biasprm"][:, 2])


def test_a_heavier_arm_sags_further_and_a_stiffer_one_less(table):
    """What MuJoCo derives from masses and gains follows them."""

    def sag_rad(**factors):
        dynamics = variation("train", 0).dynamics
        one = (1.0,) * len(dynamics.gain_factor)
        plain = replace(
            dynamics, object_mass_factor=one, arm_mass_factor=1.0, friction_factor=one, gain_factor=one
        )
        table.shown(Variation(dynamics=replace(plain, **factors)))
        joints = len(table.robot.joints)
        table.data.ctrl[:joints] = table.robot.home_rad
        mujoco.mj_step(table.model, table.data, 300)
        return float(np.abs(table.data.qpos[:joints] - table.robot.home_rad).max())

    assert sag_rad(arm_mass_factor=2.0) > 1.3 * sag_rad()
    assert sag_rad(gain_factor=(2.0,) * 6) < 0.8 * sag_rad()


def test_sensing_alone_leaves_the_model_as_it_is(table):
    table.variations.apply(NOMINAL)
    nominal = everything(table.model)
    table.variations.apply(Variation(sensing=Sensing(0.1, 0.1, 0.1, 9.0)))

    for name, value in everything(table.model).items():
        np.testing.assert_array_equal(value, nominal[name], err_msg=name)
