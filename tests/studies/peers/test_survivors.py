"""Counts of survivors against the binomial law."""

import numpy as np
import pytest
from scipy import stats

from studies.peers.survivors import survivors
from tests.draws import rng


# 0.2 has a tie byte that decides often, 1/256 none, 0.001 only ties, 0.999 hardly a survivor.
@pytest.mark.parametrize("p", [0.2, 0.5, 1 / 256, 0.001, 0.999])
def test_survivors_follow_the_binomial_law(p: float) -> None:
    draws, units = 20_000, 50

    counts = survivors(draws, units, p, rng())

    low, high = stats.binom(draws, 1 - p).ppf([1e-8, 1 - 1e-8])
    assert ((counts >= low) & (counts <= high)).all()
    total = stats.binomtest(int(counts.sum()), draws * units, 1 - p)
    assert total.pvalue > 1e-6
    z = (counts - draws * (1 - p)) / np.sqrt(draws * p * (1 - p))
    assert 1e-6 < stats.chi2(units).cdf(np.square(z).sum()) < 1 - 1e-6


@pytest.mark.parametrize(("p", "expected"), [(0.0, 1000), (1.0, 0)])
def test_at_the_ends_nothing_is_left_to_chance(p: float, expected: int) -> None:
    assert (survivors(1000, 7, p, rng()) == expected).all()
