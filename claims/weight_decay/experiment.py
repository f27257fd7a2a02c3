"""Weight decay, the experiment: 20 examples in 200 dimensions, and why lambda = 3 wins there.

In the book's symbols: y = 0.05 + sum 0.01 x_j + N(0, 0.01^2), w ~ N(0, 1) at the start, b = 0,
batches of 5, eta = 0.003, 100 epochs, lambda = 0 against lambda = 3; the loss has its half.
"""

import numpy as np

from claims.weight_decay.experiments import linear_models
from claims.weight_decay.experiments.experiment import (
    BATCH,
    INTERCEPT,
    RATE,
    STEPS,
    D,
    N,
    Runs,
    loss_curve,
)
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Histogram, Line, Measured
from harness.declaration.relations import (
    all_hold,
    distribution_equals,
    exactly_equal,
    inside_the_law,
    more_often_than_not,
    probability_above,
    variance_equals,
)
from harness.declaration.strategies import penalties
from harness.metrics import arrays
from harness.text import Text

BOOK = 'd2l, "High-Dimensional Linear Regression"'
NOTES = 'Mu Li\'s notes, "Weight decay"'
NOISE = 0.01  # a standard deviation, of the labels


@claim(
    "wd-data",
    "The examples are y = 0.05 + Σ 0.01 x_j + noise N(0, 0.01²), with x_j ~ N(0, 1) and d = 200",
    "样本为 y = 0.05 + Σ 0.01 x_j + 噪声 N(0, 0.01²)，x_j ~ N(0, 1)，d = 200",
    source=f"{BOOK}: the data set of the experiment",
    formula="(y - 0.05 - Σ 0.01 x_j) / 0.01 ~ N(0, 1),  x_j ~ N(0, 1) for j = 1 ... 200",
    holds=all_hold(
        noise=variance_equals(ratio=1.1),
        noise_law=distribution_equals("N(0, 1)", within=0.03),
        inputs=variance_equals(ratio=1.1),
        inputs_law=distribution_equals("N(0, 1)", within=0.03),
        features=exactly_equal(),
    ),
)
def the_examples_are_as_stated(linear_200, replicates, stream):
    from scipy.special import ndtr

    X, y = linear_200(1, replicates, stream.child("data").numpy())
    inputs = X[0].astype(np.float64)
    noise = (y[0] - 0.05 - 0.01 * inputs.sum(axis=1)) / 0.01
    # One input of each example, every one of the 200 in turn.
    rows = np.arange(replicates)
    shown = inputs[rows, rows % inputs.shape[1]]
    return {
        "noise": (float(np.square(noise).sum()), replicates),
        "noise_law": ndtr(noise),
        "inputs": (float(np.square(shown).sum()), replicates),
        "inputs_law": ndtr(shown),
        "features": arrays.truth(inputs.shape[1] == D),
    }


@claim(
    "wd-printed-14.7",
    "Without weight decay the printed norm of the weights, 14.708, is one that the protocol gives",
    "不使用权重衰减（λ = 0）时，书中印出的 w 的 L2 范数 14.708 是该训练过程会给出的值",
    source=f"{NOTES}: the printed L2 norm of w for lambd=0",
    formula="||w|| ≈ χ_180: 13.398 ± 0.707",
    holds=inside_the_law(expected=0.01, cap=4096),
)
def the_norm_without_decay_is_14_7(train_linear, linear_200, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, tests=2)
    return _inside(linear_models.norm(runs.train(0.0).w), 14.708, 13.398, "χ_180", "λ = 0")


