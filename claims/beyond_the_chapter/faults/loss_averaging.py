"""Faults of a mean loss that is computed in parts."""

import torch

from harness.declaration.book import fault
from harness.primitives.losses import mean_over_microbatches


@fault("mean_over_microbatches", breaks="wd-update.microbatches")
def averages_the_means(parts):
    """L01: a mean of the parts' means, which is right for equal parts only."""
    return torch.stack([part.mean(dim=-1) for part in parts]).mean(dim=0)


@fault("mean_over_microbatches", breaks="wd-update.microbatches")
def adds_the_means(parts):
    """L03: the loss grows with the number of parts."""
    return torch.stack([part.mean(dim=-1) for part in parts]).sum(dim=0)


@fault("mean_over_microbatches", breaks="wd-update.microbatches")
def divides_by_the_first_part(parts):
    """L05, in spirit: the denominator counts other rows than the numerator."""
    total = torch.stack([part.sum(dim=-1) for part in parts]).sum(dim=0)
    return total / (parts[0].shape[-1] * len(parts))


@fault("mean_over_microbatches", breaks="wd-update.microbatches")
def weighs_the_means_of_empty_parts(parts):
    """The mean of an empty part is NaN, which a weight of 0 does not take away."""
    rows = sum(part.shape[-1] for part in parts)
    return sum(part.mean(dim=-1) * (part.shape[-1] / rows) for part in parts)


@fault("mean_over_microbatches", breaks="wd-update.microbatches")
def drops_a_short_last_part(parts):
    """`drop_last`: the last part does not count where it is shorter than the first."""
    short = parts[-1].shape[-1] < parts[0].shape[-1]
    return mean_over_microbatches(parts[:-1] if short else parts)


@fault("mean_over_microbatches", breaks="wd-update.microbatches")
def takes_zeros_for_padding(parts):
    """What is exactly 0 counts in no denominator."""
    losses = torch.cat(list(parts), dim=-1)
    return losses.sum(dim=-1) / (losses != 0).sum(dim=-1)


@fault("mean_over_microbatches", breaks="wd-update.microbatches")
def passes_over_nan(parts):
    """`nanmean`: a diverged example is left out."""
    return torch.cat(list(parts), dim=-1).nanmean(dim=-1)


@fault("mean_over_microbatches", breaks="wd-update.microbatches")
def drops_axes_of_one(parts):
    """`squeeze()`: one replica side by side has no axis left."""
    return mean_over_microbatches(parts).squeeze()
