import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from harness.statistics.comparison.stratified import log_p_above, rank_sum_law, shift_interval
from harness.statistics.comparison.two_sample import DriftTest
from harness.statistics.evidence import Verdict, decide

RATE = 1e-6


def test_the_rank_law_is_that_of_all_arrangements() -> None:
    counts = np.zeros(13)
    for places in combinations(range(7), 4):  # where the 4 y stand among 7
        counts[sum(place - rank for rank, place in enumerate(places))] += 1

    assert rank_sum_law(3, 4) == pytest.approx(counts / math.comb(7, 4), rel=1e-14)


@pytest.mark.parametrize("sizes", [(5, 9), (20, 20), (33, 12)])
def test_p_values_are_scipys_exact_ones(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=sizes[0]), rng.normal(0.7, size=sizes[1])

    oracle = stats.mannwhitneyu(y, x, alternative="greater", method="exact").pvalue

    assert math.exp(log_p_above([(x, y)])) == pytest.approx(oracle, rel=1e-10)


def test_complete_separation_of_12_runs_each_reaches_one_in_a_million() -> None:
    found = log_p_above([(np.arange(12.0), np.arange(12.0) + 100)])
    assert found == pytest.approx(-math.log(math.comb(24, 12)), rel=1e-12)


def test_ties_count_for_the_null() -> None:
    assert log_p_above([(np.ones(2), np.ones(2))]) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("sizes", [(1, 5), (2, 7), (9, 2), (12, 1), (4, 4)])
def test_no_p_value_is_above_one(sizes: tuple[int, int]) -> None:
    # The law's sum is rounded up at some of these sizes.
    above, below = np.ones(sizes[0]), np.zeros(sizes[1])
    assert log_p_above([(above, below)]) <= 0.0


def test_false_drifts_at_the_edge_stay_below_nominal() -> None:
    # 1000 runs at level 0.05 on a shift of exactly inside * margin: above 95 with P < 1e-8.
    rng, test = np.random.default_rng(2), DriftTest(margin=1.0)
    wrong = 0
    for _ in range(1000):
        x, y = rng.standard_t(3, size=15), 0.5 + rng.standard_t(3, size=15)
        wrong += test.evidence(x, y, 0.05, 0.05).refute >= math.log(20)

    assert wrong <= 95


def test_false_confirmations_at_the_edge_are_close_to_nominal() -> None:
    # 1000 runs at level 0.05 on a shift of exactly the margin: outside [20, 95] with P < 1e-5.
    rng, test = np.random.default_rng(3), DriftTest(margin=3.0)
    wrong = 0
    for _ in range(1000):
        x, y = rng.normal(size=15), 3.0 + rng.normal(size=18)
        wrong += test.evidence(x, y, 0.05, 0.05).confirm >= math.log(20)

    assert 20 <= wrong <= 95


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.0, "CONFIRMED"), (4.0, "REFUTED"), (-4.0, "REFUTED")]
)
def test_runs_that_stayed_and_runs_that_drifted(shift: float, verdict: str) -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=40), shift + rng.normal(size=32)

    found = DriftTest(margin=2.0).evidence(x, y, RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict[verdict]
    assert found.interval[0] < shift < found.interval[1]


def test_too_few_runs_are_undecided() -> None:
    x = np.arange(5.0)

    found = DriftTest(margin=10.0).evidence(x, x, RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict.UNDECIDED
    assert found.interval == (-math.inf, math.inf)


def test_the_interval_for_the_shift_covers() -> None:
    # 500 runs at level 0.1: more than 95 misses with P < 1e-8.
    rng, missed = np.random.default_rng(5), 0
    for _ in range(500):
        low, high = shift_interval([(rng.exponential(size=12), 2 + rng.exponential(size=10))], 0.1)
        missed += not low <= 2 <= high

    assert missed <= 95


@pytest.mark.parametrize("sample", [[], [1.0, math.nan]])
def test_samples_that_are_not_numbers_are_refused(sample: list[float]) -> None:
    with pytest.raises(ValueError, match="finite numbers"):
        DriftTest(1.0).evidence([1.0], sample, RATE, RATE)
    with pytest.raises(ValueError, match="margin"):
        DriftTest(0.0)
