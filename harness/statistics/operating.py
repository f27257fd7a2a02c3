"""What every test answers if a part of all instances is faulty, computed without any sample.

An instance is what has a generator state of its own: a call, a replicate, a setting, a net. A
faulty one is as wrong as its law allows: an event that never happens, a value at the support's
end, a mask that keeps nothing or is shared, weights that are all 0. The others are as stated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from harness.statistics.evidence import Floats, StatisticalTest
from harness.statistics.instances import Share, instances_for, part_of
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.binomial import (
    RateTest,
    confirming,
    log_tail_below,
    not_refuting,
    probability_between,
)
from harness.statistics.tests.bounded import BoundedTest
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.distribution import KolmogorovTest
from harness.statistics.tests.identity import IdentityTest
from harness.statistics.tests.independence import PairwiseIndependenceTest
from harness.statistics.tests.variance import GaussianVarianceTest, UniformVarianceTest

MULTIPLES = (0.25, 1.0, 4.0)
LOOKS = 32  # of a test of means, evenly spread up to its cap
NOTHING = 1e-20  # states of less mass are left out; 10^6 of them are 10^-14

Pair = tuple[float, float]  # the probabilities of CONFIRMED (or WEAKER) and of REFUTED


@dataclass(frozen=True)
class Answers:
    """The probability of each verdict where a part `failing` of the instances is faulty.

    A CONFIRMED that is WEAKER is counted with the confirmed.
    """

    test: str
    failing: float
    confirmed: float
    refuted: float

    @property
    def undecided(self) -> float:
        """The rest."""
        return max(0.0, 1 - self.confirmed - self.refuted)


def characteristic(test: StatisticalTest, share: Share, alpha: float, beta: float) -> list[Answers]:
    """The answers where a fourth of the share, all of it and four times as much is faulty.

    A fixed sample comes from as many calls as the share asks (`instances_for`), in equal parts; of
    a sequential test every observation is an instance, and of a test of means every value is an
    end of the support, the widest law. An AllOf has the answers of its parts, each at its level.
    For the Kolmogorov test the confirmed are bounded above and the refuted below.
    """
    if isinstance(test, AllOf):
        level = beta / len(test.tests)
        return [
            replace(row, test=f"{name}: {row.test}")
            for name, part in test.tests
            for row in characteristic(part, share, alpha, level)
        ]
    if isinstance(test, IdentityTest):
        test = replace(test, share=share)
    calls = instances_for(share, alpha)
    return [
        Answers(test.name, failing, *_answers(test, calls, failing, alpha, beta))
        for failing in (min(1.0, multiple * part_of(share)) for multiple in MULTIPLES)
    ]


def _answers(test: StatisticalTest, calls: int, failing: float, alpha: float, beta: float) -> Pair:
    match test:
        case IdentityTest():
            clean = (1 - failing) ** calls
            return clean, 1 - clean
        case BernoulliTest():
            up = test.direction == "above"
            truth = test.p1 * (1 - failing) if up else test.p1 + (1 - test.p1) * failing
            found = test.operating(alpha, beta, (truth,))
            confirmed, refuted = (found.high, found.low) if up else (found.low, found.high)
            return float((confirmed + found.weaker)[0]), float(refuted[0])
        case BoundedTest():
            low, high = map(test.unit, test.true_zone)
            clean = high if low <= 0 else low if high >= 1 else (low + high) / 2
            return answers_on_ends(
                test, clean + failing * (float(clean < 0.5) - clean), alpha, beta
            )
        case UniformVarianceTest():
            return answers_on_ends(test.squares, (1 - failing) / 3, alpha, beta)
        case RateTest():
            answer = _of_rate(test, calls, float(test.rate < 0.5), alpha, beta)
        case PairwiseIndependenceTest():
            answer = _of_pairs(test, calls, alpha, beta)
        case GaussianVarianceTest():
            answer = _of_variance(test, calls, alpha, beta)
        case KolmogorovTest():
            answer = _of_distribution(test, calls, alpha, beta)
        case _:
            raise ValueError(f"{test.name!r} has no operating characteristic; write its case here")
    return _averaged(answer, calls, failing)


def _averaged(answer: Callable[[int], Pair], calls: int, failing: float) -> Pair:
    """The answers over the law of the number of faulty calls."""
    first, law = _binomial(calls, failing)
    both = np.array([answer(first + index) for index in range(len(law))])
    confirmed, refuted = law @ both
    return float(confirmed), float(refuted)


def _of_rate(
    test: RateTest, calls: int, worst: float, alpha: float, beta: float
) -> Callable[[int], Pair]:
    each = -(-test.plan(alpha, beta).observations // calls)
    right = confirming(test, alpha, calls * each)
    still = not_refuting(test, beta, calls * each)
    if right[0] <= right[1]:  # what confirms comes first
        still = min(right[0], still[0]), max(right[1], still[1])

    def answer(faulty: int) -> Pair:
        """Faulty calls give `worst` at every draw, the others the rate."""
        draws, shift = (calls - faulty) * each, int(worst) * faulty * each

        def between(ends: tuple[int, int]) -> float:
            return probability_between(ends[0] - shift, ends[1] - shift, draws, test.rate)

        return between(right), 1 - between(still)

    return answer


def _of_pairs(
    test: PairwiseIndependenceTest, calls: int, alpha: float, beta: float
) -> Callable[[int], Pair]:
    """Every pair of a faulty call agrees; given their number the labels are independent."""
    count = len(test.labels)
    label = _of_rate(test.each, calls, 1.0, alpha, beta / count)

    def answer(faulty: int) -> Pair:
        confirmed, refuted = label(faulty)
        return confirmed**count, 1 - (1 - refuted) ** count

    return answer


def _of_variance(
    test: GaussianVarianceTest, calls: int, alpha: float, beta: float
) -> Callable[[int], Pair]:
    """Faulty calls give sums of squares of 0, the others those of the stated variance."""
    from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv

    each = -(-test.plan(alpha, beta).observations // calls)
    half = calls * each / 2
    low, high = test.sentence_zone if test.three_answers else test.true_zone
    right = gammainccinv(half, alpha) / test.ratio, gammaincinv(half, alpha) * test.ratio
    still = gammaincinv(half, beta / 2) * low, gammainccinv(half, beta / 2) * high
    if right[0] <= right[1]:  # what confirms comes first
        still = min(right[0], still[0]), max(right[1], still[1])

    def answer(faulty: int) -> Pair:
        left = (calls - faulty) * each / 2
        if left == 0:
            return 0.0, 1.0
        confirmed = 1 - float(gammainc(left, right[0]) + gammaincc(left, right[1]))
        return max(0.0, confirmed), float(gammainc(left, still[0]) + gammaincc(left, still[1]))

    return answer


def _of_distribution(
    test: KolmogorovTest, calls: int, alpha: float, beta: float
) -> Callable[[int], Pair]:
    """Faulty calls give u = 0, an atom whose height alone may decide."""
    each = -(-test.plan(alpha, beta).observations // calls)
    total = calls * each
    zone = test.sentence_zone if test.three_answers else test.true_zone

    def answer(faulty: int) -> Pair:
        atom = faulty * each
        confirmed = log_tail_below(atom, total, test.within) <= math.log(alpha)
        beyond = max(0.0, atom / total - zone[1])
        refuted = 2 * total * beyond**2 - math.log(2) >= math.log(1 / beta)
        return float(confirmed), float(refuted and not confirmed)

    return answer


def answers_on_ends(test: BoundedTest, share: float, alpha: float, beta: float) -> Pair:
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


def _binomial(trials: int, p: float) -> tuple[int, Floats]:
    """The law of Bin(trials, p) where it is not nothing: its first value, and probabilities."""
    from scipy.special import gammaln, xlog1py, xlogy

    k = np.arange(trials + 1, dtype=np.float64)
    log_choices = gammaln(trials + 1) - gammaln(k + 1) - gammaln(trials - k + 1)
    law = np.exp(log_choices + xlogy(k, p) + xlog1py(trials - k, -p))
    some = np.flatnonzero(law > NOTHING)
    return int(some[0]), law[some[0] : some[-1] + 1]
