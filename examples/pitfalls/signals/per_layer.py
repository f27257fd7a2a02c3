"""The suite's way to judge signals: ratios of successive layers."""

from __future__ import annotations

from claims.numerical_stability.experiments import signals
from harness.statistics.evidence import StatisticalTest
from harness.statistics.tests.bounded import BoundedEquivalenceTest


def kept(mean: float, within: float) -> StatisticalTest:
    """Per-layer ratios, cut at 4, have this mean."""
    return BoundedEquivalenceTest(0.0, signals.LARGEST_RATIO, mean, within)
