"""AdamW: decoupled weight decay, step by step.

In the book's symbols: w <- (1 - η λ) w - η m̂ / (√v̂ + ε), η being the step's own rate.
"""

import numpy as np

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import learning_rates, penalties
from harness.metrics import arrays
from harness.metrics import gradient_steps as steps


@claim(
    "wd-any-loss.adamw",
    "In AdamW decay multiplies w by 1 - ηλ, η of that very step, and touches nothing else",
    "在 AdamW 中，权重衰减在每一步把权重乘以 1 - ηλ（η 为该步的学习率），别无其他影响",
    source='d2l, "Weight Decay": "optimizers may decouple" (Loshchilov and Hutter 2019)',
    formula="w' = (1 - ηλ) w + (step without decay)",
    given={"lr": learning_rates(), "weight_decay": penalties()},
    always=({"lr": 0.3, "weight_decay": 0.3},),
    holds=exactly_equal(),
)
def decay_multiplies_and_touches_nothing_else(adamw, lr, weight_decay, stream, device):
    params = [steps.normal(stream.child("w", i), (1, 6, 5), "float64", device) for i in range(2)]
    state = plain_state = None
    ratios = []
    for step, rate in enumerate((lr, lr / 10, lr / 3)):
        grads = [
            steps.normal(stream.child("g", step, i), (1, 6, 5), "float64", device) * (step != 1)
            for i in range(2)
        ]
        decayed, state = adamw(
            params, grads, state, rate, weight_decay=weight_decay, decays=[True, False]
        )
        plain, plain_state = adamw(params, grads, plain_state, rate, weight_decay=0.0)
        w, wanted = (arrays.as_array(one) for one in (params[0], plain[0]))
        exact = wanted - rate * weight_decay * w
        size = np.abs(wanted) + np.abs(w) * (1 + rate * weight_decay) * 2
        ratios += [
            arrays.rounding_ratio(decayed[0], exact, size, 16).ravel(),
            arrays.rounding_ratio(decayed[1], plain[1], np.abs(wanted) + 1, 16).ravel(),
        ]
        params = decayed
    return np.concatenate(ratios)
