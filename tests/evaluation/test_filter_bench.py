import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.seven_joint import seven_joint_arm
from sovereign_robot.evaluation.filter_bench import TARGETS, TICKS, FilterBench, FilterRun, tick_times_s

SO101 = load_robot("so101")


@pytest.mark.parametrize("contract", [SO101, seven_joint_arm()], ids=["so101", "seven_joint"])
def test_every_kind_of_command_leaves_every_limit_kept(contract: RobotContract):
    bench = FilterBench(contract)
    for seed in range(len(TARGETS)):
        run = bench.run(seed)
        assert run.commands == TICKS
        assert run.violations == {}
        assert run.shares["velocity"] > 0.1, "the arm moved"


def test_a_seed_is_the_same_attack_again():
    first, second = (FilterBench(SO101).run(3) for _ in range(2))
    assert first == second


def test_what_is_beyond_is_counted_and_the_worst_is_kept():
    run, other = FilterRun(), FilterRun()
    run.note("jerk", 0.9)
    other.note("jerk", 1.1)
    run.add(other)
    assert run.violations == {"jerk": 1}
    assert run.shares == {"jerk": 1.1}


def test_a_tick_is_timed():
    assert (tick_times_s(SO101, False, 5) > 0.0).all()
    assert np.shape(tick_times_s(SO101, True, 20)) == (20,)
