"""The exact rates of verdicts: against the dynamic programme, binomial and chi-squared tails."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from harness.statistics.evidence import Evidence, Summary, Verdict
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.identity import IdentityTest
from harness.statistics.tests.independence import PairwiseIndependenceTest
from harness.statistics.tests.variance import GaussianVarianceTest
from studies.calibration import end_to_end, importance
from studies.calibration.known import (
    largest_rate,
    looks_of,
    rate_above_by_chance,
    rates_of_chi_squared,
    rates_of_counts,
    rates_of_labels,
)
from studies.calibration.laws import Bits

BITS = np.array([True]), np.array([False])
LEVEL = 0.05


@pytest.mark.parametrize("p", [0.3, 0.5, 0.7, 0.9])
def test_a_sequential_test_has_the_rates_of_the_dynamic_programme(p: float) -> None:
    kind = BernoulliTest(0.5, 0.9, cap=32)
    known = kind.operating(LEVEL, LEVEL, (p,), block=4)

    found = rates_of_counts(kind, BITS, p, looks_of(kind, 4, LEVEL), LEVEL)

    assert found[Verdict.CONFIRMED] == pytest.approx(float(known.high[0]), rel=1e-10)
    assert found[Verdict.REFUTED] == pytest.approx(float(known.low[0]), rel=1e-10)
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)


def test_a_fixed_sample_is_read_once_and_has_binomial_rates() -> None:
    kind = RateTest(0.0, 0.1)
    (size,) = looks_of(kind, 1, LEVEL)

    found = rates_of_counts(kind, BITS, 0.1, [size // 2, size], LEVEL)

    # At rate 0 only "at least a tenth" is to be rejected: by few successes.
    most = max(k for k in range(size) if stats.binom.cdf(k, size, 0.1) <= LEVEL)
    assert found[Verdict.CONFIRMED] == pytest.approx(stats.binom.cdf(most, size, 0.1), rel=1e-10)


def test_blocks_end_past_the_cap_as_in_the_experiment() -> None:
    assert looks_of(BernoulliTest(cap=10), 4, LEVEL) == [4, 8, 12]
    assert looks_of(RateTest(0.0, 0.1), 50, LEVEL)[0] % 50 == 0


def test_summaries_that_do_not_add_up_are_combined() -> None:
    found = rates_of_counts(IdentityTest(), (np.array([2.0]), np.array([0.5])), 0.1, [3], LEVEL)
    assert found[Verdict.CONFIRMED] == pytest.approx(0.9**3)
    assert found[Verdict.REFUTED] == pytest.approx(1 - 0.9**3)


def test_one_label_is_a_rate_and_two_must_both_confirm() -> None:
    one = PairwiseIndependenceTest(0.5, 0.1, ("a",))
    two = PairwiseIndependenceTest(0.5, 0.1, ("a", "b"))
    (size,) = looks_of(one, 1, LEVEL)

    alone = rates_of_labels(one, (0.6,), size, LEVEL)
    both = rates_of_labels(two, (0.6, 0.5), size, LEVEL)
    usual = rates_of_labels(two, (0.5, 0.5), size, LEVEL)

    plain = rates_of_counts(one.each, BITS, 0.6, [size], LEVEL)
    assert alone[Verdict.CONFIRMED] == pytest.approx(plain[Verdict.CONFIRMED], rel=1e-10)
    assert both[Verdict.CONFIRMED] == pytest.approx(
        alone[Verdict.CONFIRMED] * usual[Verdict.CONFIRMED] ** 0.5, rel=1e-10
    )


@pytest.mark.parametrize("variance", [1.2, 1 / 1.2])
def test_a_variance_on_the_edge_is_confirmed_at_exactly_the_nominal_rate(variance: float) -> None:
    kind = GaussianVarianceTest(1.2, inside=0.1)
    size = kind.plan(1e-6, 1e-6).observations

    found = rates_of_chi_squared(kind, variance, size, 1e-6)

    assert found[Verdict.CONFIRMED] == pytest.approx(1e-6, rel=1e-9)
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)


def test_a_test_of_a_rate_and_its_bound_are_binomial() -> None:
    assert rate_above_by_chance(0, 20, LEVEL) == 1.0
    assert rate_above_by_chance(20, 20, 0.5) == pytest.approx(0.5**20)
    # Clopper and Pearson for no wrong verdict: 1 - miss^(1/n).
    assert largest_rate(0, 100, 1e-3) == pytest.approx(1 - 1e-3 ** (1 / 100))
    assert largest_rate(5, 5, 1e-3) == 1.0


@pytest.mark.parametrize("case", list(end_to_end.cases()), ids=lambda c: f"{c.claim.id}, {c.edge}")
def test_every_rate_that_can_be_computed_is_at_most_nominal(case: end_to_end.Case) -> None:
    exact = end_to_end.exact_rate(case)
    assert exact is None or exact <= LEVEL


class Hasty(BernoulliTest):
    """A kind that says that it has one nat more than it has."""

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        honest = super().evidence(summary, alpha, beta)
        return dataclasses.replace(honest, confirm=honest.confirm + 1.0)


def test_a_kind_that_errs_too_often_is_not_shown_as_at_most_nominal() -> None:
    law = Bits(0.5, (0.75, 0.9, 0.97))
    hasty = importance.Case(Hasty(0.5, 0.9), "p = 0.5", Verdict.CONFIRMED, law)
    measured = importance.Measured(0.99e-6, 1e-7, 400)

    assert measured.shown(importance.exact_rate(hasty)) == "NO"
    assert measured.shown(1e-6) == "computed"
    assert measured.shown(None) == "not shown"
    assert importance.Measured(0.5e-6, 1e-7, 400).shown(None) == "measured"


def test_a_count_is_at_most_nominal_only_where_it_is_shown() -> None:
    assert end_to_end.shown(0.0499, 104, 2000) == "computed"
    assert end_to_end.shown(0.0501, 90, 2000) == "NO"
    assert end_to_end.shown(None, 60, 2000) == "measured"
    assert end_to_end.shown(None, 90, 2000) == "not shown"
    assert end_to_end.agrees(0.05, 104, 2000)
    assert not end_to_end.agrees(0.05, 170, 2000)
    assert not end_to_end.agrees(0.05, 50, 2000)
