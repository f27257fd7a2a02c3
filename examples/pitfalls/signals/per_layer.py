"""The suite's way to judge signals: ratios of successive layers."""

from __future__ import annotations

from harness.rulers import signals
from harness.statistics.bounded import BoundedEquivalenceKind
from harness.statistics.kind import Kind


def kept(mean: float, within: float) -> Kind:
    """Per-layer ratios, cut at 4, have this mean."""
    return BoundedEquivalenceKind(0.0, signals.LARGEST_RATIO, mean, within)
