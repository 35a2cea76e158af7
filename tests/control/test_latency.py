import pytest

from sovereign_robot.control.latency import LatencyEstimator


def estimator(latencies_s: list[float], every_s: float = 0.2) -> LatencyEstimator:
    made = LatencyEstimator()
    for i, latency_s in enumerate(latencies_s):
        made.add(i * every_s, latency_s)
    return made


def test_without_a_sample_nothing_is_known():
    assert LatencyEstimator().latency_s is None
    assert LatencyEstimator().rows(0.05) is None


@pytest.mark.parametrize(
    ("latency_s", "rows"), [(0.001, 1), (0.03, 1), (0.05, 1), (0.051, 2), (0.2, 4), (0.43, 9)]
)
def test_rows_are_those_that_pass_before_a_chunk_comes(latency_s: float, rows: int):
    assert estimator([latency_s] * 5).rows(0.05) == rows


def test_one_hiccup_among_many_is_passed_over():
    assert estimator([0.03] * 20 + [0.9] + [0.03] * 20).latency_s == pytest.approx(0.03)


def test_a_policy_that_becomes_slow_is_noticed_within_its_next_chunks():
    assert estimator([0.03] * 18 + [0.4] * 3).latency_s == pytest.approx(0.4)


def test_a_slow_spell_is_forgotten():
    assert estimator([0.4] * 10 + [0.03] * 60).latency_s == pytest.approx(0.03)


def test_a_clock_that_ran_backwards_begins_anew():
    made = estimator([0.4] * 10)
    made.add(-5.0, 0.03)
    assert made.latency_s == pytest.approx(0.03)
