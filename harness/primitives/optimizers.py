"""One step of stochastic gradient descent with weight decay."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor


def sgd(
    params: Sequence[Tensor],
    grads: Sequence[Tensor],
    lr: float,
    weight_decay: float = 0.0,
    decoupled: bool = False,
    decays: Sequence[bool] | None = None,
) -> list[Tensor]:
    """Return new parameters, w - lr (g + weight_decay w); params and grads are left as they are.

    `decays` says which parameters decay (all, unless given; biases usually do not).
    Decoupled decay is (1 - lr weight_decay) w - lr g, scaled by lr as in torch's AdamW; without
    momentum both are the same map and differ by rounding only.
    """
    if decays is None:
        decays = [True] * len(params)
    stepped = []
    for w, g, decay in zip(params, grads, decays, strict=True):
        rate = weight_decay if decay else 0.0
        if rate == 0.0:
            stepped.append(w - lr * g)
        elif decoupled:
            stepped.append((1.0 - lr * rate) * w - lr * g)
        else:
            stepped.append(w - lr * (g + rate * w))
    return stepped
