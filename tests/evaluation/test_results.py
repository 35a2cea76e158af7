import json

import pytest

from tests.evaluation.samples import sample_report, sample_result


def test_a_run_passes_at_its_threshold_and_not_below():
    episodes = [sample_result(i, success=i != 0) for i in range(10)]

    assert sample_report(episodes, threshold=0.9).passed
    assert not sample_report(episodes, threshold=0.91).passed


def test_a_run_without_an_episode_does_not_pass():
    assert not sample_report([], threshold=0.0).passed


def test_success_is_broken_down_by_language_and_by_each_label():
    episodes = [
        sample_result(0),
        sample_result(1, success=False, language="en", colour="blue"),
        sample_result(2),
    ]

    breakdown = sample_report(episodes).breakdown()

    assert {n: {v: (r.successes, r.n) for v, r in g.items()} for n, g in breakdown.items()} == {
        "language": {"en": (0, 1), "ja": (2, 2)},
        "colour": {"blue": (0, 1), "red": (2, 2)},
        "bin": {"left": (2, 3)},
    }


def test_numbers_of_a_run_are_plain_json_with_seeds_interval_and_times():
    episodes = [sample_result(4, success=False), sample_result(5)]

    data = json.loads(json.dumps(sample_report(episodes).as_dict()))

    assert (data["seeds"], data["failed_seeds"], data["splits"]) == ([4, 5], [4], ["layout"])
    assert data["success"]["n"] == 2
    assert data["success"]["too_few_to_claim"]
    assert data["success"]["interval95"] == [pytest.approx(0.0945), pytest.approx(0.9055)]
    assert data["observation_to_command"]["p50_s"] == 0.03
    assert data["inference"]["p99_s"] == 0.005
    assert data["loop_jitter"]["max_s"] == pytest.approx(0.0002)
    assert data["interventions"] == {"velocity": 9}
