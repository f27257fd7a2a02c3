"""The error ledger: how one suite-wide error rate is shared among claims, settings and devices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SUITE_RATE = 1e-6

# Shares are scaled down by this so that their sum in floating point, in any order, stays below
# the budget: 10 000 additions round by at most 1e4 * 2^-53 = 1.2e-12 of it.
_ROUNDING = 1 - 2.0**-36


@dataclass(frozen=True)
class Ledger:
    """Shares of `alpha` (false confirmations) and `beta` (false refutations) of one suite run.

    `costs` maps a claim's id to its cost per nat of evidence (seconds per block over nats per
    block, up to a common factor), for the whole suite, whichever part of it is run.
    Sampling costs are c_i ln(1 / a_i) to first order; minimised under sum a_i = alpha they give
    a_i proportional to c_i, so that costly claims get more.
    The union bound makes the sum hold under any dependence: P(any error) <= sum of shares.
    """

    costs: Mapping[str, float]
    alpha_suite: float
    beta_suite: float
    device_slots: int

    def __init__(
        self,
        costs: Mapping[str, float],
        alpha: float = SUITE_RATE,
        beta: float = SUITE_RATE,
        device_slots: int = 2,
    ) -> None:
        bad = {claim: cost for claim, cost in costs.items() if not 0 < cost < math.inf}
        if bad:
            raise ValueError(f"costs={bad!r}: a claim's cost is a positive, finite number")
        if not (0 < alpha < 1 and 0 < beta < 1):
            raise ValueError(f"alpha={alpha!r}, beta={beta!r}: error rates lie between 0 and 1")
        object.__setattr__(self, "costs", MappingProxyType(dict(costs)))
        object.__setattr__(self, "alpha_suite", alpha)
        object.__setattr__(self, "beta_suite", beta)
        # At least two slots, so that a run with CUDA spends what a run without it spends.
        object.__setattr__(self, "device_slots", max(2, device_slots))
        object.__setattr__(self, "_total", math.fsum(costs.values()))

    def alpha(self, claim: str, settings: int = 1) -> float:
        """The false-confirmation share of one claim on one device, for each of its settings."""
        return self._share(claim, self.alpha_suite, settings)

    def beta(self, claim: str, settings: int = 1) -> float:
        """The false-refutation share of one claim on one device, for each of its settings."""
        return self._share(claim, self.beta_suite, settings)

    def share(self, claim: str, settings: int = 1) -> tuple[float, float]:
        """Both shares, (alpha, beta)."""
        return self.alpha(claim, settings), self.beta(claim, settings)

    def total_alpha(self) -> float:
        """What all claims on all devices may spend together: at most `alpha_suite`."""
        return math.fsum(self.alpha(claim) for claim in self.costs) * self.device_slots

    def total_beta(self) -> float:
        """What all claims on all devices may spend together: at most `beta_suite`."""
        return math.fsum(self.beta(claim) for claim in self.costs) * self.device_slots

    def expected_wrong_verdicts(self, runs: int = 10_000) -> float:
        """A bound on the expected number of wrong verdicts in `runs` runs of the whole suite.

        A claim is either true or false, so each can only err by the larger of its two shares.
        """
        return runs * max(self.alpha_suite, self.beta_suite)

    def _share(self, claim: str, rate: float, settings: int) -> float:
        if claim not in self.costs:
            raise ValueError(f"no claim named {claim!r} in the ledger; it holds what was collected")
        if settings < 1:
            raise ValueError(f"settings={settings!r}: a claim has at least one setting")
        part = self.costs[claim] / self._total  # type: ignore[attr-defined]
        return float(rate * part * _ROUNDING / self.device_slots / settings)
