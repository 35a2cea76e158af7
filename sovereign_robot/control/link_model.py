"""The links of one robot as MuJoCo geoms, and how far they are from each other and from boxes.

Built from the contract's MJCF alone, once: what collides there (contype or conaffinity) counts as link.
Boxes are measured along the axes to the bounds of each geom: never more than the true distance, and equal to
it in front of a face. Links are measured to each other exactly, where their bounds come near.

The arm stands in the model once for each pose that is looked at, so that one call of MuJoCo places them all.
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

FAR_M = 1.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the links are in P poses.

    Attributes:
        tool_m: (P, 3) [m].
        sides_m: (6, G, P) lower corner of each geom, then its upper corner with the sign turned [m]; so all
            six grow when the geom shrinks.
        gap_m: (pairs, P) between the bounds of two links [m], never more than their distance.
    """

    tool_m: Array
    sides_m: Array
    gap_m: Array


class Walls:
    """The workspace and the keep-out boxes of one robot, F in all."""

    def __init__(self, safety: SafetyLimits, moving: NDArray[np.bool_]) -> None:
        """Take the boxes from the contract; `moving` (G,) marks the geoms that they are for."""
        faces_m = np.array([(*np.negative(box.upper_m), *box.lower_m) for box in safety.keep_out])
        still_m = np.where(moving, 0.0, np.inf)[:, None]  # far from everything
        self._boxes_m = faces_m.reshape(-1, 6).T[:, :, None, None] + still_m
        self._room_m = None
        if safety.workspace is not None:
            room_m = np.array([*np.negative(safety.workspace.lower_m), *safety.workspace.upper_m])
            self._room_m = room_m[:, None, None] + still_m

    def distance_m(self, sides_m: Array) -> Array:
        """(F, P) how far the geoms with sides (6, G, P) [m] are inside the workspace and outside each box.

        Measured along the axis that separates them best; below 0 where there is none.
        """
        boxes_m: Array = (sides_m[:, None] + self._boxes_m).max(axis=0).min(axis=1)
        if self._room_m is None:
            return boxes_m
        inside_m = (sides_m + self._room_m).min(axis=(0, 1))
        return np.concatenate([inside_m[None], boxes_m])


class LinkModel:
    """Kinematics and distances of one robot in a number of poses at a time.

    Attributes:
        moving: (G,) which geoms belong to links that joints move.
    """

    def __init__(self, contract: RobotContract, poses: int = 1) -> None:
        """Compile the robot's links.

        Raises:
            ContractError: the MJCF is missing, or lacks a joint, the tool's site or links that collide.
        """
        import mujoco  # not before it is needed: MUJOCO_GL, which sim/graphics.py sets, is read at import

        self._distance = mujoco.mj_geomDistance
        self._kinematics = mujoco.mj_kinematics
        self._model = model = _poses_of(_links_of(contract), poses)
        self._data = data = mujoco.MjData(model)
        self._geoms = geoms = model.ngeom // poses
        self._qpos = data.qpos.reshape(poses, -1)
        self._joints = np.array([model.joint(f"0/{name}").qposadr[0] for name in contract.joint_names])
        self._tools = np.array([model.site(f"{i}/{contract.safety.tool_site}").id for i in range(poses)])
        self._origin_m = data.geom_xpos.reshape(poses, geoms, 3)
        self._axes = data.geom_xmat.reshape(poses, geoms, 3, 3)
        self._centre_m, self._half_m = model.geom_aabb[:geoms, :3].copy(), model.geom_aabb[:geoms, 3:].copy()
        self._is_eccentric = bool(self._centre_m.any())  # meshes; what MuJoCo knows by its form is centred
        self._links = model.body_weldid[model.geom_bodyid[:geoms]]
        self.moving: NDArray[np.bool_] = self._links != 0
        self._take_pairs([])
        self._take_pairs(self._free_pairs(contract))

    def place(self, joint_rad: Array) -> Bounds:
        """Put the links into poses (P, J) [rad]; distances between links then belong to these."""
        self._qpos[:, self._joints] = joint_rad
        self._kinematics(self._model, self._data)
        centre_m = self._origin_m.T
        if self._is_eccentric:
            centre_m = centre_m + np.einsum("pgij,gj->igp", self._axes, self._centre_m)
        half_m = np.einsum("pgij,gj->igp", np.abs(self._axes), self._half_m)
        sides_m = np.concatenate([centre_m - half_m, -centre_m - half_m])
        rows_m = sides_m.reshape(-1, len(joint_rad))
        gap_m = rows_m.take(self._first, axis=0) + rows_m.take(self._second, axis=0)
        return Bounds(self._data.site_xpos.take(self._tools, axis=0), sides_m, gap_m.max(axis=0))

    def apart(self, bounds: Bounds, enough_m: float, poses: int | None = None) -> list[float]:
        """Least distance between links that are not neighbours [m], at most `enough_m`.

        Args:
            bounds: what `place` returned last.
            enough_m: further apart is not looked at.
            poses: how many of them, by default all P; gives the shape (poses,).
        """
        gap_m = bounds.gap_m[:, :poses]
        near = gap_m < enough_m
        least_m = [enough_m] * gap_m.shape[1]
        pairs, places = near.nonzero()
        for pair, pose, bound_m in zip(pairs.tolist(), places.tolist(), gap_m[near].tolist(), strict=True):
            if bound_m < least_m[pose]:
                least_m[pose] = min(least_m[pose], self._distance_m(self._pairs[pair], pose))
        return least_m

    def _distance_m(self, pair: tuple[int, int], pose: int) -> float:
        first = pose * self._geoms
        distance_m: float = self._distance(
            self._model, self._data, first + pair[0], first + pair[1], FAR_M, None
        )
        return distance_m

    def _take_pairs(self, pairs: list[tuple[int, int]]) -> None:
        """Keep which links are measured, and where their sides are that may face each other."""
        self._pairs = pairs
        first, second = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
        sides = self._geoms * np.arange(6)[:, None]
        self._first, self._second = sides + first, np.roll(sides, 3) + second

    def _free_pairs(self, contract: RobotContract) -> list[tuple[int, int]]:
        """Pairs of geoms that may come together: not of neighbours, nor of links that rest close at home."""
        model = self._model
        self.place(np.tile(contract.home, (len(self._qpos), 1)))
        pairs = []
        for pair in combinations(range(self._geoms), 2):
            one, other = (int(self._links[geom]) for geom in pair)
            parents = [int(model.body_weldid[model.body_parentid[body]]) for body in (one, other)]
            if one == other or one == parents[1] or other == parents[0]:
                continue
            if self._distance_m(pair, 0) > contract.safety.self_clearance.stop_m:
                pairs.append(pair)
        return pairs


def _poses_of(links: Any, poses: int) -> Any:
    """An `MjModel` in which the arm stands several times, each with its number before its names."""
    import mujoco

    spec = mujoco.MjSpec()
    for pose in range(poses):
        place = spec.worldbody.add_body(name=f"{pose}").add_frame()
        spec.attach(links.copy(), frame=place, prefix=f"{pose}/")
    return spec.compile()


def _links_of(contract: RobotContract) -> Any:
    """The robot's MJCF without what does not collide, as an `MjSpec`."""
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
    return spec
