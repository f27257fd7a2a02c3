"""A step of training: over micro-batches as on the whole batch, clipped once, skipped whole.

The loops of the chapter (`train`, `train_concise`, `train_ch3`) say `l.sum().backward()` and then
`sgd` once a minibatch; what follows holds for a step that is put together from parts as well.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.training_loop.experiments import linear_steps
from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import dtypes, learning_rates
from harness.metrics import arrays

LOOP = 'd2l, "Weight Decay", "The Training Loop": loss, backward and one update for each minibatch'
SIZES = st.sampled_from([[5, 1, 3], [4, 4], [7], [2, 1, 1, 6], [1, 1]])
WEIGHTS = st.sampled_from(["equal", "tokens", "padding"])
RATES = st.lists(learning_rates(), min_size=3, max_size=3, unique=True)


@claim(
    "tl-step",
    "A step over micro-batches is the step on the whole batch: in training mode, one move at the "
    "schedule's rate, nothing frozen moves, and the loss that it reports is the batch's",
    "分成小份累积的一步与整批的一步相同：处于训练模式，按学习率调度只更新一次，冻结的参数不动，"
    "报告的损失就是整批的损失",
    source=LOOP,
    formula="w' = w - η_t v,  v ← μ v + ∇ Σ_i a_i l_i / Σ_i a_i,  however the batch is cut;  "
    "training mode;  what has no gradient stays",
    given={
        "sizes": SIZES,
        "weights": WEIGHTS,
        "rates": RATES,
        "dtype": dtypes("float64", "float32"),
    },
    always=(
        {"sizes": [5, 1, 3], "weights": "tokens", "rates": [0.3, 0.1, 0.03], "dtype": "float64"},
        {"sizes": [4, 4], "weights": "padding", "rates": [0.01, 0.2, 0.1], "dtype": "float32"},
    ),
    holds=exactly_equal(),
)
def parts_step_as_the_whole(train_step, sizes, weights, rates, dtype, stream, device):
    return _steps(train_step, {}, sizes, weights, rates, dtype, stream, device)


@claim(
    "tl-step.clipped",
    "The gradient is clipped once, when it is whole and in its own scale",
    "梯度在累积完成并恢复原尺度之后只裁剪一次",
    source='d2l, "Numerical Stability": gradients explode; Pascanu et al. 2013, Algorithm 1',
    formula="g ← min(1, c / ‖g‖) g,  g the gradient of the whole batch's loss",
    given={
        "sizes": SIZES, "weights": WEIGHTS, "rates": RATES, "dtype": dtypes("float64", "float32"),
        "max_norm": st.sampled_from([0.25, 1.0, 1000.0]),
        "scale": st.sampled_from([1.0, 1024.0]),
    },
    always=(
        {"sizes": [5, 1, 3], "weights": "tokens", "rates": [0.3, 0.1, 0.03], "dtype": "float64",
         "max_norm": 0.25, "scale": 1.0},
        {"sizes": [4, 4], "weights": "equal", "rates": [0.3, 0.1, 0.03], "dtype": "float32",
         "max_norm": 1000.0, "scale": 1024.0},
    ),
    holds=exactly_equal(),
)  # fmt: skip
def the_whole_gradient_is_clipped_once(
    train_step, sizes, weights, rates, dtype, max_norm, scale, stream, device
):
    options = {"max_norm": max_norm, **({} if scale == 1.0 else {"scale": scale})}
    return _steps(train_step, options, sizes, weights, rates, dtype, stream, device)


@claim(
    "tl-step.skipped",
    "A step whose gradient is not finite is skipped: nothing moves, and the next step is the right "
    "one",
    "梯度非有限的一步被整个跳过：什么都不动，下一步照常正确",
    source='d2l, "Numerical Stability": gradients explode; Micikevicius et al. 2018, section 3.2',
    formula="‖g‖ not finite:  w, v and t stay;  the next step: w' = w - η_t v from there",
    given={
        "sizes": st.sampled_from([[5, 1, 3], [4, 4], [7]]),
        "rates": RATES,
        "value": st.sampled_from(["inf", "nan", "slope"]),
        "last": st.booleans(),
    },
    always=(
        {"sizes": [5, 1, 3], "rates": [0.3, 0.1, 0.03], "value": "inf", "last": False},
        {"sizes": [4, 4], "rates": [0.3, 0.1, 0.03], "value": "nan", "last": True},
        {"sizes": [4, 4], "rates": [0.3, 0.1, 0.03], "value": "slope", "last": True},
    ),
    holds=exactly_equal(),
)
def a_diverged_step_moves_nothing(train_step, sizes, rates, value, last, stream, device):
    run = linear_steps.Run(rates, "float64", stream.child("run"), device)
    answers = []
    for index, rate in enumerate(rates[:2]):
        parts = linear_steps.parts_of(sizes, "tokens", "float64", stream.child(index), device)
        step = _call(train_step, run, parts, {"skip_nonfinite": True})
        answers += linear_steps.ratios(run, step, parts, rate, math.inf)
        before, counted = run.state(), run.counts()
        broken = linear_steps.parts_of(sizes, "equal", "float64", stream.child("b", index), device)
        X, y, _ = broken[-1 if last else 0]
        loss = linear_steps.loss
        if value == "slope":  # of a loss that is finite
            X[0], y[0], loss = 0.0, run.net.bias.detach(), linear_steps.steep_loss
        else:
            X[0, 0] = float(value)
        _call(train_step, run, broken, {"skip_nonfinite": True}, loss)()
        answers += [arrays.mismatch(*pair) for pair in zip(run.state(), before, strict=True)]
        answers.append(arrays.truth(run.counts() == counted, *run.untouched()))
    return np.concatenate([np.ravel(one) for one in answers])


def _steps(train_step, options, sizes, weights, rates, dtype, stream, device):
    """Three steps on three batches, each against the exact one from where it started."""
    run = linear_steps.Run(rates, dtype, stream.child("run"), device)
    answers = []
    for index, rate in enumerate(rates):
        parts = linear_steps.parts_of(sizes, weights, dtype, stream.child(index), device)
        step = _call(train_step, run, parts, options)
        bound = options.get("max_norm", math.inf)
        answers += linear_steps.ratios(run, step, parts, rate, bound)
        counted = run.counts() == (index + 1, index + 1)
        answers.append(arrays.truth(counted, *run.untouched()))
    return np.concatenate(answers)


def _call(train_step, run, parts, options, loss=linear_steps.loss):
    return lambda: float(train_step(run.net, run.optimizer, run.schedule, parts, loss, **options))
