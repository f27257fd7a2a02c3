"""Losses of single examples, and their means: over a batch, over its parts, over what counts."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def mean_loss(losses: Tensor) -> Tensor:
    """Return the mean over the last axis, the examples: (...) for losses of shape (..., n).

    Every example counts, n = 1, losses of 0 and below 0 included; NaN and infinities stay. The
    gradient is 1 / n for each. The losses are float32 or float64.
    """
    return losses.mean(dim=-1)


def mean_over_microbatches(parts: Sequence[Tensor]) -> Tensor:
    """Return the mean over all examples of all parts: (...) for parts of shape (..., n_i).

    Every example weighs the same; parts of unequal size therefore do not, and an empty one has no
    weight. NaN stays. The losses are float32 or float64.
    """
    examples = sum(part.shape[-1] for part in parts)
    return torch.stack([part.sum(dim=-1) for part in parts]).sum(dim=0) / examples


def squared_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    """Return (y_hat - y)^2 / 2 of every example, with the half (torch's MSELoss has none).

    The shape is y_hat's; y has as many elements, in the same order, and may be (n,) for a y_hat
    (n, 1), which is no broadcast to (n, n). NaN stays NaN.
    """
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
    # Without smoothing a class that a logit of -inf rules out has no part in the loss.
    each = (1 - smoothing) * own - smoothing * log_p.mean(dim=-1) if smoothing else own
    return torch.where(counted, each, 0.0).sum(dim=-1) / counted.sum(dim=-1)


def token_loss(
    logits: Tensor, labels: Tensor, lengths: Tensor, weights: Tensor | None = None,
    ignored: int = -100, smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """Return sum(weight * loss) / sum(weight) over the tokens that count, a scalar.

    logits (n, t, k), integer labels (n, t), already shifted, weights (n, t), 1 unless given.
    Of sequence i the first lengths[i] positions count, but for those whose label is `ignored`;
    the rest is padding, told by its place: its label may be one that counts elsewhere, such as
    that of the end mark. Whatever does not count, if its logits are finite, adds to no sum and has
    a gradient of 0. A token's loss is -sum_c q_c log softmax(logits)_c, q = (1 - smoothing) on its
    label plus smoothing / k on every class (Szegedy et al. 2016, section 7). Something counts in
    every call. The result is differentiable once with respect to the logits.
    """
    places = torch.arange(labels.shape[1], device=labels.device)
    counts = (places < lengths.unsqueeze(1)) & (labels != ignored)
    weight = counts.to(logits.dtype) if weights is None else torch.where(counts, weights, 0.0)
    log_p = torch.log_softmax(logits, dim=-1)
    own = log_p.gather(-1, torch.where(counts, labels, 0).unsqueeze(-1)).squeeze(-1)
    each = -(1 - smoothing) * own - smoothing * log_p.mean(dim=-1)
    return (weight * each).sum() / weight.sum()
