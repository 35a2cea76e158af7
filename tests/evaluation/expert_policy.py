"""A policy that knows the simulator's state: what a perfect student would do on the real control path."""

import numpy as np

from sovereign_robot.contract.types import ActionChunk, Array, Observation
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.simulation import Simulation


class ExpertPolicy:
    """Plays one expert plan per scene, as chunks."""

    horizon = 16
    max_committed = 4

    def __init__(self, simulation: Simulation) -> None:
        self.contract = simulation.contract
        self._simulation = simulation
        self._expert = Expert(simulation)
        self.reset()

    def reset(self) -> None:
        self._plan = None

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        observation.validate(self.contract)
        if self._plan is None:
            start_rad = np.array(self._simulation.scene.start_rad)
            self._plan = self._expert.plan(start_rad, np.zeros_like(start_rad))
        times_s = observation.stamp_s + self.contract.policy_step_s * np.arange(1, self.horizon + 1)
        rows = np.array([self._plan.position_rad(t) for t in times_s])
        if committed is not None and len(committed):
            rows[: len(committed)] = committed
        return ActionChunk(observation.stamp_s, self.contract.policy_step_s, self.contract.joint_names, rows)
