"""The scripted expert: from any state of the table to a timed joint path that finishes the task.

It sees the simulator's state, but decides only by what a camera could see: where the named cube is,
whether it is in the jaws, and where the named bin is. So its choice is a function of the picture and
a student can imitate it, also from states that the student reached by mistake.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.types import Array
from sovereign_robot.sim.kinematics import ToolKinematics
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.trajectory import Trajectory, through

PICK_Z_M = 0.013
HOVER_Z_M = 0.075
CARRY_Z_M = 0.1
RELEASE_Z_M = 0.055
RETREAT_Z_M = 0.11
OPEN_RAD = 0.34
SHUT_RAD = -0.05
SETTLE_S = 0.15
# Near enough to shut or open at once. Whoever moves the arm, a jaw that has begun to turn is never turned
# back for a last centimetre: a student that saw both would learn to do neither.
GRASP_ASIDE_M, GRASP_ABOVE_M = 0.008, 0.008
RELEASE_ASIDE_M, RELEASE_ABOVE_M = 0.02, 0.02
SPEED = 0.85


@dataclass(frozen=True, slots=True)
class Plan:
    """Legs one after the other; after the last the arm rests.

    Attributes:
        carry_s: from when to when the cube must be in the jaws [s]; empty when it need not be.
    """

    legs: tuple[Trajectory, ...]
    carry_s: tuple[float, float] = (0.0, 0.0)

    @property
    def duration_s(self) -> float:
        """Length of the whole plan [s]."""
        return sum(leg.duration_s for leg in self.legs)

    def position_rad(self, time_s: float) -> Array:
        """(J,) command [rad] at `time_s` after the plan was made."""
        for leg in self.legs[:-1]:
            if time_s < leg.duration_s:
                return leg.position_rad(time_s)
            time_s -= leg.duration_s
        return self.legs[-1].position_rad(time_s)


class Expert:
    """Plans for one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._contract = simulation.contract
        self._kinematics = ToolKinematics(simulation.contract)
        self._velocity = SPEED * simulation.contract.velocity_rad_s
        self._acceleration = SPEED * simulation.contract.acceleration_rad_s2

    def plan(self, command_rad: Array, command_rad_s: Array) -> Plan:
        """What to do from now on.

        Args:
            command_rad: (J,) command in force [rad]; the plan starts there.
            command_rad_s: (J,) its velocity [rad/s].
        """
        scene = self._scene
        cube = self._simulation.object_position_m(scene.target)
        bin_ = self._simulation.fixture_position_m(scene.destination)
        held = self._simulation.holding(scene.target)
        if self._simulation.task.in_bin(cube, bin_) and not (held and cube[2] > RELEASE_Z_M):
            return Plan(tuple(self._leave(command_rad, command_rad_s)))
        legs = [] if held else self._pick(cube, command_rad, command_rad_s)
        start = legs[-1].position_rad(math.inf) if legs else command_rad
        velocity = np.zeros_like(command_rad) if legs else command_rad_s
        carry_from_s = sum(leg.duration_s for leg in legs)
        place = self._place(bin_, start, velocity)
        carry_s = (carry_from_s, carry_from_s + sum(leg.duration_s for leg in place[:-1]))
        legs += place
        return Plan(
            tuple(legs + self._leave(legs[-1].position_rad(math.inf), np.zeros_like(velocity))), carry_s
        )

    @property
    def _scene(self) -> Scene:
        scene = self._simulation.scene
        if scene is None:
            raise UsageError("the expert plans for a scene: reset the simulation first")
        return scene

    def _pick(self, cube_m: Array, start_rad: Array, start_rad_s: Array) -> list[Trajectory]:
        yaw = _nearest_face(
            self._simulation.object_yaw_rad(self._scene.target), math.atan2(cube_m[1], cube_m[0])
        )
        tool = self._kinematics.tool_position_m(start_rad)
        knots = [start_rad]
        aside = float(np.hypot(*(tool[:2] - cube_m[:2])))
        if aside < GRASP_ASIDE_M and tool[2] < PICK_Z_M + GRASP_ABOVE_M:
            return [self._grip(start_rad, SHUT_RAD, start_rad_s), self._rest(start_rad, SHUT_RAD)]
        if tool[2] < HOVER_Z_M - 0.015 and aside > 0.012:
            knots.append(self._reach([*tool[:2], HOVER_Z_M], yaw, knots[-1], OPEN_RAD))
        if aside > 0.012 or tool[2] > HOVER_Z_M:
            knots.append(self._reach([*cube_m[:2], HOVER_Z_M], yaw, knots[-1], OPEN_RAD))
        if tool[2] > 0.05 or aside > 0.012:
            knots.append(self._reach([*cube_m[:2], 0.042], yaw, knots[-1], OPEN_RAD))
        knots.append(self._reach([*cube_m[:2], PICK_Z_M], yaw, knots[-1], OPEN_RAD))
        approach = self._through(knots, start_rad_s)
        still = np.zeros_like(start_rad)
        return [approach, self._grip(knots[-1], SHUT_RAD, still), self._rest(knots[-1], SHUT_RAD)]

    def _place(self, bin_m: Array, start_rad: Array, start_rad_s: Array) -> list[Trajectory]:
        tool = self._kinematics.tool_position_m(start_rad)
        yaw = math.atan2(bin_m[1], bin_m[0])
        start = self._with_gripper(start_rad, SHUT_RAD)
        knots = [start_rad]
        aside = float(np.hypot(*(tool[:2] - bin_m[:2])))
        if aside < RELEASE_ASIDE_M and tool[2] < RELEASE_Z_M + RELEASE_ABOVE_M:
            return [self._grip(start_rad, OPEN_RAD, start_rad_s)]
        if aside > RELEASE_ASIDE_M:
            if tool[2] < CARRY_Z_M - 0.02:
                knots.append(
                    self._reach([*tool[:2], CARRY_Z_M - 0.02], math.atan2(tool[1], tool[0]), start, SHUT_RAD)
                )
            knots.append(self._reach([*bin_m[:2], CARRY_Z_M - 0.01], yaw, knots[-1], SHUT_RAD))
        knots.append(self._reach([*bin_m[:2], RELEASE_Z_M], yaw, knots[-1], SHUT_RAD))
        still = np.zeros_like(start_rad)
        return [self._through(knots, start_rad_s), self._grip(knots[-1], OPEN_RAD, still)]

    def _leave(self, start_rad: Array, start_rad_s: Array) -> list[Trajectory]:
        tool = self._kinematics.tool_position_m(start_rad)
        start = self._with_gripper(start_rad, OPEN_RAD)
        if tool[2] > RETREAT_Z_M - 0.01:
            return [self._through([start_rad, start], start_rad_s)]
        up = self._reach([*tool[:2], RETREAT_Z_M], math.atan2(tool[1], tool[0]), start, OPEN_RAD)
        return [self._through([start_rad, up], start_rad_s)]

    def _reach(self, position_m: list[float], yaw_rad: float, near_rad: Array, gripper_rad: float) -> Array:
        near = self._with_gripper(near_rad, gripper_rad)
        return self._kinematics.solve(np.array(position_m), yaw_rad, near)

    def _grip(self, at_rad: Array, gripper_rad: float, start_rad_s: Array) -> Trajectory:
        return self._through([at_rad, self._with_gripper(at_rad, gripper_rad)], start_rad_s)

    def _rest(self, at_rad: Array, gripper_rad: float) -> Trajectory:
        there = self._with_gripper(at_rad, gripper_rad)
        return replace(self._through([there, there], np.zeros_like(at_rad)), duration_s=SETTLE_S)

    def _with_gripper(self, joints_rad: Array, gripper_rad: float) -> Array:
        joints = joints_rad.copy()
        joints[self._contract.gripper_index] = gripper_rad
        return joints

    def _through(self, knots_rad: list[Array], start_rad_s: Array) -> Trajectory:
        return through(knots_rad, self._velocity, self._acceleration, start_rad_s)


def _nearest_face(cube_yaw_rad: float, towards_rad: float) -> float:
    """The face direction of a cube nearest to `towards_rad`; faces repeat every 90 degrees."""
    quarter = math.pi / 2
    return towards_rad + (cube_yaw_rad - towards_rad + quarter / 2) % quarter - quarter / 2
