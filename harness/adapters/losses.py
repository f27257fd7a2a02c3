"""Losses of torch as roles."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from harness.adapters.conventions import Conventions


def token_loss(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function as F.cross_entropy, of (m, k), (m,), ignore_index=, reduction=, label_smoothing=.

    Padding gets the label that is ignored. With weights the single losses are asked for, and
    averaged here.
    """

    def call(
        logits: Tensor, labels: Tensor, lengths: Tensor, weights: Tensor | None = None,
        ignored: int = -100, smoothing: float = 0.0,
    ) -> Tensor:  # fmt: skip
        padding = torch.arange(labels.shape[1], device=labels.device) >= lengths.unsqueeze(1)
        flat = labels.masked_fill(padding, ignored).flatten()
        options = {"ignore_index": ignored, "label_smoothing": smoothing}
        found: Tensor
        if weights is None:
            found = thing(logits.flatten(0, 1), flat, **options)
            return found
        each = thing(logits.flatten(0, 1), flat, reduction="none", **options)
        weight = weights.flatten() * (flat != ignored)
        found = (weight * each).sum() / weight.sum()
        return found

    return call
