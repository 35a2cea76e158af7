"""The links of one robot as MuJoCo geoms, and how far they are from each other and from boxes.

Built from the contract's MJCF alone, once: what collides there (contype or conaffinity) counts as link.
Boxes are measured along the axes to the bounds of each geom: never more than the true distance, and equal to
it in front of a face. Links are measured to each other exactly, where their bounds come near.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.errors import ContractError
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.safety_limits import SafetyLimits
from sovereign_robot.contract.types import Array

Index = NDArray[np.intp]

FAR_M = 1.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the links are in P poses: tool (P, 3), lower and upper corners (P, G, 3) of each geom [m]."""

    tool_m: Array
    lower_m: Array
    upper_m: Array


class Walls:
    """The workspace and the keep-out boxes of one robot, F in all."""

    def __init__(self, safety: SafetyLimits) -> None:
        """Take the boxes from the contract."""
        self._workspace = safety.workspace
        if safety.workspace is not None:
            self._room_m = np.array(safety.workspace.lower_m), np.array(safety.workspace.upper_m)
        self._lower_m = np.array([box.lower_m for box in safety.keep_out]).reshape(-1, 1, 3)
        self._upper_m = np.array([box.upper_m for box in safety.keep_out]).reshape(-1, 1, 3)

    def distance_m(self, lower_m: Array, upper_m: Array) -> Array:
        """(P, F) how far geoms between corners (P, G, 3) [m] are inside the workspace and outside each box.

        Measured along the axis that separates them best; below 0 where there is none.
        """
        gap_m = np.maximum(self._lower_m - upper_m[:, None], lower_m[:, None] - self._upper_m)
        boxes_m: Array = gap_m.max(axis=3).min(axis=2, initial=np.inf)
        if self._workspace is None:
            return boxes_m
        least_m, most_m = lower_m.min(axis=1), upper_m.max(axis=1)
        inside_m = np.minimum(least_m - self._room_m[0], self._room_m[1] - most_m).min(axis=1)
        return np.concatenate([inside_m[:, None], boxes_m], axis=1)


class LinkModel:
    """Kinematics and distances of one robot, for up to `poses` poses at a time.

    Attributes:
        moving: geoms of the links that joints move.
    """

    def __init__(self, contract: RobotContract, poses: int) -> None:
        """Compile the robot's links.

        Raises:
            ContractError: the MJCF is missing, or lacks a joint, the tool's site or links that collide.
        """
        import mujoco  # not before it is needed: MUJOCO_GL, which sim/graphics.py sets, is read at import

        self._distance = mujoco.mj_geomDistance
        self._kinematics = mujoco.mj_kinematics
        self._model = _links_of(contract)
        model = self._model
        self._site = model.site(contract.safety.tool_site).id
        joints = [model.joint(name) for name in contract.joint_names]
        self._qpos = np.array([joint.qposadr[0] for joint in joints])
        self._datas = [mujoco.MjData(model) for _ in range(poses)]
        self._views = [(d.qpos, d.geom_xpos, d.geom_xmat, d.site_xpos) for d in self._datas]
        self._centre_m, self._half_m = model.geom_aabb[:, :3].copy(), model.geom_aabb[:, 3:].copy()
        self.moving: Index = np.flatnonzero(model.body_weldid[model.geom_bodyid])
        self._pairs = self._free_pairs(contract)
        self._first, self._second = np.array(self._pairs, dtype=np.intp).reshape(-1, 2).T

    def place(self, joint_rad: Array) -> Bounds:
        """Put the links into poses (P, J) [rad]; distances between links then belong to these."""
        places = len(joint_rad)
        geoms = self._model.ngeom
        origin, turn = np.empty((places, geoms, 3)), np.empty((places, geoms, 9))
        tool_m = np.empty((places, 3))
        for i in range(places):
            qpos, xpos, xmat, site = self._views[i]
            qpos[self._qpos] = joint_rad[i]
            self._kinematics(self._model, self._datas[i])
            origin[i], turn[i], tool_m[i] = xpos, xmat, site[self._site]
        axes = turn.reshape(places, geoms, 3, 3)
        centre = origin + np.einsum("pgij,gj->pgi", axes, self._centre_m)
        half = np.einsum("pgij,gj->pgi", np.abs(axes), self._half_m)
        return Bounds(tool_m, centre - half, centre + half)

    def apart(self, bounds: Bounds, enough_m: float, poses: int | None = None) -> Array:
        """Least distance between links that are not neighbours [m], at most `enough_m`.

        Args:
            bounds: what `place` returned last.
            enough_m: further apart is not looked at.
            poses: how many of them, by default all P; gives the shape (poses,).
        """
        lower, upper = bounds.lower_m[:poses], bounds.upper_m[:poses]
        first, second = self._first, self._second
        gap = np.maximum(lower[:, first] - upper[:, second], lower[:, second] - upper[:, first]).max(axis=2)
        least = np.full(len(gap), enough_m)
        for pose, pair in np.argwhere(gap < enough_m).tolist():
            a, b = self._pairs[pair]
            distance_m = self._distance(self._model, self._datas[pose], a, b, FAR_M, None)
            least[pose] = min(least[pose], distance_m)
        return least

    def _free_pairs(self, contract: RobotContract) -> list[tuple[int, int]]:
        """Pairs of geoms that may come together: not of neighbours, nor of links that rest close at home."""
        model = self._model
        self.place(contract.home[None, :])
        pairs = []
        for a, b in combinations(range(model.ngeom), 2):
            one, other = (int(model.body_weldid[model.geom_bodyid[g]]) for g in (a, b))
            parents = [int(model.body_weldid[model.body_parentid[body]]) for body in (one, other)]
            if one == other or one == parents[1] or other == parents[0]:
                continue
            distance_m = self._distance(model, self._datas[0], a, b, FAR_M, None)
            if distance_m > contract.safety.self_clearance.stop_m:
                pairs.append((a, b))
        return pairs


def _links_of(contract: RobotContract) -> Any:
    """The robot's MJCF without what does not collide, as an `MjModel`."""
    import mujoco

    path = share_dir() / "sim_assets" / contract.mjcf
    if not path.is_file():
        raise ContractError(f"robot {contract.name}: mjcf {path} does not exist")
    spec = mujoco.MjSpec.from_file(str(path))
    for name in contract.joint_names:
        if spec.joint(name) is None:
            raise ContractError(f"robot {contract.name}: {path} has no joint {name}")
    tool = contract.safety.tool_site
    if spec.site(tool) is None:
        raise ContractError(f"robot {contract.name}: {path} has no site {tool} (safety.tool_site)")
    for geom in list(spec.geoms):
        if not (geom.contype or geom.conaffinity):
            spec.delete(geom)
    model = spec.compile()
    if not (model.body_weldid[model.geom_bodyid] != 0).any():
        raise ContractError(f"robot {contract.name}: {path} has no moving link that collides")
    return model
