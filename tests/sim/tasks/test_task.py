"""Rules that hold for every kind of work."""

import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import TASKS

SEEDS = range(3)
REACH_M = 0.5
LATER = ("way", "other", "other_bin")  # what a goal asks for at the same place, or afterwards


@pytest.mark.parametrize("task", TASKS)
def test_what_one_has_to_look_at_is_on_the_table_and_follows_from_what_is_asked(robot: RobotContract, task):
    simulation = Simulation(robot, task)
    for seed in SEEDS:
        scene = simulation.reset(seed, "layout")
        looks = [np.stack(simulation.task.attention(simulation.state, goal)) for goal in scene.choices]

        assert all(points.shape == (2, 3) for points in looks)
        assert all(np.isfinite(points).all() for points in looks)
        assert all((np.linalg.norm(points[:, :2], axis=1) < REACH_M).all() for points in looks)
        assert all(((points[:, 2] > -0.01) & (points[:, 2] < 0.2)).all() for points in looks)
        things = {points.round(4).tobytes() for points in looks}
        named = {tuple(v for k, v in goal.items() if k not in LATER) for goal in scene.choices}
        assert len(things) == len(named)
    simulation.close()
