"""The error ledger: how one suite-wide error rate is shared among claims, settings and devices."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass

SUITE_RATE = 1e-6
FOREIGN_SHARE = 1e-9  # each way, of one claim or one test that is not the suite's own

# Shares are scaled down by this so that their sum in floating point, in any order, stays below
# the budget: 10 000 additions round by at most 1e4 * 2^-53 = 1.2e-12 of it.
_ROUNDING = 1 - 2.0**-36


@dataclass(frozen=True)
class Ledger:
    """Shares of `alpha` (false confirmations) and `beta` (false refutations) of one suite run.

    `costs` maps a claim's id to its cost per nat of evidence (seconds per block over nats per
    block, up to a common factor), for all that the run's profile examines, whichever part of it is
    chosen, and each of the run's `devices` gets the same.
    Sampling costs are c_i ln(1 / a_i) to first order; minimised under sum a_i = alpha they give
    a_i proportional to c_i, so that costly claims get more.
    The union bound makes the sum hold under any dependence: P(any error) <= sum of shares.
    """

    costs: Mapping[str, float]
    alpha_suite: float = SUITE_RATE
    beta_suite: float = SUITE_RATE
    devices: int = 1

    def __post_init__(self) -> None:
        bad = {claim: cost for claim, cost in self.costs.items() if not 0 < cost < math.inf}
        if bad:
            raise ValueError(f"costs={bad!r}: a claim's cost is a positive, finite number")
        alpha, beta = self.alpha_suite, self.beta_suite
        if self.devices < 1:
            raise ValueError(f"devices={self.devices!r}: a run is on one device at least")
        if not (0 < alpha < 1 and 0 < beta < 1):
            raise ValueError(
                f"alpha_suite={alpha!r}, beta_suite={beta!r}: error rates lie between 0 and 1"
            )

    @functools.cached_property
    def _total(self) -> float:
        return math.fsum(self.costs.values())

    def alpha(self, claim: str, settings: int = 1) -> float:
        """The false-confirmation share of one claim on one device, for each of its settings."""
        return self._share(claim, self.alpha_suite, settings)

    def beta(self, claim: str, settings: int = 1) -> float:
        """The false-refutation share of one claim on one device, for each of its settings."""
        return self._share(claim, self.beta_suite, settings)

    def _share(self, claim: str, rate: float, settings: int) -> float:
        if claim not in self.costs:
            raise ValueError(f"no claim named {claim!r} in the ledger; it holds what was collected")
        if settings < 1:
            raise ValueError(f"settings={settings!r}: a claim has at least one setting")
        part = self.costs[claim] / self._total
        return float(rate * part * _ROUNDING / self.devices / settings)
