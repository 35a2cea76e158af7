"""Make a compiled world look and behave as a scene's variation says, always from its nominal values."""

from collections.abc import Sequence
from colorsys import hsv_to_rgb, rgb_to_hsv

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mujoco  # noqa: E402  (MUJOCO_GL is read at import)
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from sovereign_robot.contract.types import Array  # noqa: E402
from sovereign_robot.sim.variation import CameraMove, Dynamics, Look, Tint, Variation  # noqa: E402
from sovereign_robot.sim.world import ARM, BACKDROP, LAMP, TABLE, table_top, world_camera  # noqa: E402

# What a scene moves or hides, what a variation sets, and what MuJoCo derives from it.
PLACES = ("body_pos", "body_quat", "geom_group")
LOOK = ("light_dir", "light_diffuse", "geom_matid", "geom_rgba", "cam_pos", "cam_quat")
DYNAMICS = (
    *("body_mass", "body_inertia", "geom_friction", "actuator_gainprm", "actuator_biasprm"),
    *("body_subtreemass", "body_invweight0", "dof_invweight0", "dof_M0", "actuator_acc0"),
    *("cam_pos0", "cam_mat0", "cam_poscom0", "light_pos0", "light_dir0", "light_poscom0"),
)


class Variations:
    """Sets a model in place; whoever holds data of the model lets MuJoCo work it out again (`mj_forward`)."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._nominal = [(field, field.copy()) for field in _fields(model)]
        roots = model.body_rootid
        of_arm = np.array([model.body(root).name.startswith(ARM) for root in roots])
        self._arm_bodies = np.flatnonzero(of_arm)
        self._prop_bodies = np.flatnonzero((roots != 0) & ~of_arm)
        # Number of the table (0), the arm and each prop in the order of the world, for every body.
        self._number = np.unique(roots, return_inverse=True)[1]

    def apply(self, variation: Variation) -> None:
        """Put every value back, also where fixtures stand, then change what the variation changes."""
        for field, nominal in self._nominal:
            field[...] = nominal
        if variation.look is not None:
            self._set_light(variation.look)
            self._set_surfaces(variation.look)
            for move in variation.look.cameras:
                self._move_camera(move)
        if variation.dynamics is not None:
            self._set_dynamics(variation.dynamics)

    def _set_light(self, look: Look) -> None:
        model, headlight = self._model, self._model.vis.headlight
        lamp = model.light(LAMP).id
        azimuth, elevation = np.deg2rad((look.lamp_azimuth_deg, look.lamp_elevation_deg))
        across = np.cos(elevation)
        model.light_dir[lamp] = -np.array(
            (across * np.cos(azimuth), across * np.sin(azimuth), np.sin(elevation))
        )
        model.light_diffuse[lamp] *= look.lamp_factor
        headlight.ambient[:] *= look.room_factor
        headlight.diffuse[:] *= look.room_factor

    def _set_surfaces(self, look: Look) -> None:
        model = self._model
        table, backdrop = model.geom(TABLE).id, model.geom(BACKDROP).id
        model.geom_matid[table] = model.material(table_top(look.table_texture)).id
        model.geom_rgba[table, :3] = look.table_rgb
        model.geom_rgba[backdrop, :3] = look.backdrop_rgb
        for geom in np.flatnonzero(np.isin(model.geom_bodyid, self._prop_bodies)):
            tint = _in_turn(look.objects, self._number[model.geom_bodyid[geom]])
            model.geom_rgba[geom, :3] = tinted(model.geom_rgba[geom, :3], tint)

    def _move_camera(self, move: CameraMove) -> None:
        camera = world_camera(self._model, move.camera)
        turn_rad = np.deg2rad(move.turn_deg)
        turn, turned = np.zeros(4), np.zeros(4)
        angle_rad = float(np.linalg.norm(turn_rad))
        mujoco.mju_axisAngle2Quat(turn, turn_rad / max(angle_rad, 1e-12), angle_rad)
        mujoco.mju_mulQuat(turned, self._model.cam_quat[camera], turn)
        self._model.cam_quat[camera] = turned
        self._model.cam_pos[camera] += move.shift_m

    def _set_dynamics(self, dynamics: Dynamics) -> None:
        model = self._model
        masses = np.array([_in_turn(dynamics.object_mass_factor, k) for k in self._number])
        masses[self._arm_bodies] = dynamics.arm_mass_factor
        model.body_mass *= masses
        model.body_inertia *= masses[:, None]
        frictions = np.array([_in_turn(dynamics.friction_factor, k) for k in self._number])
        model.geom_friction[:, 0] *= frictions[model.geom_bodyid]
        gains = np.array([_in_turn(dynamics.gain_factor, k) for k in range(model.nu)])
        model.actuator_gainprm[:, 0] *= gains
        model.actuator_biasprm[:, 1] *= gains
        mujoco.mj_setConst(model, mujoco.MjData(model))


def tinted(rgb: Array | Sequence[float], tint: Tint) -> tuple[float, float, float]:
    """A colour (3,), 0 .. 1, as a tint changes it; grey stays grey."""
    hue, saturation, brightness = rgb_to_hsv(*(float(v) for v in rgb))
    return hsv_to_rgb(
        (hue + tint.hue_deg / 360.0) % 1.0,
        min(saturation * tint.saturation_factor, 1.0),
        min(brightness * tint.brightness_factor, 1.0),
    )


def _fields(model: mujoco.MjModel) -> list[NDArray]:
    """Views of every array that a scene changes."""
    headlight = model.vis.headlight
    return [
        headlight.ambient,
        headlight.diffuse,
        *(getattr(model, name) for name in (*PLACES, *LOOK, *DYNAMICS)),
    ]


def _in_turn[T](values: Sequence[T], number: int) -> T:
    return values[int(number) % len(values)]
