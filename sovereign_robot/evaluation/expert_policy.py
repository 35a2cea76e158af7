"""The expert behind the Policy port: what a student could reach at best on the same control path."""

import numpy as np

from sovereign_robot.contract.types import ActionChunk, Array, Observation
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.plan import Plan
from sovereign_robot.sim.simulation import Simulation


class ExpertPolicy:
    """Plays the expert's plans as chunks; it sees the simulation's state instead of pictures."""

    horizon = 16
    max_committed = 4

    def __init__(self, simulation: Simulation) -> None:
        """For one simulation, whose scenes it plays."""
        self.contract = simulation.contract
        self._simulation = simulation
        self._expert = Expert(simulation)
        self._plan: Plan | None = None
        self._began_s = 0.0

    def reset(self) -> None:
        """A new scene: forget the plan."""
        self._plan = None

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        """Rows of the plan, which is made again when it ended without success or lost what it carried.

        Raises:
            ObservationError: the observation does not fit the contract.
            UsageError: the simulation was not reset.
        """
        observation.validate(self.contract)
        now_s, step_s = observation.stamp_s, self.contract.policy_step_s
        rows = np.empty((0, len(self.contract.joints))) if committed is None else committed
        plan = self._plan
        if plan is None or self._expert.must_replan(plan, now_s - self._began_s):
            plan = self._plan_from(now_s + len(rows) * step_s)
        times_s = now_s - self._began_s + step_s * np.arange(1, self.horizon + 1)
        path = np.array([self._limited(plan, max(0.0, float(t))) for t in times_s])
        path[: len(rows)] = rows
        return ActionChunk(now_s, step_s, self.contract.joint_names, path)

    def _plan_from(self, time_s: float) -> Plan:
        """A plan that takes over at `time_s`, where and as fast as the one before it is then."""
        before = self._plan
        start_rad = self._simulation.start_rad
        velocity_rad_s = np.zeros_like(start_rad)
        if before is not None:
            elapsed_s, span_s = time_s - self._began_s, self.contract.control_step_s
            start_rad = self._limited(before, elapsed_s)
            velocity_rad_s = (start_rad - self._limited(before, max(0.0, elapsed_s - span_s))) / span_s
        self._plan, self._began_s = self._expert.plan(start_rad, velocity_rad_s), time_s
        return self._plan

    def _limited(self, plan: Plan, elapsed_s: float) -> Array:
        """(J,) of a plan [rad]; one that begins in motion may swing past a joint's end."""
        position_rad = plan.position_rad(elapsed_s)
        return np.clip(position_rad, self.contract.lower_rad, self.contract.upper_rad)
