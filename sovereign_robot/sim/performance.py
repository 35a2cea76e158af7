"""An expert at work without cameras and without a disturbance: what it commands, and how it ends."""

from dataclasses import dataclass

import numpy as np

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.scene import Goal
from sovereign_robot.sim.simulation import Simulation

REST_S = 0.4


@dataclass(frozen=True, slots=True)
class Performance:
    """One episode.

    Attributes:
        time_s: from the beginning to success, or to the end of the time [s].
        command_rad: (N, J) every command at the control rate [rad], the start pose first.
    """

    success: bool
    time_s: float
    command_rad: Array


def perform(simulation: Simulation, expert: Expert, goal: Goal | None = None) -> Performance:
    """From the beginning of the simulation's scene until the work is done and the last plan has ended.

    Args:
        goal: another goal than the scene's, for one who did not listen; success is that of the scene's.
    """
    contract = simulation.contract
    ticks = round(contract.policy_step_s / contract.control_step_s)
    commands = [simulation.start_rad]
    plan, began_s, done_s = expert.plan(commands[0], np.zeros_like(commands[0]), goal), 0.0, None
    while simulation.time_s < simulation.task.timeout_s:
        elapsed_s = simulation.time_s - began_s
        if simulation.success():
            done_s = simulation.time_s if done_s is None else done_s
            if elapsed_s > plan.duration_s + REST_S:
                break
        if expert.must_replan(plan, elapsed_s):
            velocity = (commands[-1] - commands[-2]) / contract.control_step_s
            plan, began_s = expert.plan(commands[-1], velocity, goal), simulation.time_s
        for _ in range(ticks):
            target = plan.position_rad(simulation.time_s - began_s + contract.control_step_s)
            # A plan that begins in motion may swing past a joint's end.
            commands.append(np.clip(target, contract.lower_rad, contract.upper_rad))
            simulation.step_control(commands[-1])
    time_s = simulation.time_s if done_s is None else done_s
    return Performance(simulation.success(), time_s, np.array(commands))
