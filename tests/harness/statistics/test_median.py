"""The interval of a median: it covers at every stopping time, for every law, and becomes narrow."""

import math

import numpy as np
import pytest

from harness.statistics.tests.counts import median_interval

RUNS, LONGEST, ALPHA = 200, 200, 0.05


@pytest.mark.parametrize("law", ["normal", "cauchy", "two points"])
def test_a_run_that_leaves_the_median_at_any_time_is_rare(law: str) -> None:
    rng = np.random.default_rng(7)
    draws = {
        "normal": rng.standard_normal((RUNS, LONGEST)),
        "cauchy": rng.standard_cauchy((RUNS, LONGEST)),
        "two points": rng.integers(0, 2, (RUNS, LONGEST)) * 2.0 - 1,  # any of [-1, 1] is a median
    }[law]

    def misses(run: np.ndarray) -> bool:
        looks = (median_interval(run[:n], ALPHA) for n in range(10, LONGEST, 10))
        return any(not low <= 0 <= high for low, high in looks)

    # Of 200 runs at exactly 5 % more than 22 would miss with a probability of 2e-4.
    assert sum(map(misses, draws)) <= 22


def test_it_narrows_as_the_sample_grows_and_is_infinite_before_it_can_tell() -> None:
    draws = np.random.default_rng(1).standard_normal(4000)
    assert median_interval(draws[:4], ALPHA) == (-math.inf, math.inf)
    low, high = median_interval(draws, ALPHA)
    assert high - low < 0.2
    assert low < 0 < high


def test_a_median_that_moved_is_left_outside() -> None:
    low, _ = median_interval(np.random.default_rng(2).standard_normal(400) + 1, ALPHA)
    assert low > 0.5


def test_infinite_values_are_the_largest_and_nan_is_refused() -> None:
    values = [*range(60), *[math.inf] * 40]
    assert math.isfinite(median_interval(values, ALPHA)[0])
    with pytest.raises(ValueError, match="NaN"):
        median_interval([1.0, math.nan], ALPHA)
