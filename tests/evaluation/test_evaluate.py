from functools import partial

import numpy as np
import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.fakes import HoldPolicy
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.evaluate import Evaluation
from sovereign_robot.evaluation.results import POLICY
from sovereign_robot.evaluation.rollout import RolloutSettings

ROBOT = load_robot("so101")


def evaluation(episodes: int, **fields) -> Evaluation:
    make, settings = partial(HoldPolicy, ROBOT), RolloutSettings(timeout_s=0.2)
    return Evaluation(
        ROBOT,
        **{"tasks": ("reach",), "settings": settings, "seed": 7} | fields,
        make_policy=make,
        episodes=episodes,
    )


def test_results_do_not_depend_on_the_number_of_workers():
    measured = evaluation(2, tasks=("reach", "lift"), controls=("expert", "wrong_sentence"))

    alone, shared = (list(measured.run(workers)) for workers in (0, 2))

    for a, b in zip(alone, shared, strict=True):
        assert (a.task, a.seed, a.arm, a.instruction) == (b.task, b.seed, b.arm, b.instruction)
        np.testing.assert_array_equal(a.joint_position_rad, b.joint_position_rad)


def test_every_task_split_and_arm_is_played_on_the_same_seeds():
    measured = evaluation(2, tasks=("reach", "lift"), splits=("layout", "combo"), controls=("still",))

    played = [(e.task, e.split, e.seed, e.arm) for e in measured.run(0)]

    assert played == [
        (task, split, seed, arm)
        for task in ("reach", "lift")
        for split in ("layout", "combo")
        for seed in (7, 8)
        for arm in (POLICY, "still")
    ]


def test_the_arms_are_an_expert_that_can_one_that_stays_and_the_policy_with_another_sentence():
    measured = evaluation(1, controls=("expert", "still", "wrong_sentence"), settings=RolloutSettings())

    own, expert, still, told = measured.run(0)

    assert (own.success, expert.success, still.success, told.success) == (False, True, False, False)
    assert (own.listened, told.listened) == (None, False)
    assert own.instruction == expert.instruction == still.instruction != told.instruction
    assert own.labels == expert.labels == still.labels == told.labels


def test_no_episodes_are_refused():
    with pytest.raises(UsageError, match="--episodes 0"):
        evaluation(0)
