"""Data complexity: capacity must match the samples, their structure and their diversity."""

import numpy as np

from claims.capacity.experiments import tasks
from claims.polynomial_regression.experiments import protocol
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import more_often_than_not
from harness.declaration.strategies import counts
from harness.metrics import arrays, nets
from harness.text import Text
from harness.training.solver import Solver

NOTES = 'Mu Li\'s notes, "Underfitting and Overfitting", slide on data complexity: '


@claim(
    "dc-match",
    "Capacity must match the complexity of the data: a line's training loss on a noisy cubic is "
    "more than a hundred times the cubic's own",
    "模型容量需要匹配数据复杂度：用直线拟合带噪声的三阶数据，训练损失是三阶拟合的百倍以上",
    source=NOTES + "too small a capacity for complex data underfits",
    formula="train(degree 1) > 100 train(degree 3)",
    condition=Text(
        "too little capacity: a polynomial of lower degree than the data's; 40 samples or more",
        "容量不足：多项式阶数低于数据；样本不少于 40 个",
    ),
    inside=lambda n: n >= 40,
    given={"n": counts(40, 200)},
    always=({"n": 40}, {"n": 100}),
    holds=more_often_than_not(),
)
def a_line_underfits_a_cubic(noisy_cubic, fit_least_squares, n, replicates, stream):
    return _line_against_cubic(noisy_cubic, fit_least_squares, n, replicates, stream)


@claim(
    "dc-match.few",
    "On ten samples, too, a line's training loss on a noisy cubic is more than a hundred times the "
    "cubic's own, though less surely",
    "样本只有 10 个时，用直线拟合带噪声的三阶数据，训练损失同样是三阶拟合的百倍以上，"
    "只是不那么确定",
    source=NOTES + "too small a capacity for complex data underfits",
    formula="train(degree 1) > 100 train(degree 3)",
    condition=Text("too little capacity; 10 samples", "容量不足；10 个样本"),
    inside=lambda n: n == 10,
    always=({"n": 10},),
    holds=more_often_than_not(margin=0.2),
)
def a_line_underfits_ten_samples(noisy_cubic, fit_least_squares, n, replicates, stream):
    return _line_against_cubic(noisy_cubic, fit_least_squares, n, replicates, stream)


@claim(
    "dc-match.xor",
    "Capacity must match the structure of the data: on a noisy XOR a linear model errs more than a "
    "net, by twenty points",
    "模型容量需要匹配数据结构：在带噪的 XOR 上，线性模型的错误率比多层感知机高出二十个百分点",
    source=NOTES + '"structure in time and space" of the data',
    formula="test error(linear) > test error(16 units) + 0.2",
    condition=Text("too little capacity: no line solves XOR", "容量不足：没有直线能解 XOR"),
    always=({"n": 200},),
    holds=more_often_than_not(),
)
def a_linear_model_underfits_xor(gaussian_xor, train_mlp, n, replicates, stream, device):
    data = tasks.task(gaussian_xor, replicates, n, 1000, stream)
    linear, net = _two_nets(train_mlp, data, ((), (16,)), stream, device, epochs=60)
    observed = arrays.exceeds(tasks.last_error(linear), tasks.last_error(net), 0.2)
    return Measured(observed, *tasks.epoch_curves(net))


@claim(
    "dc-match.signals",
    "Capacity must match the diversity of the data: on ten classes of moving signals a linear "
    "model errs more than a net, by five points",
    "模型容量需要匹配数据多样性：在十类移动信号上，线性模型的错误率比多层感知机高出五个百分点",
    source=NOTES + '"diversity" of the data',
    formula="test error(linear) > test error(64 units) + 0.05",
    condition=Text("too little capacity: the templates move", "容量不足：模板会移动"),
    always=({"n": 1000},),
    holds=more_often_than_not(),
)
def linear_nets_underfit_moving_signals(shifted_signals, train_mlp, n, replicates, stream, device):
    data = tasks.task(shifted_signals, replicates, n, 1000, stream)
    linear, net = _two_nets(train_mlp, data, ((), (64,)), stream, device, epochs=30)
    observed = arrays.exceeds(tasks.last_error(linear), tasks.last_error(net), 0.05)
    return Measured(observed, *tasks.epoch_curves(net))


@claim(
    "dc-match.samples",
    "The more samples, the larger the capacity that they bear: degree 9 against degree 3 loses "
    "less on 400 samples than on 20",
    "样本越多，能承受的模型容量越大：样本从 20 增至 400，9 阶相对 3 阶的劣势缩小",
    source=NOTES + '"the number of samples"; d2l, "Dataset Size"',
    formula="test(9)/test(3) at n = 20 > test(9)/test(3) at n = 400",
    always=({"high": 9},),
    holds=more_often_than_not(),
)
def more_samples_bear_more_capacity(noisy_cubic, fit_least_squares, high, replicates, stream):
    sizes = (20, 50, 100, 200, 400)
    ratios = []
    for n in sizes:
        data = protocol.drawn(noisy_cubic, replicates, stream.child(n), n=n)
        _, test = tasks.losses_by_degree(fit_least_squares, data, (3, high))
        ratios.append(test[:, 1] / test[:, 0])
    by_size = np.stack(ratios, axis=1)
    picture = tasks.curves_by(
        np.log10(sizes),
        {Text("test loss of degree 9 over degree 3", "9 阶与 3 阶测试损失之比"): by_size},
        Text("What six superfluous degrees cost", "多余六阶的代价"),
        Text("log10 samples", "样本数的常用对数"),
        Text("ratio of test losses", "测试损失之比"),
        log_y=True,
    )
    return Measured(arrays.exceeds(by_size[:, 0], by_size[:, -1]), picture)


