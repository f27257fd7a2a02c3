"""A loss as the cotangent of a gradient law."""

from __future__ import annotations

import numpy as np
import torch

from examples.pitfalls.pitfall import Figure, Measurement, Pitfall, judged
from examples.pitfalls.signals.per_layer import kept
from harness.blocks.streams import Stream
from harness.primitives.initialization import xavier_normal


def gradient_is_kept(weights: list[torch.Tensor], x: torch.Tensor) -> float:
    """|dl/dx|^2 over |dl/do|^2 for the loss |o|^2 / 2 behind a chain of linear layers."""
    x = x.clone().requires_grad_()
    o = x
    for w in weights:
        o = w @ o
    loss = o.square().sum() / 2
    (gradient,) = torch.autograd.grad(loss, x)
    return float(gradient.square().sum() / o.detach().square().sum())


def _real_loss(stream: Stream, replicates: int) -> Measurement:
    n, depth = 128, 4
    generator = stream.torch()
    found, fresh = [], []
    for _ in range(replicates):
        layers = xavier_normal(n, n, generator, replicates=depth, dtype=torch.float64)
        x, cotangent = torch.randn(2, n, generator=generator, dtype=torch.float64)
        found.append(gradient_is_kept(list(layers), x))
        for w in reversed(layers):
            below = w.mT @ cotangent
            fresh.append(float(below.square().sum() / cotangent.square().sum()))
            cotangent = below
    ratio = np.array(found)
    return Measurement(
        (
            Figure(
                "the ratio is off by more than a factor of 2, L = 4", (ratio > 2) | (ratio < 0.5)
            ),
            Figure("the mean ratio, L = 4", ratio, "L + 1 = 5"),
        ),
        (
            judged(
                "random cotangent: E ratio = 1 per layer", kept(1.0, 0.2), np.minimum(fresh, 4.0)
            ),
        ),
    )


PITFALL = Pitfall(
    name="real-loss",
    heading="The backward variance through a real loss",
    row="backward variance through a real loss",
    shown=(gradient_is_kept,),
    measure=_real_loss,
    replicates=200,
    quick=10,
    why="The statement assumes a gradient that is independent of the weights. That of a squared "
    "loss is the output itself, made by the same weights: W'W correlates, and the second moment "
    "of L such products is L + 1 (Fuss and Catalan), not 1.",
    ours="A random cotangent at the output, drawn apart from the weights; the correlated case is "
    "a claim with its own law.",
    claims=("in-backward", "in-backward.outside", "in-backward.mechanism"),
)
