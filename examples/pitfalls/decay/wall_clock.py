"""No cost, by the clock."""

from __future__ import annotations

import time

import numpy as np
import torch

from examples.pitfalls.pitfall import Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.metrics import gradient_steps
from harness.primitives.optimizers import sgd
from harness.statistics.tests.identity import IdentityTest


def is_free(seconds_without: float, seconds_with: float) -> bool:
    """Less than 5 % slower."""
    return seconds_with < 1.05 * seconds_without


def _clock(stream: Stream, replicates: int) -> Measurement:
    generator = stream.torch()
    w, g = torch.randn(2, 1, 256, 256, generator=generator)

    def seconds() -> float:
        start = time.perf_counter()
        for _ in range(10):
            sgd([w], [g], 0.1)
        return time.perf_counter() - start

    seconds()
    pairs = np.array([(seconds(), seconds()) for _ in range(replicates)])
    failed = np.array([not is_free(a, b) for a, b in pairs])
    extra = (
        gradient_steps.element_operations(lambda: sgd([w], [g], 0.1, weight_decay=0.3))
        - gradient_steps.element_operations(lambda: sgd([w], [g], 0.1))
    ) / w.numel()
    return Measurement(
        (
            Figure("the same code is 'slower' than itself (timing)", failed),
            Figure(
                "9th decile of the ratio of equal code (timing)",
                np.quantile(pairs[:, 1] / pairs[:, 0], [0.9]),
                "1.05 to 1.53",
            ),
        ),
        (judged("extra operations a weight over 4", IdentityTest(), np.array([extra / 4])),),
    )


PITFALL = Pitfall(
    name="wall-clock",
    heading="No cost, by the clock",
    row='wall-clock "no cost"',
    shown=(is_free,),
    measure=_clock,
    replicates=300,
    quick=10,
    why="The clock measures the machine and its other work: equal code differs from itself by more "
    "than the margin in 7 to 17 % of comparisons, from one run of this page to another. "
    "The two lines above are the only ones that another run on the same machine changes.",
    ours="Count the elements that the operations write: a number that no machine changes.",
    claims=("wd-free", "wd-free.corrected"),
)
