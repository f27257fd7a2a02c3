"""What deep chains are made of, and the engine's own law of their weights."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

_PIECE = 32768  # weights drawn by one call, whose words stay in the cache
_ONE = np.int16(1)

Activation = Callable[[Tensor], Tensor]
Initializer = Callable[..., Tensor]
Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Chain:
    """What a chain is made of: L + 1 widths, the laws of weights and inputs, the activation."""

    widths: Sequence[int]
    initializer: Initializer
    activation: Activation | None
    generator: torch.Generator
    examples: int
    dtype: torch.dtype
    inputs: Callable[..., Tensor]

    def draw_inputs(self, replicas: int) -> Tensor:
        """Return h_0 (R, examples, width)."""
        return self._draw(self.inputs, replicas, self.widths[0])

    def draw_cotangent(self, replicas: int) -> Tensor:
        """Return N(0, 1) cotangents of h_L (R, examples, width)."""
        return self._draw(torch.randn, replicas, self.widths[-1])

    def draw_weights(self, replicas: int, layer: int) -> Tensor:
        """Return W (R, out, in) of the layer that follows h_layer.

        Doubles are for the range of the signals: a double chain's weights are drawn in single
        precision, as a net's are, for torch draws double normal numbers at a sixth of the speed.
        """
        own = isinstance(self.initializer, UniformWeights)  # as fast in doubles
        weights = self.initializer(
            *self.widths[layer : layer + 2],
            self.generator,
            replicates=replicas,
            dtype=torch.float32 if self.dtype == torch.float64 and not own else self.dtype,
            device=self.generator.device,
        )
        return weights.to(self.dtype)

    def _draw(self, law: Callable[..., Tensor], replicas: int, width: int) -> Tensor:
        shape = (replicas, self.examples, width)
        return law(shape, generator=self.generator, dtype=self.dtype, device=self.generator.device)


class UniformWeights:
    """An initializer of Xavier's uniform law, from raw random words: the engine's own.

    Sixteen bits make one number, an odd multiple of 2^-15 a: without a mean, and with the second
    moment of the law up to one part in 2^30.
    """

    def __init__(self, generator: torch.Generator) -> None:
        seed = torch.randint(2**62, (2,), generator=generator, device=generator.device)
        self._stream = np.random.SFC64(np.random.SeedSequence(seed.tolist()))

    def __call__(
        self, fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
        dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
    ) -> Tensor:  # fmt: skip
        """Return weights (replicates, fan_out, fan_in)."""
        W = np.empty((replicates, fan_out, fan_in), dtype=np.float64)
        self.fill(np.empty(W.shape, dtype=np.int16), W)
        return torch.from_numpy(W).to(device, dtype).mul_(self.step(fan_in, fan_out))

    @staticmethod
    def step(fan_in: int, fan_out: int) -> float:
        """Return what the weights are multiples of."""
        return math.sqrt(6.0 / (fan_in + fan_out)) * 2.0**-15

    def fill(self, multiples: npt.NDArray[np.int16], floats: Floats) -> None:
        """Draw the odd multiples of all weights (R, fan_out, fan_in), as integers and as floats."""
        flat, copy = multiples.reshape(-1), floats.reshape(-1)
        for start in range(0, flat.size, _PIECE):
            part = flat[start : start + _PIECE]
            words = self._stream.random_raw(-(-part.size // 4)).view(np.int16)
            np.bitwise_or(words[: part.size], _ONE, out=part)
            np.copyto(copy[start : start + _PIECE], part)
