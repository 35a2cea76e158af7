"""Keeps every link inside the workspace, out of boxes and off each other, and the tool below its speed.

What is looked at is where the arm goes next, where it would be after the look-ahead along its present
motion, and the way on which it would brake. A motion is safe when all of that way is; since braking follows
the way that was found safe, a safe arm can always stay so. Before that the motion is slowed: things that come
near may close in only by what is left of their distance within one look-ahead, and a target that lies
beyond a wall is moved out of it by the least change of the joints.
"""

from dataclasses import dataclass
from math import dist

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.safety_limits import Clearance
from sovereign_robot.contract.types import Array
from sovereign_robot.control.limit import Limit
from sovereign_robot.control.link_model import Bounds, LinkModel, Walls

BENT_WAY_M = 0.0015  # by which links may come nearer between the poses of a braking way that are looked at
LEAST_BENT_WAY_M = 0.001  # the same where less than that is to be kept anyway
SOFT_SPEED = 0.8  # share of the tool speed from which the joints are slowed
BRAKING_SPEED = 0.88  # share of the tool speed that the poses of a braking way may show
CREEP = 0.05  # share of the speed that slowing leaves at least, so that the arm gets there
FREE_PACE = 1.2  # from this share on nothing slows the joints
NEAR_RAD = 0.1  # within this way of each joint walls count as flat
CLOSE_M = 0.01
NUDGE_RAD = 1e-3
FREE_M = 3e-4  # by which a target is moved further than to where a motion would be barred
SLOWEST_M_S = 1e-9
BRAKING_STEPS = (1.0, 2.0, 4.0, 7.0, 11.0)  # control periods after which a braking way is looked at
AHEAD, BRAKING = 2, 3  # poses of `Ways`: after the look-ahead, and from which on the arm brakes
TABLE = "table"


