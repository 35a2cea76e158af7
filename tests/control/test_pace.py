import numpy as np
import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk
from sovereign_robot.control.latency import LatencyEstimator
from sovereign_robot.control.pace import SLOWEST, budget, paced

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s


def known(latency_s: float) -> LatencyEstimator:
    made = LatencyEstimator()
    made.add(0.0, latency_s)
    return made


def test_before_the_first_answer_the_policy_is_taken_to_be_in_time():
    asked = budget(LatencyEstimator(), STEP_S, 4)
    assert (asked.rows, asked.pace, asked.latency_s, asked.excess) == (2, 1.0, None, "")


@pytest.mark.parametrize(
    ("latency_s", "rows", "pace"),
    [(0.0, 1, 1.0), (0.03, 1, 1.0), (0.08, 2, 1.0), (0.3, 2, 1.0), (0.4, 2, 0.75), (9.0, 2, SLOWEST)],
)
def test_promises_and_pace_follow_the_latency(latency_s: float, rows: int, pace: float):
    asked = budget(known(latency_s), STEP_S, 4)
    assert (asked.rows, asked.pace) == (rows, pytest.approx(pace))


def test_no_more_is_promised_than_the_policy_can_take():
    assert budget(known(0.2), STEP_S, 1).rows == 1
    assert budget(known(0.2), STEP_S, 0).rows == 0


def test_over_the_budget_the_sentence_names_latency_budget_and_what_is_done():
    assert budget(known(0.6), STEP_S, 4).excess == (
        "the policy answers 0.600 s after its observation, expected at most 0.300 s: "
        "the arm moves at 50% of its pace"
    )


def test_a_slower_chunk_goes_the_same_way_later_and_reaches_further():
    rows = SO101.home + 0.02 * np.arange(1, 17)[:, None]
    chunk = ActionChunk(3.0, STEP_S, SO101.joint_names, rows)
    slower = paced(chunk, 0.5)
    assert (slower.stamp_s, slower.step_s, len(slower.position_rad)) == (3.0, STEP_S, 32)
    np.testing.assert_allclose(slower.position_rad[1::2], rows, atol=1e-12)
    np.testing.assert_allclose(np.diff(slower.position_rad, axis=0), 0.01, atol=1e-12)
    slower.validate(SO101)


def test_at_full_pace_a_chunk_is_itself():
    chunk = ActionChunk(3.0, STEP_S, SO101.joint_names, np.tile(SO101.home, (16, 1)))
    assert paced(chunk, 1.0) is chunk