@claim(
    "dc-match.elements",
    "The more elements a sample has, the more samples a model needs: with a hundred, least squares "
    "tests over one and a half times worse at 60 elements than at 10",
    "样本的元素越多，模型需要的样本就越多：同为 100 个样本，60 个元素时最小二乘的测试损失"
    "是 10 个元素时的一倍半以上",
    source=NOTES + '"the number of elements of each sample"',
    formula="E test = σ² (1 + p / (n - p - 1)): test(p = 61) > 1.5 test(p = 11)",
    condition=Text("every element says as much as the others", "每个元素的信息量相同"),
    always=({"n": 100},),
    # In the mean 2.61 σ² against 1.13 σ².
    holds=more_often_than_not(),
)
def more_elements_need_more_samples(linear_200, minimum_norm, n, replicates, stream):
    losses = []
    for d in (60, 10):
        X, y = linear_200(replicates, n + 1000, stream.child(d).numpy(), d=d)
        X = np.concatenate([X, np.ones_like(X[..., :1])], axis=-1)
        w = minimum_norm(X[:, :n], y[:, :n])
        losses.append(np.square(np.matvec(X[:, n:], w) - y[:, n:]).mean(axis=1))
    picture = Histogram(
        Text("Test loss at 60 elements over that at 10", "60 个元素与 10 个元素的测试损失之比"),
        losses[0] / losses[1],
        marks={Text("ratio of the means", "均值之比"): (1 + 61 / 38) / (1 + 11 / 88)},
        x_label=Text("ratio", "比值"),
    )
    return Measured(arrays.ratio_exceeds(losses[0], losses[1], 1.5), picture)


@claim(
    "dc-match.outside",
    "Capacity beyond the complexity of the data overfits: a net of 128 units errs more on XOR than "
    "one of 8",
    "容量超过数据复杂度就会过拟合：128 个单元的网络在 XOR 上比 8 个单元的错得更多",
    source=NOTES + "too large a capacity for simple data overfits",
    formula="test error(128) > test error(8) + 0.01",
    condition=Text(
        "too much capacity; the training labels are right", "容量过大；训练标签全部正确"
    ),
    always=({"n": 200},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="dc-match",
    why=Text(
        "A net that has room to spare uses it for nothing while the labels are right: of the many "
        "functions that fit, SGD finds a smooth one. Superfluous capacity hurts where there is "
        "noise to be fitted.",
        "标签正确时，网络多余的容量并无坏处：在众多能拟合的函数中，SGD 找到的是平滑的那个。"
        "只有存在可供拟合的噪声时，多余的容量才有害。",
    ),
)
def too_much_capacity_overfits_xor(gaussian_xor, train_mlp, n, replicates, stream, device):
    data = tasks.task(gaussian_xor, replicates, n, 1000, stream)
    small, large = _two_nets(train_mlp, data, ((8,), (128,)), stream, device, epochs=60)
    observed = arrays.exceeds(tasks.last_error(large), tasks.last_error(small), 0.01)
    return Measured(observed, *tasks.epoch_curves(large))


@claim(
    "dc-match.noise",
    "Capacity beyond the complexity of the data overfits where labels are wrong: a net of 64 units "
    "errs more on a halfspace than a linear model, by five points",
    "标签有误时，容量超过数据复杂度会过拟合：64 个单元的网络在半空间任务上比线性模型多错五个百分点",
    source=NOTES + "too large a capacity for simple data overfits",
    formula="test error(64 units) > test error(linear) + 0.05",
    condition=Text(
        "too much capacity; a fifth of the training labels is wrong",
        "容量过大；五分之一的训练标签是错的",
    ),
    always=({"flips": 0.2},),
    holds=more_often_than_not(),
)
def large_nets_fit_wrong_labels(noisy_halfspace, train_mlp, flips, replicates, stream, device):
    linear, net = (
        tasks.overtrained(train_mlp, noisy_halfspace, flips, replicates, stream, device, hidden)
        for hidden in ((), (tasks.WIDTH,))
    )
    observed = arrays.exceeds(tasks.last_error(net), tasks.last_error(linear), 0.05)
    return Measured(observed, *tasks.epoch_curves(net))


def _line_against_cubic(noisy_cubic, fit_least_squares, n, replicates, stream):
    """Whether a line's training loss is above a hundred times the cubic's (R,), with curves."""
    data = protocol.drawn(noisy_cubic, replicates, stream, n=n)
    train, test = tasks.losses_by_degree(fit_least_squares, data, range(8))
    picture = tasks.curves_by(
        range(8), {Text("train", "训练"): train, Text("test", "测试"): test},
        Text("Loss of the exact fit by degree", "精确拟合的损失与阶数"), Text("degree", "阶数"),
        Text("mean squared error", "均方误差"), log_y=True,
    )  # fmt: skip
    return Measured(arrays.ratio_exceeds(train[:, 1], train[:, 3], 100.0), picture)


def _two_nets(train_mlp, data, hidden, stream, device, epochs):
    """Two nets with these hidden layers on the same data, in the same orders."""
    return [
        nets.train(
            train_mlp, data, Solver(0.3, epochs, 20, record_every=5), stream, device, hidden=layers
        )
        for layers in hidden
    ]  # fmt: skip