@claim(
    "wd-printed-14.7.law",
    "That norm is the start's: of 200 dimensions 180 are unseen by the data and keep N(0, 1)",
    "该范数来自初始值：200 维中有 180 维未被数据触及，保持 N(0, 1)",
    source="derived here: a gradient is a combination of the 20 examples",
    formula="||P_null w||² ~ χ²_180",
    holds=variance_equals(ratio=1.05),
)
def the_norm_without_decay_is_the_starts(train_linear, linear_200, replicates, stream):
    models = max(1, replicates // (D - N))
    runs = Runs(train_linear, linear_200, models, stream, tests=2)
    unseen = linear_models.null_part(runs.X, runs.train(0.0).w)
    return float(np.square(unseen).sum()), models * (D - N)


@claim(
    "wd-printed-.363",
    "With λ = 3 the printed norm of the weights, 0.3632, is one that the protocol gives",
    "使用权重衰减（λ = 3）时，书中印出的 w 的 L2 范数 0.3632 是该训练过程会给出的值",
    source=f"{NOTES}: the printed L2 norm of w for lambd=3",
    formula="||w|| ≈ (1 - ηλ)^400 χ_180 = 0.3602",
    holds=inside_the_law(expected=0.01, cap=4096),
)
def the_norm_with_decay_is_0_363(train_linear, linear_200, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, tests=2)
    theory = (1 - RATE * 3.0) ** STEPS * 13.398
    return _inside(
        linear_models.norm(runs.train(3.0).w), 0.3632, theory, "(1 - ηλ)^400 χ_180", "λ = 3"
    )


def _inside(norms, printed, theory, law, case):
    return Measured(
        {"below": printed >= norms, "above": printed <= norms},
        Histogram(
            Text(f"||w|| after training, {case}", f"训练后的 ||w||，{case}"),
            norms,
            marks={
                Text("printed", "书中印出的值"): printed,
                Text(f"mean of {law}", f"{law} 的均值"): theory,
            },
            x_label=Text("||w||", "||w||"),
        ),
    )


@claim(
    "wd-demo-direction",
    "Weight decay with λ = 3 overfits less than λ = 0: the test loss is lower",
    "与 λ = 0 相比，λ = 3 的权重衰减使过拟合减轻：测试损失更低",
    source=f'{BOOK}, "Training with weight decay": "the test error decreases"',
    formula="test loss: λ = 0 > λ = 3",
    holds=probability_above(0.6, 0.9),
)
def decay_lowers_the_test_loss(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd)
    plain, decayed = (runs.train(weight_decay, record_every=2) for weight_decay in (0.0, 3.0))
    lower = arrays.ratio_exceeds(plain.test_loss[:, -1], decayed.test_loss[:, -1], 1.05)
    curves = (loss_curve(plain, "λ = 0"), loss_curve(decayed, "λ = 3"))
    return Measured(lower, *curves)


@claim(
    "wd-demo-direction.norm",
    "The L2 penalty shrinks the norm of w",
    "L2 惩罚缩小权重的范数",
    source=f'{BOOK}, "Training with weight decay": the printed L2 norms of w',
    formula="||w||: λ = 0 > 2 · λ = 3",
    holds=probability_above(0.6, 0.9),
)
def the_penalty_shrinks_the_norm(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd, tests=2)
    plain, decayed = (linear_models.norm(runs.train(weight_decay).w) for weight_decay in (0.0, 3.0))
    return arrays.ratio_exceeds(plain, decayed, 2.0)


@claim(
    "wd-demo-mechanism",
    "λ = 3 wins because the penalty controls the complexity that is learned from the data",
    "λ = 3 之所以更好，是因为惩罚控制了从数据中学到的复杂度",
    source=f'{BOOK}, "Training with weight decay": "the effect we expect from regularization"',
    formula="of risk(λ = 0) - risk(λ = 3) more than half lies in the span of the data",
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-demo-mechanism.corrected",
    why=Text(
        "λ erases the N(0, 1) start: outside the span of the 20 examples w is (1 - ηλ)^400 times "
        "its initial value, whatever the data, and that is nearly all of the gain.",
        "λ 抹去的是 N(0, 1) 的初始值：在 20 个样本张成的空间之外，w 恰为初始值的 (1 - ηλ)^400 "
        "倍，与数据无关，而这几乎就是全部收益。",
    ),
)
def the_penalty_controls_what_is_learned(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd, tests=2)
    # The excess risk is |w - w*|² + (b - b*)²: what no example reaches, and the rest.
    whole, learned = [], []
    for weight_decay in (0.0, 3.0):
        run = runs.train(weight_decay)
        wrong = linear_models.excess_risk(run.w, 0.01, run.b - INTERCEPT)
        unseen = linear_models.null_part(runs.X, run.w - 0.01)
        whole.append(wrong)
        learned.append(wrong - np.square(linear_models.norm(unseen)))
    gain, by_learning = whole[0] - whole[1], learned[0] - learned[1]
    shown = Histogram(
        Text("Share of the gain in the span of the data", "数据张成空间之内的收益所占比例"),
        by_learning / gain,
    )
    return Measured(arrays.exceeds(by_learning, gain / 2), shown)


@claim(
    "wd-demo-mechanism.corrected",
    "λ = 3 wins by erasing a bad start: λ = 0 from zero weights beats it, and so does a constant",
    "λ = 3 胜在抹去了糟糕的初始值：从零权重出发的 λ = 0 胜过它，连常数预测也胜过它",
    source="derived here, against the sentence of wd-demo-mechanism",
    formula="test loss: λ = 3 from N(0, 1) > λ = 0 from 0;  λ = 3 from N(0, 1) > ŷ = b",
    holds=all_hold(zero_start_wins=more_often_than_not(), constant_wins=more_often_than_not()),
)
def decay_only_erases_the_start(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd)
    demo = runs.train(3.0, record_every=4)
    zero = runs.train(0.0, initial=runs.zero, record_every=4)
    constant = np.square(runs.y_test - INTERCEPT).mean(axis=1) / 2
    last = demo.test_loss[:, -1]
    curve = Curve(
        Text("Test loss over the epochs", "测试损失随轮数的变化"),
        demo.epochs,
        (
            Line(Text("λ = 3 from N(0, 1) weights", "λ = 3，初始权重 N(0, 1)"), demo.test_loss),
            Line(Text("λ = 0 from zero weights", "λ = 0，初始权重为零"), zero.test_loss),
            Line(Text("a constant", "常数预测"), constant[:, None] + 0 * demo.epochs),
        ),
        x_label=Text("epoch", "轮数"),
        y_label=Text("test loss", "测试损失"),
        log_y=True,
    )
    wins = {
        "zero_start_wins": arrays.ratio_exceeds(last, zero.test_loss[:, -1], 1.05),
        "constant_wins": arrays.ratio_exceeds(last, constant, 1.05),
    }
    return Measured(wins, curve)


@claim(
    "wd-demo-mechanism.projection",
    "Where no example reaches, w is (1 - ηλ)^t times its initial value, whatever the data",
    "在样本触及不到的方向上，w 恰为初始值的 (1 - ηλ)^t 倍，与数据无关",
    source="derived here: a gradient is a combination of the examples",
    formula="P_null w_t = (1 - ηλ)^t P_null w_0",
    given={"weight_decay": penalties()},
    always=({"weight_decay": 0.0}, {"weight_decay": 3.0}),
    holds=exactly_equal(),
)
def the_unseen_weights_only_decay(train_linear, linear_200, sgd, weight_decay, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd, tests=2)
    w = runs.train(weight_decay, dtype=np.float64).w
    kept = 1 - RATE * weight_decay
    start = linear_models.null_part(runs.X, runs.initial)
    gap = linear_models.norm(linear_models.null_part(runs.X, w) - kept**STEPS * start)
    error = linear_models.training_error(
        runs.X, runs.y, runs.initial, lr=RATE, weight_decay=weight_decay, batch=BATCH, steps=STEPS
    ) + 2 * linear_models.projection_error(runs.X, runs.initial)
    # Norms on the way, by shorter runs of the same orders.
    epochs = np.array([1, 5, 10, 20, 40, 60, 80, 100])
    ends = [runs.train(weight_decay, epochs=int(e), dtype=np.float64).w for e in epochs]
    decay = linear_models.norm(runs.initial)[:, None] * kept ** (epochs * N // BATCH)
    curve = Curve(
        Text(
            f"||w|| over the epochs, λ = {weight_decay:g}",
            f"||w|| 随轮数的变化，λ = {weight_decay:g}",
        ),
        epochs,
        (
            Line(
                Text("||w||", "||w||"), np.stack([linear_models.norm(end) for end in ends], axis=1)
            ),
            Line(Text("(1 - ηλ)^t ||w_0||", "(1 - ηλ)^t ||w_0||"), decay),
        ),
        x_label=Text("epoch", "轮数"),
        log_y=True,
    )
    # A run that diverged is as far from its start as can be.
    return Measured(np.nan_to_num(gap / error, nan=np.inf), curve)


@claim(
    "wd-demo-mechanism.zero-start",
    "From zero weights λ = 3 still lowers the test loss, but by no more than a quarter",
    "从零权重出发时，λ = 3 仍会降低测试损失，但幅度不超过四分之一",
    source="derived here: what is left of the effect without a start to erase",
    formula="test loss from 0: λ = 3 < λ = 0 < 1.25 · λ = 3",
    holds=all_hold(lower=more_often_than_not(margin=0.25), barely=more_often_than_not()),
)
def from_zero_the_effect_is_small(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd, tests=2)
    plain, decayed = (_risk(runs, weight_decay, runs.zero) for weight_decay in (0.0, 3.0))
    return {
        "lower": arrays.exceeds(plain, decayed),
        "barely": ~arrays.ratio_exceeds(plain, decayed, 1.25),
    }


@claim(
    "wd-demo-mechanism.small-start",
    "From small weights, N(0, 0.01²), λ = 3 leaves between a third and two thirds of the test loss "
    "of λ = 0, and not a thousandth, as from N(0, 1)",
    "从小权重 N(0, 0.01²) 出发，λ = 3 的测试损失是 λ = 0 的三分之一到三分之二，而不像从 N(0, 1) "
    "出发时那样只剩千分之一",
    source='the 2026 edition, "Weight Decay", "Using Weight Decay": the validation error '
    "decreases, with weights that start at N(0, 0.01²)",
    formula="1/3 < test loss(λ = 3) / test loss(λ = 0) < 2/3",
    condition=Text("the notes' rate, batches and epochs", "笔记中的学习率、批量与轮数"),
    # 180 dimensions are unseen: λ = 0 keeps (w_0 - .01)² there, 2e-4 on average, and λ = 3 leaves
    # w near 0 and so .01², which is 1e-4.
    holds=more_often_than_not(),
)
def from_small_weights_the_loss_halves(train_linear, linear_200, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, tests=2)
    plain, decayed = (_risk(runs, decay, 0.01 * runs.initial) for decay in (0.0, 3.0))
    return arrays.ratio_exceeds(plain, decayed, 1.5) & arrays.ratio_exceeds(decayed, plain, 1 / 3)


def _risk(runs, weight_decay, initial):
    """The expected squared error (R,) on fresh examples of a run from those weights, exactly."""
    run = runs.train(weight_decay, initial=initial)
    return linear_models.excess_risk(run.w, 0.01, run.b - INTERCEPT) + NOISE**2
