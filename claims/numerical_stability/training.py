"""Activations in training: what a fitting one, with fitting weights, does for ten hidden layers.

4 sigmoid(x) - 2 against the sigmoid; tanh with Xavier's weights and relu with He's against relu
with N(0, 0.01²).
"""

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import activations, signals
from claims.numerical_stability.experiments.deep_nets import (
    DEEP,
    LEARNT,
    POINTS,
    accuracy,
    trained,
)
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import exactly_equal, more_often_than_not
from harness.text import Text

NOTES = "Mu Li's notes, 检查常用激活函数: "


@claim(
    "ac-4sig-solves",
    "Scaling the sigmoid to 4 sigmoid(x) - 2 makes a deep net trainable",
    "把 sigmoid 调整为 4·sigmoid(x) − 2 后，深层网络可以训练",
    source=NOTES + "调整 sigmoid",
    formula="accuracy > 1/2 with 4σ - 2, < 1/4 with σ",
    condition=Text(
        "ten hidden layers of 64 units, Xavier weights; learning rates of 0.03 to 0.1, 200 steps",
        "十个隐藏层，各 64 个单元，Xavier 初始化；学习率 0.03 至 0.1，200 步",
    ),
    inside=lambda lr: lr <= 0.1,
    given={"lr": st.sampled_from([0.03, 0.05])},
    always=({"lr": 0.1},),
    holds=more_often_than_not(),
)
def the_scaled_sigmoid_trains_a_deep_net(
    train_mlp, xavier_normal, sigmoid, scaled_sigmoid, lr, replicates, stream, device
):
    (scaled, plain), losses = _against_plain(
        train_mlp, xavier_normal, sigmoid, scaled_sigmoid, lr, replicates, stream, device
    )
    return Measured((scaled > LEARNT) & (plain < LEARNT / 2), losses)


