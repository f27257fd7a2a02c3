"""Faults of 16-bit parameters: small steps are rounded away, or all of them to one side."""

import torch

from harness.declaration.book import fault
from harness.primitives.sixteen_bits import sixteen_bit_sgd


@fault("sixteen_bit_sgd", breaks="tl-sixteen")
def rounds_every_step_to_nearest(params, grads, state, lr, weight_decay=0.0, generator=None):
    """Nothing but the 16-bit parameters is kept: a step below half their spacing is lost."""
    return sixteen_bit_sgd(params, grads, None, lr, weight_decay)


@fault("sixteen_bit_sgd", breaks="tl-sixteen")
def loses_the_decay(params, grads, state, lr, weight_decay=0.0, generator=None):
    """The decay multiplies the 16-bit parameter by a factor that rounds to 1."""
    return sixteen_bit_sgd(params, grads, state, lr, 0.0)


@fault("sixteen_bit_sgd", breaks="tl-sixteen")
def truncates(params, grads, state, lr, weight_decay=0.0, generator=None):
    """The low bits are cut off: every step is rounded towards 0, none away from it."""
    moved = [(1 - lr * weight_decay) * w.double() - lr * g.double()
             for w, g in zip(params, grads, strict=True)]  # fmt: skip
    return [_down(w, p) for w, p in zip(moved, params, strict=True)], []


@fault("sixteen_bit_sgd", breaks="tl-sixteen")
def rounds_by_a_coin(params, grads, state, lr, weight_decay=0.0, generator=None):
    """Stochastic rounding with probability 1/2 each way, wherever between them the number lies."""
    moved = [(1 - lr * weight_decay) * w.double() - lr * g.double()
             for w, g in zip(params, grads, strict=True)]  # fmt: skip
    stepped = []
    for w, p in zip(moved, params, strict=True):
        low = _down(w, p).double()
        coin = torch.rand(w.shape, generator=generator, device=w.device) < 0.5
        stepped.append((low + torch.where(coin & (low != w), _spacing(p), 0.0)).to(p.dtype))
    return stepped, []


@fault("sixteen_bit_sgd", breaks="tl-sixteen")
def rounds_noise_to_nearest(params, grads, state, lr, weight_decay=0.0, generator=None):
    """Noise of a whole spacing is added, and the sum rounded to nearest and not down."""
    moved = [(1 - lr * weight_decay) * w.double() - lr * g.double()
             for w, g in zip(params, grads, strict=True)]  # fmt: skip
    return [
        (w + _spacing(p) * torch.rand(w.shape, generator=generator, device=w.device)).to(p.dtype)
        for w, p in zip(moved, params, strict=True)
    ], []


@fault("sixteen_bit_sgd", breaks="tl-sixteen")
def makes_the_copy_anew(params, grads, state, lr, weight_decay=0.0, generator=None):
    """The copy is filled from the 16-bit parameters every other step, as after each load."""
    kept, count = (None, 0) if state is None else state
    stepped, kept = sixteen_bit_sgd(params, grads, kept, lr, weight_decay)
    return stepped, (kept if count % 2 else None, count + 1)


def _spacing(p):
    return 2.0**-7 if p.dtype == torch.bfloat16 else 2.0**-10


def _down(w, p):
    return (torch.floor(w / _spacing(p)) * _spacing(p)).to(p.dtype)
