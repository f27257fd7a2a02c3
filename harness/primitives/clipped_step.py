"""A gradient step whose penalised gradient is clipped."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from harness.primitives.clipping import clip_gradient_norm


def clipped_sgd(
    params: Sequence[Tensor],
    grads: Sequence[Tensor],
    lr: float,
    max_norm: float,
    weight_decay: float = 0.0,
) -> list[Tensor]:
    """Return w - lr c, c the gradient of loss and penalty together, clipped to norm max_norm.

    params and grads are (R, ...); g + weight_decay w is clipped over all parameters of a replica
    together, so that no replica moves further than lr max_norm.
    """
    penalised = [g + weight_decay * w for w, g in zip(params, grads, strict=True)]
    clipped, _ = clip_gradient_norm(penalised, max_norm)
    return [w - lr * g for w, g in zip(params, clipped, strict=True)]
