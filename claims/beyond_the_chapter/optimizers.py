"""Optimisers with memory, step by step: momentum, Nesterov's momentum, Adam and AdamW.

In the book's symbols: η is the step's own rate, λ the decay, μ the momentum. Parameters of two
dtypes stand side by side, one of them without decay, and η changes from step to step.
"""

import numpy as np
from hypothesis import strategies as st

from claims.beyond_the_chapter.experiments import optimizer_steps
from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import learning_rates, penalties
from harness.metrics import gradient_steps as steps

CONCISE = 'd2l, "Weight Decay", "Concise Implementation": decay is part of the optimizer; '
SHAPES = ((1, 5, 4), (1, 7), (1, 3, 6))

SCHEDULES = {
    "rates": st.lists(learning_rates(), min_size=3, max_size=5),
    "weight_decay": penalties(),
    "dtypes": st.sampled_from(
        [
            ["float64", "float64", "float64"],
            ["float32", "float64", "float32"],
            ["float64", "float32", "float64"],
        ]
    ),
}
MIXED = ["float32", "float64", "float32"]
ALWAYS = tuple(
    {"rates": [0.1, 0.01, 0.3, 0.3], "weight_decay": decay, "dtypes": MIXED} for decay in (0.0, 0.3)
)
WITH_BOTH_DECAYS = tuple(
    {**setting, "decoupled": decoupled} for setting in ALWAYS for decoupled in (False, True)
)
DECOUPLED = st.booleans()
MOMENTUM = st.sampled_from([0.9, 0.5])


@claim(
    "wd-update.momentum",
    "With momentum w moves by -ηv, v ← μv + g, whatever the schedule, the decay and the dtypes",
    "使用动量时 w 每步移动 -ηv，v ← μv + g，与学习率计划、衰减方式和数据类型无关",
    source=CONCISE + "Sutskever et al. 2013",
    formula="v ← μ v + g,  w ← w - η v",
    given={**SCHEDULES, "decoupled": DECOUPLED, "momentum": MOMENTUM},
    always=tuple({**setting, "momentum": 0.9} for setting in WITH_BOTH_DECAYS),
    holds=exactly_equal(),
)
def momentum_follows_its_recurrence(
    momentum_sgd, rates, weight_decay, dtypes, decoupled, momentum, stream, device
):
    options = {"momentum": momentum, "weight_decay": weight_decay, "decoupled": decoupled}
    make = optimizer_steps.memory_of("momentum", momentum)
    return _against(momentum_sgd, make, rates, dtypes, options, stream, device)


@claim(
    "wd-update.nesterov",
    "Nesterov's momentum looks ahead: w moves by -η (g + μv), v ← μv + g",
    "Nesterov 动量向前看一步：w 移动 -η (g + μv)，v ← μv + g",
    source=CONCISE + "Sutskever et al. 2013; Bengio et al. 2013",
    formula="v ← μ v + g,  w ← w - η (g + μ v)",
    given={**SCHEDULES, "decoupled": DECOUPLED, "momentum": MOMENTUM},
    always=tuple({**setting, "momentum": 0.9} for setting in WITH_BOTH_DECAYS),
    holds=exactly_equal(),
)
def nesterov_looks_ahead(
    nesterov_sgd, rates, weight_decay, dtypes, decoupled, momentum, stream, device
):
    options = {"momentum": momentum, "weight_decay": weight_decay, "decoupled": decoupled}
    make = optimizer_steps.memory_of("nesterov", momentum)
    return _against(nesterov_sgd, make, rates, dtypes, options, stream, device)


@claim(
    "wd-update.adam",
    "Adam's step is η m̂ / (√v̂ + ε), whatever the schedule, the decay and the dtypes",
    "Adam 的每一步为 η m̂ / (√v̂ + ε)，与学习率计划、衰减方式和数据类型无关",
    source=CONCISE + "Kingma and Ba 2015, Algorithm 1",
    formula="w ← w - η m̂ / (√v̂ + ε)",
    given={**SCHEDULES, "decoupled": DECOUPLED},
    always=WITH_BOTH_DECAYS,
    holds=exactly_equal(),
)
def adam_follows_its_recurrence(adam, rates, weight_decay, dtypes, decoupled, stream, device):
    options = {"weight_decay": weight_decay, "decoupled": decoupled}
    make = optimizer_steps.memory_of("adam", 0.0)
    return _against(adam, make, rates, dtypes, options, stream, device)


@claim(
    "wd-update.adamw",
    "AdamW's step is Adam's, and beside it w loses ηλw: for every parameter once, of any dtype",
    "AdamW 的每一步等于 Adam 的一步再减去 ηλw：每个参数恰好一次，与数据类型无关",
    source=CONCISE + "Loshchilov and Hutter 2019, Algorithm 2",
    formula="w ← (1 - ηλ) w - η m̂ / (√v̂ + ε)",
    given=SCHEDULES,
    always=ALWAYS,
    holds=exactly_equal(),
)
def adamw_follows_its_recurrence(adamw, rates, weight_decay, dtypes, stream, device):
    make = optimizer_steps.memory_of("adam", 0.0)
    options = {"weight_decay": weight_decay}
    return _against(adamw, make, rates, dtypes, options, stream, device, decoupled=True)


def _against(step, make, rates, dtypes, options, stream, device, decoupled=None):
    """Ratios error / bound of steps under a schedule; the middle parameter never decays."""
    decoupled = options.get("decoupled", decoupled)
    decays = [True, False, True]
    own = [options["weight_decay"] if decay else 0.0 for decay in decays]
    params = [
        steps.normal(stream.child("w", i), shape, dtype, device)
        for i, (shape, dtype) in enumerate(zip(SHAPES, dtypes, strict=True))
    ]
    memories = [make() for _ in params]
    state, found = None, []
    for t, lr in enumerate(rates):
        grads = [
            steps.normal(stream.child("g", t, i), shape, dtype, device)
            for i, (shape, dtype) in enumerate(zip(SHAPES, dtypes, strict=True))
        ]
        stepped, state = step(params, grads, state, lr, decays=decays, **options)
        w, g, moved = ([steps.wide(one) for one in part] for part in (params, grads, stepped))
        found += optimizer_steps.ratios(memories, w, g, moved, own, lr, decoupled, dtypes)
        params = stepped
    return np.concatenate(found)
