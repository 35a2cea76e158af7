"""The scripted expert: from any state of the table to a timed joint path that finishes the task."""

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.types import Array
from sovereign_robot.sim.hand import Hand
from sovereign_robot.sim.kinematics import ToolKinematics
from sovereign_robot.sim.plan import Plan
from sovereign_robot.sim.scene import Goal
from sovereign_robot.sim.simulation import Simulation

LOST_STEPS = 2
LATE_S = 0.3


class Expert:
    """Plans for one simulation, and says when a plan no longer fits what happened."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._kinematics = ToolKinematics(simulation.contract)
        self._lost_steps = 0

    def plan(self, command_rad: Array, command_rad_s: Array, goal: Goal | None = None) -> Plan:
        """What to do from now on.

        Args:
            command_rad: (J,) command in force [rad]; the plan starts there.
            command_rad_s: (J,) its velocity [rad/s].
            goal: another goal than the scene's, for one who did not listen.

        Raises:
            UsageError: the simulation was not reset.
        """
        scene = self._simulation.scene
        if scene is None:
            raise UsageError("the expert plans for a scene: reset the simulation first")
        self._lost_steps = 0
        hand = Hand(self._simulation.contract, self._kinematics, command_rad, command_rad_s)
        self._simulation.task.plan(hand, self._simulation.state, goal or scene.goal)
        return hand.plan()

    def must_replan(self, plan: Plan, elapsed_s: float) -> bool:
        """Asked once per policy step: the plan ended without success, or lost what it carries."""
        lost = any(
            carry.from_s < elapsed_s < carry.to_s - 0.1 and not self._simulation.state.holding(carry.prop)
            for carry in plan.carries
        )
        self._lost_steps = self._lost_steps + 1 if lost else 0
        late_s = 0.0 if plan.look_again else LATE_S
        ended = elapsed_s > plan.duration_s + late_s and not self._simulation.success()
        return ended or self._lost_steps > LOST_STEPS
