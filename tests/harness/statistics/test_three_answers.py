"""Three answers: a true sentence is never REFUTED, and one that is weaker than declared says so.

The rates are exact where the law of the evidence is known: by dynamic programming on counts, by
sums over a binomial law, by chi-squared tails; elsewhere they are counted in 2,000 runs.
"""

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from harness.statistics.evidence import (
    Evidence,
    Plan,
    StatisticalTest,
    Verdict,
    decide,
    falls_short,
)
from harness.statistics.planning import goes_on
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.bounded import (
    BoundedEquivalenceTest,
    BoundedMeanTest,
    BoundedTest,
    BoundedZonesTest,
)
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.counts import mirrored
from harness.statistics.tests.distribution import KolmogorovTest
from harness.statistics.tests.exact import walk
from harness.statistics.tests.independence import PairwiseIndependenceTest
from harness.statistics.tests.stopping import stopping_region
from harness.statistics.tests.variance import GaussianVarianceTest, UniformVarianceTest
from tests.harness.statistics.test_betting import stopping_region as betting_region
from tests.harness.statistics.test_calibration import Draw, kinked, pairs, verdicts
from tests.harness.statistics.test_every_test import TESTS

RATE, LEVEL, RUNS = 1e-6, 0.05, 2000
LIMIT = int(stats.binom.isf(1e-7, RUNS, LEVEL))  # of wrong words: 155
OFTEN = BernoulliTest(0.5, 0.9, three_answers=True)
COUNTS = [
    OFTEN,
    BernoulliTest(0.6, 0.9, three_answers=True),
    BernoulliTest(0.2, 0.5, three_answers=True),
    BernoulliTest(0.05, 0.001, direction="below", three_answers=True),
    BernoulliTest(0.5, 0.2, direction="below", cap=40, three_answers=True),
]
POSITIVE = (Verdict.CONFIRMED, Verdict.WEAKER)
LOOKS = 32  # of a test of means, evenly spread up to its cap
NOTHING = 1e-20  # states of less mass are left out; 10^6 of them are 10^-14


