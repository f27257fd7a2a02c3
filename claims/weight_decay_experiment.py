"""Weight decay, the experiment: 20 examples in 200 dimensions, from scratch and in concise form.

In the book's symbols: y = 0.05 + sum 0.01 x_j + N(0, 0.01^2), w ~ N(0, 1) at the start, b = 0,
batches of 5, eta = 0.003, 100 epochs, lambda = 0 against lambda = 3; the loss has its half.
The theory is in weight_decay.py.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from harness import metrics
from harness.rulers import gradient_steps as steps
from harness.rulers import nets
from harness.rulers import weight_decay as rulers
from harness.strategies import counts, learning_rates, penalties
from harness.trial.claim import Section, Verdict, claim
from harness.trial.exhibits import Curve, Histogram, Line, Measured
from harness.trial.relations import (
    all_hold,
    always_true,
    exactly_equal,
    inside_the_law,
    more_often_than_not,
    probability_above,
    variance_equals,
)

SCRATCH = Section(
    "weight-decay-experiment", "High-Dimensional Linear Regression", "高维线性回归", 45
)
CONCISE = Section(
    "weight-decay-concise", "Concise Implementation of Weight Decay", "权重衰减的简洁实现", 47
)
BOOK = 'd2l, "High-Dimensional Linear Regression"'
BOOK_CONCISE = 'd2l, "Weight Decay", "Concise Implementation"'
NOTES = 'Mu Li\'s notes, "Weight decay"'
MUTANTS = "tests.mutants.weight_decay:"

N, D, BATCH, RATE, EPOCHS = 20, 200, 5, 0.003, 100
STEPS = EPOCHS * N // BATCH
INTERCEPT = 0.05  # of the true model: what a constant predictor says
PROTOCOL = {"lr": RATE, "epochs": EPOCHS, "batch_size": BATCH}


class Runs:
    """The chapter's experiment on data, start and order that all runs of a block share."""

    def __init__(self, train_linear, linear_200, replicates, stream, sgd=None, tests=100):
        data = stream.child("data").numpy()
        self.X, self.y = linear_200(replicates, N, data)
        self.X_test, self.y_test = linear_200(replicates, tests, data)
        self.initial = stream.child("init").numpy().standard_normal((replicates, D))
        self.zero = np.zeros_like(self.initial)
        self.bias = stream.child("bias").numpy().standard_normal(replicates)
        self._train, self._sgd, self._stream = train_linear, sgd, stream

    def train(self, weight_decay, initial=None, initial_bias=0.0, **options):
        """The history of a run from N(0, 1) weights, or the given ones, in float32."""
        return self._train(
            self.X,
            self.y,
            self.X_test,
            self.y_test,
            weight_decay=weight_decay,
            initial=self.initial if initial is None else initial,
            initial_bias=initial_bias,
            rng=self._stream.child("order").numpy(),
            sgd=self._sgd,
            **PROTOCOL | options,
        )


@claim(
    "wd-printed-14.7",
    "Without weight decay the weights end with norm 14.708",
    zh="不使用权重衰减（λ = 0）时，w 的 L2 范数为 14.708",
    section=SCRATCH,
    source=f"{NOTES}: the printed L2 norm of w for lambd=0",
    formula="||w|| ≈ χ_180: 13.398 ± 0.707",
    holds=inside_the_law(expected=0.01, cap=4096),
    mutants=(
        f"train_linear={MUTANTS}starts_from_zero",
        f"train_linear={MUTANTS}decays_without_being_asked",
    ),
    block=256,
    cost=0.15,
    devices="cpu",
)
def the_norm_without_decay_is_14_7(train_linear, linear_200, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, tests=2)
    return _inside(rulers.norm(runs.train(0.0).w), 14.708, 13.398, "χ_180", "λ = 0")


