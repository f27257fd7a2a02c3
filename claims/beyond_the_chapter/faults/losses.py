"""Faults of the cross-entropy with smoothed labels and ignored examples."""

import torch

from harness.declaration.book import fault
from harness.primitives.losses import smoothed_cross_entropy


@fault("smoothed_cross_entropy", breaks="wd-update.ignored")
def counts_ignored_rows_in_the_smoothing(logits, y, smoothing=0.0, ignored=-100):
    """L05: the smoothing term's denominator counts the rows that are ignored."""
    plain = smoothed_cross_entropy(logits, y, 0.0, ignored)
    counted = y != ignored
    spread = -torch.log_softmax(logits, dim=-1).mean(dim=-1)
    smooth = torch.where(counted, spread, 0.0).sum(dim=-1) / y.shape[-1]
    return (1 - smoothing) * plain + smoothing * smooth


@fault("smoothed_cross_entropy", breaks="wd-update.ignored")
def divides_by_all_rows(logits, y, smoothing=0.0, ignored=-100):
    """L05's counterpart: the mean is over all rows, and ignored ones add nothing to the sum."""
    mean = smoothed_cross_entropy(logits, y, smoothing, ignored)
    return mean * (y != ignored).sum(dim=-1) / y.shape[-1]


@fault("smoothed_cross_entropy", breaks="wd-update.ignored")
def smooths_over_the_other_classes(logits, y, smoothing=0.0, ignored=-100):
    """Another convention: smoothing / (k - 1) on the other classes and nothing on the label."""
    k = logits.shape[-1]
    wider = smoothing * k / (k - 1)
    return smoothed_cross_entropy(logits, y, wider, ignored)
