"""Losses of single examples, and their means: over a batch, over its parts, over what counts."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def mean_loss(losses: Tensor) -> Tensor:
    """Return the mean over the last axis, the examples: (...) for losses of shape (..., n)."""
    return losses.mean(dim=-1)


def mean_over_microbatches(parts: Sequence[Tensor]) -> Tensor:
    """Return the mean over all examples of all parts: (...) for parts of shape (..., n_i).

    Every example weighs the same; parts of unequal size therefore do not.
    """
    examples = sum(part.shape[-1] for part in parts)
    return torch.stack([part.sum(dim=-1) for part in parts]).sum(dim=0) / examples


def squared_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    """Return (y_hat - y)^2 / 2 of every example, with the half (torch's MSELoss has none)."""
    return (y_hat - y.reshape(y_hat.shape)).square() / 2


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """Return -log softmax(logits)[y] in nats of every example.

    logits (..., n, k), integer labels y (..., n); the result is (..., n), not averaged.
    """
    shifted = logits - logits.amax(dim=-1, keepdim=True).detach()
    log_sum = shifted.exp().sum(dim=-1).log()
    return log_sum - torch.take_along_dim(shifted, y.unsqueeze(-1), dim=-1).squeeze(-1)


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
