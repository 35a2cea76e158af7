import numpy as np
import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.filter_judge import LinkJudge, joint_shares, parts_shares

SO101 = load_robot("so101")
TIMES_S = 0.01 * np.arange(50)


def moved(way_rad: np.ndarray) -> np.ndarray:
    commands = np.tile(SO101.home, (len(way_rad), 1))
    commands[:, 0] += way_rad
    return commands


def test_a_motion_has_the_shares_of_its_derivatives():
    shares = joint_shares(moved(0.5 * 10.0 * TIMES_S**2), TIMES_S, SO101)
    assert shares["acceleration"] == pytest.approx(0.5)
    assert shares["velocity"] == pytest.approx(10.0 * (TIMES_S[-1] - 0.005) / 3.0)
    assert shares["jerk"] == pytest.approx(0.0, abs=1e-6)


def test_uneven_times_do_not_change_what_a_parabola_is():
    times_s = np.cumsum(np.random.default_rng(0).uniform(0.002, 0.05, 50))
    shares = joint_shares(moved(0.5 * 10.0 * times_s**2), times_s, SO101)
    assert shares["acceleration"] == pytest.approx(0.5)
    assert shares["jerk"] == pytest.approx(0.0, abs=1e-6)


def test_a_jump_breaks_every_limit():
    shares = joint_shares(moved(np.where(TIMES_S < 0.2, 0.0, 3.0)), TIMES_S, SO101)
    assert min(shares.values()) > 1.0


def test_short_motions_are_judged_by_what_they_have():
    way_rad = np.array([0.0, 0.2, 0.2, 0.2])
    names = [set(joint_shares(moved(way_rad[:n]), TIMES_S[:n], SO101)) for n in range(1, 5)]
    assert names[0] == {"position"}
    assert names[1] == {"position", "velocity"}
    assert names[2] == {"position", "velocity", "acceleration"}
    assert names[3] == {"position", "velocity", "acceleration", "jerk"}
    assert joint_shares(moved(way_rad[:2]), TIMES_S[:2], SO101)["velocity"] > 1.0


def test_a_leap_over_a_pause_is_a_leap_however_long_the_pause_was():
    commands, stamps = moved(np.where(TIMES_S < 0.2, 0.0, 0.5)), TIMES_S + np.where(TIMES_S < 0.2, 0.0, 3.0)
    first = int(np.argmax(TIMES_S >= 0.2))
    worst = [max(shares.values()) for shares in parts_shares(commands, stamps, [first], SO101)]
    assert worst[0] < 1.0
    assert worst[1] < 1.0
    assert worst[2] > 1.0


def test_the_judge_of_links_knows_home_as_free_and_the_table_as_barred():
    judge = LinkJudge(SO101)
    assert judge.spare_m(SO101.home) > 0.01
    assert judge.spare_m(np.array([0.0, 1.5, 0.3, 0.5, 0.0, 0.3])) < 0.0
    assert judge.spare_m(np.array([0.0, -1.7, 1.69, 1.65, 0.0, 1.0])) < 0.0


def test_the_workspace_is_judged():
    data = SO101.model_dump()
    data["safety"]["workspace"] = {"lower_m": [-0.15, -0.38, -0.05], "upper_m": [0.15, 0.38, 0.46]}
    assert LinkJudge(type(SO101).from_data(data, "test")).spare_m(SO101.home) < 0.0
