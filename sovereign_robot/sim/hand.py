"""A plan while it is made: the hand is led from place to place, and every leg keeps the arm's limits."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.sim.kinematics import ToolKinematics
from sovereign_robot.sim.plan import Carry, Plan
from sovereign_robot.sim.trajectory import Trajectory, through

SPEED = 0.85  # share of the contract's velocity and acceleration that an expert uses
WIDE_TURN_RAD = math.radians(100.0)


@dataclass(frozen=True, slots=True)
class Waypoint:
    """Where the tool shall be, pointing down.

    Attributes:
        position_m: x, y, z of the point between the finger tips in the base frame [m].
        yaw_rad: direction in which the jaws open, from the base's x axis [rad].
        jaw_rad: gripper joint [rad].
    """

    position_m: tuple[float, float, float]
    yaw_rad: float
    jaw_rad: float


def facing(x_m: float, y_m: float) -> float:
    """Yaw [rad] from the base towards a point: the hand's natural direction there."""
    return math.atan2(y_m, x_m)


def wrapped(angle_rad: float) -> float:
    """The same direction within -pi .. pi [rad]."""
    return (angle_rad + math.pi) % (2.0 * math.pi) - math.pi


class Hand:
    """Legs from the command in force; each begins where the one before ends."""

    def __init__(
        self, contract: RobotContract, kinematics: ToolKinematics, command_rad: Array, command_rad_s: Array
    ) -> None:
        """The plan starts at `command_rad` (J,) [rad], which moves with `command_rad_s` (J,) [rad/s]."""
        self._contract = contract
        self._kinematics = kinematics
        self._legs: list[Trajectory] = []
        self._carries: list[Carry] = []
        self._look_again = False
        self._joints = command_rad
        self._velocity = command_rad_s

    @property
    def joints_rad(self) -> Array:
        """(J,) command at the end of the legs so far [rad]."""
        return self._joints

    @property
    def jaw_rad(self) -> float:
        """Gripper command at the end of the legs so far [rad]."""
        return float(self._joints[self._contract.gripper_index])

    @property
    def tool_m(self) -> Array:
        """(3,) commanded position of the tool at the end of the legs so far [m]."""
        return self._kinematics.tool_position_m(self._joints)

    @property
    def yaw_rad(self) -> float:
        """Direction in which the jaws open at the end of the legs so far [rad]."""
        return self._kinematics.tool_yaw_rad(self._joints)

    @property
    def time_s(self) -> float:
        """Length of the legs so far [s]."""
        return sum(leg.duration_s for leg in self._legs)

    def go(self, *waypoints: Waypoint, speed: float = 1.0) -> None:
        """One smooth leg through waypoints; `speed` is a share (0 .. 1] of an expert's usual speed."""
        knots = [self._joints]
        for point in waypoints:
            near = self._with_jaw(knots[-1], point.jaw_rad)
            knots.append(self._solve(point, near))
        self._add(knots, speed)

    def turn(self, joint: str, by_rad: float, speed: float = 1.0) -> None:
        """Turn one joint of the arm, such as the wrist about the tool's axis."""
        knot = self._joints.copy()
        index = self._contract.joint_names.index(joint)
        low, high = self._contract.lower_rad[index], self._contract.upper_rad[index]
        knot[index] = np.clip(knot[index] + by_rad, low, high)
        self._add([self._joints, knot], speed)

    def grip(self, jaw_rad: float) -> None:
        """Move the gripper alone."""
        self._add([self._joints, self._with_jaw(self._joints, jaw_rad)], 1.0)

    def rest(self, duration_s: float) -> None:
        """Stay where the hand is."""
        self._add([self._joints, self._joints], 1.0)
        self._legs[-1] = replace(self._legs[-1], duration_s=max(duration_s, self._legs[-1].duration_s))

    @contextmanager
    def carrying(self, prop: str) -> Iterator[None]:
        """The legs that are added inside need this prop in the jaws."""
        from_s = self.time_s
        yield
        self._carries.append(Carry(prop, from_s, self.time_s))

    def look_again(self) -> None:
        """The expert shall plan anew as soon as these legs end."""
        self._look_again = True

    def plan(self) -> Plan:
        """What was added; a rest when there was nothing."""
        if not self._legs:
            self.rest(0.1)
        return Plan(tuple(self._legs), tuple(self._carries), self._look_again)

    def _solve(self, point: Waypoint, near_rad: Array) -> Array:
        """Joints (J,) at a waypoint; a wide turn goes through the arm's own direction, as the wrist can."""
        position = np.array(point.position_m)
        tool = self._kinematics.tool_position_m(near_rad)
        now = wrapped(self._kinematics.tool_yaw_rad(near_rad) - facing(float(tool[0]), float(tool[1])))
        ahead = facing(point.position_m[0], point.position_m[1])
        then = wrapped(point.yaw_rad - ahead)
        if abs(then - now) > WIDE_TURN_RAD:
            near_rad = self._kinematics.solve(position, ahead + (now + then) / 2, near_rad)
        return self._kinematics.solve(position, point.yaw_rad, near_rad)

    def _with_jaw(self, joints_rad: Array, jaw_rad: float) -> Array:
        joints = joints_rad.copy()
        joints[self._contract.gripper_index] = jaw_rad
        return joints

    def _add(self, knots_rad: list[Array], speed: float) -> None:
        velocity, acceleration = self._contract.velocity_rad_s, self._contract.acceleration_rad_s2
        # A slower leg keeps its full braking power for the velocity with which it begins.
        pull = SPEED * acceleration * (speed**2 if not np.any(self._velocity) else 1.0)
        self._legs.append(through(knots_rad, SPEED * speed * velocity, pull, self._velocity))
        self._joints, self._velocity = knots_rad[-1], np.zeros_like(self._velocity)
