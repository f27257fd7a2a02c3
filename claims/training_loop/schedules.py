"""The schedule of the learning rate: up to the peak, down to the floor, the same when resumed."""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import always_true
from harness.declaration.strategies import counts, learning_rates
from harness.metrics import arrays

SOURCE = 'd2l, "Learning Rate Scheduling": the rate is adjusted in the training loop; '
AFTER = 4  # steps past the end that are looked at
# A fraction, its cosine, a sum and a product; an angle up to pi makes its roundings pi larger.
OPERATIONS = 64


@claim(
    "tl-rate",
    "The first step moves, the rate is at its peak where the warm-up ends and at its floor from "
    "the last step on, and never rises again",
    "第一步就有更新；学习率在预热结束时达到峰值，从最后一步起停在下限，不再回升",
    source=SOURCE + '"Warmup": up to the initial maximum, then cooled down to the end',
    formula="0 < η_0 ≤ … ≤ η_warmup = peak ≥ … ≥ η_total = η_{total+1} = … = floor",
    given={
        "total": counts(9, 24), "warmup": counts(0, 8), "peak": learning_rates(0.001, 1.0),
        "floor": st.sampled_from([0.0, 0.1, 0.5]),
    },
    always=(
        {"total": 12, "warmup": 4, "peak": 0.3, "floor": 0.1},
        {"total": 9, "warmup": 0, "peak": 0.3, "floor": 0.0},
        {"total": 9, "warmup": 8, "peak": 0.3, "floor": 0.5},
        {"total": 1, "warmup": 0, "peak": 0.3, "floor": 0.0},
    ),
    holds=always_true(),
)  # fmt: skip
def the_rate_rises_to_its_peak_and_falls_to_its_floor(
    lr_schedule, total, warmup, peak, floor, stream
):
    low = floor * peak
    steps = stream.numpy().permutation(total + AFTER)  # nobody promises to ask in order
    rates = np.empty(total + AFTER)
    for step in steps:
        rates[step] = float(lr_schedule(int(step), total, warmup, peak, low))

    allowed = arrays.gamma(OPERATIONS, "float32") * peak
    rise = np.diff(rates)
    marks = np.array([rates[warmup], *rates[total:]])
    right = np.array([peak, *[low] * AFTER])
    return np.concatenate(
        [
            arrays.truth(rates[0] > 0, rise[:warmup] >= -allowed, rise[warmup:] <= allowed),
            arrays.rounding_ratio(marks, right, peak, OPERATIONS, "float32"),
            arrays.truth(np.isfinite(rates)),
        ]
    )


@claim(
    "tl-rate.resumed",
    "A schedule that is saved and loaded goes on as if nothing had happened",
    "学习率调度保存后再载入，照常继续，仿佛未曾中断",
    source=SOURCE + "long runs are resumed from checkpoints",
    formula="η_t of the resumed run = η_t",
    given={
        "total": counts(9, 16), "warmup": counts(1, 6), "resumed": counts(0, 9),
        "floor": st.sampled_from([0.0, 0.1]),
    },
    always=(
        {"total": 12, "warmup": 4, "resumed": 2, "floor": 0.1},
        {"total": 12, "warmup": 4, "resumed": 8, "floor": 0.0},
    ),
    holds=always_true(),
)  # fmt: skip
def a_resumed_schedule_goes_on(lr_schedule, total, warmup, resumed, floor):
    peak = 0.3
    whole, again = (
        [
            float(lr_schedule(step, total, warmup, peak, floor * peak, **option))
            for step in range(resumed, total + 1)
        ]
        for option in ({}, {"resumed": resumed})
    )
    return arrays.mismatch(again, whole)
