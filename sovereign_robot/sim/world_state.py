"""What is true in the simulated world now: where props are, what the jaws hold."""

from collections.abc import Mapping

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mujoco  # noqa: E402  (MUJOCO_GL is read at import)
import numpy as np  # noqa: E402

from sovereign_robot.contract.robot import RobotContract  # noqa: E402
from sovereign_robot.contract.types import Array  # noqa: E402
from sovereign_robot.sim.world import ARM, TOOL, Prop  # noqa: E402

IN_JAWS_M, IN_JAWS_ABOVE_M = 0.024, 0.06
OFF_TABLE_M = 0.016
UPRIGHT = 0.8
LEVEL_M = 0.03
BELOW_TABLE_M = -0.1


class WorldState:
    """Measurements of one model and its data; names are those of the task's props."""

    def __init__(
        self,
        contract: RobotContract,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        props: Mapping[str, Prop],
    ) -> None:
        self._model, self._data, self._props = model, data, props
        self._qpos = np.array([model.joint(ARM + n).qposadr[0] for n in contract.joint_names])
        self._jaws = (model.geom(ARM + "fixed_jaw").id, model.geom(ARM + "moving_jaw").id)
        self._jaw_ends = {jaw: _outer_end(model.geom_size[jaw]) for jaw in self._jaws}
        self._elsewhere = mujoco.MjData(model)
        roots = model.body_rootid[model.geom_bodyid]
        self._movable = [name for name in props if model.body(f"{name}/body").dofnum[0] == 6]
        self._geoms = {
            name: frozenset(np.flatnonzero(roots == model.body(f"{name}/body").id)) for name in props
        }

    def position_m(self, prop: str) -> Array:
        """(3,) origin of a prop in the base frame [m]."""
        return self._data.body(f"{prop}/body").xpos.copy()

    def yaw_rad(self, prop: str) -> float:
        """Direction of a prop's x axis on the table [rad]; of its y axis when x points up or down."""
        matrix = self._data.body(f"{prop}/body").xmat
        axis = 1 if abs(matrix[6]) > UPRIGHT else 0
        return float(np.arctan2(matrix[3 + axis], matrix[axis]))

    def neighbours_m(self, prop: str) -> Array:
        """(N, 2) from a prop to every other movable one at its height, sideways [m]."""
        here = self.position_m(prop)
        offsets = [self.position_m(name) - here for name in self._movable if name != prop]
        return np.array([offset[:2] for offset in offsets if abs(offset[2]) < LEVEL_M]).reshape(-1, 2)

    def rest_m(self, prop: str) -> float:
        """Height of a prop's origin when it stands on the table [m]."""
        return self._props[prop].rest_m

    def is_on_table(self, prop: str) -> bool:
        """Whether a prop is part of the scene: what is not is out of sight below the table."""
        return bool(self.position_m(prop)[2] > BELOW_TABLE_M)

    def upright(self, prop: str) -> float:
        """Cosine of the angle between a prop's z axis and the vertical."""
        return float(self._data.body(f"{prop}/body").xmat[8])

    def axis(self, prop: str) -> Array:
        """(3,) direction of a prop's z axis in the base frame."""
        return self._data.body(f"{prop}/body").xmat[[2, 5, 8]].copy()

    def speed_m_s(self, prop: str) -> float:
        """Speed of a prop's origin [m/s]."""
        return float(np.linalg.norm(self._data.body(f"{prop}/body").cvel[3:]))

    def joint(self, prop: str, joint: str) -> float:
        """Position of a fixture's hinge [rad] or slide [m]."""
        return float(self._data.joint(f"{prop}/{joint}").qpos[0])

    def point_m(self, prop: str, site: str) -> Array:
        """(3,) a site of a prop, such as a drawer's handle, in the base frame [m]."""
        return self._data.site(f"{prop}/{site}").xpos.copy()

    def tool_m(self) -> Array:
        """(3,) measured point between the finger tips in the base frame [m]."""
        return self._data.site(ARM + TOOL).xpos.copy()

    def finger_tips_m(self, joint_rad: Array | None = None) -> Array:
        """(3,) middle between the jaws' ends in the base frame [m], now or at joints (J,) [rad]."""
        data = self._data
        if joint_rad is not None:
            data = self._elsewhere
            data.qpos[self._qpos] = joint_rad
            mujoco.mj_kinematics(self._model, data)
        ends = [
            data.geom_xpos[jaw] + data.geom_xmat[jaw].reshape(3, 3) @ self._jaw_ends[jaw]
            for jaw in self._jaws
        ]
        middle: Array = (ends[0] + ends[1]) / 2
        return middle

    def joint_rad(self) -> Array:
        """(J,) measured joints of the arm [rad]."""
        return self._data.qpos[self._qpos].copy()

    def holding(self, prop: str) -> bool:
        """Whether a prop is in the jaws: between them and off the table, or touched by both."""
        offset = self.position_m(prop) - self._data.site(ARM + TOOL).xpos
        if np.hypot(offset[0], offset[1]) > IN_JAWS_M or abs(offset[2]) > IN_JAWS_ABOVE_M:
            return False
        off_table = self.position_m(prop)[2] > self._props[prop].rest_m + OFF_TABLE_M
        return bool(off_table) or self.in_both_jaws(prop)

    def in_both_jaws(self, prop: str) -> bool:
        """Whether both jaws touch a prop."""
        touched = self._touched(prop)
        return self._jaws[0] in touched and self._jaws[1] in touched

    def touched_by_arm(self, prop: str) -> bool:
        """Whether a jaw touches a prop."""
        return bool(self._touched(prop) & set(self._jaws))

    def _touched(self, prop: str) -> set[int]:
        geoms = self._geoms[prop]
        touched: set[int] = set()
        for first, second in self._data.contact.geom:
            if first in geoms:
                touched.add(int(second))
            elif second in geoms:
                touched.add(int(first))
        return touched


def _outer_end(half_m: Array) -> Array:
    """(3,) end of a jaw's box in its own frame: both boxes reach outwards against their longest axis."""
    return np.where(half_m == half_m.max(), -half_m, 0.0)