@claim(
    "wd-printed-14.7.law",
    "That norm is the start's: of 200 dimensions 180 are unseen by the data and keep N(0, 1)",
    zh="该范数来自初始值：200 维中有 180 维未被数据触及，保持 N(0, 1)",
    section=SCRATCH,
    source="derived here: a gradient is a combination of the 20 examples",
    formula="||P_null w||² ~ χ²_180",
    holds=variance_equals(ratio=1.05),
    mutants=(
        f"train_linear={MUTANTS}starts_from_zero",
        f"train_linear={MUTANTS}decays_without_being_asked",
    ),
    block=512 * (D - N),
    cost=0.4,
    devices="cpu",
)
def the_norm_without_decay_is_the_starts(train_linear, linear_200, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates // (D - N), stream, tests=2)
    unseen = rulers.null_part(runs.X, runs.train(0.0).w)
    return float(np.square(unseen).sum()), replicates


@claim(
    "wd-printed-.363",
    "With λ = 3 the weights end with norm 0.3632",
    zh="使用权重衰减（λ = 3）时，w 的 L2 范数为 0.3632",
    section=SCRATCH,
    source=f"{NOTES}: the printed L2 norm of w for lambd=3",
    formula="||w|| ≈ (1 - ηλ)^400 χ_180 = 0.3602",
    holds=inside_the_law(expected=0.01, cap=4096),
    mutants=(
        f"train_linear={MUTANTS}starts_from_zero",
        f"train_linear={MUTANTS}trains_without_decay",
        f"train_linear={MUTANTS}grows_its_weights",
    ),
    block=256,
    cost=0.15,
    devices="cpu",
)
def the_norm_with_decay_is_0_363(train_linear, linear_200, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, tests=2)
    theory = (1 - RATE * 3.0) ** STEPS * 13.398
    return _inside(rulers.norm(runs.train(3.0).w), 0.3632, theory, "(1 - ηλ)^400 χ_180", "λ = 3")


def _inside(norms, printed, theory, law, case):
    return Measured(
        {"below": printed >= norms, "above": printed <= norms},
        (
            Histogram(
                f"||w|| after training, {case}",
                f"训练后的 ||w||，{case}",
                norms,
                marks={"printed": printed, f"mean of {law}": theory},
                marks_zh={"printed": "书中数值", f"mean of {law}": f"{law} 的均值"},
                x_label="||w||",
            ),
        ),
    )


@claim(
    "wd-demo-direction",
    "Weight decay with λ = 3 overfits less than λ = 0: the test loss is lower",
    zh="λ = 3 的权重衰减减轻了过拟合：测试损失更低",
    section=SCRATCH,
    source=f'{BOOK}, "Training with weight decay": "the test error decreases"',
    formula="test loss: λ = 0 > λ = 3",
    holds=probability_above(0.6, 0.9),
    mutants=(
        f"train_linear={MUTANTS}trains_without_decay",
        f"train_linear={MUTANTS}grows_its_weights",
        f"sgd={MUTANTS}ignores_the_decay",
        f"sgd={MUTANTS}grows_instead",
    ),
    cost=0.3,
    devices="cpu",
)
def decay_lowers_the_test_loss(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd)
    plain, decayed = (runs.train(weight_decay, record_every=2) for weight_decay in (0.0, 3.0))
    lower = metrics.ratio_exceeds(plain.test_loss[:, -1], decayed.test_loss[:, -1], 1.05)
    curves = (_losses(plain, "λ = 0"), _losses(decayed, "λ = 3"))
    return Measured(lower, curves)


def _losses(history, case):
    """The chapter's picture: training and test loss over the epochs, on a logarithmic scale."""
    return Curve(
        f"Loss over the epochs, {case}",
        f"损失随训练周期的变化，{case}",
        history.epochs,
        (
            Line("training", "训练", history.train_loss),
            Line("test", "测试", history.test_loss),
        ),
        x_label="epoch",
        x_label_zh="周期",
        y_label="loss",
        y_label_zh="损失",
        log_y=True,
    )


@claim(
    "wd-demo-direction.norm",
    "The L2 penalty shrinks the norm of w",
    zh="L2 惩罚缩小权重的范数",
    section=SCRATCH,
    source=f'{BOOK}, "Training with weight decay": the printed L2 norms of w',
    formula="||w||: λ = 0 > 2 · λ = 3",
    holds=probability_above(0.6, 0.9),
    mutants=(
        f"train_linear={MUTANTS}trains_without_decay",
        f"train_linear={MUTANTS}starts_from_zero",
        f"sgd={MUTANTS}multiplies_the_gradient_by_the_decay",
        f"sgd={MUTANTS}misses_a_weight",
    ),
    cost=0.3,
    devices="cpu",
)
def the_penalty_shrinks_the_norm(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd, tests=2)
    plain, decayed = (rulers.norm(runs.train(weight_decay).w) for weight_decay in (0.0, 3.0))
    return metrics.ratio_exceeds(plain, decayed, 2.0)


@claim(
    "wd-demo-mechanism",
    "λ = 3 wins because the penalty controls the complexity that is learned from the data",
    zh="λ = 3 之所以更好，是因为惩罚控制了从数据中学到的复杂度",
    section=SCRATCH,
    source=f'{BOOK}, "Training with weight decay": "the effect we expect from regularization"',
    formula="more than half of ||w_3||² lies in the span of the data",
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-demo-mechanism.corrected",
    why="λ only erases the N(0, 1) start: outside the span of the 20 examples w is (1 - ηλ)^400 "
    "times its initial value, whatever the data, and that is nearly all of the norm.",
    why_zh="λ 只是在抹去 N(0, 1) 的初始值：在 20 个样本张成的空间之外，w 恰为初始值的 "
    "(1 - ηλ)^400 倍，与数据无关，而这几乎就是全部范数。",
    cost=0.15,
    devices="cpu",
)
def the_penalty_controls_what_is_learned(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd, tests=2)
    w = runs.train(3.0).w
    share = np.square(rulers.null_part(runs.X, w)).sum(axis=1) / np.square(rulers.norm(w))
    shown = Histogram(
        "Share of ||w||² that the data never touched, λ = 3",
        "||w||² 中数据从未触及的比例，λ = 3",
        share,
    )
    return Measured(metrics.exceeds(0.5, share), (shown,))


@claim(
    "wd-demo-mechanism.corrected",
    "λ = 3 only erases a bad start: λ = 0 from zero weights beats it, and so does a constant",
    zh="λ = 3 只是抹去了糟糕的初始值：从零权重出发的 λ = 0 胜过它，连常数预测也胜过它",
    section=SCRATCH,
    source="derived here, against the sentence of wd-demo-mechanism",
    formula="test loss: λ = 3 from N(0, 1) > λ = 0 from 0;  λ = 3 from N(0, 1) > ŷ = b",
    holds=all_hold(zero_start_wins=more_often_than_not(), constant_wins=more_often_than_not()),
    mutants=(
        f"train_linear={MUTANTS}starts_from_zero",
        f"sgd={MUTANTS}keeps_what_it_should_remove",
    ),
    cost=0.35,
    devices="cpu",
)
def decay_only_erases_the_start(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd)
    demo = runs.train(3.0, record_every=4)
    zero = runs.train(0.0, initial=runs.zero, record_every=4)
    constant = np.square(runs.y_test - INTERCEPT).mean(axis=1) / 2
    last = demo.test_loss[:, -1]
    curve = Curve(
        "Test loss over the epochs",
        "测试损失随训练周期的变化",
        demo.epochs,
        (
            Line("λ = 3 from N(0, 1) weights", "λ = 3，初始权重 N(0, 1)", demo.test_loss),
            Line("λ = 0 from zero weights", "λ = 0，初始权重为零", zero.test_loss),
            Line("a constant", "常数预测", constant[:, None] + 0 * demo.epochs),
        ),
        x_label="epoch",
        x_label_zh="周期",
        y_label="test loss",
        y_label_zh="测试损失",
        log_y=True,
    )
    wins = {
        "zero_start_wins": metrics.ratio_exceeds(last, zero.test_loss[:, -1], 1.05),
        "constant_wins": metrics.ratio_exceeds(last, constant, 1.05),
    }
    return Measured(wins, (curve,))


@claim(
    "wd-demo-mechanism.projection",
    "Where no example reaches, w is (1 - ηλ)^t times its initial value, whatever the data",
    zh="在样本触及不到的方向上，w 恰为初始值的 (1 - ηλ)^t 倍，与数据无关",
    section=SCRATCH,
    source="derived here: a gradient is a combination of the examples",
    formula="P_null w_t = (1 - ηλ)^t P_null w_0",
    given={"weight_decay": penalties()},
    always=({"weight_decay": 0.0}, {"weight_decay": 3.0}),
    draws=2,
    holds=exactly_equal(),
    mutants=(
        f"sgd={MUTANTS}keeps_what_it_should_remove",
        f"sgd={MUTANTS}multiplies_the_gradient_by_the_decay",
        f"sgd={MUTANTS}decays_without_the_learning_rate",
        f"train_linear={MUTANTS}trains_without_decay",
    ),
    block=4,
    cost=0.4,
    devices="cpu",
)
def the_unseen_weights_only_decay(train_linear, linear_200, sgd, weight_decay, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd, tests=2)
    options = {"dtype": np.float64}
    w = runs.train(weight_decay, **options).w
    kept = 1 - RATE * weight_decay
    start = rulers.null_part(runs.X, runs.initial)
    gap = rulers.norm(rulers.null_part(runs.X, w) - kept**STEPS * start)
    error = rulers.training_error(
        runs.X, runs.y, runs.initial, lr=RATE, weight_decay=weight_decay, batch=BATCH, steps=STEPS
    ) + 2 * rulers.projection_error(runs.X, runs.initial)
    # Norms on the way, by shorter runs of the same orders.
    epochs = np.array([1, 5, 10, 20, 40, 60, 80, 100])
    path = [rulers.norm(runs.train(weight_decay, epochs=int(e), **options).w) for e in epochs]
    decay = rulers.norm(runs.initial)[:, None] * kept ** (epochs * N // BATCH)
    curve = Curve(
        f"||w|| over the epochs, λ = {weight_decay:g}",
        f"||w|| 随训练周期的变化，λ = {weight_decay:g}",
        epochs,
        (
            Line("||w||", "||w||", np.stack(path, axis=1)),
            Line("(1 - ηλ)^t ||w_0||", "(1 - ηλ)^t ||w_0||", decay),
        ),
        x_label="epoch",
        x_label_zh="周期",
        log_y=True,
    )
    # A run that diverged is as far from its start as can be.
    return Measured(np.nan_to_num(gap / error, nan=np.inf), (curve,))


@claim(
    "wd-demo-mechanism.zero-start",
    "From zero weights λ = 3 still lowers the test loss, but by no more than a quarter",
    zh="从零权重出发时，λ = 3 仍会降低测试损失，但幅度不超过四分之一",
    section=SCRATCH,
    source="derived here: what is left of the effect without a start to erase",
    formula="test loss from 0: λ = 3 < λ = 0 < 1.25 · λ = 3",
    holds=all_hold(lower=more_often_than_not(margin=0.25), barely=more_often_than_not()),
    mutants=(
        f"train_linear={MUTANTS}trains_without_decay",
        f"sgd={MUTANTS}ignores_the_decay",
        f"sgd={MUTANTS}grows_instead",
    ),
    cost=0.3,
    devices="cpu",
)
def from_zero_the_effect_is_small(train_linear, linear_200, sgd, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream, sgd, tests=2)
    risks = []
    for weight_decay in (0.0, 3.0):
        history = runs.train(weight_decay, initial=runs.zero)
        risks.append(rulers.excess_risk(history.w, 0.01, history.b - INTERCEPT) + 1e-4)
    plain, decayed = risks
    return {
        "lower": metrics.exceeds(plain, decayed),
        "barely": ~metrics.ratio_exceeds(plain, decayed, 1.25),
    }


@claim(
    "wd-solves",
    "Weight decay solves overfitting: the generalisation gap and the test error both fall",
    zh="权重衰减解决过拟合：泛化差距与测试误差都下降",
    section=SCRATCH,
    source='d2l, "Weight Decay", "Summary": "a common method for dealing with overfitting"',
    formula="test - train falls, and test falls",
    condition="the labels are noisy (noise of the size of the signal)",
    condition_zh="标签有噪声（与信号同量级）",
    given={"weight_decay": penalties(0.01, 0.3)},
    draws=3,
    holds=all_hold(gap=more_often_than_not(), test=more_often_than_not()),
    mutants=(f"ridge_regression={MUTANTS}ignores_the_penalty",),
    cost=0.02,
    devices="cpu",
)
def decay_solves_overfitting(ridge_regression, weight_decay, replicates, stream):
    return _gap_and_test(ridge_regression, weight_decay, 1.0, replicates, stream)


@claim(
    "wd-solves.outside",
    "Weight decay lowers the gap and the test error also where the labels have no noise",
    zh="标签无噪声时，权重衰减同样降低泛化差距与测试误差",
    section=SCRATCH,
    source='d2l, "Weight Decay", "Summary": "a common method for dealing with overfitting"',
    condition="the labels have no noise, and there are more examples than weights",
    condition_zh="标签没有噪声，且样本多于权重",
    given={"weight_decay": penalties(0.01, 0.3)},
    draws=3,
    holds=all_hold(gap=more_often_than_not(), test=more_often_than_not()),
    expected=Verdict.REFUTED,
    twin="wd-solves",
    why="Without noise there is nothing to absorb: least squares finds w* exactly, and every λ > 0 "
    "moves away from it. The penalty buys less variance with bias.",
    why_zh="没有噪声就没有可吸收的误差：最小二乘恰好求得 w*，任何 λ > 0 都使其偏离。"
    "惩罚是以偏差换取方差的减小。",
    cost=0.02,
    devices="cpu",
)
def decay_solves_overfitting_without_noise(ridge_regression, weight_decay, replicates, stream):
    return _gap_and_test(ridge_regression, weight_decay, 0.0, replicates, stream)


def _gap_and_test(ridge_regression, weight_decay, noise, replicates, stream):
    """Paired comparisons of ridge with least squares on n = 30 examples of p = 20 features."""
    X, y, truth = rulers.gaussian_task(stream.numpy(), replicates, 30, 20, noise=noise)

    def errors(decay):
        w, _ = ridge_regression(X, y, decay, intercept=False)
        return rulers.half_mse(X, y, w), (rulers.excess_risk(w, truth) + noise**2) / 2

    (train, test), (train_decayed, test_decayed) = errors(0.0), errors(weight_decay)
    return {
        "gap": metrics.exceeds(test - train, test_decayed - train_decayed),
        "test": metrics.exceeds(test, test_decayed),
    }


@claim(
    "wd-solves.net",
    "Weight decay narrows the generalisation gap of a perceptron on few images",
    zh="图像很少时，权重衰减缩小多层感知机的泛化差距",
    section=SCRATCH,
    source='d2l, "Weight Decay", "Summary": "a common method for dealing with overfitting"',
    formula="test - train cross-entropy: λ = 0.03 < λ = 0, on 100 images of Fashion-MNIST",
    holds=more_often_than_not(),
    mutants=(
        f"train_mlp={MUTANTS}trains_the_net_without_decay",
        f"sgd={MUTANTS}ignores_the_decay",
        f"sgd={MUTANTS}grows_instead",
    ),
    cost=1.5,
)
def decay_narrows_the_gap_of_a_net(train_mlp, sgd, images, replicates, stream, device):
    plain, decayed = _nets(train_mlp, sgd, images, replicates, stream, device)
    gaps = [(run.test_loss - run.train_loss)[:, -1] for run in (plain, decayed)]
    return Measured(metrics.exceeds(*gaps), (_losses(plain, "λ = 0"), _losses(decayed, "λ = 0.03")))


@claim(
    "wd-solves.net-noise",
    "On noisy labels weight decay lowers the perceptron's test loss as well",
    zh="标签含噪时，权重衰减还会降低多层感知机的测试损失",
    section=SCRATCH,
    source='d2l, "Weight Decay", "Summary": "a common method for dealing with overfitting"',
    formula="test cross-entropy: λ = 0.01 < λ = 0, 30 % of the labels drawn anew",
    # After 40 epochs the noise is not yet learnt, and decay wins in about two runs of three only.
    condition="the net is trained until it knows the noisy labels by heart (150 epochs)",
    condition_zh="网络训练到记住含噪标签为止（150 个周期）",
    holds=more_often_than_not(),
    mutants=(
        f"train_mlp={MUTANTS}trains_the_net_without_decay",
        f"sgd={MUTANTS}ignores_the_decay",
        f"sgd={MUTANTS}grows_instead",
    ),
    block=12,
    cost=2.0,
)
def decay_lowers_the_test_loss_on_noise(train_mlp, sgd, images, replicates, stream, device):
    # Batches of half the data: less noise of the last steps in the losses that are compared.
    arms = {"noise": 0.3, "epochs": 150, "weight_decay": 0.01, "batch_size": 50}
    plain, decayed = _nets(train_mlp, sgd, images, replicates, stream, device, **arms)
    lower = metrics.exceeds(plain.test_loss[:, -1], decayed.test_loss[:, -1])
    return Measured(lower, (_losses(plain, "λ = 0"), _losses(decayed, "λ = 0.01")))


def _nets(
    train_mlp,
    sgd,
    images,
    replicates,
    stream,
    device,
    noise=0.0,
    epochs=40,
    weight_decay=0.03,
    batch_size=20,
):
    """Runs without and with decay of a net with 32 hidden units, on 100 images of their own."""
    task = nets.pictures(images, replicates, 100, stream.child("data").numpy(), noise)
    options = {"hidden": (32,), "lr": 0.2, "batch_size": batch_size, "record_every": epochs // 5}
    return [
        nets.train(
            train_mlp, task, stream, device, epochs=epochs, weight_decay=decay, sgd=sgd, **options
        )
        for decay in (0.0, weight_decay)
    ]


@claim(
    "wd-concise-same",
    "The concise implementation is the one from scratch",
    zh="简洁实现与从零开始的实现等价",
    section=CONCISE,
    source=f'{BOOK_CONCISE}: "the plot looks identical to that when we implemented from scratch"',
    formula="concise(wd = λ, lr = η, b ~ N(0, 1)) = scratch(λ, η, b = 0)",
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="wd-concise-same.corrected",
    why="MSELoss has no half, which doubles the step and halves the effective λ, and normal_() "
    "draws the bias too; the reported losses are on a doubled scale.",
    why_zh="MSELoss 没有 ½，步长加倍而有效 λ 减半；normal_() 连偏置也随机化；"
    "报告的损失也相差一倍。",
    block=2,
    cost=1.0,
    devices="cpu",
)
def concise_is_scratch(train_linear, train_concise, linear_200, replicates, stream):
    options = {"weight_decay": 3.0, "lr": RATE, "batch_size": BATCH, "epochs": EPOCHS}
    return _scratch_against_concise(
        train_linear, train_concise, linear_200, replicates, stream, options, options, None
    )


@claim(
    "wd-concise-same.corrected",
    "With wd = 2λ, lr = η/2 and b = 0 torch's concise form is the one from scratch",
    zh="取 wd = 2λ、lr = η/2、b = 0 时，torch 的简洁实现与从零实现完全一致",
    section=CONCISE,
    source="derived here: η/2 · (2 · gradient + 2λw) = η (gradient + λw)",
    formula="concise(wd = 2λ, lr = η/2, b = 0) = scratch(λ, η, b = 0)",
    given={"weight_decay": penalties(), "batch_size": counts(3, 7)},
    always=({"weight_decay": 3.0, "batch_size": BATCH},),
    draws=2,
    holds=exactly_equal(),
    mutants=(
        f"train_linear={MUTANTS}trains_without_decay",
        f"train_concise={MUTANTS}halves_the_concise_loss",
        f"train_concise={MUTANTS}decays_every_parameter_of_the_net",
        f"train_concise={MUTANTS}forgets_the_decay_of_its_group",
        f"sgd={MUTANTS}decays_the_bias_too",
    ),
    block=2,
    cost=1.0,
    devices="cpu",
)
def the_exact_map_makes_concise_scratch(
    train_linear, train_concise, linear_200, sgd, weight_decay, batch_size, replicates, stream
):
    common = {"batch_size": batch_size, "epochs": 40}
    scratch = common | {"weight_decay": weight_decay, "lr": RATE, "sgd": sgd}
    concise = common | {"weight_decay": 2 * weight_decay, "lr": RATE / 2}
    return _scratch_against_concise(
        train_linear, train_concise, linear_200, replicates, stream, scratch, concise, 0.0
    )


def _scratch_against_concise(
    train_linear, train_concise, linear_200, replicates, stream, scratch, concise, bias
):
    """|(w, b) - (w', b')| over its rounding error, on shared data, start and batches."""
    X, y = linear_200(replicates, N, stream.child("data").numpy())
    rng = stream.child("init").numpy()
    start, drawn = rng.standard_normal((replicates, D)), rng.standard_normal(replicates)
    epochs = scratch["epochs"]
    order = stream.child("order").numpy()
    orders = order.permuted(np.tile(np.arange(N), (replicates, epochs, 1)), axis=2)
    common = {"initial": start, "orders": orders, "dtype": np.float64}
    ours = train_linear(X, y, X, y, initial_bias=0.0, **common, **scratch)
    theirs = train_concise(
        X, y, X, y, initial_bias=drawn if bias is None else bias, **common, **concise
    )
    gap = np.hypot(rulers.norm(ours.w - theirs.w), ours.b - theirs.b)
    batch = scratch["batch_size"]
    error = rulers.training_error(
        X, y, start,
        lr=scratch["lr"], weight_decay=scratch["weight_decay"], batch=batch,
        steps=epochs * -(-N // batch),
    )  # fmt: skip
    return gap / (2 * error)


@claim(
    "wd-concise-same.bias",
    "As printed, the concise run tests worse, and all because its bias starts at N(0, 1)",
    zh="按书中代码，简洁实现的测试损失更高，原因全在于偏置从 N(0, 1) 开始",
    section=CONCISE,
    source=f"{BOOK_CONCISE}: param.data.normal_() over all parameters of the net",
    formula="test loss: b ~ N(0, 1) > b = 0, and b = 0 within a quarter of scratch",
    holds=all_hold(random_bias=more_often_than_not(margin=0.25), zero_bias=more_often_than_not()),
    mutants=(f"train_linear={MUTANTS}loses_the_initial_bias",),
    cost=0.4,
    devices="cpu",
)
def the_random_bias_makes_concise_worse(train_linear, linear_200, replicates, stream):
    runs = Runs(train_linear, linear_200, replicates, stream)
    scratch = runs.train(3.0).test_loss[:, -1]
    # MSELoss without the half: halved again to compare.
    zero = runs.train(3.0, half=False).test_loss[:, -1] / 2
    drawn = runs.train(3.0, half=False, initial_bias=runs.bias)
    random = drawn.test_loss[:, -1] / 2
    norms = Histogram(
        "||w|| of the concise run as printed",
        "按书中代码运行的简洁实现的 ||w||",
        rulers.norm(drawn.w),
        x_label="||w||",
    )
    close = ~metrics.exceeds(np.abs(np.log(zero / scratch)), np.log(1.25))
    return Measured({"random_bias": metrics.exceeds(random, zero), "zero_bias": close}, (norms,))


@claim(
    "wd-any-loss",
    "Decay in the optimiser is the L2 penalty for any loss",
    zh="集成在优化器中的权重衰减，对任何损失都等价于 L2 惩罚",
    section=CONCISE,
    source=f'{BOOK_CONCISE}: "integrated into the optimization algorithm ... any loss function"',
    formula="step(∇L, wd = λ) = step(∇(L + λ/2 ||w||²), wd = 0)",
    condition="plain SGD",
    condition_zh="普通 SGD",
    given={
        "loss": st.sampled_from(steps.LOSSES),
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "decoupled": st.booleans(),
    },
    always=tuple(
        {"loss": loss, "lr": 0.1, "weight_decay": 0.3, "decoupled": False} for loss in steps.LOSSES
    ),
    holds=exactly_equal(),
    mutants=(
        f"sgd={MUTANTS}keeps_what_it_should_remove",
        f"sgd={MUTANTS}multiplies_the_gradient_by_the_decay",
        f"sgd={MUTANTS}decays_the_bias_too",
        f"sgd={MUTANTS}freezes_what_does_not_decay",
        f"l2_penalty={MUTANTS}forgets_the_half",
    ),
    block=3,
    cost=0.01,
)
def decay_in_the_step_is_the_penalty(
    sgd, l2_penalty, loss, lr, weight_decay, decoupled, replicates, stream, device
):
    params, objective = _layer(loss, replicates, stream, device)
    decay = {"weight_decay": weight_decay, "decoupled": decoupled, "decays": [True, False]}

    def penalised(W, b):
        return objective(W, b) + weight_decay * l2_penalty(W)

    ratios = []
    for _ in range(3):
        slopes = steps.gradients(objective, params)
        found = sgd(params, slopes, lr, **decay)
        other = sgd(params, steps.gradients(penalised, params), lr)
        for p, g, one, two in zip(params, slopes, found, other, strict=True):
            size = _terms(p, g, weight_decay)
            scale = np.abs(steps.wide(p)) + lr * size
            ratios.append(metrics.rounding_ratio(steps.wide(one), steps.wide(two), scale, 16))
        params = found
    return np.concatenate([ratio.ravel() for ratio in ratios])


OPTIMIZERS = st.sampled_from(["momentum", "adam"])


@claim(
    "wd-any-loss.coupled",
    "With momentum or Adam, too, coupled decay is the L2 penalty for any loss",
    zh="对动量法或 Adam，耦合形式的衰减同样等价于任何损失上的 L2 惩罚",
    section=CONCISE,
    source="Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization, Algorithms 1 and 2",
    formula="g ← g + λw before the velocity and the moments",
    condition="the decay is coupled: it joins the gradient",
    condition_zh="衰减为耦合形式：先加入梯度",
    given={"optimizer": OPTIMIZERS, "loss": st.sampled_from(steps.LOSSES)},
    always=(
        {"optimizer": "momentum", "loss": "squared"},
        {"optimizer": "adam", "loss": "squared"},
    ),
    holds=exactly_equal(),
    mutants=(
        f"momentum_sgd={MUTANTS}velocity_without_the_decay",
        f"adam={MUTANTS}moments_without_the_decay",
    ),
    block=3,
    cost=0.02,
)
def coupled_decay_is_the_penalty(
    momentum_sgd, adam, l2_penalty, optimizer, loss, replicates, stream, device
):
    step = momentum_sgd if optimizer == "momentum" else adam
    return _decay_against_penalty(
        step, optimizer, l2_penalty, loss, False, replicates, stream, device
    )


@claim(
    "wd-any-loss.outside",
    "Decay in the optimiser is the L2 penalty for momentum and Adam, however it is built in",
    zh="无论如何实现，动量法与 Adam 中的衰减都等价于 L2 惩罚",
    section=CONCISE,
    source=f'{BOOK_CONCISE}: "integrated into the optimization algorithm ... any loss function"',
    condition="the decay is decoupled, as in AdamW",
    condition_zh="衰减为解耦形式，如 AdamW",
    given={"optimizer": OPTIMIZERS, "loss": st.sampled_from(steps.LOSSES)},
    always=(
        {"optimizer": "momentum", "loss": "squared"},
        {"optimizer": "adam", "loss": "squared"},
    ),
    draws=2,
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="wd-any-loss.coupled",
    why="The gradient of a penalty passes through velocity and moments; decoupled decay does not. "
    "Adam divides the penalty by sqrt(v), so that large gradients decay less.",
    why_zh="惩罚项的梯度会进入动量与二阶矩，解耦衰减则不会；"
    "Adam 还会把惩罚除以 sqrt(v)，梯度越大衰减越小。",
    block=3,
    cost=0.02,
)
def decoupled_decay_is_the_penalty(
    momentum_sgd, adam, l2_penalty, optimizer, loss, replicates, stream, device
):
    step = momentum_sgd if optimizer == "momentum" else adam
    return _decay_against_penalty(
        step, optimizer, l2_penalty, loss, True, replicates, stream, device
    )


@claim(
    "wd-any-loss.decoupled",
    "Decoupled decay multiplies w by 1 - ηλ, with the η of that step, and touches nothing else",
    zh="解耦衰减只把 w 乘以 1 - ηλ（η 为当前步的学习率），不影响其他任何量",
    section=CONCISE,
    source="Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization, Algorithm 2",
    formula="step(λ) = step(0) - η_t λ w, under any schedule η_t",
    given={
        "optimizer": OPTIMIZERS,
        "rates": st.lists(learning_rates(), min_size=3, max_size=5),
        "weight_decay": penalties(),
    },
    always=(
        {"optimizer": "adam", "rates": [0.1, 0.01, 0.3], "weight_decay": 0.3},
        {"optimizer": "momentum", "rates": [0.1, 0.01, 0.3], "weight_decay": 0.3},
    ),
    holds=exactly_equal(),
    mutants=(
        f"adam={MUTANTS}decays_at_the_first_rate",
        f"adam={MUTANTS}couples_what_should_be_apart",
    ),
    block=3,
    cost=0.01,
)
def decoupled_decay_only_scales(
    momentum_sgd, adam, optimizer, rates, weight_decay, replicates, stream, device
):
    step = momentum_sgd if optimizer == "momentum" else adam
    params, objective = _layer("squared", replicates, stream, device)
    state = plain = None
    ratios = []
    for lr in rates:
        slopes = steps.gradients(objective, params)
        options = {"weight_decay": weight_decay, "decoupled": True}
        found, state = step(params, slopes, state, lr, **options)
        other, plain = step(params, slopes, plain, lr)
        for p, one, two in zip(params, found, other, strict=True):
            w, free = steps.wide(p), steps.wide(two)
            exact = free - lr * weight_decay * w
            size = (1 + lr * weight_decay) * np.abs(w) + np.abs(free - w)
            ratios.append(metrics.rounding_ratio(steps.wide(one), exact, size, 8).ravel())
        params = found
    return np.concatenate(ratios)


def _decay_against_penalty(
    step, optimizer, l2_penalty, loss, decoupled, replicates, stream, device
):
    """Four steps of an optimiser with decay and of one whose loss carries the penalty."""
    lr, weight_decay = 0.1, 0.3
    params, objective = _layer(loss, replicates, stream, device)

    def penalised(W, b):
        return objective(W, b) + weight_decay * l2_penalty(W)

    decay = {"weight_decay": weight_decay, "decoupled": decoupled, "decays": [True, False]}
    state = other = None
    ratios = []
    sizes: tuple[list[np.ndarray], list[np.ndarray]] = (
        [],
        [],
    )  # of the weight's gradients and of the bias's
    slopes: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for _ in range(4):
        gradients = steps.gradients(objective, params)
        total = steps.gradients(penalised, params)
        found, state = step(params, gradients, state, lr, **decay)
        twin, other = step(params, total, other, lr)
        for i, (p, one, two) in enumerate(zip(params, found, twin, strict=True)):
            sizes[i].append(_terms(p, gradients[i], weight_decay))
            slopes[i].append(np.abs(steps.wide(total[i])))
            w, a, b = (steps.wide(v) for v in (p, one, two))
            # 30 operations on w and its change; the rounded gradients beside them.
            scale = np.abs(w) + np.abs(b - w)
            error = steps.rounding_bound(scale, 30)
            if optimizer == "adam":
                error = error + steps.adam_step_error(
                    lr, np.stack(sizes[i]), np.stack(slopes[i]), "float64"
                )
            else:  # velocities add up all earlier gradients
                error = error + steps.rounding_bound(lr * np.sum(sizes[i], axis=0), 16)
            ratios.append(np.abs(a - b) / error)
        params = found
    return np.concatenate([ratio.ravel() for ratio in ratios])


def _layer(loss, replicates, stream, device):
    """W (R, 3, 6) and b (R, 3), and the loss of that layer on 8 examples."""
    X = steps.normal(stream.child("X"), (replicates, 8, 6), "float64", device)
    y = steps.normal(stream.child("y"), (replicates, 8, 3), "float64", device)
    W = steps.normal(stream.child("W"), (replicates, 3, 6), "float64", device)
    b = steps.normal(stream.child("b"), (replicates, 3), "float64", device)
    return [W, b], steps.loss_of(loss, X, y)


def _terms(p, g, weight_decay):
    """|g| + lambda |w|: the terms of a penalised gradient."""
    return np.abs(steps.wide(g)) + weight_decay * np.abs(steps.wide(p))


@claim(
    "wd-free",
    "Weight decay in the optimiser comes without additional computational cost",
    zh="在优化器中进行权重衰减没有额外的计算开销",
    section=CONCISE,
    source=f'{BOOK_CONCISE}: "without any additional computational overhead"',
    formula="operations(step, λ) = operations(step, 0)",
    given={"side": counts(8, 128), "decoupled": st.booleans()},
    draws=2,
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-free.corrected",
    why="The step makes another pass or two over the parameters. Counted in operations, since "
    "timings of so small a difference are noise.",
    why_zh="更新时要对参数多遍历一到两次。这里数的是运算次数，因为如此小的时间差会淹没在噪声里。",
    block=1,
    cost=0.005,
)
def decay_costs_nothing(sgd, side, decoupled, stream, device):
    return metrics.truth(_extra_operations(sgd, side, decoupled, stream, device) == 0)


@claim(
    "wd-free.corrected",
    "Weight decay costs one to four operations a weight, below 2 % of a training step's",
    zh="权重衰减对每个权重多做一到四次运算，不到一步训练总量的 2 %",
    section=CONCISE,
    source="derived here: forward and backward take 6 |B| operations a weight",
    formula="1 <= extra operations a weight <= 4, < 0.02 · 6 |B|",
    condition="batches of 64 or more examples",
    condition_zh="批量不小于 64",
    given={"side": counts(8, 128), "decoupled": st.booleans(), "batch": counts(64, 512)},
    holds=always_true(),
    mutants=(
        f"sgd={MUTANTS}walks_through_a_copy_for_each_decay",
        f"sgd={MUTANTS}ignores_the_decay",
    ),
    block=1,
    cost=0.005,
)
def decay_costs_a_pass_over_the_weights(sgd, side, decoupled, batch, stream, device):
    extra = _extra_operations(sgd, side, decoupled, stream, device)
    return metrics.truth(extra >= 1, extra <= 4, extra < 0.02 * 6 * batch)


def _extra_operations(sgd, side, decoupled, stream, device):
    """Elements that a step with decay writes more than one without, for each weight."""
    w = steps.normal(stream.child("w"), (1, side, side), "float32", device)
    g = steps.normal(stream.child("g"), (1, side, side), "float32", device)

    def written(weight_decay):
        options = {"weight_decay": weight_decay, "decoupled": decoupled}
        return steps.element_operations(lambda: sgd([w], [g], 0.1, **options))

    return (written(0.3) - written(0.0)) / w.numel()


@claim(
    "wd-touch-all",
    "The optimiser touches every parameter at least once anyway",
    zh="优化器反正要访问每个参数至少一次",
    section=CONCISE,
    source=f'{BOOK_CONCISE}: "must touch each parameter once anyway"',
    formula="g_j ≠ 0 for all j: every w_j moves, λ or no λ",
    condition="gradients are dense",
    condition_zh="梯度稠密",
    given={"rows": counts(3, 40), "weight_decay": st.one_of(st.just(0.0), penalties())},
    holds=always_true(),
    mutants=(
        f"sgd={MUTANTS}freezes_what_does_not_decay",
        f"sgd={MUTANTS}visits_only_the_first_rows",
    ),
    block=1,
    cost=0.005,
)
def a_step_touches_every_parameter(sgd, rows, weight_decay, stream, device):
    # |w| in [1/2, 2) and |g| as well: ηg is no rounding error of w, and ηλw cancels none of it.
    w, g = (
        metrics.activations_like(
            (1, rows, 5), stream.child(name).torch(device), dtype="float64", layout="contiguous",
            device=device,
        )
        for name in ("w", "g")
    )  # fmt: skip
    (stepped,) = sgd([w], [g], 0.1, weight_decay=weight_decay)
    return metrics.truth(steps.wide(stepped) != steps.wide(w))


@claim(
    "wd-touch-all.outside",
    "The optimiser touches every parameter also where the batch reads a few rows of a table",
    zh="小批量只读取嵌入表的少数几行时，优化器也会访问每个参数",
    section=CONCISE,
    source=f'{BOOK_CONCISE}: "must touch each parameter once anyway"',
    condition="gradients are sparse: an embedding of which two rows are read",
    condition_zh="梯度稀疏：嵌入表只读取两行",
    given={"rows": counts(3, 40)},
    draws=3,
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-touch-all",
    why="Without decay the rows that were not read stay as they are. Decay would have to touch "
    "them all, and torch's SGD refuses it for sparse gradients (RuntimeError).",
    why_zh="没有衰减时，未读取的行保持不变；衰减却必须触及所有行，"
    "因此 torch 的 SGD 对稀疏梯度直接报错（RuntimeError）。",
    block=1,
    cost=0.005,
)
def a_step_touches_every_row_of_a_table(sgd, rows, stream, device):
    import torch

    table = steps.normal(stream.child("w"), (1, rows, 5), "float64", device)
    read = torch.tensor([0, rows - 1], device=device)
    slopes = steps.gradients(lambda table: table[:, read].square().sum(dim=(1, 2)) / 2, [table])
    (stepped,) = sgd([table], slopes, 0.1)
    return metrics.truth(steps.wide(stepped) != steps.wide(table))


@claim(
    "wd-default",
    "PyTorch decays weights and biases alike",
    zh="PyTorch 同时衰减权重和偏置",
    section=CONCISE,
    source=f'{BOOK_CONCISE}: "by default, PyTorch decays both weights and biases simultaneously"',
    formula="g = 0: p ← (1 - ηλ) p for every parameter given, and for torch.optim.SGD",
    condition="a weight_decay is given, for all parameters",
    condition_zh="对所有参数都给出 weight_decay",
    given={
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "types": st.lists(
            st.sampled_from(["float32", "float64", "bfloat16"]), min_size=3, max_size=3
        ),
    },
    always=({"lr": 0.1, "weight_decay": 1.0, "types": ["float32", "float64", "bfloat16"]},),
    holds=exactly_equal(),
    mutants=(
        f"sgd={MUTANTS}decays_once_per_dtype",
        f"sgd={MUTANTS}misses_a_weight",
        f"sgd={MUTANTS}keeps_what_it_should_remove",
        f"sgd={MUTANTS}multiplies_the_gradient_by_the_decay",
        f"sgd={MUTANTS}grows_instead",
    ),
    block=1,
    cost=0.005,
)
def weights_and_biases_decay_alike(sgd, lr, weight_decay, types, stream, device):
    params = _parameters(types, stream, device)
    found = sgd(params, [0 * p for p in params], lr, weight_decay=weight_decay)
    theirs = _by_torch(params, lr, weight_decay=weight_decay)
    ratios = []
    for p, one, two, dtype in zip(params, found, theirs, types, strict=True):
        exact = (1 - lr * weight_decay) * steps.wide(p)
        size = (1 + lr * weight_decay) * np.abs(steps.wide(p))
        for result in (one, two):
            ratios.append(metrics.rounding_ratio(steps.wide(result), exact, size, 6, dtype).ravel())
    return np.concatenate(ratios)


@claim(
    "wd-default.outside",
    "PyTorch decays weights and biases by default",
    zh="PyTorch 默认就会衰减权重和偏置",
    section=CONCISE,
    source=f'{BOOK_CONCISE}: "by default, PyTorch decays both weights and biases simultaneously"',
    condition="no weight_decay is given",
    condition_zh="没有给出 weight_decay",
    given={"lr": learning_rates()},
    draws=2,
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-default",
    why="The default of SGD and Adam is weight_decay = 0 (AdamW's is 0.01): nothing decays unless "
    "it is asked for, and then only in the groups that ask.",
    why_zh="SGD 和 Adam 的默认值是 weight_decay = 0（AdamW 为 0.01）：不指定就不衰减，"
    "指定时也只作用于相应的参数组。",
    block=1,
    cost=0.005,
)
def weights_and_biases_decay_by_default(sgd, lr, stream, device):
    params = _parameters(["float32"] * 3, stream, device)
    both = (sgd(params, [0 * p for p in params], lr), _by_torch(params, lr))
    return metrics.truth(
        *(
            np.abs(steps.wide(after)) < np.abs(steps.wide(before))
            for stepped in both
            for before, after in zip(params, stepped, strict=True)
        )
    )


def _parameters(types, stream, device):
    """A weight, a bias and a gain, of one replicate each, away from 0."""
    shapes = ((1, 6, 4), (1, 6), (1, 4))
    return [
        metrics.activations_like(
            shape, stream.child(i).torch(device), dtype=dtype, layout="contiguous", device=device
        )
        for i, (shape, dtype) in enumerate(zip(shapes, types, strict=True))
    ]


def _by_torch(params, lr, **options):
    """The parameters after a step of torch.optim.SGD with zero gradients."""
    import torch

    leaves = [torch.nn.Parameter(p.clone()) for p in params]
    for leaf in leaves:
        leaf.grad = torch.zeros_like(leaf)
    torch.optim.SGD(leaves, lr=lr, **options).step()
    return [leaf.detach() for leaf in leaves]
