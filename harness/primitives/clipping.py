"""Gradient clipping by the norm over all parameters together, and a step that clips."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def clip_gradient_norm(grads: Sequence[Tensor], max_norm: float) -> tuple[list[Tensor], Tensor]:
    """Return the clipped gradients and the norm (R,) that each replica had before.

    grads are (R, ...) tensors; a replica whose norm over all of them exceeds max_norm is scaled
    by max_norm / norm, the others come back unchanged, a zero gradient included.
    A norm that is infinite or NaN leaves something that is not finite in the replica, here NaN
    everywhere: divergence is not hidden.
    The norm of 16-bit gradients is a float32: their squares do not overflow in it.
    """
    wide = [g.float() if g.dtype in (torch.float16, torch.bfloat16) else g for g in grads]
    squares = [g.square().reshape(g.shape[0], -1).sum(dim=1) for g in wide]
    norm = torch.stack(squares).sum(dim=0).sqrt()
    factor = torch.where(norm <= max_norm, torch.ones_like(norm), max_norm / norm)
    factor = torch.where(norm.isfinite(), factor, torch.full_like(norm, torch.nan))
    shaped = [factor.reshape(-1, *[1] * (g.dim() - 1)) for g in grads]
    return [(g * by).to(one.dtype) for one, g, by in zip(grads, wide, shaped, strict=True)], norm


def clipped_sgd(
    params: Sequence[Tensor], grads: Sequence[Tensor], lr: float, max_norm: float,
    weight_decay: float = 0.0,
) -> list[Tensor]:  # fmt: skip
    """Return w - lr c, c the gradient of loss and penalty together, clipped to norm max_norm.

    params and grads are (R, ...); g + weight_decay w is clipped over all parameters of a replica
    together, so that no replica moves further than lr max_norm; where either is 0, nothing
    moves.
    """
    penalised = [g + weight_decay * w for w, g in zip(params, grads, strict=True)]
    clipped, _ = clip_gradient_norm(penalised, max_norm)
    return [w - lr * g for w, g in zip(params, clipped, strict=True)]