@dataclass(frozen=True, slots=True)
class Ways:
    """Where one motion leads.

    Attributes:
        poses_rad: (4 + B, J) [rad]: the next command; one period further at the motion's greatest speed; the
            present motion after the look-ahead; braking after each of `braking_s`; braking at rest.
        braking_s: (B,) times after the next command [s], those of `BRAKING_STEPS`.
    """

    poses_rad: Array
    braking_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What the guard says of a motion.

    Attributes:
        safe: whether it may be commanded.
        pace: by which share the joints should be slower (or may be faster) in the next period.
        limits: what speaks against the motion or slows it.
    """

    safe: bool
    pace: float
    limits: tuple[Limit, ...]


class LinkGuard:
    """Looks at the motions of one robot; knows the pose that is commanded."""

    def __init__(self, contract: RobotContract) -> None:
        """Compile the robot's links.

        Raises:
            ContractError: its MJCF does not fit; see `LinkModel`.
        """
        safety = contract.safety
        self._here = LinkModel(contract)
        self._ahead = LinkModel(contract, BRAKING + len(BRAKING_STEPS) + 1)
        self._nudged = LinkModel(contract, len(contract.joints) + 1)
        self._lower_rad, self._upper_rad = contract.lower_rad, contract.upper_rad
        arm = np.arange(len(contract.joints)) != contract.gripper_index
        self._nudges_rad = NUDGE_RAD * np.vstack([np.zeros(len(arm)), np.diag(arm)])
        self._tool_m_s = safety.speed_scale * safety.tool_speed_m_s
        self._look_ahead_s, self._step_s = safety.look_ahead_s, contract.control_step_s
        self._walls = Walls(safety, self._here.moving)
        walls = [(Limit.WORKSPACE, Clearance(stop_m=0.0))] if safety.workspace is not None else []
        walls += [
            (Limit.TABLE if box.name == TABLE else Limit.KEEP_OUT, box.clearance) for box in safety.keep_out
        ]
        self._kinds = tuple(kind for kind, _ in [*walls, (Limit.SELF_COLLISION, safety.self_clearance)])
        distances = [clearance for _, clearance in walls] + [safety.self_clearance]
        self._stop_m = [clearance.stop_m for clearance in distances]
        self._slow_m = [clearance.slow_down_m for clearance in distances]
        self._wanted_m = [stop_m + min(BENT_WAY_M, max(LEAST_BENT_WAY_M, stop_m)) for stop_m in self._stop_m]
        self._enough_m = [wanted_m + FREE_M for wanted_m in self._wanted_m]
        self._now_m = [0.0] * len(distances)
        self._tool_m = [0.0, 0.0, 0.0]

    def begin(self, joint_rad: Array) -> None:
        """The pose (J,) [rad] that is commanded now."""
        bounds = self._here.place(joint_rad[None, :])
        found_m = self._clearance_m(self._here, bounds, self._wanted_m[-1])
        self._now_m, self._tool_m = [row[0] for row in found_m], bounds.tool_m[0].tolist()

    def clearance_m(self, joint_rad: Array) -> dict[Limit, float]:
        """Least distance of a pose (J,) [rad] by kind [m]; between links at most the slow-down distance."""
        found_m = self._clearance_m(self._here, self._here.place(joint_rad[None, :]), self._slow_m[-1])
        least: dict[Limit, float] = {}
        for kind, (distance_m,) in zip(self._kinds, found_m, strict=True):
            least[kind] = min(distance_m, least.get(kind, distance_m))
        return least

    def moved_out(self, target_rad: Array, command_rad: Array) -> tuple[Array, tuple[Limit, ...]]:
        """A target (J,) [rad], or the way to it near the command, moved out of what bars it.

        The least change of the arm's joints that gains what is missing of the distance, to first order; the
        gripper keeps its opening. A target that nothing bars nearby is returned as it is; close to a wall it
        is led to in a straight line, because joints that arrive one by one may swing into the wall.
        """
        way_rad = target_rad - command_rad
        near_rad = command_rad + way_rad * (NEAR_RAD / max(NEAR_RAD, float(np.abs(way_rad).max())))
        found_m = self._clearance_m(self._here, self._here.place(near_rad[None, :]), self._enough_m[-1])
        missing_m = [enough - row[0] for enough, row in zip(self._enough_m, found_m, strict=True)]
        most_m = max(missing_m)
        if most_m <= 0.0:
            return near_rad if self._is_close() else target_rad, ()
        worst = missing_m.index(most_m)
        slope = self._slope(near_rad, worst)
        steepness = float(slope @ slope)
        if steepness > 0.0:
            change_rad = np.clip(slope * (most_m / steepness), -NEAR_RAD, NEAR_RAD)
            near_rad = np.clip(near_rad + change_rad, self._lower_rad, self._upper_rad)
        return near_rad, (self._kinds[worst],)

    def look(self, ways: Ways, dt_s: float) -> Look:
        """Judge a motion that makes its first pose in `dt_s` [s]; if it is safe, that is the pose now."""
        bounds = self._ahead.place(ways.poses_rad)
        clearance_m = self._clearance_m(self._ahead, bounds, self._wanted_m[-1])
        limits = [
            kind
            for kind, row, wanted_m, now_m in zip(
                self._kinds, clearance_m, self._wanted_m, self._now_m, strict=True
            )
            if min(row[0], *row[BRAKING:]) < min(wanted_m, now_m)
        ]
        tool_m = bounds.tool_m.tolist()
        if self._is_fast(tool_m, ways.braking_s, dt_s):
            limits.append(Limit.TOOL_SPEED)
        pace, slowed = self._pace(bounds, tool_m, clearance_m)
        if not limits:
            self._now_m, self._tool_m = [row[0] for row in clearance_m], tool_m[0]
        return Look(not limits, pace, (*limits, *slowed))

    def _is_close(self) -> bool:
        """Whether the arm is near a wall or a box."""
        walls = zip(self._now_m[:-1], self._enough_m[:-1], strict=True)
        return any(now_m < enough_m + CLOSE_M for now_m, enough_m in walls)

    def _slope(self, joint_rad: Array, index: int) -> Array:
        """(J,) how the distance of one kind grows with each joint of the arm at a pose (J,) [rad] [m/rad]."""
        nudged = self._nudged.place(joint_rad + self._nudges_rad)
        is_wall = index < len(self._kinds) - 1
        links_m = self._nudged.apart(nudged, self._enough_m[-1])
        distance_m = self._walls.distance_m(nudged.sides_m)[index] if is_wall else np.array(links_m)
        slope: Array = (distance_m[1:] - distance_m[0]) / NUDGE_RAD
        return slope

    def _is_fast(self, tool_m: list[list[float]], braking_s: tuple[float, ...], dt_s: float) -> bool:
        """Whether the tool passes its speed now, or while the arm brakes."""
        if dist(self._tool_m, tool_m[0]) > self._tool_m_s * dt_s:
            return True
        before_m, before_s, most_m_s = tool_m[0], 0.0, BRAKING_SPEED * self._tool_m_s
        for point_m, time_s in zip(tool_m[BRAKING:], braking_s, strict=False):
            if dist(before_m, point_m) > most_m_s * (time_s - before_s):
                return True
            before_m, before_s = point_m, time_s
        return False

    def _pace(
        self, bounds: Bounds, tool_m: list[list[float]], clearance_m: list[list[float]]
    ) -> tuple[float, list[Limit]]:
        """By which share the motion has to slow down, at most `FREE_PACE`, and why."""
        swift_m_s = dist(tool_m[1], tool_m[0]) / self._step_s
        pace = min(FREE_PACE, SOFT_SPEED * self._tool_m_s / max(swift_m_s, SLOWEST_M_S))
        slowed = [Limit.TOOL_SPEED] if pace < 1.0 else []
        for index, (row, stop_m) in enumerate(zip(clearance_m, self._stop_m, strict=True)):
            now_m, ahead_m = row[0], row[AHEAD]
            if ahead_m >= stop_m:
                continue
            if index == len(clearance_m) - 1:
                now_m = self._ahead.apart(bounds, self._slow_m[-1], poses=1)[0]
            if ahead_m < now_m < self._slow_m[index]:
                pace = min(pace, max(CREEP, (now_m - stop_m) / (now_m - ahead_m)))
                slowed.append(self._kinds[index])
        return pace, slowed

    def _clearance_m(self, model: LinkModel, bounds: Bounds, apart_m: float) -> list[list[float]]:
        """(F, P) distance from workspace, boxes and itself of each pose [m], the last one up to `apart_m`."""
        walls_m: list[list[float]] = self._walls.distance_m(bounds.sides_m).tolist()
        return [*walls_m, model.apart(bounds, apart_m)]
