"""Did a training statistic drift? Two independent samples of runs, exact at any size.

Nothing is assumed of the laws, nothing is paired, and sizes may differ: ranks decide.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.comparison.stratified import differences, log_p_above, shift_interval
from harness.statistics.evidence import Evidence, Floats


@dataclass(frozen=True)
class DriftTest:
    """Whether a candidate's runs are the baseline's up to a shift of `margin`, in its units.

    Same: baseline - margin < candidate < baseline + margin in stochastic order, both shown.
    Drifted: not baseline - inside * margin <= candidate <= baseline + inside * margin.
    Between the two is indifference, and with too few runs the answer is UNDECIDED.
    """

    margin: float
    inside: float = 0.5

    def __post_init__(self) -> None:
        """Refuse arguments that state no test."""
        if not 0 < self.margin < math.inf or not 0 <= self.inside < 1:
            raise ValueError(
                f"margin={self.margin!r}, inside={self.inside!r}: margin > 0 and 0 <= inside < 1"
            )

    def evidence(
        self, baseline: npt.ArrayLike, candidate: npt.ArrayLike, alpha: float, beta: float
    ) -> Evidence:
        """The evidence for "same" (confirm) and for "drifted" (refute), at one look.

        Confirm: two one-sided rank tests at full alpha (Berger 1982). Refute: either side at half
        of beta. `evidence.decide` turns it into a verdict.
        The estimate is the median of the differences y_j - x_i (Hodges & Lehmann 1963, Eq. 5.7).
        """
        x, y = (_checked(sample) for sample in (baseline, candidate))
        low, high = x - self.margin, x + self.margin
        confirm = -max(log_p_above([(low, y)]), log_p_above([(y, high)]))
        near = self.inside * self.margin
        refute = -min(log_p_above([(x + near, y)]), log_p_above([(y, x - near)])) - math.log(2)
        return Evidence(
            observations=min(len(x), len(y)),
            estimate=float(np.median(differences([(x, y)]))),
            interval=shift_interval([(x, y)], alpha),
            confirm=max(0.0, confirm),
            refute=max(0.0, refute),
            name="rank drift",
        )


def _checked(sample: npt.ArrayLike) -> Floats:
    values = np.asarray(sample, dtype=np.float64).ravel()
    if len(values) == 0 or not np.isfinite(values).all():
        raise ValueError("a drift test needs finite numbers, at least one in each sample")
    return values
