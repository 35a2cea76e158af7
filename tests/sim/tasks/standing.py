"""Move the parts of fixtures by hand, and ask what a task says about it."""

import mujoco

from sovereign_robot.sim.scene import Goal, Scene
from sovereign_robot.sim.simulation import Simulation


def move(simulation: Simulation, joint: str, position: float) -> None:
    """Put a fixture's joint "<prop>/<joint>" at a position [rad or m], at rest."""
    moved = simulation.data.joint(joint)
    moved.qpos[0], moved.qvel[0] = position, 0.0
    mujoco.mj_forward(simulation.model, simulation.data)


def others(scene: Scene, goal: Goal) -> set[str]:
    """The colours in the picture that a goal does not name."""
    return {choice["colour"] for choice in scene.choices} - {goal["colour"]}
