"""Underfitting and overfitting: what training too long, too large or to the smallest gap does.

The nets learn a halfspace in ten dimensions from 200 examples, or moving signals from 300; a share
of the training labels may be wrong, test labels never are.
"""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from claims.capacity.experiments import moving_signals, tasks
from claims.polynomial_regression.experiments import protocol
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import more_often_than_not
from harness.metrics import arrays, nets
from harness.text import Text
from harness.training.solver import Solver

SOLVER = Solver(lr=0.3, epochs=40, batch_size=25, record_every=5)
NOTES = 'Mu Li\'s notes, "Underfitting and Overfitting": '
NOISE = 0.2  # of the training labels are wrong
POINT = 0.01
DECAYS = np.logspace(-5, 0, 11)  # from next to none to one that bends the cubic itself


@claim(
    "cap-perfect-then-drop",
    "Enough neurons and epochs make accuracy on the validation set perfect, while accuracy on the "
    "test set falls",
    "神经元足够多、训练足够久，就能在验证集上达到完美的精度，而测试精度下降",
    source=NOTES + '"perfect accuracy on the validation set", as printed',
    formula="acc_val(T) = 1 and acc_test(T) < acc_test(t*)",
    condition=Text(
        "a validation set that was not trained on; a fifth of the training labels wrong, or none",
        "验证集没有参与训练；训练标签有五分之一是错的，或全部正确",
    ),
    always=({"flips": NOISE}, {"flips": 0.0}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="cap-perfect-then-drop.corrected",
    why=Text(
        "A slip: it is the training set that is learned by heart. Validation examples are as new "
        "to the net as test examples, and their accuracy falls with the test accuracy.",
        "这是笔误：被死记的是训练集。对网络来说，验证样本与测试样本一样是新的，"
        "验证精度与测试精度一同下降。",
    ),
)
def validation_rises_and_test_falls(noisy_halfspace, train_mlp, flips, replicates, stream, device):
    history = tasks.overtrained(train_mlp, noisy_halfspace, flips, replicates, stream, device)
    data = tasks.halfspace(noisy_halfspace, flips, replicates, stream)
    x, y = (part[:, :200].to(device) for part in (data.X_test, data.y_test))
    validation = nets.accuracy(nets.logits(history.parameters, x), y)
    return Measured((validation == 1) & _test_accuracy_falls(history, 0.0), *_pictures(history))


@claim(
    "cap-perfect-then-drop.corrected",
    "Enough neurons and epochs make accuracy on the training set perfect, while accuracy on the "
    "test set falls",
    "神经元足够多、训练足够久，就能在训练集上达到完美的精度，而测试精度下降",
    source=NOTES + "corrected: the training set is meant",
    formula="acc_train(200) = 1 and acc_test(200) < acc_test(10) - 0.02",
    condition=Text("a fifth of the training labels is wrong", "五分之一的训练标签是错的"),
    always=({"flips": NOISE},),
    holds=more_often_than_not(),
)
def training_rises_and_test_falls(noisy_halfspace, train_mlp, flips, replicates, stream, device):
    history = tasks.overtrained(train_mlp, noisy_halfspace, flips, replicates, stream, device)
    perfect = history.train_accuracy[:, -1] == 1
    return Measured(perfect & _test_accuracy_falls(history, 2 * POINT), *_pictures(history))


@claim(
    "cap-perfect-then-drop.clean",
    "Without wrong labels accuracy on the training set becomes perfect and accuracy on the test "
    "set stays: it does not fall by two points",
    "没有错误标签时，训练精度达到完美，测试精度保持不变（下降不到两个百分点）",
    source=NOTES + "where the fall comes from",
    formula="acc_train(200) = 1 and acc_test(200) > acc_test(10) - 0.02",
    condition=Text("all training labels are right", "训练标签全部正确"),
    always=({"flips": 0.0},),
    holds=more_often_than_not(),
)
def clean_labels_keep_the_accuracy(noisy_halfspace, train_mlp, flips, replicates, stream, device):
    history = tasks.overtrained(train_mlp, noisy_halfspace, flips, replicates, stream, device)
    perfect = history.train_accuracy[:, -1] == 1
    return Measured(perfect & ~_test_accuracy_falls(history, 2 * POINT), *_pictures(history))


@claim(
    "cap-overfit-raises-gen",
    "A net that overfits: its training error falls while its generalisation error rises",
    "过拟合时，训练误差下降而泛化误差上升",
    source=NOTES + '"the training error falls and the generalisation error rises"',
    formula="train(200) < train(40), test(200) > test(40)",
    condition=Text("error is the cross-entropy", "误差指交叉熵"),
    always=({"flips": 0.0}, {"flips": NOISE}),
    holds=more_often_than_not(),
)
def overfitting_raises_the_test_loss(noisy_halfspace, train_mlp, flips, replicates, stream, device):
    history = tasks.overtrained(train_mlp, noisy_halfspace, flips, replicates, stream, device)
    early = tasks.at_epoch(history, history.test_loss, tasks.SETTLED)
    rises = arrays.exceeds(history.test_loss[:, -1], early)
    return Measured(_training_loss_falls(history) & rises, *_pictures(history))


@claim(
    "cap-overfit-raises-gen.outside",
    "A net that overfits: its training error falls while its share of wrong answers on new data "
    "rises",
    "过拟合时，训练误差下降而新数据上的错误率上升",
    source=NOTES + '"the training error falls and the generalisation error rises"',
    formula="train(200) < train(40), wrong(200) > wrong(40) + 0.01",
    condition=Text(
        "error is the share of wrong answers; all training labels are right",
        "误差指错误率；训练标签全部正确",
    ),
    always=({"flips": 0.0},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="cap-overfit-raises-gen",
    why=Text(
        "Late in training the net mostly scales its logits up: answers that were wrong become more "
        "certain, which the cross-entropy punishes, but few of them change sides.",
        "训练后期网络主要在放大 logit：原本错误的回答变得更加确信，交叉熵因此上升，"
        "但很少有回答改变。",
    ),
)
def overfitting_raises_the_errors(noisy_halfspace, train_mlp, flips, replicates, stream, device):
    history = tasks.overtrained(train_mlp, noisy_halfspace, flips, replicates, stream, device)
    falls = _test_accuracy_falls(history, POINT, since=tasks.SETTLED)
    return Measured(_training_loss_falls(history) & falls, *_pictures(history))


@claim(
    "cap-min-gap",
    "Tune capacity so that the generalisation error is as close as possible to the training error: "
    "that model is the better one",
    "调节模型容量，使泛化误差与训练误差尽可能接近：这样的模型更好",
    source=NOTES + '"make the generalisation error as close as possible to the training error"',
    formula="argmin |R - R̂| = argmin R",
    condition=Text("weight decay 0 or 0.1", "权重衰减取 0 或 0.1"),
    always=({"decay": 0.1},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="cap-min-gap.corrected",
    why=Text(
        "The gap is smallest for a model that learns nothing: a constant errs as often on new data "
        "as on old. A small gap says that the training error can be believed, not that it is "
        "small.",
        "什么都没学到的模型差距最小：常数预测在新旧数据上错得一样多。"
        "差距小只说明训练误差可信，不说明误差小。",
    ),
)
def the_least_gap_is_the_best_model(shifted_signals, train_mlp, decay, replicates, stream, device):
    test, _, gap, pictures = _plain_and_decayed(
        shifted_signals, train_mlp, decay, replicates, stream, device
    )
    chosen, other = gap.argmin(axis=0), gap.argmax(axis=0)
    rows = np.arange(replicates)
    return Measured(arrays.exceeds(test[other, rows], test[chosen, rows]), *pictures)


@claim(
    "cap-min-gap.corrected",
    "Tune capacity so that the validation error is smallest: the model with the smallest gap errs "
    "more, by ten points",
    "调节模型容量时应使验证误差最小：差距最小的模型错误率要高出十个百分点",
    source=NOTES + "corrected: minimise the validation error, not the gap",
    formula="test error(argmin gap) > test error(argmin validation error) + 0.1",
    condition=Text("weight decay 0 or 0.1", "权重衰减取 0 或 0.1"),
    always=({"decay": 0.1},),
    holds=more_often_than_not(),
)
def the_smallest_gap_errs_more(shifted_signals, train_mlp, decay, replicates, stream, device):
    test, validation, gap, pictures = _plain_and_decayed(
        shifted_signals, train_mlp, decay, replicates, stream, device
    )
    rows = np.arange(replicates)
    by_gap, by_validation = test[gap.argmin(axis=0), rows], test[validation.argmin(axis=0), rows]
    return Measured(arrays.exceeds(by_gap, by_validation, 0.1), *pictures)


@claim(
    "cap-start-big",
    "Start with a model that is large enough and rein it in: it errs less than a small one",
    "先选容量足够大的模型再加以控制：其错误率低于小模型",
    source=NOTES + '"the model\'s capacity should first be large enough, then controlled"',
    formula="test error(64 units, λ = 0.003) < test error(2 to 6 units, λ = 0)",
    condition=Text("the small net is too small for the task", "小网络对任务来说太小"),
    given={
        "task": st.sampled_from(["signals", "clouds"]),
        "small": st.integers(2, 6),
        "flips": st.sampled_from([0.0, NOISE]),
    },
    always=(
        {"task": "signals", "small": 4, "flips": NOISE},
        {"task": "clouds", "small": 4, "flips": NOISE},
    ),
    holds=more_often_than_not(),
)
def a_large_net_reined_in_errs_less(
    shifted_signals, train_mlp, task, small, flips, replicates, stream, device
):
    if task == "signals":
        data = tasks.task(shifted_signals, replicates, 300, 1000, stream, flips)
    else:
        data = nets.clouds(replicates, 300, stream.child("data").numpy(), noise=flips, tests=1000)
    little, big = (
        nets.train(
            train_mlp, data, replace(SOLVER, weight_decay=decay), stream, device, hidden=[width]
        )
        for width, decay in ((small, 0.0), (tasks.WIDTH, 0.003))
    )  # fmt: skip
    return Measured(
        arrays.exceeds(tasks.last_error(little), tasks.last_error(big)), *tasks.epoch_curves(big)
    )


@claim(
    "cap-start-big.outside",
    "Start with a model that is large enough and rein it in: with the best penalty that beats "
    "every small model",
    "先选容量足够大的模型再加以控制：惩罚系数取得最好时，总能胜过小模型",
    source=NOTES + '"the model\'s capacity should first be large enough, then controlled"',
    formula="min over λ of test(degree 19, ridge λ) < test(degree 3),  λ = 10^-5 ... 1 by √10",
    condition=Text(
        "the small model holds the truth, a cubic; λ is the best for the 1000 test examples "
        "themselves",
        "小模型恰好包含真实函数：三阶多项式；λ 取在这 1000 个测试样本上最好的值",
    ),
    always=({"degree": 19},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="cap-start-big",
    why=Text(
        "Of all models that hold the truth the smallest has the least variance, and a penalty that "
        "tames the superfluous coefficients also bends the four that are true.",
        "在包含真实函数的模型中，最小的方差最小；而足以压住多余系数的惩罚，"
        "也会使四个真实系数产生偏差。",
    ),
)
def large_polynomials_reined_in_err_less(
    noisy_cubic, fit_least_squares, degree, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream, tests=1000)
    _, small = tasks.losses_by_degree(fit_least_squares, data, (3,))
    big = [
        tasks.losses_by_degree(fit_least_squares, data, (degree,), ridge=float(decay))[1]
        for decay in DECAYS
    ]
    return arrays.exceeds(small[:, 0], np.min(big, axis=0)[:, 0])


def _test_accuracy_falls(history, margin, since=tasks.EARLY):
    """From the epoch that was chosen on other runs to the last."""
    early = tasks.at_epoch(history, history.test_accuracy, since)
    return arrays.exceeds(early, history.test_accuracy[:, -1], margin)


def _training_loss_falls(history):
    early = tasks.at_epoch(history, history.train_loss, tasks.SETTLED)
    return arrays.exceeds(early, history.train_loss[:, -1])


def _pictures(history):
    return tasks.epoch_curves(history)


def _plain_and_decayed(shifted_signals, train_mlp, decay, replicates, stream, device):
    """Without weight decay and with it: test errors, validation errors and gaps, each (2, R).

    The gap is the validation error minus the training error, in absolute value.
    """
    runs, validation = zip(
        *(
            moving_signals.decayed(train_mlp, shifted_signals, one, replicates, stream, device)
            for one in (0.0, decay)
        ),
        strict=True,
    )
    test = np.stack([tasks.last_error(run) for run in runs])
    train = np.stack([1 - run.train_accuracy[:, -1] for run in runs])
    errors = np.stack(validation)
    return test, errors, np.abs(errors - train), tasks.epoch_curves(runs[1])
