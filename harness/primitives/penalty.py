"""The L2 penalty of weight decay."""

from __future__ import annotations

from torch import Tensor


def l2_penalty(w: Tensor) -> Tensor:
    """Return ||w||^2 / 2 of every replica: (R,) for w of shape (R, ...).

    All axes but the first are summed, (R,) itself has none. With the half, whose gradient is w
    itself, at w = 0 too; others leave it out and their lambda is half ours.
    """
    return w.square().reshape(w.shape[0], -1).sum(dim=1) / 2
