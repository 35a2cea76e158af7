import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sovereign_robot.evaluation.statistics import EPISODES_TO_CLAIM, Pairs, Rate, Spread, wilson


@pytest.mark.parametrize(
    ("successes", "n", "lower", "upper"),
    # Agresti & Coull 1998 and the closed form by hand: z = 1.96.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (9, 10, 0.5958, 0.9821), (180, 200, 0.8506, 0.9344)],
)
def test_the_interval_is_wilsons(successes, n, lower, upper):
    assert wilson(successes, n) == pytest.approx((lower, upper), abs=1e-4)


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate_and_stays_in_0_to_1(pair):
    successes, n = pair
    lower, upper = wilson(successes, n)

    assert 0.0 <= lower <= (successes / n if n else 0.5) <= upper <= 1.0


def test_more_successes_than_episodes_are_refused():
    with pytest.raises(ValueError, match="3 successes of 2 episodes"):
        wilson(3, 2)


def test_a_rate_is_never_written_without_its_number_and_its_interval():
    assert str(Rate(180, 200)) == "90.0% (180/200, 95 % interval 85.1% .. 93.4%)"


def test_few_episodes_are_too_few_to_claim():
    assert "too few to claim" in str(Rate(EPISODES_TO_CLAIM - 1, EPISODES_TO_CLAIM - 1))
    assert not Rate(EPISODES_TO_CLAIM, EPISODES_TO_CLAIM).too_few


def test_a_spread_is_of_the_finite_values():
    spread = Spread.of([0.001 * i for i in range(101)] + [np.nan])

    assert (spread.n, spread.p50_s, spread.p99_s, spread.max_s) == (101, 0.05, 0.099, 0.1)


def test_no_values_have_no_spread():
    assert Spread.of([]) == Spread(0, None, None, None)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_a_fair_coins_exact_test_of_the_discordant_pairs(first_only, second_only):
    pairs = Pairs(7, first_only, second_only, 3)
    tosses = first_only + second_only

    assert pairs.p == pytest.approx(binomtest(first_only, tosses).pvalue if tosses else 1.0, rel=1e-9)


def test_pairs_are_counted_from_both_outcomes():
    pairs = Pairs.of([(True, True)] * 5 + [(True, False)] * 3 + [(False, True)] * 2 + [(False, False)])

    assert pairs == Pairs(both=5, first_only=3, second_only=2, neither=1)
    assert (pairs.first, pairs.second) == (Rate(8, 11), Rate(7, 11))
    assert pairs.difference == pytest.approx(-1 / 11)


def test_the_interval_of_a_difference_is_bonett_and_prices():
    # By hand: gained 20 / 202, lost 6 / 202; 14 / 202 -+ 1.96 sqrt((26 / 202 - (14 / 202) ** 2) / 202).
    lower, upper = Pairs(150, 5, 19, 26).interval

    assert (lower, upper) == pytest.approx((0.0208, 0.1179), abs=1e-4)


@given(st.tuples(*[st.integers(0, 300)] * 4))
def test_the_interval_of_a_difference_stays_in_range_and_mirrors(counts):
    both, first_only, second_only, neither = counts
    lower, upper = Pairs(both, first_only, second_only, neither).interval
    mirrored = Pairs(both, second_only, first_only, neither).interval

    assert -1.0 <= lower <= upper <= 1.0
    assert mirrored == pytest.approx((-upper, -lower))
