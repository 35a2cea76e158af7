import numpy as np
import pytest

from sovereign_robot.contract.conformance import check_policy
from sovereign_robot.contract.fakes import example_observation
from sovereign_robot.evaluation.expert_policy import ExpertPolicy
from sovereign_robot.evaluation.rollout import RolloutSettings, rollout
from tests.sim.tasks.playing import put


class Nudged(ExpertPolicy):
    """The cube jumps away once while the expert reaches for it."""

    def __init__(self, simulation):
        super().__init__(simulation)
        self.simulation = simulation
        self.nudged = False

    def predict(self, observation, committed=None):
        scene = self.simulation.scene
        if not self.nudged and self.simulation.time_s > 1.5:
            self.nudged = True
            x_m, y_m, z_m = self.simulation.state.position_m(scene.goal["colour"])
            put(self.simulation, scene.goal["colour"], (x_m - 0.03, y_m, z_m))
        return super().predict(observation, committed)


def test_the_expert_keeps_to_the_port(simulation):
    simulation.reset(0)

    check_policy(ExpertPolicy(simulation), example_observation(simulation.contract))


def test_it_plans_again_where_its_plan_came_to_nothing(simulation):
    policy = Nudged(simulation)

    result = rollout(simulation, policy, 3, settings=RolloutSettings(timeout_s=20.0))

    assert policy.nudged
    assert result.success


def test_it_moves_within_what_the_supervisor_lets_through(simulation):
    result = rollout(simulation, ExpertPolicy(simulation), 4)

    speed = np.abs(np.diff(result.command_rad[5:], axis=0)) / simulation.contract.control_step_s
    assert (speed <= simulation.contract.velocity_rad_s * 1.001).all()
    assert result.interventions.get("position", 0) == 0
    assert result.success


@pytest.mark.parametrize("seed", [1, 2])
def test_a_new_scene_begins_with_a_new_plan(simulation, seed):
    policy = ExpertPolicy(simulation)

    results = [rollout(simulation, policy, each) for each in (seed, seed + 10)]

    assert all(result.success for result in results)
