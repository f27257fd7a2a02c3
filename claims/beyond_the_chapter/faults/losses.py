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


@fault("smoothed_cross_entropy", breaks="wd-update.ignored")
def counts_over_all_replicas(logits, y, smoothing=0.0, ignored=-100):
    """The denominator is the mean number of counted examples over the replicas."""
    own = (y != ignored).sum(dim=-1)
    mean = smoothed_cross_entropy(logits, y, smoothing, ignored)
    return mean * own / own.to(mean.dtype).mean()


@fault("smoothed_cross_entropy", breaks="wd-update.ignored")
def ignores_only_what_is_no_class(logits, y, smoothing=0.0, ignored=-100):
    """A label that is a class always counts: padding with 0 is learned."""
    return smoothed_cross_entropy(logits, torch.where(y < 0, -100, y), smoothing, -100)


@fault("smoothed_cross_entropy", breaks="wd-update.ignored")
def multiplies_what_is_ignored_by_zero(logits, y, smoothing=0.0, ignored=-100):
    """A weight of 0 in place of a choice: a NaN of an ignored example is one of the loss."""
    mean = smoothed_cross_entropy(logits, y, smoothing, ignored)
    return mean + (logits.sum(dim=-1) * (y == ignored) * 0).sum(dim=-1)


@fault("smoothed_cross_entropy", breaks="wd-update.ignored")
def smooths_by_zero_over_infinity(logits, y, smoothing=0.0, ignored=-100):
    """Smoothing of 0 is a product with 0: a class that is masked by -inf makes it NaN."""
    mean = smoothed_cross_entropy(logits, y, smoothing, ignored)
    if smoothing:
        return mean
    counted = torch.where((y != ignored).unsqueeze(-1), logits, 0.0)
    return mean + 0.0 * counted.sum(dim=(-1, -2))


@fault("smoothed_cross_entropy", breaks="wd-update.ignored")
def lets_the_first_replica_say_what_counts(logits, y, smoothing=0.0, ignored=-100):
    """What the first replica ignores is left out of all, and nothing else is."""
    labels = torch.where(y == ignored, 0, y)
    return smoothed_cross_entropy(
        logits, torch.where(y[:1] == ignored, ignored, labels), smoothing, ignored
    )
