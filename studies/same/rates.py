"""What `same` errs and takes: exactly where that is a walk over counts, else in simulated runs."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from harness.statistics.comparison.margins import margin
from harness.statistics.comparison.sameness import HALF, SURE, Answer, Rates, compared
from harness.statistics.evidence import Floats
from harness.statistics.tests.counts import log_e_above
from harness.statistics.tests.exact import Region, walk

MARGIN = margin("loss", "5%")
EDGE = math.log(1.05)
PAIRS = 64
Draws = Callable[[np.random.Generator, int], tuple[Floats, Floats]]
# ln(after / before), pair by pair; the median is named in shares of the margin. Runs of two seeds
# that share their numbers differ little, independent ones much, and some laws have no variance.
LAWS: dict[str, Callable[[np.random.Generator, int, float], Floats]] = {
    "Gaussian, s = margin / 4": lambda rng, n, at: rng.normal(at, EDGE / 4, n),
    "Gaussian, s = margin": lambda rng, n, at: rng.normal(at, EDGE, n),
    "Cauchy, scale margin / 4": lambda rng, n, at: at + rng.standard_cauchy(n) * EDGE / 4,
    "exponential, skewed": lambda rng, n, at: at + (rng.exponential(size=n) - math.log(2)) * EDGE,
}


def exact_rows() -> Iterator[tuple[Any, ...]]:
    """Rate, edge, wrong answer, its exact probability within the cap: half of the pairs inside.

    Signs at the edge are fair coins, of which one side decides alone where the other never errs.
    """
    looks = np.arange(1, 513)
    for rate in (0.05, 1e-3, 1e-6):
        for answer, needed in (("SAME", rate), ("CHANGED", rate / 2)):
            counts = np.arange(len(looks) + 1)
            successes = np.minimum(counts[None, :], looks[:, None])
            evidence = log_e_above(successes, looks[:, None], HALF, SURE)
            reached = evidence >= math.log(1 / needed)
            high = np.where(reached.any(axis=1), reached.argmax(axis=1), looks + 1)
            found = walk(Region(looks, high, np.full(len(looks), -1)), [HALF])
            yield answer, rate, needed, int(looks[-1]), float(found.high[0])


def simulated(
    law: str, at: float, rate: float, runs: int, seed: int, pairs: int = PAIRS
) -> tuple[int, int, float]:
    """How many of so many comparisons said SAME, CHANGED, and their mean number of pairs."""
    rng = np.random.default_rng(seed)
    same = changed = spent = 0
    for _ in range(runs):
        d = LAWS[law](rng, pairs, at * EDGE)
        found = compared({MARGIN: (np.ones(pairs).tolist(), np.exp(d).tolist())}, Rates(rate, rate))
        same += found.answer is Answer.SAME
        changed += found.answer is Answer.CHANGED
        spent += found.parts[0].decided or pairs
    return same, changed, spent / runs


def edge_rows(runs: int) -> Iterator[tuple[Any, ...]]:
    """Law, median, rate, SAME, CHANGED, runs, pairs, the most wrong answers a right rate allows."""
    from scipy.stats import binom

    rate = 0.05
    allowed = int(binom.isf(1e-4, runs, rate))
    for law in LAWS:
        for seed, at in enumerate((1.0, -1.0)):
            same, changed, mean = simulated(law, at, rate, runs, seed)
            yield law, at, same, changed, runs, allowed, mean


def power_rows(runs: int) -> Iterator[tuple[Any, ...]]:
    """Law, median in margins, SAME, CHANGED, runs, mean pairs at the usual rate and cap."""
    for law in LAWS:
        for seed, at in enumerate((0.0, 0.5, 1.5, 2.0, 4.0)):
            same, changed, mean = simulated(law, at, 1e-3, runs, 100 + seed)
            yield law, at, same, changed, runs, mean
