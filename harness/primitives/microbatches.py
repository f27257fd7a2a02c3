"""The mean loss of a batch that is processed in parts."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def mean_over_microbatches(parts: Sequence[Tensor]) -> Tensor:
    """Return the mean over all examples of all parts: (...) for parts of shape (..., n_i).

    Every example weighs the same; parts of unequal size therefore do not.
    """
    examples = sum(part.shape[-1] for part in parts)
    return torch.stack([part.sum(dim=-1) for part in parts]).sum(dim=0) / examples
