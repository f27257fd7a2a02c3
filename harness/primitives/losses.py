"""Losses of single examples, and their mean."""

from __future__ import annotations

import torch
from torch import Tensor


def mean_loss(losses: Tensor) -> Tensor:
    """Return the mean over the last axis, the examples: (...) for losses of shape (..., n)."""
    return losses.mean(dim=-1)


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
