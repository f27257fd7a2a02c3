"""16-bit parameters: steps below their spacing, and decay below it, arrive."""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import mean_equals
from harness.declaration.strategies import dtypes
from harness.metrics.gradient_steps import wide
from harness.statistics.float_error import unit_roundoff

STEPS, REACH = 8, 8.0  # steps of a run; spacings beyond which an error counts as so many


@claim(
    "tl-sixteen",
    "Steps and decay that are smaller than the spacing of 16-bit parameters arrive on average",
    "小于 16 位参数间距的更新和衰减平均而言都会生效",
    source='d2l, "Weight Decay": w ← (1 - ηλ) w - η g; Gupta et al. 2015, section 3.1',
    formula="E[w_T - ((1 - ηλ)^T w_0 - η Σ g_t (1 - ηλ)^(T-t))] = 0, in spacings, of which a run "
    "moves 1.6",
    given={
        "dtype": dtypes("bfloat16", "float16"),
        "part": st.sampled_from(["gradient", "decay", "both"]),
    },
    always=(
        {"dtype": "bfloat16", "part": "gradient"},
        {"dtype": "bfloat16", "part": "decay"},
        {"dtype": "float16", "part": "both"},
    ),
    # Of 8 steps of .2 spacings each, on average: a scheme that loses a tenth of the way fails. The
    # last rounding to the lattice leaves up to .06 where runs are as long as decay makes them.
    holds=mean_equals(0.0, within=0.16, low=-REACH, high=REACH),
)
def small_steps_arrive(sixteen_bit_sgd, dtype, part, replicates, stream, device):
    import torch

    kind, draws = getattr(torch, dtype), stream.numpy()
    spacing = 2 * unit_roundoff(dtype)  # of numbers in [1, 2)
    w = [torch.as_tensor(draws.uniform(1.25, 1.75, replicates), device=device).to(kind)]
    # A step is a fifth of the spacing on average, and no run of them a whole number of spacings.
    g = [torch.as_tensor(draws.uniform(0.0, 0.4, replicates), device=device).to(kind)]
    lr = spacing
    decay = 0.0 if part == "gradient" else 0.13
    if part == "decay":
        g = [torch.zeros_like(g[0])]
    generator = stream.child("rounding").torch(device)
    exact, state = wide(w[0]).copy(), None
    for _ in range(STEPS):
        w, state = sixteen_bit_sgd(w, g, state, lr, decay, generator)
        exact = (1 - lr * decay) * exact - lr * wide(g[0])
    return np.clip(np.nan_to_num((wide(w[0]) - exact) / spacing, nan=REACH), -REACH, REACH)
