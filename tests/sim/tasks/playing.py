"""Let an expert finish a scene without cameras, and put things where a test wants them."""

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.performance import perform
from sovereign_robot.sim.simulation import Simulation


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
