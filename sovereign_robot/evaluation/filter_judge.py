"""Judges what a safety filter let through, by other means than the filter's own.

Joints by divided differences of the commands over their true times, which need no model of the motion. Links
by MuJoCo's distance between geoms: workspace and keep-out boxes stand in a scene of their own as boxes.
"""

from collections.abc import Iterator, Sequence

import mujoco
import numpy as np

from sovereign_robot.contract.resources import share_dir
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.safety_limits import Box
from sovereign_robot.contract.types import Array

THICK_M = 1.0
FAR_M = 0.5
JOINT_LIMITS = ("position", "velocity", "acceleration", "jerk")


def parts_shares(
    command_rad: Array, stamp_s: Array, breaks: Sequence[int], contract: RobotContract
) -> Iterator[dict[str, float]]:
    """Greatest shares of the joint limits, of each uninterrupted part and of each step over a pause.

    After a pause the motion begins anew from rest: the step over it may lead no further than in one period.

    Args:
        command_rad: (N, J) commands [rad].
        stamp_s: (N,) time of each [s].
        breaks: the first command of each part but the first; each part has at least one.
    """
    for part in np.split(np.arange(len(command_rad)), breaks):
        yield joint_shares(command_rad[part], stamp_s[part], contract)
    for first in breaks:
        step_s = np.array([0.0, contract.control_step_s])
        yield joint_shares(command_rad[first - 1 : first + 1], step_s, contract)


def joint_shares(command_rad: Array, stamp_s: Array, contract: RobotContract) -> dict[str, float]:
    """Greatest share of each joint limit that commands use; above 1 it is violated.

    A velocity takes two commands, an acceleration three and a jerk four; what lacks them is left out.

    Args:
        command_rad: (N, J) commands [rad] of one uninterrupted motion, N >= 1.
        stamp_s: (N,) time of each [s].
    """
    middle_rad = 0.5 * (contract.lower_rad + contract.upper_rad)
    shares = {"position": np.abs(command_rad - middle_rad) / (contract.upper_rad - middle_rad)}
    scale = contract.safety.speed_scale
    limits = (scale * contract.velocity_rad_s, contract.acceleration_rad_s2, contract.jerk_rad_s3)
    difference = command_rad
    for order, (name, limit) in enumerate(zip(JOINT_LIMITS[1:], limits, strict=True), start=1):
        if len(difference) < 2:
            break
        span_s = stamp_s[order:] - stamp_s[:-order]
        difference = order * np.diff(difference, axis=0) / span_s[:, None]
        shares[name] = np.abs(difference) / limit
    return {name: float(share.max()) for name, share in shares.items()}


class LinkJudge:
    """Distances of one robot's links by MuJoCo, in a scene built for judging alone."""

    def __init__(self, contract: RobotContract) -> None:
        """Build the scene."""
        safety = contract.safety
        spec = mujoco.MjSpec.from_file(str(share_dir() / "sim_assets" / contract.mjcf))
        boxes: dict[str, tuple[Box, float]] = {b.name: (b, b.clearance.stop_m) for b in safety.keep_out}
        walls = [] if safety.workspace is None else _walls_around(safety.workspace)
        boxes |= {f"wall {index}": (wall, 0.0) for index, wall in enumerate(walls)}
        for name, (box, _) in boxes.items():
            lower_m, upper_m = np.array(box.lower_m), np.array(box.upper_m)
            spec.worldbody.add_geom(
                name=f"judge/{name}",
                type=mujoco.mjtGeom.mjGEOM_BOX,
                pos=0.5 * (lower_m + upper_m),
                size=0.5 * (upper_m - lower_m),
            )
        self._model = spec.compile()
        self._data = mujoco.MjData(self._model)
        self._qpos = [self._model.joint(name).qposadr[0] for name in contract.joint_names]
        self._tool = self._model.site(safety.tool_site).id
        self._pairs = self._pairs_of(contract, {name: stop_m for name, (_, stop_m) in boxes.items()})

    def spare_m(self, joint_rad: Array) -> float:
        """By how much the nearest pair is further apart than its stop distance [m]; violated below 0."""
        self._place(joint_rad)
        return min(self._distance(a, b) - stop_m for a, b, stop_m in self._pairs)

    def tool_m(self, joint_rad: Array) -> Array:
        """(3,) where the tool is [m]."""
        self._place(joint_rad)
        tool: Array = self._data.site_xpos[self._tool].copy()
        return tool

    def _place(self, joint_rad: Array) -> None:
        self._data.qpos[self._qpos] = joint_rad
        mujoco.mj_kinematics(self._model, self._data)

    def _distance(self, first: int, second: int) -> float:
        return float(mujoco.mj_geomDistance(self._model, self._data, first, second, FAR_M, None))

    def _pairs_of(self, contract: RobotContract, stops_m: dict[str, float]) -> list[tuple[int, int, float]]:
        """(geom, geom, stop distance) of what must keep apart: boxes, and links that are no neighbours."""
        model, self_m = self._model, contract.safety.self_clearance.stop_m
        self._place(contract.home)
        named = {model.geom(f"judge/{name}").id: stop_m for name, stop_m in stops_m.items()}
        links = [
            g
            for g in range(model.ngeom)
            if g not in named and (model.geom_contype[g] or model.geom_conaffinity[g])
        ]
        moving = [g for g in links if model.body_weldid[model.geom_bodyid[g]] != 0]
        pairs = [(g, box, stop_m) for g in moving for box, stop_m in named.items()]
        for index, first in enumerate(links):
            for second in links[index + 1 :]:
                a, b = (int(model.geom_bodyid[g]) for g in (first, second))
                kin = a == b or model.body_parentid[a] == b or model.body_parentid[b] == a
                if not kin and self._distance(first, second) > self_m:
                    pairs.append((first, second, self_m))
        return pairs


def _walls_around(room: Box) -> list[Box]:
    """Six boxes that leave just the room free."""
    walls = []
    for axis in range(3):
        lower_m, upper_m = np.array(room.lower_m) - THICK_M, np.array(room.upper_m) + THICK_M
        below, above = upper_m.copy(), lower_m.copy()
        below[axis], above[axis] = room.lower_m[axis], room.upper_m[axis]
        walls.append(_box(lower_m, below))
        walls.append(_box(above, upper_m))
    return walls


def _box(lower_m: Array, upper_m: Array) -> Box:
    return Box.model_validate({"lower_m": tuple(lower_m.tolist()), "upper_m": tuple(upper_m.tolist())})
