"""Faults of what the dropout sections use besides dropout: activations, solvers, training."""

from __future__ import annotations

from torch import Tensor


def leaks_a_constant(x: Tensor) -> Tensor:
    """A ReLU whose floor is 0.1, so that it is not positively homogeneous."""
    return x.clamp(min=0.1)


def passes_everything(x: Tensor) -> Tensor:
    """A ReLU that lost its kink: the identity."""
    return x.clone()
