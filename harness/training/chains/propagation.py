"""Second moments of signals and gradients through a deep chain of dense layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.training.chains import plain
from harness.training.chains.block import Block
from harness.training.chains.law import Activation, Chain, Initializer, UniformWeights

_BATCHED = 64  # up to this width replicas share their matrix products; beyond they leave the cache


@dataclass(frozen=True)
class Propagation:
    """Mean squares over examples and units, layer by layer from the input (0) to the output (L).

    `forward` (R, L + 1) is of the activations h_l, `backward` (R, L + 1) of a random cotangent
    pulled back to h_l, and `weight_gradient` (R, L) the Frobenius norm of the gradient with
    respect to W_l, averaged over the examples.
    """

    forward: npt.NDArray[np.float64]
    backward: npt.NDArray[np.float64]
    weight_gradient: npt.NDArray[np.float64]


def propagate(
    widths: Sequence[int], initializer: Initializer | None, activation: Activation | None,
    replicates: int, generator: torch.Generator, *, examples: int = 64,
    dtype: torch.dtype = torch.float64, inputs: Callable[..., Tensor] | None = None,
) -> Propagation:  # fmt: skip
    """Return how N(0, 1) inputs and an independent N(0, 1) cotangent travel through the layers.

    h_l = activation(W_l h_(l-1)), without biases, from widths[0] inputs to widths[-1] outputs, W_l
    from `initializer`; without one the reference draws Xavier's uniform law itself. No `activation`
    means the identity. Everything is drawn from `generator`, on its device.
    The result has mean squares over examples and units, layer by layer from the input (0) to the
    output (L), as float64: `forward` (R, L + 1) of h_l, `backward` (R, L + 1) of the cotangent
    pulled back to h_l, and `weight_gradient` (R, L), the Frobenius norm of the gradient with
    respect to W_l, averaged over the examples.
    The cotangent does not depend on the weights: a real loss would correlate the two and change
    the law. Signals are float64 by default, for 50 layers of N(0, 1) weights reach 1e120; their
    initializer is asked for float32 weights.
    `inputs(shape, generator=..., dtype=..., device=...)` draws the inputs (torch.randn).
    """
    law = UniformWeights(generator) if initializer is None else initializer
    draw = torch.randn if inputs is None else inputs
    chain = Chain(widths, law, activation, generator, examples, dtype, draw)
    block = replicates if max(widths) <= _BATCHED else 1
    counts = [min(block, replicates - r) for r in range(0, replicates, block)]
    if _native(chain):
        blocks = {count: Block(chain, count) for count in set(counts)}
        runs = [blocks[count].run() for count in counts]
    else:
        runs = [plain.run(chain, count) for count in counts]
    return Propagation(*(np.concatenate(parts) for parts in zip(*runs, strict=True)))


def _native(chain: Chain) -> bool:
    """Return whether NumPy can share the chain's memory."""
    on_cpu = chain.generator.device.type == "cpu"
    return on_cpu and chain.dtype in (torch.float32, torch.float64)
