"""Cross-entropy with smoothed labels and examples that do not count."""

from __future__ import annotations

import torch
from torch import Tensor


def smoothed_cross_entropy(
    logits: Tensor, y: Tensor, smoothing: float = 0.0, ignored: int = -100
) -> Tensor:
    """Return the mean loss (R,) over the examples whose label is not `ignored`.

    logits (R, n, k), labels y (R, n). Each example's target is 1 - smoothing on its label and
    smoothing / k on every class; examples that are ignored count in no numerator or denominator.
    """
    counted = y != ignored
    log_p = torch.log_softmax(logits, dim=-1)
    own = -log_p.gather(-1, torch.where(counted, y, 0).unsqueeze(-1)).squeeze(-1)
    each = (1 - smoothing) * own - smoothing * log_p.mean(dim=-1)
    return torch.where(counted, each, 0.0).sum(dim=-1) / counted.sum(dim=-1)
