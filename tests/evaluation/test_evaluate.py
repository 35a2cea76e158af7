from functools import partial

import numpy as np
import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.fakes import HoldPolicy
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.evaluate import Evaluation
from sovereign_robot.evaluation.rollout import RolloutSettings

ROBOT = load_robot("so101")


def evaluation(episodes: int) -> Evaluation:
    make = partial(HoldPolicy, ROBOT)
    return Evaluation(ROBOT, "place_in_bin", make, episodes, 7, settings=RolloutSettings(timeout_s=0.2))


def test_results_do_not_depend_on_the_number_of_workers():
    alone, shared = (list(evaluation(3).run(workers)) for workers in (0, 2))

    assert [e.seed for e in alone] == [e.seed for e in shared] == [7, 8, 9]
    for a, b in zip(alone, shared, strict=True):
        assert a.instruction == b.instruction
        np.testing.assert_array_equal(a.joint_position_rad, b.joint_position_rad)


def test_no_episodes_are_refused():
    with pytest.raises(UsageError, match="--episodes 0"):
        evaluation(0)
