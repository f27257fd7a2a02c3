"""optimi behind the adapters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import optimi
from torch import Tensor

from harness.adapters.adapter import adapter

# Its own defaults are others than the role's: (0.9, 0.99) and 1e-6, as it documents.
USUAL = {"betas": (0.9, 0.999), "eps": 1e-8}
sgd = adapter("sgd", optimi.SGD)
decoupled_sgd = adapter("sgd", partial(optimi.SGD, decouple_wd=True), decay="decoupled")
momentum_sgd = adapter("momentum_sgd", partial(optimi.SGD, momentum=0.9))
adam = adapter("adam", partial(optimi.Adam, **USUAL))
adamw = adapter("adamw", partial(optimi.AdamW, **USUAL))


def kahan_sgd(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    weight_decay: float = 0.0, generator: Any = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """SGD with Kahan summation; the compensations are the state."""
    copies = [w.detach().clone() for w in params]
    stepper: Any = optimi.SGD(
        copies, lr, weight_decay=weight_decay, decouple_wd=True, kahan_sum=True
    )
    for place, (w, g) in enumerate(zip(copies, grads, strict=True)):
        w.grad = g.clone()
        if state is not None:
            stepper.state[w] = {
                name: value.clone() if isinstance(value, Tensor) else value
                for name, value in state[place].items()
            }
    stepper.step()
    return [w.detach() for w in copies], [dict(stepper.state[w]) for w in copies]
