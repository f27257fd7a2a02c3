"""Steps on 16-bit parameters that are smaller than their spacing and arrive all the same."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def sixteen_bit_sgd(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: list[Tensor] | None, lr: float,
    weight_decay: float = 0.0, generator: torch.Generator | None = None,
) -> tuple[list[Tensor], list[Tensor]]:  # fmt: skip
    """Return new parameters and state of (1 - lr weight_decay) w - lr g in 16-bit parameters.

    params and grads are bfloat16 or float16, and so is what comes back; `state` is what the last
    call returned, None before the first, and params are then those that it returned.
    Near 1 a bfloat16 has neighbours at 2^-7 and 2^-8, and a step below half of that is lost if it
    is rounded to nearest. Here it arrives, in expectation over elements: by a copy of higher
    precision in the state, as the reference has it (Micikevicius et al. 2018, section 3.1), or by
    stochastic rounding with the generator (Gupta et al. 2015, Eq. 1), which others leave alone.
    The decay arrives as well.
    """
    masters = [w.float() for w in params] if state is None else state
    moved = [
        (1.0 - lr * weight_decay) * w - lr * g.float() for w, g in zip(masters, grads, strict=True)
    ]
    return [w.to(p.dtype) for w, p in zip(moved, params, strict=True)], moved