@claim(
    "ac-4sig-solves.outside",
    "Scaling the sigmoid to 4 sigmoid(x) - 2 removes its problems at any learning rate",
    "无论学习率多大，把 sigmoid 调整为 4·sigmoid(x) − 2 都能解决它的问题",
    source=NOTES + "调整 sigmoid",
    formula="accuracy > 1/2 with 4σ - 2",
    condition=Text("at learning rates of 1 and more", "学习率不小于 1"),
    inside=lambda lr: lr >= 1,
    given={"lr": st.sampled_from([2.0, 3.0])},
    always=({"lr": 1.0},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ac-4sig-solves",
    why=Text(
        "The scaled sigmoid is 2 tanh(x / 2): it loses the mean shift and the factor 1/4, but it "
        "still saturates, and a step that throws the units into saturation leaves no gradient.",
        "调整后的函数就是 2·tanh(x/2)：消除了均值偏移与 1/4 因子，"
        "但仍会饱和；一步过大把单元推入饱和区后就不再有梯度。",
    ),
)
def the_scaled_sigmoid_trains_at_large_rates(
    train_mlp, xavier_normal, sigmoid, scaled_sigmoid, lr, replicates, stream, device
):
    (scaled, _), losses = _against_plain(
        train_mlp, xavier_normal, sigmoid, scaled_sigmoid, lr, replicates, stream, device
    )
    return Measured(scaled > LEARNT, losses)


@claim(
    "ac-4sig-solves.saturates",
    "4 sigmoid(x) - 2 still saturates: its slope is below 1/50 where |x| ≥ 6",
    "4·sigmoid(x) − 2 仍会饱和：|x| ≥ 6 时导数小于 1/50",
    source=NOTES + "调整 sigmoid",
    formula="f'(x) = 4σ(x)σ(-x) < 4 e^(-|x|) < 1/50",
    given={"scale": st.sampled_from([8.0, 20.0])},
    always=({"scale": 6.0},),
    holds=exactly_equal(),
)
def the_scaled_sigmoid_saturates(scaled_sigmoid, scale, replicates, stream, device):
    import torch

    rng = stream.numpy()
    x = scale * (1 + rng.random(replicates)) * rng.choice([-1.0, 1.0], replicates)
    slope = activations.slope_of(scaled_sigmoid, torch.tensor(x, device=device))
    return np.abs(slope) * 50


@claim(
    "su-init",
    "A fitting initialisation and activation make a deep net trainable, which with N(0, 0.01²) "
    "weights it is not",
    "合理的初始化与激活函数使深层网络可训练，而 N(0, 0.01²) 初始化则不能",
    source="Mu Li's notes, 总结: 合理的权重初始值和激活函数的选取可以提升数值稳定性",
    formula="accuracy > 1/2 with tanh and Xavier and with relu and He; < 1/4 with N(0, 0.01²)",
    condition=Text(
        "fitting are tanh with Xavier's weights and relu with He's; ten hidden layers of 64 units, "
        "learning rates of 0.03 to 0.05, 200 steps",
        "合理指 tanh 配 Xavier、relu 配 He；十个隐藏层，各 64 个单元；学习率 0.03 至 0.05，200 步",
    ),
    inside=lambda lr: 0.03 <= lr <= 0.05,
    given={"lr": st.sampled_from([0.03, 0.05])},
    always=({"lr": 0.04},),
    holds=more_often_than_not(),
)
def fitting_initialisation_trains_a_deep_net(
    train_mlp, xavier_normal, he_normal, plain_normal, tanh, relu, lr, replicates, stream, device
):
    starts = (xavier_normal, tanh), (he_normal, relu), (plain_normal, relu)
    (good, fair, poor), losses = _fitting(train_mlp, starts, lr, replicates, stream, device)
    trained = (np.minimum(good, fair) > LEARNT) & (poor < LEARNT / 2)
    return Measured(trained, losses)


@claim(
    "su-init.outside",
    "A fitting initialisation and activation make a deep net trainable, at any learning rate",
    "无论学习率多大，合理的初始化与激活函数都使深层网络可训练",
    source="Mu Li's notes, 总结: 合理的权重初始值和激活函数的选取可以提升数值稳定性",
    formula="accuracy > 1/2 with tanh and Xavier and with relu and He",
    condition=Text(
        "tanh with Xavier's weights and relu with He's; ten hidden layers, at learning rate 1",
        "tanh 配 Xavier、relu 配 He；十个隐藏层，学习率为 1",
    ),
    inside=lambda lr: lr >= 1,
    always=({"lr": 1.0},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="su-init",
    why=Text(
        "A good start keeps the first gradients in range, and a step that is too long leaves it: "
        "the net of relus ends without a finite loss, that of tanh near chance.",
        "好的初始值只让最初的梯度大小合适，步长过大会离开这一区域："
        "relu 网络最终的损失不再是有限值，tanh 网络停在随机水平附近。",
    ),
)
def fitting_initialisation_trains_at_a_large_rate(
    train_mlp, xavier_normal, he_normal, plain_normal, tanh, relu, lr, replicates, stream, device
):
    starts = (xavier_normal, tanh), (he_normal, relu), (plain_normal, relu)
    (good, fair, _), losses = _fitting(train_mlp, starts, lr, replicates, stream, device)
    return Measured(np.minimum(good, fair) > LEARNT, losses)


def _fitting(train_mlp, starts, lr, replicates, stream, device):
    """The accuracies (R,) of two pairs of initialisation and activation and a third, and curves."""
    names = {
        "tanh, Xavier": "tanh，Xavier",
        "relu, He": "relu，He",
        "relu, N(0, 0.01²)": "relu，N(0, 0.01²)",
    }
    arms = {name: (zh, *one) for (name, zh), one in zip(names.items(), starts, strict=True)}
    runs = _arms(train_mlp, arms, lr, replicates, stream, device)
    return [accuracy(run) for run in runs.values()], _losses(arms, runs)


def _arms(train_mlp, arms, lr, replicates, stream, device):
    """Each arm's run on the same data, orders and random numbers; ten hidden layers of 64."""
    return {
        name: trained(
            train_mlp, DEEP, lr, 20, replicates, stream, device, initializer=initializer,
            activation=activation, record_every=POINTS,
        )
        for name, (_, initializer, activation) in arms.items()
    }  # fmt: skip


def _against_plain(train_mlp, initializer, sigmoid, scaled_sigmoid, lr, replicates, stream, device):
    """The accuracies (R,) with the scaled sigmoid and with the plain one, and their curves."""
    arms = {
        "4 sigmoid - 2": ("4·sigmoid − 2", initializer, scaled_sigmoid),
        "sigmoid": ("sigmoid", initializer, sigmoid),
    }
    runs = _arms(train_mlp, arms, lr, replicates, stream, device)
    return [accuracy(run) for run in runs.values()], _losses(arms, runs)


def _losses(arms, runs):
    return Curve(
        Text("Training loss of a net with ten hidden layers", "有十个隐藏层的网络的训练损失"),
        next(iter(runs.values())).epochs,
        tuple(
            Line(Text(name, arms[name][0]), signals.positive(run.train_loss))
            for name, run in runs.items()
        ),
        x_label=Text("epoch", "轮数"),
        y_label=Text("cross-entropy", "交叉熵"),
        log_y=True,
    )
