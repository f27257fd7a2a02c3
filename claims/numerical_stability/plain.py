"""Plain N(0, σ²) weights by depth: signals vanish or explode, and deep nets do not learn.

Each layer of n units multiplies the second moments of signal and gradient by n σ².
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.chains import through_widths
from harness.declaration.claim import Untestable, Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import all_hold, more_often_than_not, variance_equals
from harness.declaration.strategies import widths
from harness.metrics import nets
from harness.text import Text
from harness.training.solver import Solver

BOOK = 'd2l, "Numerical Stability and Initialization", "Xavier Initialization": '
DEEP = 10  # layers of a net that the chapter would call deep
DECADES = 10 * math.log(10)


@claim(
    "in-plain-fails.factor",
    "N(0, σ²) weights multiply the mean squares of signal and gradient by n σ² in every layer, "
    "whatever n is",
    "N(0, σ²) 初始化使信号与梯度的均方在每一层都乘以 n·σ²，无论 n 是多少",
    source=BOOK + "Var[o] = n_in σ² γ², without any choice of σ",
    formula="q_l / q_{l-1} ~ σ² χ²_n",
    condition=Text(
        "linear layers of equal width n, 32 to 256; σ = 0.01, 0.1 or 1",
        "等宽的线性层，宽度 n 为 32 到 256；σ 为 0.01、0.1 或 1",
    ),
    given={"width": widths(32, 64, 128), "std": st.sampled_from([0.01, 0.1, 1.0])},
    always=({"width": 256, "std": 0.01}, {"width": 256, "std": 0.1}),
    holds=all_hold(forward=variance_equals(ratio=1.1), backward=variance_equals(ratio=1.1)),
)
def plain_weights_have_a_factor(propagate, plain_normal, width, std, replicates, stream, device):
    nets = -(-replicates // (DEEP * width))
    run = _plain(propagate, plain_normal, std, width, nets, stream, device)
    chain, factors = [width] * (DEEP + 1), [width * std**2] * DEEP
    return Measured(
        {
            "forward": signals.chi_squared_up(run.forward, chain, factors),
            "backward": signals.chi_squared_down(run.backward, chain, factors),
        },
        signals.by_layer(run.forward, run.backward),
    )


@claim(
    "in-plain-fails.vanishes",
    "With N(0, 0.01²) weights signals and gradients vanish with depth",
    "用 N(0, 0.01²) 初始化时，信号与梯度随深度消失",
    source="Mu Li's notes, 参数初始化: N(0, 0.01) 对小网络没问题，但不能保证深层网络",
    formula="q_10 / q_0 < 10⁻¹⁰, forward and backward",
    condition=Text(
        "ten linear layers of up to 256 units, so that n σ² < 0.03",
        "十个线性层，每层不超过 256 个单元，即 nσ² < 0.03",
    ),
    inside=lambda width: width <= 256,
    given={"width": widths(32, 64, 128)},
    always=({"width": 256},),
    holds=more_often_than_not(),
)
def small_normal_weights_vanish(propagate, plain_normal, width, replicates, stream, device):
    run = _plain(propagate, plain_normal, 0.01, width, replicates, stream, device)
    up = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    down = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    return Measured(np.maximum(up, down) < -DECADES, signals.by_layer(run.forward, run.backward))


@claim(
    "in-plain-fails.explodes",
    "With N(0, 1) weights signals and gradients explode with depth",
    "用 N(0, 1) 初始化时，信号与梯度随深度爆炸",
    source='d2l, "Numerical Stability and Initialization", "Exploding Gradients"',
    formula="q_10 / q_0 > 10¹⁰, forward and backward",
    condition=Text("ten linear layers of 32 to 256 units", "十个线性层，每层 32 到 256 个单元"),
    given={"width": widths(32, 64, 128)},
    always=({"width": 256},),
    holds=more_often_than_not(),
)
def unit_normal_weights_explode(propagate, plain_normal, width, replicates, stream, device):
    run = _plain(propagate, plain_normal, 1.0, width, replicates, stream, device)
    up = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    down = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    return Measured(np.minimum(up, down) > DECADES, signals.by_layer(run.forward, run.backward))


@claim(
    "in-plain-fails",
    "N(0, 0.01²) weights are good enough for a small net, but not for a deep one",
    "N(0, 0.01²) 的初始化对小网络没问题，但对深层网络不够好",
    source="Mu Li's notes, 参数初始化: 使用 N(0, 0.01) 可能对小网络没问题，但不能保证深度神经网络",
    formula="accuracy > 1/2 with one hidden layer, < 1/4 with ten",
    condition=Text(
        "one hidden layer against ten, of 64 relus; learning rates of 0.1 to 0.3, 200 steps",
        "一个与十个隐藏层相比，各 64 个 relu；学习率为 0.1 至 0.3，共 200 步",
    ),
    inside=lambda lr: 0.1 <= lr <= 0.3,
    given={"lr": st.sampled_from([0.1, 0.2, 0.3])},
    always=({"lr": 0.1},),
    holds=more_often_than_not(),
)
def plain_weights_train_small_nets(train_mlp, plain_normal, relu, lr, replicates, stream, device):
    return _small_and_deep(train_mlp, plain_normal, relu, lr, replicates, stream, device)


@claim(
    "in-plain-fails.slow",
    "N(0, 0.01²) weights are good enough for a small net at a small learning rate, too, at which "
    "He's let it learn",
    "学习率很小、而 He 初始化仍能学会时，N(0, 0.01²) 的初始化对小网络同样没问题",
    source="Mu Li's notes, 参数初始化: 使用 N(0, 0.01) 可能对小网络没问题，但不能保证深度神经网络",
    formula="one hidden layer: accuracy > 1/2 with N(0, 0.01²), or not with He either",
    condition=Text("at learning rate 0.01, 200 steps", "学习率为 0.01，共 200 步"),
    inside=lambda lr: lr == 0.01,
    always=({"lr": 0.01},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="in-plain-fails",
    why=Text(
        "Both layers start near 0, so each one's gradient is small as long as the other's weights "
        "are: two hundred steps of a hundredth do not leave the start.",
        "两层权重都接近 0，一层的权重小，另一层的梯度就小：以学习率 0.01 更新两百步也走不出起点。",
    ),
)
def plain_weights_are_slow(
    train_mlp, plain_normal, he_normal, relu, lr, replicates, stream, device
):
    laws = (plain_normal, Text("N(0, 0.01²)", "N(0, 0.01²)")), (he_normal, Text("He", "He"))
    arms = [(name, 1, law) for law, name in laws]
    runs = _arms(train_mlp, arms, relu, lr, replicates, stream, device)
    plain, control = (_accuracy(run) > 0.5 for run in runs)
    title = Text("Training loss of a net with one hidden layer", "有一个隐藏层的网络的训练损失")
    return Measured(plain | ~control, _losses(title, arms, runs))


steep_starts = Untestable(
    "in-steep",
    Text(
        "Where the initial loss is steep the updates are large, where it is flat they are small",
        "初始损失陡峭处更新大，平坦处更新小",
    ),
    source="Mu Li's notes, 参数初始化: 远离最优解的地方损失函数表面可能很复杂，"
    "最优解附近表面会比较平",
    reason=Text(
        "For gradient descent the size of a step is the learning rate times the gradient's norm: "
        "the sentence is that definition, and it says nothing about which initialisation is "
        "better.",
        "对梯度下降而言，更新的大小就是学习率乘以梯度范数：这句话只是定义，"
        "并不说明哪种初始化更好。",
    ),
    citation="Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.4",
)


def _small_and_deep(train_mlp, plain_normal, relu, lr, replicates, stream, device):
    """Whether one hidden layer learns from N(0, 0.01²) weights and ten do not (R,), with curves."""
    names = (Text("one hidden layer", "一个隐藏层"), Text("ten hidden layers", "十个隐藏层"))
    arms = [(name, layers, plain_normal) for name, layers in zip(names, (1, DEEP), strict=True)]
    runs = _arms(train_mlp, arms, relu, lr, replicates, stream, device)
    small, deep = (_accuracy(run) for run in runs)
    title = Text("Training loss with N(0, 0.01²) weights", "N(0, 0.01²) 初始化的训练损失")
    return Measured((small > 0.5) & (deep < 0.25), _losses(title, arms, runs))


def _arms(train_mlp, arms, relu, lr, replicates, stream, device):
    """The run of each (name, layers, initializer) on the same data, 200 steps in 20 epochs."""
    task = nets.clouds(replicates, 200, stream.child("data").numpy(), tests=10)
    solver = Solver(lr, epochs=20, batch_size=20, record_every=2)
    return [
        nets.train(
            train_mlp, task, solver, stream, device, hidden=(64,) * layers, initializer=initializer,
            activation=relu,
        )
        for _, layers, initializer in arms
    ]  # fmt: skip


def _accuracy(run):
    return np.where(run.diverged, 0.0, run.train_accuracy[:, -1])


def _losses(title, arms, runs):
    return Curve(
        title,
        runs[0].epochs,
        tuple(
            Line(name, signals.positive(run.train_loss))
            for (name, *_), run in zip(arms, runs, strict=True)
        ),
        x_label=Text("epoch", "轮数"),
        y_label=Text("cross-entropy", "交叉熵"),
        log_y=True,
    )


def _plain(propagate, plain_normal, std, width, nets, stream, device):
    def initializer(*arguments, **options):
        return plain_normal(*arguments, std=std, **options)

    return through_widths(propagate, initializer, None, [width] * (DEEP + 1), nets, stream, device)
