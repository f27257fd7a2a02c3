"""Faults of carrying signals and gradients through a chain of layers (the role `propagate`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from harness.training.chains import propagation
from harness.training.chains.law import Activation, Initializer
from harness.training.chains.propagation import Propagation


def forgets_the_activation(
    widths: Sequence[int],
    initializer: Initializer,
    activation: Activation | None,
    *draws: Any,
    **options: Any,
) -> Propagation:
    """The activation is not applied."""
    return propagation.propagate(widths, initializer, None, *draws, **options)


def skips_the_last_layer(widths: Sequence[int], *arguments: Any, **options: Any) -> Propagation:
    """One layer too few; its place is filled with the values below it."""
    run = propagation.propagate(list(widths)[:-1], *arguments, **options)
    return Propagation(*map(_repeat_last, (run.forward, run.backward, run.weight_gradient)))


def ignores_the_dtype(*arguments: Any, dtype: torch.dtype | None = None, **options: Any) -> Any:
    """Everything is computed in float64, whatever was asked for."""
    return propagation.propagate(*arguments, dtype=torch.float64, **options)


def normalises_every_layer(
    widths: Sequence[int],
    initializer: Initializer,
    activation: Activation | None,
    *draws: Any,
    **options: Any,
) -> Propagation:
    """Each layer's signal is divided by its root mean square."""

    def normalised(z: Tensor) -> Tensor:
        h = z if activation is None else activation(z)
        return h / h.square().mean(dim=-1, keepdim=True).sqrt().clamp_min(1e-30)

    return propagation.propagate(widths, initializer, normalised, *draws, **options)


def _repeat_last(values: Any) -> Any:
    import numpy as np

    return np.concatenate([values, values[:, -1:]], axis=1)
