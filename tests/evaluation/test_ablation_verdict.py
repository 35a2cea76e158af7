import math

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.ablation_cells import CellResult, Measured
from sovereign_robot.evaluation.ablation_plan import Rule
from sovereign_robot.evaluation.ablation_verdict import Score, Verdict

RULE = Rule(says="", gain_points=5.0, latency_factor=1.5)


def score(*series: str, inference_s: float = 0.002, first: int = 0) -> Score:
    """One checkpoint for each series of marks."""
    made = (
        Measured("00001", "ab", 1000, 27, inference_s, {"success": {f"lift layout {first}": s}})
        for s in series
    )
    return Score([CellResult({}, tuple(made))])


def test_a_rate_is_the_mean_of_the_checkpoints_with_the_interval_of_so_many_scenes():
    mean = score("1" * 60 + "0" * 40, "1" * 80 + "0" * 20, "1" * 100)

    assert mean.mean("success") == pytest.approx(0.8)
    assert mean.interval("success") == pytest.approx((0.711, 0.867), abs=0.001)
    assert (mean.scenes, mean.checkpoints) == (100, 3)
    assert math.isnan(mean.mean("listened"))


def test_a_better_arm_is_kept():
    verdict = Verdict(score("0" * 30 + "1" * 70), score("1" * 100), RULE)

    assert verdict.is_kept
    assert verdict.gain == pytest.approx(0.3)
    assert verdict.interval == pytest.approx((0.21, 0.39), abs=0.005)


@pytest.mark.parametrize(
    ("baseline", "arm", "reason"),
    [
        (score("1" * 20), score("0" * 20), "20 scenes are too few to claim"),
        (score("01" * 50), score("10" * 50), "no difference is shown"),
        (score("1" * 100), score("0" * 30 + "1" * 70), "it is worse"),
        (score("0" * 12 + "1" * 288), score("1" * 300), "it gains less than 5 points"),
        (
            score("0" * 30 + "1" * 70),
            score("1" * 100, inference_s=0.004),
            "it takes 2.00 times as long, more than 1.5",
        ),
    ],
)
def test_an_arm_is_dropped_for_a_reason(baseline, arm, reason):
    verdict = Verdict(baseline, arm, RULE)

    assert (verdict.is_kept, verdict.reason) == (False, reason)


def test_every_scene_counts_once_however_many_checkpoints_saw_it():
    verdict = Verdict(score(*["0" * 60 + "1" * 40] * 3), score("1" * 100, "1" * 100, "0" * 100), RULE)

    assert verdict.pairs.n == 100
    assert verdict.pairs.second_only == 60


def test_arms_of_different_scenes_are_refused():
    with pytest.raises(UsageError, match="measured on different scenes"):
        Verdict(score("1" * 60), score("1" * 60, first=1), RULE)
