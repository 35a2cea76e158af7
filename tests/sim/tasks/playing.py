"""Let an expert finish a scene without cameras, and put things where a test wants them."""

import numpy as np

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.performance import perform
from sovereign_robot.sim.plan import Plan
from sovereign_robot.sim.scene import Goal
from sovereign_robot.sim.simulation import Simulation

REST_S = 0.4


def play(simulation: Simulation, expert: Expert, goal: dict[str, str] | None = None) -> Array:
    """From the scene's beginning to success or to the end of the time; every command (N, J) [rad]."""
    return perform(simulation, expert, goal).command_rad


def put(simulation: Simulation, prop: str, position_m: tuple[float, float, float] | Array) -> None:
    """Move a prop that has a free joint, at rest."""
    joint = simulation.data.joint(f"{prop}/free")
    joint.qpos[:3] = position_m
    joint.qvel[:] = 0.0


def let_pass(simulation: Simulation, seconds: float) -> None:
    """Time goes by with the command in force."""
    for _ in range(round(seconds / simulation.contract.control_step_s)):
        simulation.advance()


def follow(simulation: Simulation, plan: Plan, seconds: float) -> Array:
    """Do the first seconds of a plan; the last command (J,) [rad]."""
    began_s, step_s = simulation.time_s, simulation.contract.control_step_s
    command = plan.position_rad(step_s)
    while simulation.time_s < began_s + seconds:
        command = plan.position_rad(simulation.time_s - began_s + step_s)
        simulation.step_control(command)
    return command


def play_on(simulation: Simulation, expert: Expert, command: Array) -> None:
    """From rest at a command (J,) [rad] in the middle of a scene to success or to the end of the time."""
    while not simulation.success() and simulation.time_s < simulation.task.timeout_s:
        plan = expert.plan(command, np.zeros_like(command))
        command = follow(simulation, plan, plan.duration_s + REST_S)


def first_plan(simulation: Simulation, expert: Expert, goal: Goal | None = None) -> Plan:
    """What the expert would do at the beginning of the scene."""
    return expert.plan(simulation.start_rad, np.zeros_like(simulation.start_rad), goal)


def tip_over(simulation: Simulation, prop: str, height_m: float) -> None:
    """Lay a prop on its side where it stands; its centre is then `height_m` high [m]."""
    joint = simulation.data.joint(f"{prop}/free")
    put(simulation, prop, (joint.qpos[0], joint.qpos[1], height_m))
    joint.qpos[3:] = (np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0)
