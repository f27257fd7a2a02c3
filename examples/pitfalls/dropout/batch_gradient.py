"""The batch gradient of a unit that one sample dropped."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from examples.pitfalls.pitfall import Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.primitives.dropout import dropout
from harness.statistics.tests.binomial import RateTest


def dropped_unit_has_no_gradient(h: Tensor, p: float, generator: torch.Generator) -> bool:
    """Drops units of a batch h (B, units); those that sample 0 lost get no gradient."""
    w = torch.ones(h.shape[1], dtype=h.dtype, requires_grad=True)
    after = dropout(h * w, p, generator)
    (gradient,) = torch.autograd.grad(after.sum(), w)
    return bool((gradient[after[0] == 0] == 0).all())


def _batch(stream: Stream, replicates: int) -> Measurement:
    p = 0.5
    figures = []
    generator = stream.torch()
    for batch, catalogue in ((1, "0"), (2, ""), (4, "")):
        h = torch.rand(replicates, batch, 8, generator=generator, dtype=torch.float64) + 0.5
        failed = np.array([not dropped_unit_has_no_gradient(one, p, generator) for one in h])
        figures.append(
            Figure(f"some dropped unit has a gradient, B = {batch}, 8 units", failed, catalogue)
        )
    w = torch.ones(replicates, 1, 8, dtype=torch.float64, requires_grad=True)
    after = dropout(h * w, p, generator)
    (gradient,) = torch.autograd.grad(after.sum(), w)
    silent = (gradient == 0).numpy()
    return Measurement(
        tuple(figures),
        (judged("P(no gradient from a batch of 4) = p^4", RateTest(p**4, 0.03), silent),),
    )


PITFALL = Pitfall(
    name="batch-gradient",
    heading="The batch gradient of a dropped unit",
    row="batch-gradient zero for dropped units",
    shown=(dropped_unit_has_no_gradient,),
    measure=_batch,
    replicates=2000,
    quick=100,
    why="Every sample has a mask of its own: what sample 0 dropped, another sample has kept. "
    "With B = 1 the test passes, and hides this.",
    ours="Gradients sample by sample, against the mask that the forward pass shows; and the "
    "batch's gradient vanishes with probability p^B.",
    claims=("do-grad-vanish", "do-grad-vanish.batch", "do-grad-vanish.rate"),
)
