"""Faults of a mean loss that is computed in parts."""

import torch

from harness.declaration.book import fault


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
