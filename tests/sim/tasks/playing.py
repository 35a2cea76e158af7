"""Let an expert finish a scene without cameras, and put things where a test wants them."""

import numpy as np

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation

REST_S = 0.4


def play(simulation: Simulation, expert: Expert, goal: dict[str, str] | None = None) -> Array:
    """From the scene's beginning to success or to the end of the time; every command (N, J) [rad]."""
    contract = simulation.contract
    ticks = round(contract.policy_step_s / contract.control_step_s)
    commands = [np.array(simulation.scene.start_rad)]
    velocity = np.zeros_like(commands[0])
    plan, began_s = expert.plan(commands[0], velocity, goal), 0.0
    while simulation.time_s < simulation.task.timeout_s:
        elapsed_s = simulation.time_s - began_s
        if elapsed_s > plan.duration_s + REST_S and simulation.success():
            break
        if expert.must_replan(plan, elapsed_s):
            velocity = (commands[-1] - commands[-2]) / contract.control_step_s
            plan, began_s = expert.plan(commands[-1], velocity, goal), simulation.time_s
        for _ in range(ticks):
            commands.append(plan.position_rad(simulation.time_s - began_s + contract.control_step_s))
            simulation.step_control(commands[-1])
    return np.array(commands)


def put(simulation: Simulation, prop: str, position_m: tuple[float, float, float] | Array) -> None:
    """Move a prop that has a free joint, at rest."""
    joint = simulation.data.joint(f"{prop}/free")
    joint.qpos[:3] = position_m
    joint.qvel[:] = 0.0


def let_pass(simulation: Simulation, seconds: float) -> None:
    """Time goes by with the command in force."""
    for _ in range(round(seconds / simulation.contract.control_step_s)):
        simulation.advance()
