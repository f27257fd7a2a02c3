"""The running average of a net's weights, which is evaluated in their place."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Averages = tuple[int, list[Tensor]]  # how many weights were averaged, and the averages unrounded


def average_weights(
    weights: Sequence[Tensor], state: Averages | None, decay: float | None = None
) -> tuple[list[Tensor], Averages]:
    """Return the averages, one for each of `weights` and of its shape, and the state.

    Called after every update of the weights, with what the last call returned as `state`, None
    before the first, in which the averages are the weights.
    With a decay, 0 <= decay < 1, an average a becomes decay a + (1 - decay) w (d2l, "RMSProp", of
    squared gradients; torch's get_ema_multi_avg_fn), or all weights so far count in proportion to
    decay^age, as where the start is corrected for (Kingma and Ba 2015, section 3).
    Without one it is their plain mean (Izmailov et al. 2018, Algorithm 1);
    a function that knows one of the two raises NotApplicableError for the other.
    Whole numbers among the weights, as a net's buffers have them, are copied.
    Steps that are smaller than the spacing of 16-bit weights arrive in expectation: by averages
    that are kept in float32, as in the reference, or by stochastic rounding.
    The weights may ask for gradients, and move in place afterwards: averages share no memory with
    them, and are in no graph.
    """
    count, kept = (0, []) if state is None else state
    share = 1.0 / (count + 1) if decay is None else 1.0 - decay
    with torch.no_grad():
        moved = [_wide(w) for w in weights]
        if count:
            moved = [
                torch.lerp(a, w, share) if w.is_floating_point() else w
                for a, w in zip(kept, moved, strict=True)
            ]
        return [a.to(w.dtype) for a, w in zip(moved, weights, strict=True)], (count + 1, moved)


def _wide(w: Tensor) -> Tensor:
    """A copy, in float32 at least; of whole numbers in their own dtype."""
    dtype = torch.promote_types(w.dtype, torch.float32) if w.is_floating_point() else w.dtype
    return w.detach().to(dtype, copy=True)
