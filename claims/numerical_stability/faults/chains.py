"""Faults of carrying signals and gradients through a chain of layers (the role `propagate`)."""

import torch

from harness.declaration.book import fault
from harness.training.chains import propagation
from harness.training.chains.propagation import Propagation


@fault("propagate", breaks="ns-bottom-worse ac-a1 ac-relu.half ns-saturate.four")
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
@fault("propagate", breaks="ns-gauss-product.exponent ns-gauss-product.powers ac-a1")
def normalises_every_layer(widths, initializer, activation, *draws, **options):
    """Each layer's signal is divided by its root mean square."""

    def normalised(z):
        h = z if activation is None else activation(z)
        return h / h.square().mean(dim=-1, keepdim=True).sqrt().clamp_min(1e-30)

    return propagation.propagate(widths, initializer, normalised, *draws, **options)


def _repeat_last(values):
    import numpy as np

    return np.concatenate([values, values[:, -1:]], axis=1)


@fault("propagate", breaks="ns-product.chain")
def adds_a_bias(widths, initializer, activation, *draws, **options):
    """Every layer has a bias of 0.1."""

    def shifted(z):
        return z + 0.1 if activation is None else activation(z + 0.1)

    return propagation.propagate(widths, initializer, shifted, *draws, **options)


@fault("propagate", breaks="ns-product.chain")
def draws_inputs_of_its_own(*arguments, inputs=None, **options):
    """The inputs that are asked for are not drawn."""
    return propagation.propagate(*arguments, **options)


@fault("propagate", breaks="ns-product.chain")
def takes_the_gradient_of_a_loss(*arguments, **options):
    """What is sent back is the output itself, the gradient of its half square."""
    run = propagation.propagate(*arguments, **options)
    size = run.forward[:, -1:] / run.backward[:, -1:]
    return Propagation(run.forward, run.backward * size, run.weight_gradient * size**0.5)


@fault("propagate", breaks="ns-product.chain")
def squares_the_gradient(*arguments, **options):
    """The gradients of the weights are measured as mean squares like everything else."""
    run = propagation.propagate(*arguments, **options)
    return Propagation(run.forward, run.backward, run.weight_gradient**2)


@fault("propagate", breaks="ns-product.chain")
def draws_the_cotangent_apart(widths, initializer, activation, replicates, generator, **options):
    """Everything is drawn from a generator with a seed of its own, the same in every call."""
    own = torch.Generator(generator.device).manual_seed(0)
    return propagation.propagate(widths, initializer, activation, replicates, own, **options)


@fault("propagate", breaks="ns-product.chain")
def computes_in_single_precision(*arguments, dtype=None, **options):
    """Signals are float32 unless another dtype is asked for."""
    return propagation.propagate(*arguments, dtype=dtype or torch.float32, **options)


@fault("propagate", breaks="ns-product.chain")
def asks_for_weights_of_its_own_dtype(widths, initializer, *arguments, **options):
    """The initialiser is asked for float64 weights, of which it may know nothing."""

    def wide(*fans, dtype=None, **law):
        return initializer(*fans, dtype=torch.float64, **law).to(dtype)

    return propagation.propagate(widths, wide, *arguments, **options)


@fault("propagate", breaks="ns-product.chain")
def takes_no_activation_for_the_default(widths, initializer, activation, *draws, **options):
    """Where no activation is given, a ReLU is."""
    return propagation.propagate(widths, initializer, activation or torch.relu, *draws, **options)
