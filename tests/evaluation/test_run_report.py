import json

import pytest

from tests.evaluation.samples import sample_report, sample_result


def test_a_run_passes_at_its_threshold_and_not_below():
    episodes = [sample_result(i, success=i != 0) for i in range(10)]

    assert sample_report(episodes, threshold=0.9).passed
    assert not sample_report(episodes, threshold=0.91).passed


def test_every_split_must_reach_the_threshold_by_itself():
    weak = [sample_result(i, split="combo", success=i > 1) for i in range(10)]
    strong = [sample_result(i) for i in range(90)]

    report = sample_report(strong + weak)

    assert report.rate.value == 0.98
    assert not report.passed


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

    assert (data["seeds"], data["tasks"], data["splits"]) == ([4, 5], ["place_in_bin"], ["layout"])
    assert data["success"]["n"] == 2
    assert data["success"]["too_few_to_claim"]
    assert data["success"]["interval95"] == [pytest.approx(0.0945), pytest.approx(0.9055)]
    assert data["observation_to_command"]["p50_s"] == 0.03
    assert data["inference"]["p99_s"] == 0.005
    assert data["loop_jitter"]["max_s"] == pytest.approx(0.0002)
    assert data["interventions"] == {"velocity": 9}


def test_the_table_has_every_task_and_split_with_its_failed_seeds():
    episodes = [
        sample_result(i, task=task, split=split, success=(task, i) != ("lift", 3))
        for task in ("lift", "reach")
        for split in ("layout", "combo")
        for i in (3, 4)
    ]

    data = sample_report(episodes).as_dict()

    cells = {(cell["task"], cell["split"]): cell for cell in data["table"]}
    assert list(cells) == [(t, s) for t in ("lift", "reach") for s in ("layout", "combo")]
    assert cells["lift", "combo"]["failed_seeds"] == [3]
    assert cells["lift", "combo"]["success"]["successes"] == 1
    assert data["by_task"]["reach"]["success"]["successes"] == 4
    assert data["by_split"]["layout"]["success"]["n"] == 4


def test_control_arms_count_in_no_number_of_the_policy():
    arms = [sample_result(i, arm="expert", colour="blue") for i in range(8)]

    report = sample_report([sample_result(0, success=False), *arms])

    assert (report.rate.successes, report.rate.n) == (0, 1)
    assert "blue" not in report.breakdown()["colour"]
    assert report.latency.n == 10
    assert report.interventions == {"velocity": 0}
    assert len(report.as_dict()["episodes"]) == 9
