"""Wrong verdicts at one in a million, measured by importance sampling, for every kind.

Crude sampling would need 1e8 trials a row. Here each trial is drawn under laws beyond the edge,
goes through `summarise`, `combine`, `evidence` and `decide` as in the suite, and counts with its
likelihood ratio if its verdict is wrong at the edge.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.statistics.evidence import StatisticalTest, Summary, Verdict, decide
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.bounded import (
    BoundedEquivalenceTest,
    BoundedMeanTest,
    BoundedZonesTest,
)
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.distribution import KolmogorovTest, massart
from harness.statistics.tests.independence import PairwiseIndependenceTest
from harness.statistics.tests.variance import GaussianVarianceTest, UniformVarianceTest
from harness.text import Text
from reports.tables import Table
from studies.calibration.known import rates_of_chi_squared, rates_of_counts, rates_of_labels
from studies.calibration.laws import (
    Beside,
    Betas,
    Bits,
    ChiSquared,
    Counts,
    Kinked,
    Law,
    log_weight,
)
from studies.tables import made

RATE = 1e-6
RUNS = 400  # of a sequential kind, whose weights lie between 0 and about the nominal rate
FIXED_RUNS = 20_000  # of a fixed sample, whose weights spread more and cost less
LOOKS = 48  # blocks until the planned expected end of a sequential trial
ROUNDING = 1 + 1e-6  # of a tail that is computed twice, in the kind and here
ERRORS = 4  # standard errors that a measured rate may lie above the nominal one
SURE = 3.09  # standard errors below the nominal rate at which "at most nominal" is shown: 99.9 %


@dataclass(frozen=True)
class Case:
    """A kind with the truth on the edge of one of its zones, and the verdict that is wrong."""

    kind: StatisticalTest
    edge: str
    wrong: Verdict
    law: Law


@dataclass(frozen=True)
class Measured:
    """The estimated probability of the wrong verdict and its standard error."""

    rate: float
    error: float
    runs: int

    @property
    def holds(self) -> bool:
        """Not above the nominal rate by more than the noise."""
        return self.rate <= RATE + ERRORS * self.error

    def agrees(self, exact: float) -> bool:
        """Within the noise of the exact rate."""
        return abs(self.rate - exact) <= ERRORS * self.error

    def shown(self, exact: float | None) -> str:
        """How it is known that the rate is at most nominal."""
        if exact is not None:
            return "computed" if exact <= RATE * ROUNDING else "NO"
        return "measured" if self.rate + SURE * self.error <= RATE else "not shown"


def cases() -> Iterator[Case]:
    """Every kind at the edge of its false zone and of its true zone."""
    yes, no = Verdict.CONFIRMED, Verdict.REFUTED
    coin = BernoulliTest(0.5, 0.9)
    yield Case(coin, "p = 0.5", yes, Bits(0.5, (0.75, 0.9, 0.97)))
    yield Case(coin, "p = 0.9", no, Bits(0.9, (0.3, 0.5, 0.7)))
    rare = BernoulliTest(0.05, 0.001, direction="below")
    yield Case(rare, "p = 0.05", yes, Bits(0.05, (0.0002, 0.001, 0.01)))
    yield Case(rare, "p = 0.001", no, Bits(0.001, (0.02, 0.05, 0.2)))
    tail = BernoulliTest(1e-6, 0.02, cap=4096)
    yield Case(tail, "p = 1e-6", yes, Bits(1e-6, (0.002, 0.02, 0.2)))

    mean = BoundedMeanTest(0.0, 1.0, null=0.4, alternative=0.6)
    yield Case(mean, "mean 0.4, zeros and ones", yes, Bits(0.4, (0.55, 0.65, 0.8)))
    yield Case(mean, "mean 0.4, Beta(2, 3)", yes, Betas(2, 3, (0.2, 0.5, 0.9)))
    yield Case(mean, "mean 0.6, Beta(3, 2)", no, Betas(3, 2, (-0.2, -0.5, -0.9)))
    near = BoundedEquivalenceTest(0.0, 1.0, target=0.5, within=0.2)
    yield Case(near, "mean 0.7, zeros and ones", yes, Bits(0.7, (0.45, 0.52, 0.58, 0.63)))
    yield Case(near, "mean 0.6, zeros and ones", no, Bits(0.6, (0.66, 0.72, 0.8, 0.9)))
    zones = BoundedZonesTest(0.0, 1.0, true=(0.4, 0.5), false=(0.2, 0.8))
    yield Case(zones, "mean 0.2, Beta(1, 4)", yes, Betas(1, 4, (0.3, 0.6, 0.95)))
    yield Case(zones, "mean 0.5, zeros and ones", no, Bits(0.5, (0.7, 0.8, 0.9)))

    rate = RateTest(0.3, within=0.1, inside=0.1)
    size = rate.plan(RATE, RATE).observations
    deviation = 4.9 / math.sqrt(size)  # standard deviations of a bit, to where 1e-6 begins
    yield Case(rate, "rate 0.4", yes, Counts(0.4, (0.4 - 0.49 * deviation,)))
    yield Case(rate, "rate 0.31", no, Counts(0.31, (0.31 + 0.47 * deviation,)))
    yield Case(RateTest(0.0, 0.01), "rate 0.01", yes, Counts(0.01, (0.0071,)))

    spread = GaussianVarianceTest(1.2, inside=0.1)
    size = spread.plan(RATE, RATE).observations
    shift = math.exp(4.9 * math.sqrt(2 / size))
    low, high = spread.true_zone
    yield Case(spread, "v = 1.2", yes, ChiSquared(1.2, (1.2 / shift,)))
    yield Case(spread, "v = 1 / 1.2", yes, ChiSquared(1 / 1.2, (shift / 1.2,)))
    yield Case(spread, "v = 1.2^0.1", no, ChiSquared(high, (high * shift,)))
    yield Case(spread, "v = 1.2^-0.1", no, ChiSquared(low, (low / shift,)))
    uniform = UniformVarianceTest(1.5)
    yield Case(uniform, "v = 1.5, mass at 0 and the ends", yes, Bits(0.5, (0.3, 0.36, 0.4, 0.43)))
    edge = 1.5**0.5 / 3
    yield Case(uniform, "v = 1.5^0.5, mass at 0 and the ends", no, Bits(edge, (0.5, 0.6, 0.8)))

    law = KolmogorovTest(0.1, inside=0.1)
    size = law.plan(RATE, RATE).observations
    reach = 4.9 / 2 / math.sqrt(size)
    yield Case(law, "distance 0.1", yes, Kinked(0.1, (0.1 - reach,)))
    yield Case(law, "distance 0.01", no, Kinked(0.01, (0.01 + massart(math.log(RATE), size),)))
    pairs = PairwiseIndependenceTest(0.5, 0.1, ("one", "two", "three"))
    size = pairs.plan(RATE, RATE).observations
    bits = Counts(0.6, (0.6 - 4.9 * 0.49 / math.sqrt(size),))
    yield Case(pairs, "one label at 0.6", yes, Beside(bits, "one", ("two", "three"), 0.5, True))
    bits = Counts(0.55, (0.55 + 5.1 * 0.5 / math.sqrt(size),))
    yield Case(pairs, "one label at 0.55", no, Beside(bits, "one", ("two", "three"), 0.5, True))

    both = AllOf.of(first=coin, second=coin)
    bits_at = Bits(0.5, (0.75, 0.9, 0.97))
    yield Case(both, "first at 0.5", yes, Beside(bits_at, "first", ("second",), 0.99))
    bits_at = Bits(0.9, (0.3, 0.5, 0.7))
    yield Case(both, "first at 0.9", no, Beside(bits_at, "first", ("second",), 0.99))


def measure(case: Case, runs: int, seed: int) -> Measured:
    """The probability of the wrong verdict at the edge, from `runs` weighted trials.

    The trials are those of `numpy.random.default_rng([seed, run])`: fixed, so that the table can
    be made again bit for bit.
    """
    kind = case.kind
    size, last = _blocks(kind)
    weights = np.zeros(runs)
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        tilt = float(rng.choice(case.law.tilts))
        ratios = np.zeros(len(case.law.tilts))
        summary: Summary | None = None
        for _ in range(last):
            observation, more = case.law.draw(rng, size, tilt)
            ratios += more
            block = kind.summarise(observation)
            summary = block if summary is None else kind.combine(summary, block)
            verdict = decide(kind.evidence(summary, RATE, RATE), RATE, RATE)
            if verdict is case.wrong:
                weights[run] = math.exp(log_weight(ratios))
            if verdict is not Verdict.UNDECIDED:
                break
    return Measured(float(weights.mean()), float(weights.std() / math.sqrt(runs)), runs)


def _blocks(kind: StatisticalTest) -> tuple[int, int]:
    """The observations of a block, and the number of blocks until the cap."""
    plan = kind.plan(RATE, RATE)
    size = max(1, plan.observations // LOOKS) if kind.sequential else plan.observations
    return size, -(-plan.cap // size) if kind.sequential else 1


def exact_rate(case: Case) -> float | None:
    """The same probability, computed, where the sample comes down to a count or a sum; else None.

    The samples that end in the wrong verdict are found by asking the kind itself.
    """
    law, kind = case.law, case.kind
    size, last = _blocks(kind)
    if isinstance(law, Bits):
        looks = [size * (index + 1) for index in range(last)]
        bits = np.array([True]), np.array([False])
        return rates_of_counts(kind, bits, law.edge, looks, RATE)[case.wrong]
    if isinstance(law, ChiSquared):
        return rates_of_chi_squared(kind, law.edge, size, RATE)[case.wrong]
    if isinstance(kind, PairwiseIndependenceTest) and isinstance(law, Beside):
        assert isinstance(law.law, Bits)
        rates = (law.law.edge, *(law.rate for _ in law.others))
        return rates_of_labels(kind, rates, size, RATE)[case.wrong]
    return None


def table(runs: int = RUNS, fixed_runs: int = FIXED_RUNS) -> Table:
    """The table of all cases."""
    started = time.process_time()
    rows: list[tuple[Any, ...]] = []
    holds = True
    for seed, case in enumerate(cases()):
        found = measure(case, runs if case.kind.sequential else fixed_runs, seed)
        known = exact_rate(case)
        fine = found.holds if known is None else known <= RATE * ROUNDING and found.agrees(known)
        holds &= fine
        rows.append(
            (case.kind.name, "sequential" if case.kind.sequential else "fixed sample", case.edge,
             case.wrong.value, RATE, found.rate, found.error, known,
             (found.rate if known is None else known) / RATE, found.shown(known), fine)
        )  # fmt: skip
    above = Text("largest error / bound just above 1", "最大误差 / 界限略大于 1")
    rows.append(("identity", "exact", above, "CONFIRMED", 0.0, 0.0, 0.0, 0.0, None,
                 "computed", True))  # fmt: skip
    values = {"runs": runs, "fixed_runs": fixed_runs, "looks": LOOKS, "errors": ERRORS}
    seconds = time.process_time() - started
    return made("importance", rows, values, holds=holds, seconds=seconds)
