"""Operating characteristics at a fourth of a share, all of it and four times as much."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from harness.statistics.evidence import StatisticalTest, Verdict, decide
from harness.statistics.instances import instances_for
from harness.statistics.operating import MULTIPLES, characteristic
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.distribution import KolmogorovTest
from harness.statistics.tests.identity import IdentityTest
from harness.statistics.tests.independence import PairwiseIndependenceTest
from harness.statistics.tests.variance import GaussianVarianceTest
from tests.harness.scripted import Nats
from tests.harness.statistics.test_every_test import TESTS

RUNS, SHARE, LEVEL = 1000, 0.05, 0.05
CALLS = instances_for(SHARE, LEVEL)


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("three_answers", [False, True])
def test_every_test_has_answers_and_more_faults_are_confirmed_less(
    name: str, three_answers: bool
) -> None:
    test = replace(TESTS[name][0], three_answers=three_answers)

    rows = characteristic(test, SHARE, 1e-4, 1e-4)

    assert len(rows) == 3 * (len(test.tests) if isinstance(test, AllOf) else 1)
    assert [row.failing for row in rows[:3]] == [SHARE * multiple for multiple in MULTIPLES]
    confirmed = np.reshape([row.confirmed for row in rows], (-1, 3))
    assert np.all(np.diff(confirmed, axis=1) <= 1e-12)
    for row in rows:
        assert row.confirmed + row.refuted + row.undecided == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("alpha", [1e-9, 0.05])
@pytest.mark.parametrize("share", [0.01, 0.001])
def test_a_universal_sentence_false_in_its_share_is_confirmed_at_its_rate(
    alpha: float, share: float
) -> None:
    less, here, more = characteristic(IdentityTest(), share, alpha, alpha)

    n = instances_for(share, alpha)
    assert here.confirmed == pytest.approx((1 - share) ** n, rel=1e-9)
    assert alpha * (1 - share) < here.confirmed <= alpha
    assert less.confirmed > alpha**0.3
    assert more.confirmed < alpha**3
    assert here.refuted == 1 - here.confirmed


def draws(test: StatisticalTest, faulty: int, rng: np.random.Generator) -> Any:
    """An observation from CALLS calls, so many of which are faulty."""
    each = -(-test.plan(LEVEL, LEVEL).observations // CALLS)
    good, bad = (CALLS - faulty) * each, faulty * each
    match test:
        case RateTest():
            worst = bad if test.rate < 0.5 else 0
            return int(rng.binomial(good, test.rate)) + worst, good + bad
        case PairwiseIndependenceTest():
            return {
                label: (int(rng.binomial(good, test.agreement)) + bad, good + bad)
                for label in test.labels
            }
        case GaussianVarianceTest():
            return (rng.chisquare(good) if good else 0.0), good + bad
        case _:
            return np.concatenate([rng.random(good), np.zeros(bad)])


@pytest.mark.parametrize("three_answers", [False, True])
@pytest.mark.parametrize(
    "test",
    [
        RateTest(0.3, 0.1),
        RateTest(0.6, 0.1, 0.1),
        PairwiseIndependenceTest(0.5, 0.1, ("a", "b")),
        GaussianVarianceTest(1.3),
        KolmogorovTest(0.2),
    ],
)
def test_the_answers_are_those_of_runs(test: StatisticalTest, three_answers: bool) -> None:
    test = replace(test, three_answers=three_answers)
    rng = np.random.default_rng(7)

    for row in characteristic(test, SHARE, LEVEL, LEVEL):
        words = []
        for _ in range(RUNS):
            faulty = int(rng.binomial(CALLS, row.failing))
            summary = test.summarise(draws(test, faulty, rng))
            words.append(decide(test.evidence(summary, LEVEL, LEVEL), LEVEL, LEVEL))
        confirmed = sum(word in (Verdict.CONFIRMED, Verdict.WEAKER) for word in words) / RUNS
        refuted = words.count(Verdict.REFUTED) / RUNS
        error = 5 * math.sqrt(0.25 / RUNS)
        if isinstance(test, KolmogorovTest):
            assert confirmed <= row.confirmed + error
            assert refuted >= row.refuted - error
        else:
            assert confirmed == pytest.approx(row.confirmed, abs=error)
            assert refuted == pytest.approx(row.refuted, abs=error)


def test_a_bernoulli_test_takes_every_replicate_for_an_instance() -> None:
    test = TESTS["bernoulli"][0]

    rows = characteristic(test, 0.1, 1e-4, 1e-4)

    truths = tuple(0.9 * (1 - row.failing) for row in rows)
    found = test.operating(1e-4, 1e-4, truths)  # type: ignore[attr-defined]
    assert [row.confirmed for row in rows] == pytest.approx(found.high, rel=1e-12)
    assert [row.refuted for row in rows] == pytest.approx(found.low, rel=1e-12)


def test_a_share_of_everything_is_faulty_at_most_once() -> None:
    assert [row.failing for row in characteristic(IdentityTest(), 0.5, 0.1, 0.1)] == [0.125, 0.5, 1]


def test_the_law_of_faulty_calls_is_scipys() -> None:
    test = KolmogorovTest(0.2)
    each = -(-test.plan(LEVEL, LEVEL).observations // CALLS)
    atoms = np.arange(CALLS + 1) * each
    may = stats.binom.cdf(atoms, CALLS * each, 0.2) <= LEVEL

    row = characteristic(test, SHARE, LEVEL, LEVEL)[1]

    assert row.confirmed == pytest.approx(
        float(stats.binom.pmf(np.arange(CALLS + 1), CALLS, SHARE) @ may), rel=1e-9
    )


def test_a_test_without_a_case_is_refused() -> None:
    with pytest.raises(ValueError, match="'nats' has no operating characteristic"):
        characteristic(Nats(), SHARE, LEVEL, LEVEL)
