"""Faults of carrying signals and gradients through a chain of layers (the role `propagate`)."""

import torch

from harness.declaration.book import fault
from harness.training.chains import propagation
from harness.training.chains.propagation import Propagation


@fault("propagate", breaks="ns-bottom-worse ac-a1 ac-relu.half")
def forgets_the_activation(widths, initializer, activation, *draws, **options):
    """The activation is not applied."""
    return propagation.propagate(widths, initializer, None, *draws, **options)


@fault("propagate", breaks="ns-pow ns-fp16")
def skips_the_last_layer(widths, *arguments, **options):
    """One layer too few; its place is filled with the values below it."""
    run = propagation.propagate(list(widths)[:-1], *arguments, **options)
    return Propagation(*map(_repeat_last, (run.forward, run.backward, run.weight_gradient)))


@fault("propagate", breaks="ns-fp16.ends ns-fp16.stuck")
def ignores_the_dtype(*arguments, dtype=None, **options):
    """Everything is computed in float64, whatever was asked for."""
    return propagation.propagate(*arguments, dtype=torch.float64, **options)


@fault("propagate", breaks="ns-pow ns-fp16 ns-W>1 ns-W>1.threshold ns-gauss-product")
@fault("propagate", breaks="ns-gauss-product.exponent ac-a1")
def normalises_every_layer(widths, initializer, activation, *draws, **options):
    """Each layer's signal is divided by its root mean square."""

    def normalised(z):
        h = z if activation is None else activation(z)
        return h / h.square().mean(dim=-1, keepdim=True).sqrt().clamp_min(1e-30)

    return propagation.propagate(widths, initializer, normalised, *draws, **options)


def _repeat_last(values):
    import numpy as np

    return np.concatenate([values, values[:, -1:]], axis=1)
