"""A relative tolerance where two numbers cancel."""

from __future__ import annotations

import numpy as np
import torch

from examples.pitfalls.pitfall import Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.primitives.activations import scaled_sigmoid
from harness.statistics.tests.identity import IdentityTest


def is_twice_tanh_of_half(x: torch.Tensor) -> bool:
    """4 sigmoid(x) - 2 = 2 tanh(x / 2), to a part in 1000."""
    return torch.allclose(4 * torch.sigmoid(x) - 2, 2 * torch.tanh(x / 2), rtol=1e-3, atol=0.0)


def _relative(stream: Stream, replicates: int) -> Measurement:
    figures = []
    for size in (1e-1, 1e-3, 1e-5, 1e-7):
        x = size * (1 + torch.rand(replicates, generator=stream.torch(), dtype=torch.float32))
        passed = np.array([is_twice_tanh_of_half(one) for one in x])
        figures.append(Figure(f"the identity 'fails' in float32, x in [1, 2] · {size:g}", ~passed))
    at = torch.tensor([1e-7])
    wrong = ((4 * torch.sigmoid(at) - 2) / (2 * torch.tanh(at / 2)) - 1).abs()
    figures.append(Figure("relative error at x = 1e-7", wrong.numpy(), "1.38"))
    x = torch.linspace(-8, 8, 4001)
    small = torch.cat([x, 10.0 ** -torch.arange(1.0, 12.0)])
    error = (scaled_sigmoid(small).double() - 2 * torch.tanh(small.double() / 2)).abs()
    return Measurement(
        tuple(figures),
        (
            judged(
                "the identity within 1e-6 absolutely, float32",
                IdentityTest(),
                (error / 1e-6).numpy(),
            ),
        ),
    )


PITFALL = Pitfall(
    name="relative-tolerance",
    heading="A relative tolerance at a cancellation",
    row="`allclose(4σ(x)-2, 2tanh(x/2), rtol)`",
    shown=(is_twice_tanh_of_half,),
    measure=_relative,
    replicates=2000,
    quick=50,
    why="Near 0 the form 4 sigmoid(x) - 2 is the difference of two numbers near 2: the absolute "
    "error stays at a few roundings of 2, whatever x is, and the relative one grows like 1/x.",
    ours="An absolute bound from the roundings of the terms: 1e-6 in float32, 1e-15 in float64. "
    "That the relative form is false is a claim of its own.",
    claims=("ac-4sig", "ac-4sig.relative"),
)
