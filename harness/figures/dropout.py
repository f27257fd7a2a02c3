"""Parts F to H: why dropout, its layer, and training with it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data.fashion_mnist import load_images
from harness.figures.figure import Figure, exact, figures, mean, median, share
from harness.primitives import activations
from harness.primitives.dropout import dropout
from harness.primitives.initialization import plain_normal
from harness.rulers import nets, noise
from harness.training.least_squares import minimum_norm, ordinary_least_squares
from harness.training.mlp import train_mlp
from harness.trial.streams import Stream

Array = npt.NDArray[np.float64]
RATES = (0.2, 0.5)
MASKS = 20


@figures(
    "do-p-gt-n",
    Figure(
        "mean risk of min-norm least squares, n = 20, d = 200",
        "最小范数最小二乘的平均风险，n=20，d=200",
        "2.0161",
        mean,
        error=0.0025,
    ),
)
def more_features(stream: Stream) -> Sequence[Any]:
    X, y, w = noise.gaussian_regression(2000, 20, 200, stream.numpy())
    return (1 + noise.excess_risk(minimum_norm(X, y), w),)


@figures(
    "do-n-gt-p",
    Figure(
        "mean risk of least squares, n = 110, d = 100",
        "最小二乘的平均风险，n=110，d=100",
        "11.8",
        mean,
        error=0.3,
    ),
    Figure("median risk, n = 50, d = 48", "风险中位数，n=50，d=48", "20.8", median, error=1.0),
    Figure("mean risk, n = 50, d = 48", "风险均值，n=50，d=48", "39.9", mean, error=1.5),
)
def barely_enough_samples(stream: Stream) -> Sequence[Any]:
    found = []
    for runs, n, d in ((300, 110, 100), (4000, 50, 48)):
        X, y, w = noise.gaussian_regression(runs, n, d, stream.child(n).numpy())
        found.append(1 + noise.excess_risk(ordinary_least_squares(X, y), w))
    return *found, found[-1]


@figures(
    "do-interactions",
    Figure(
        "accuracy of a linear model on XOR", "线性模型在 XOR 上的准确率", ".504", mean, error=0.009
    ),
    Figure("accuracy of a net on XOR", "网络在 XOR 上的准确率", ".985", mean, error=0.001),
)
def interactions(stream: Stream) -> Sequence[Any]:
    task = nets.quadrants(64, 1000, stream.child("data").numpy())
    return [
        nets.train(
            train_mlp, task, stream, hidden=hidden, epochs=30, lr=0.3, batch_size=20
        ).test_accuracy[:, -1]
        for hidden in ((), (64,))
    ]


@figures(
    "do-grad-vanish",
    Figure(
        "P(a unit's batch gradient vanishes), B = 8, p = .5",
        "P(单元的批量梯度为零)，B=8，p=.5",
        ".004",
        share,
    ),
)
def dropped_by_the_whole_batch(stream: Stream) -> Sequence[Any]:
    import torch

    kept = dropout(torch.ones(50_000, 8), 0.5, stream.torch())
    return ((kept == 0).all(dim=1).numpy(),)


@figures(
    "do-printed",
    Figure("P(at most 5 of 15 are kept) to P(at least 5)", "P(保留数恰为 5 或更偏)", "", share),
)
def printed_example(stream: Stream) -> Sequence[Any]:
    import torch

    kept = (dropout(torch.ones(20_000, 15), 0.5, stream.torch()) != 0).sum(dim=1)
    return (((kept <= 5) | (kept >= 10)).numpy(),)


@figures(
    "do-after-act",
    Figure("largest difference of the two orders, relu", "两种次序的最大差，relu", "0", exact),
    Figure("the same, tanh", "同上，tanh", ".65", exact),
    Figure("the same, sigmoid", "同上，sigmoid", ".58", exact),
)
def orders(stream: Stream) -> Sequence[Any]:
    import torch

    h = torch.randn(1000, 64, generator=stream.child("h").torch(), dtype=torch.float64)
    found = []
    for activation in (activations.relu, activations.tanh, activations.sigmoid):
        after, before = (
            dropout(activation(h), 0.5, stream.child("mask").torch()),
            activation(dropout(h, 0.5, stream.child("mask").torch())),
        )
        found.append([float((after - before).abs().max())])
    return found


@figures(
    "do-mc",
    Figure("AUROC of disagreement under masks", "多掩码不一致的 AUROC", "", mean),
    Figure(
        "AUROC of the plain net's doubt, 1 - max softmax",
        "普通网络疑虑 1-max softmax 的 AUROC",
        "",
        mean,
    ),
    Figure(
        "P(the softmax is the better detector)", "P(softmax 检测更好)", "1.00", share, out_of=24
    ),
)
def uncertainty(stream: Stream) -> Sequence[Any]:
    import torch

    task = nets.clouds(48, 100, stream.child("data").numpy())
    net = nets.train(
        train_mlp, task, stream, hidden=(32, 32), epochs=60, dropout_rates=(0.5, 0.5),
        dropout=dropout,
    )  # fmt: skip
    plain = torch.softmax(nets.logits(net.parameters, task.x_test), dim=-1)
    best = plain.argmax(dim=-1)
    generator = stream.child("masks").torch()
    votes = torch.zeros(best.shape, dtype=torch.float64)
    for _ in range(MASKS):
        scores = nets.logits(net.parameters, task.x_test, lambda _, h: dropout(h, 0.5, generator))
        votes += (scores.argmax(dim=-1) == best) / MASKS
    wrong = (best != task.y_test).numpy()
    masks = nets.ranking(1 - votes.numpy(), wrong)
    softmax = nets.ranking(1 - plain.max(dim=-1).values.numpy(), wrong)
    return masks, softmax, softmax > masks


@functools.cache
def _arms(blur: float, key: bytes) -> tuple[Any, ...]:
    """Histories without, with (.2, .5) and with (.5, .2), on 48 tasks of ten clouds."""
    stream = Stream(key)
    task = nets.clouds(48, 200, stream.child("data").numpy(), noise=blur)
    return tuple(
        nets.train(
            train_mlp, task, stream, hidden=(64, 64), epochs=60, dropout_rates=rates,
            dropout=dropout,
        )
        for rates in ((), RATES, RATES[::-1])
    )  # fmt: skip


@figures(
    "do-improves-test",
    Figure(
        "accuracy gained by dropout, half of the labels drawn anew",
        "暂退法带来的准确率提升，一半标签重抽",
        "",
        mean,
    ),
    Figure("the same, clean labels", "同上，标签无噪声", "", mean),
    Figure("test loss saved by dropout, noisy labels", "暂退法减少的测试损失，标签含噪", "", mean),
)
def gain(stream: Stream) -> Sequence[Any]:
    noisy, clean = (_arms(blur, b"dropout training") for blur in (0.5, 0.0))
    gains = [with_.test_accuracy - plain.test_accuracy for plain, with_, _ in (noisy, clean)]
    saved = noisy[0].test_loss - noisy[1].test_loss
    return gains[0][:, -1], gains[1][:, -1], saved[:, -1]


@figures(
    "do-raises-train",
    Figure(
        "P(dropout lowers the evaluation-mode training loss), clean",
        "P(评估模式训练损失更低)，无噪声",
        "1.00",
        share,
        out_of=48,
    ),
    Figure("P(dropout raises it), noisy", "P(更高)，含噪", "1.00", share, out_of=48),
)
def training_loss(stream: Stream) -> Sequence[Any]:
    task = nets.clouds(48, 100, stream.child("data").numpy())
    clean = [
        nets.train(
            train_mlp, task, stream, hidden=(32, 32), epochs=200, dropout_rates=rates,
            dropout=dropout,
        )
        for rates in ((), RATES)
    ]  # fmt: skip
    noisy = _arms(0.5, b"dropout training")
    lower = clean[1].train_loss[:, -1] < clean[0].train_loss[:, -1]
    return lower, noisy[1].train_loss[:, -1] > noisy[0].train_loss[:, -1]


@figures(
    "do-near-input",
    Figure(
        "accuracy of (.2, .5) less that of (.5, .2), noisy labels",
        "(.2,.5) 与 (.5,.2) 的准确率之差，含噪",
        "-.017",
        mean,
        error=0.0027,
    ),
    Figure("the same, clean labels", "同上，无噪声", "-.003", mean, error=0.002),
    Figure(
        "P((.5, .2) has the lower test loss), noisy labels",
        "P((.5,.2) 测试损失更低)，含噪",
        "",
        share,
    ),
)
def order_of_rates(stream: Stream) -> Sequence[Any]:
    noisy, clean = (_arms(blur, b"dropout training") for blur in (0.5, 0.0))
    gains = [low.test_accuracy - high.test_accuracy for _, low, high in (noisy, clean)]
    better = noisy[2].test_loss[:, -1] < noisy[1].test_loss[:, -1]
    return gains[0][:, -1], gains[1][:, -1], better


@figures(
    "do-concise-same",
    Figure(
        "initial loss with N(0, 1) weights, 784-256-256-10",
        "权重 N(0,1) 时的初始损失",
        "2566",
        mean,
    ),
    Figure("initial loss with N(0, .01²) weights", "权重 N(0,.01²) 时的初始损失", "2.306", mean),
    Figure(
        "test accuracy after 5 epochs with N(0, 1) weights",
        "权重 N(0,1) 训练 5 轮后的测试准确率",
        "",
        mean,
    ),
)
def concise_net(stream: Stream) -> Sequence[Any]:
    images = load_images("slice")
    task = nets.pictures(images, 8, 512, stream.child("data").numpy())

    def chapter(std: float, lr: float, epochs: int) -> Any:
        return nets.train(
            train_mlp, task, stream, hidden=(256, 256), epochs=epochs, lr=lr, batch_size=256,
            initializer=functools.partial(plain_normal, std=std), dropout_rates=RATES,
        )  # fmt: skip

    starts = [chapter(std, 0.0, 1).train_loss[:, -1] for std in (1.0, 0.01)]
    return *starts, chapter(1.0, 0.5, 5).test_accuracy[:, -1]