def answers_on_ends(
    test: BoundedTest, share: float, alpha: float, beta: float
) -> tuple[float, float]:
    """The answers if a value is the upper end of the support with that chance, else the lower."""
    against_false, against_true = test.sides()
    size = -(-test.plan(alpha, beta).cap // LOOKS)
    offset, step = _binomial(size, share)
    mass, first, confirmed, refuted = np.ones(1), 0, 0.0, 0.0
    for look in range(1, LOOKS + 1):
        mass, first = np.convolve(mass, step), first + offset
        ones = first + np.arange(len(mass), dtype=np.float64)
        zeros = look * size - ones
        for_it = np.min([side.log_e_of_ends(zeros, ones) for side in against_false], axis=0)
        against = [side.log_e_of_ends(zeros, ones) for side in against_true]
        against_it = np.logaddexp.reduce(against) - math.log(len(against))
        right = for_it >= math.log(1 / alpha)
        wrong = ~right & (against_it >= math.log(1 / beta))
        confirmed, refuted = confirmed + mass[right].sum(), refuted + mass[wrong].sum()
        alive = np.flatnonzero(np.where(right | wrong, 0.0, mass) > NOTHING)
        if not alive.size:
            break
        mass = np.where(right | wrong, 0.0, mass)[alive[0] : alive[-1] + 1]
        first += int(alive[0])
    return float(confirmed), float(refuted)


def _binomial(trials: int, p: float) -> tuple[int, Any]:
    """The law of Bin(trials, p) where it is not nothing: its first value, and probabilities."""
    from scipy.special import gammaln, xlog1py, xlogy

    k = np.arange(trials + 1, dtype=np.float64)
    log_choices = gammaln(trials + 1) - gammaln(k + 1) - gammaln(trials - k + 1)
    law = np.exp(log_choices + xlogy(k, p) + xlog1py(trials - k, -p))
    some = np.flatnonzero(law > NOTHING)
    return int(some[0]), law[some[0] : some[-1] + 1]


def ends(test: BernoulliTest, *truths: float) -> tuple[Any, Any, Any, Any]:
    """P(CONFIRMED), P(WEAKER), P(REFUTED), E[N] at the truths, at one in a million."""
    found = test.operating(RATE, RATE, truths)
    up = test.direction == "above"
    confirmed, refuted = (found.high, found.low) if up else (found.low, found.high)
    total = confirmed + refuted + found.weaker + found.undecided
    assert total == pytest.approx(np.ones(len(truths)), rel=1e-9)
    return confirmed, found.weaker, refuted, found.expected


@pytest.mark.parametrize("test", COUNTS)
def test_every_word_errs_at_its_rate_wherever_the_probability_lies(test: BernoulliTest) -> None:
    between = np.linspace(0, 1, 21)
    false = test.p0 * between if test.p0 < test.p1 else test.p0 + (1 - test.p0) * between
    gap = test.p0 + (test.p1 - test.p0) * between
    strong = test.p1 + ((1.0 if test.p0 < test.p1 else 0.0) - test.p1) * between

    confirmed, weaker, _, _ = ends(test, *false)
    assert np.max(confirmed + weaker) <= RATE

    _, _, refuted, _ = ends(test, *gap)
    assert refuted.max() <= RATE

    _, weaker, refuted, _ = ends(test, *strong)
    assert np.max(refuted + weaker) <= RATE


def test_a_true_sentence_that_was_refuted_in_half_of_all_runs_is_not_any_more() -> None:
    confirmed, _, refuted, _ = ends(replace(OFTEN, three_answers=False), 0.7)
    assert refuted > 0.5
    assert confirmed < 0.2

    confirmed, weaker, refuted, _ = ends(OFTEN, 0.7)
    assert refuted < RATE / 1000
    assert weaker > 0.7
    assert confirmed + weaker > 0.999


def test_sentences_true_as_declared_cost_what_they_did_and_false_ones_three_times_as_much() -> None:
    before = ends(replace(OFTEN, three_answers=False), 0.9, 0.0, 0.1)[3]

    after = ends(OFTEN, 0.9, 0.0, 0.1)[3]

    assert after[0] == pytest.approx(before[0], rel=1e-3)
    assert before[1:] == pytest.approx([7, 9.02], rel=1e-2)
    assert after[1:] == pytest.approx([23, 39.0], rel=1e-2)


@pytest.mark.parametrize("test", COUNTS)
def test_the_regions_are_where_the_evidence_decides(test: BernoulliTest) -> None:
    up, alpha, beta, looks = test.direction == "above", 0.04, 0.07, np.arange(1, 41)
    p0, p1 = (test.p0, test.p1) if up else (1 - test.p0, 1 - test.p1)

    region = stopping_region(p0, p1, alpha, beta, looks, three_answers=True)

    assert region.weaker is not None
    for n, high, low, weaker in zip(looks, region.high, region.low, region.weaker, strict=True):
        for k in range(n + 1):
            found = test.evidence(np.array([k if up else n - k, n]), alpha, beta)
            expected = Verdict.UNDECIDED
            if k >= high:
                expected = Verdict.WEAKER if k <= weaker else Verdict.CONFIRMED
            elif k <= low:
                expected = Verdict.REFUTED
            assert decide(found, alpha, beta) is expected, (n, k)


def test_the_mirrored_probability_is_as_far_in_log_odds() -> None:
    assert mirrored(0.5, 0.9) == pytest.approx(0.1, rel=1e-14)
    for p0, p1 in ((0.6, 0.9), (0.05, 0.2), (0.95, 0.999)):
        odds = [math.log(p / (1 - p)) for p in (mirrored(p0, p1), p0, p1)]
        assert odds[1] - odds[0] == pytest.approx(odds[2] - odds[1], rel=1e-12)


@pytest.mark.parametrize(
    "test",
    [
        RateTest(0.3, 0.1, three_answers=True),
        RateTest(0.5, 0.08, 0.1, three_answers=True),
        RateTest(0.02, 0.05, three_answers=True),  # no rate below is false
        RateTest(1.0, 0.1, three_answers=True),
    ],
)
def test_a_fixed_sample_of_counts_errs_at_its_rates(test: RateTest) -> None:
    n = test.plan(1e-3, 1e-4).observations
    words = [decide(test.evidence(np.array([k, n]), 1e-3, 1e-4), 1e-3, 1e-4) for k in range(n + 1)]
    low, high = np.clip(test.sentence_zone, 0, 1)

    def chance(p: float, *verdicts: Verdict) -> float:
        return float(stats.binom.pmf(np.arange(n + 1), n, p) @ [w in verdicts for w in words])

    for zone in test.false_zone:
        assert max(chance(p, *POSITIVE) for p in np.linspace(*zone, 9)) <= 1e-3
    assert max(chance(p, Verdict.REFUTED) for p in np.linspace(low, high, 17)) <= 1e-4
    for p in np.linspace(*test.true_zone, 9):
        assert chance(p, Verdict.REFUTED, Verdict.WEAKER) <= 1e-4
        assert chance(p, Verdict.CONFIRMED) >= 1 - 1e-3
    gap = (1 - test.inside) * test.within
    assert all(
        chance(p, Verdict.REFUTED) >= 1 - 1e-3
        for p in (max(0.0, low - gap), min(1.0, high + gap))
        if not low <= p <= high
    )


@pytest.mark.parametrize("more", [1, 4])
def test_a_fixed_sample_of_gaussian_squares_errs_at_its_rates(more: int) -> None:
    # Each verdict is an interval of totals; four samples tell both edges of the gap.
    test, rate = GaussianVarianceTest(1.3, 0.1, three_answers=True), 1e-4
    n = more * test.plan(rate, rate).observations

    def word(total: float) -> Verdict:
        return decide(test.evidence(np.array([total, n]), rate, rate), rate, rate)

    ends, words = [], [word(n / 2)]
    grid = n * np.geomspace(0.5, 2, 501)
    for low, high in pairwise(grid):
        if word(high) is not words[-1]:
            ends.append(optimize.bisect(lambda t: (word(t) is words[-1]) - 0.5, low, high))
            words.append(word(high))

    def chance(v: float, *verdicts: Verdict) -> float:
        law = np.diff(stats.chi2.cdf(np.array(ends) / v, n), prepend=0.0, append=1.0)
        return float(law @ [w in verdicts for w in words])

    gap = np.geomspace(1.3**0.1, 1.3, 9)
    assert max(chance(v, *POSITIVE) for v in (1.3, 1 / 1.3, 1.5)) <= rate * (1 + 1e-6)
    assert max(chance(v, Verdict.REFUTED) for v in (*gap, *1 / gap)) <= rate
    assert max(chance(v, Verdict.REFUTED, Verdict.WEAKER) for v in (1.0, 1.3**0.1)) <= rate
    assert (chance(1.3**0.55, Verdict.WEAKER) > 0.9) is (more == 4)


MEANS: list[BoundedTest] = [
    BoundedMeanTest(0, 1, 0.5, 0.7, three_answers=True),
    BoundedMeanTest(-1, 3, 1.0, 0.4, three_answers=True),
    BoundedZonesTest(0, 1, (0.5, 0.6), (0.3, 0.9), three_answers=True),
    BoundedEquivalenceTest(-1, 1, 0.1, 0.3, three_answers=True),
    UniformVarianceTest(1.5, three_answers=True).squares,
]


@pytest.mark.parametrize("rate", [RATE, LEVEL])
@pytest.mark.parametrize("test", MEANS)
def test_a_mean_errs_at_its_rates_on_the_widest_law(test: BoundedTest, rate: float) -> None:
    true = [test.unit(end) for end in test.true_zone]
    edges = [test.unit(end) for zone in test.false_zone for end in zone]
    for edge in (edge for edge in edges if 0 < edge < 1):
        near = min(true, key=lambda end: abs(end - edge))

        assert max(answers_on_ends(test, edge, rate, rate)) <= rate
        for part in (0.05, 0.25, 0.5, 0.75):
            assert answers_on_ends(test, edge + part * (near - edge), rate, rate)[1] <= rate
        assert answers_on_ends(test, edge + 0.75 * (near - edge), rate, rate)[0] > 0.97


def test_answers_on_the_ends_are_those_of_the_evidence_itself() -> None:
    test = BoundedMeanTest(0, 1, 0.5, 0.7, three_answers=True)
    size = -(-test.plan(LEVEL, LEVEL).cap // LOOKS)
    (low,), (high,) = test.sides()

    region = betting_region(low, high, size * np.arange(1, LOOKS + 1), LEVEL)
    found = walk(region, [0.4, 0.55])

    for index, share in enumerate((0.4, 0.55)):
        expected = found.high[index], found.low[index]
        assert answers_on_ends(test, share, LEVEL, LEVEL) == pytest.approx(expected, rel=1e-9)


def case(test: StatisticalTest, at: float, draw: Draw, id: str) -> Any:
    return pytest.param(replace(test, three_answers=True), at, draw, id=id)


BITS: Draw = lambda r, n, p: r.random(n) < p  # noqa: E731
IN_THE_GAP = [
    case(BernoulliTest(), 0.7, BITS, "bernoulli"),
    case(BernoulliTest(), 0.52, BITS, "bernoulli, hardly true"),
    case(BernoulliTest(0.5, 0.1, direction="below"), 0.3, BITS, "below"),
    case(BoundedMeanTest(0, 1, 0.4, 0.6), 0.5, lambda r, n, m: r.beta(2, 2, n), "bounded"),
    case(RateTest(0.3, 0.1), 0.39, lambda r, n, p: (int(r.binomial(n, p)), n), "rate"),
    case(GaussianVarianceTest(1.2), 1.19, lambda r, n, v: (v * r.chisquare(n), n), "gaussian"),
    case(KolmogorovTest(0.1), 0.095, lambda r, n, d: kinked(r.random(n), d), "kolmogorov"),
    case(
        PairwiseIndependenceTest(0.5, 0.1, ("one", "two"), three_answers=True), 0.59, pairs, "pairs"
    ),
    case(
        AllOf.of(a=OFTEN, b=OFTEN),
        0.75,
        lambda r, n, p: {"a": r.random(n) < p, "b": r.random(n) < p},
        "all of",
    ),
]


@pytest.mark.parametrize(("test", "at", "draw"), IN_THE_GAP)
def test_what_holds_weakly_is_rarely_refuted(test: StatisticalTest, at: float, draw: Draw) -> None:
    found = verdicts(test, at, draw, RUNS)
    assert found.count(Verdict.REFUTED) <= LIMIT


@pytest.mark.parametrize("name", TESTS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_who_refutes_has_excluded_the_strong_zone_too(name: str, data: st.DataObject) -> None:
    before, observations = TESTS[name]
    test = three(before)
    summary = test.summarise(data.draw(observations))

    two, found = before.evidence(summary, RATE, RATE), test.evidence(summary, RATE, RATE)

    assert found.confirm == two.confirm
    if found.weaken > -math.inf:
        assert found.weaken == pytest.approx(two.refute, rel=1e-12, abs=1e-12)
        assert found.refute <= found.weaken + 1e-9
    assert two.weaken == -math.inf


def three(test: StatisticalTest) -> StatisticalTest:
    """The same test with three answers, in all of its parts."""
    if isinstance(test, AllOf):
        return AllOf.of(**{name: three(part) for name, part in test.tests})
    return replace(test, three_answers=True)


@pytest.mark.parametrize("name", TESTS)
def test_three_answers_are_planned_as_surely_as_two(name: str) -> None:
    before = TESTS[name][0]

    two, found = before.plan(1e-9, 1e-9), three(before).plan(1e-9, 1e-9)

    assert found.undecided <= 1e-5
    if before.sequential and name != "identity":
        assert 3.9 * two.cap <= found.cap <= 4 * two.cap
        assert found.cap == 4 * found.pause
        assert two.cap == two.pause
        assert found.observations <= two.observations + 1


@pytest.mark.parametrize(("confirm", "weaken", "verdict"), [
    (14.0, 16.2, Verdict.WEAKER), (14.0, 16.0, Verdict.CONFIRMED), (13.8, 99.0, Verdict.UNDECIDED),
])  # fmt: skip
def test_weaker_is_a_confirmation_of_which_the_strength_is_excluded(
    confirm: float, weaken: float, verdict: Verdict
) -> None:
    found = Evidence(1, 0.0, (0.0, 0.0), confirm, 0.0, weaken=weaken)
    assert decide(found, 1e-6, 1e-7) is verdict


def test_a_composite_is_weaker_if_every_part_holds_and_one_is() -> None:
    both = AllOf.of(a=OFTEN, b=OFTEN)
    summary = both.summarise({"a": np.arange(400) < 280, "b": np.arange(400) < 390})

    found = both.evidence(summary, RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict.WEAKER
    assert [decide(part, RATE, RATE) for part in found.parts] == [Verdict.WEAKER, Verdict.CONFIRMED]


def test_the_sentence_zone_lies_between_the_false_ones() -> None:
    assert OFTEN.sentence_zone == (0.5, math.inf)
    assert BernoulliTest(0.5, 0.1, direction="below").sentence_zone == (-math.inf, 0.5)
    assert RateTest(0.25, 0.125).sentence_zone == (0.125, 0.375)
    assert RateTest(0.02, 0.05).sentence_zone == (-math.inf, 0.07)
    assert GaussianVarianceTest(1.25).sentence_zone == (0.8, 1.25)


def test_a_false_zone_that_no_sample_can_show_is_refused() -> None:
    with pytest.raises(ValueError, match="no test tells means nearer"):
        BoundedMeanTest(0, 1, 1e-300, 1e-6, three_answers=True).plan(RATE, RATE)


def test_a_cap_given_by_the_claim_stays() -> None:
    plan = BernoulliTest(cap=40, three_answers=True).plan(RATE, RATE)
    assert plan.cap == plan.pause == 40
    assert plan.undecided > 0.3


def runs(truth: float, count: int = 400) -> tuple[Counter[Verdict], float]:
    """The verdicts of OFTEN at one in a million in blocks of 8, and the mean sample."""
    plan, rng = OFTEN.plan(RATE, RATE), np.random.default_rng(4)
    words, spent = Counter[Verdict](), 0.0
    for _ in range(count):
        summary = np.zeros(2)
        while True:
            summary = OFTEN.combine(summary, OFTEN.summarise(rng.random(8) < truth))
            found = OFTEN.evidence(summary, RATE, RATE)
            word = decide(found, RATE, RATE)
            if word is not Verdict.UNDECIDED or not goes_on(plan, found, RATE, RATE):
                break
        words[word] += 1
        spent += summary[1] / count
    return words, spent


def test_a_trial_goes_on_beyond_its_pause_where_that_decides_and_stops_where_nothing_does() -> None:
    plan = OFTEN.plan(RATE, RATE)

    words, spent = runs(0.5)
    assert words[Verdict.UNDECIDED] == 400
    assert spent < 1.15 * plan.pause

    words, spent = runs(0.7)
    assert words[Verdict.UNDECIDED] < 120
    assert words[Verdict.WEAKER] > 160
    assert words[Verdict.REFUTED] == 0
    assert spent < 0.6 * plan.cap


def test_a_trial_that_stands_at_its_cap_or_points_nowhere_ends() -> None:
    plan = Plan(10, 40, 0.1, 1e-6, 20)

    def stands(observations: int, confirm: float, refute: float = -1.0) -> bool:
        found = Evidence(observations, 0.5, (0.0, 1.0), confirm, refute)
        return goes_on(plan, found, math.exp(-10), math.exp(-20))

    assert stands(19, -3.0)
    assert stands(20, 5.0)  # as much again is needed: 40
    assert not stands(20, 4.9)
    assert stands(20, 0.0, 10.0)
    assert not stands(20, 0.0, 9.9)
    assert not stands(20, -1.0)


def test_what_is_not_as_declared_falls_short_whatever_else_it_is() -> None:
    for confirm in (0.0, 99.0):
        assert falls_short(Evidence(1, 0.0, (0.0, 0.0), confirm, 0.0, weaken=16.2), 1e-7)
        assert not falls_short(Evidence(1, 0.0, (0.0, 0.0), confirm, 0.0, weaken=16.1), 1e-7)
    assert falls_short(Evidence(1, 0.0, (0.0, 0.0), 0.0, 16.2), 1e-7)
    # As soon as what two answers call refuted, and as rarely where the claim is as declared.
    summary = np.array([20, 40])
    two = replace(OFTEN, three_answers=False).evidence(summary, RATE, RATE)
    assert falls_short(OFTEN.evidence(summary, RATE, RATE), RATE)
    assert decide(two, RATE, RATE) is Verdict.REFUTED
