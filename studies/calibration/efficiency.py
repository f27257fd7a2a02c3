"""What a verdict costs: expected replicates, beside the theory's bounds and other rules.

The rules of others are computed for the same question: is a mean in [0, 1] at most `null` or at
least `alternative`, both errors at most one in a million.
"""

import math
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.betting import SHARES, stakes
from harness.statistics.tests.binomial import critical_count
from harness.text import Text
from reports.tables import Table
from studies.calibration.four_laws import HORIZONS, PARAMETERS
from studies.tables import made

Floats = npt.NDArray[np.float64]

RATE = 1e-6
RUNS = 600  # of a bounded law, for a standard error of about 0.015 of the ratio
GAPS = ((0.5, 0.9), (0.5, 0.75), (0.6, 0.9), (0.5, 0.6))
UNCAPPED = 40  # times Wald's bound, beyond which less than 1e-12 is undecided at the edges
MOST_OF_WALD = 1.08
MOST_OF_BEST = 1.25


def divergence(p: float, q: float) -> float:
    """KL(Bernoulli(p) || Bernoulli(q)) in nats."""
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def walds_bound(truth: float, null: float) -> float:
    """Wald (1945): no test with these two error rates has a smaller expected sample."""
    gain = (1 - RATE) * math.log((1 - RATE) / RATE) + RATE * math.log(RATE / (1 - RATE))
    return gain / divergence(truth, null)


def fixed_exact(null: float, alternative: float) -> int:
    """The smallest fixed sample at which an exact binomial test keeps both rates."""
    from scipy import stats

    n = 2
    while True:
        k = critical_count(n, null, RATE)  # P(K >= k) <= RATE at the null
        if stats.binom.cdf(k - 1, n, alternative) <= RATE:
            return n
        n += 1


def hoeffding(gap: float) -> int:
    """Hoeffding (1963), Theorem 2, with the threshold in the middle: exp(-2 n (gap/2)^2)."""
    return math.ceil(math.log(1 / RATE) / (2 * (gap / 2) ** 2))


def dkwm(gap: float) -> int:
    """TensorFlow Probability's `min_num_samples_for_dkwm_mean_test` on a support of length 1.

    Half of the discrepancy for each of two envelopes, 2 exp(-2 n (gap/2)^2) = rate (Massart 1990).
    """
    return math.ceil(math.log(2 / RATE) / (2 * (gap / 2) ** 2))


def best_growth(law: tuple[float, float] | None, null: float) -> float:
    """KL_inf(law, mean <= null) = sup_f E ln(1 + f (X / null - 1)): the growth of the best bet.

    Honda & Takemura (2010), Theorem 8: no test of level a beats ln(1/a) / KL_inf for a -> 0.
    """
    from scipy import optimize, stats

    if law is None:
        return divergence(0.6, null)
    x = stats.beta(*law).ppf((np.arange(20_000) + 0.5) / 20_000)
    found = optimize.minimize_scalar(
        lambda f: -np.log1p(f * (x / null - 1)).mean(), bounds=(0.0, 1.0), method="bounded"
    )
    return float(-found.fun)


def bounded_sample(name: str, runs: int) -> tuple[float, float]:
    """Expected trials to e >= 1/RATE against "mean <= 0.5" at single looks, and standard error.

    The wealth is the engine's own (`stakes` and `SHARES`), followed value by value.
    """
    law = PARAMETERS[name]
    bets = stakes(0.5, 0.6)[:, None]
    taken = []
    for run in range(runs):
        rng = np.random.default_rng([7, run])
        if law is None:
            x = (rng.random(HORIZONS[name]) < 0.6).astype(np.float64)
        else:
            x = rng.beta(*law, HORIZONS[name])
        gains = np.cumsum(np.log1p(bets * (2 * x - 1)), axis=1)
        top = gains.max(axis=0)
        wealth = top + np.log(SHARES @ np.exp(gains - top))
        if wealth.max() < math.log(1 / RATE):
            raise ValueError(f"{name}: not decided within {HORIZONS[name]} trials; give it more")
        taken.append(int(np.argmax(wealth >= math.log(1 / RATE))) + 1)
    return float(np.mean(taken)), float(np.std(taken) / math.sqrt(runs))


def table(runs: int = RUNS) -> Table:
    """The Bernoulli cases at both hypotheses, then the four bounded laws."""
    started = time.process_time()
    rows: list[tuple[Any, ...]] = []
    for null, alternative in GAPS:
        kind = BernoulliTest(null, alternative)
        fixed = fixed_exact(null, alternative)
        gap = alternative - null
        for truth, other in ((alternative, null), (null, alternative)):
            bound = walds_bound(truth, other)
            cap = math.ceil(UNCAPPED * bound)
            single = float(kind.operating(RATE, RATE, (truth,), cap=cap).expected[0])
            blocks = float(kind.operating(RATE, RATE, (truth,), cap=cap, block=8).expected[0])
            rows.append(
                (Text(f"{null:g} against {alternative:g}", f"{null:g} 对 {alternative:g}"),
                 f"p = {truth:g}", single, blocks, bound,
                 single / bound, MOST_OF_WALD, fixed, hoeffding(gap), dkwm(gap),
                 single <= MOST_OF_WALD * bound)
            )  # fmt: skip
    for name in PARAMETERS:
        expected, error = bounded_sample(name, runs)
        best = math.log(1 / RATE) / best_growth(PARAMETERS[name], 0.5)
        fixed_here = fixed_exact(0.5, 0.6) if PARAMETERS[name] is None else None
        rows.append(
            (Text("mean 0.5 against 0.6", "均值 0.5 对 0.6"),
             f"{name} (± {error:.1f})", expected, None, best,
             expected / best, MOST_OF_BEST, fixed_here, hoeffding(0.1), dkwm(0.1),
             expected <= MOST_OF_BEST * best)
        )  # fmt: skip
    return made(
        "efficiency", rows, {"runs": runs},
        holds=all(row[-1] for row in rows), seconds=time.process_time() - started,
    )  # fmt: skip
