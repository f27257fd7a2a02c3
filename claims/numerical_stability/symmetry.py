"""A constant start: whether hidden units stay equal, and what makes them differ.

Nets of one hidden layer of eight units on ten clouds in 20 dimensions, all hidden weights alike.
"""

import numpy as np

from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import always_true, more_often_than_not
from harness.metrics import arrays, nets
from harness.text import Text
from harness.training.solver import Solver

BOOK = 'd2l, "Numerical Stability and Initialization", "Breaking the Symmetry": '
ALIKE = Text(
    "all weights of a layer are one number other than 0, the output layer's too",
    "同一层的权重都是同一个非零的数，输出层也是如此",
)
RANDOM = Text(
    "all weights of the hidden layer are one number other than 0, those of the output layer are "
    "random",
    "隐藏层的权重都是同一个非零的数，输出层的权重随机",
)


@claim(
    "in-constant",
    "From a constant start the hidden units stay equal: they act as a single unit",
    "从常数初始化出发，各隐藏单元始终相同，等效于一个单元",
    source=BOOK + "the hidden layer would behave as if it had only a single unit",
    formula="max |W_i - W_j| ≤ 10⁻³ max |W| after 3 epochs",
    condition=ALIKE,
    # By theory units with equal weights in and out have equal gradients, exactly; a product's
    # order of summation may differ by unit, and its rounding does not grow to a thousandth.
    holds=always_true(),
)
def equal_units_stay_equal(train_mlp, replicates, stream, device):
    return arrays.truth(_spread(train_mlp, replicates, stream, device, _constant) <= 1e-3)


@claim(
    "in-constant.outside",
    "From a constant start of the hidden weights SGD never breaks the symmetry",
    "只要隐藏层的权重从常数出发，SGD 就无法打破对称性",
    source=BOOK + "minibatch stochastic gradient descent would not break this symmetry",
    formula="max |W_i - W_j| ≤ 10⁻³ max |W| after 3 epochs",
    condition=RANDOM,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="in-constant.random-outputs",
    why=Text(
        "A hidden unit's gradient has its output weights as a factor: where these differ, so do "
        "the units after the first step.",
        "隐藏单元的梯度以其输出权重为因子：输出权重不同，一步之后各单元就不同。",
    ),
)
def random_outputs_keep_units_equal(train_mlp, replicates, stream, device):
    return _spread(train_mlp, replicates, stream, device, _constant_below) <= 1e-3


@claim(
    "in-constant.random-outputs",
    "Random output weights break the symmetry of equal hidden units",
    "随机的输出权重会打破相同隐藏单元之间的对称性",
    source="readers' question: whether the gradient of a constant start is the same in every unit",
    formula="max |W_i - W_j| > max |W| / 10 after 3 epochs",
    condition=RANDOM,
    holds=more_often_than_not(),
)
def random_outputs_break_the_symmetry(train_mlp, replicates, stream, device):
    return _spread(train_mlp, replicates, stream, device, _constant_below) > 0.1


@claim(
    "in-constant.dropout",
    "Dropout breaks the symmetry of a constant start",
    "暂退法会打破常数初始化的对称性",
    source=BOOK + "dropout regularization would",
    formula="max |W_i - W_j| > max |W| / 100 after 3 epochs",
    condition=ALIKE,
    holds=more_often_than_not(),
)
def dropout_breaks_the_symmetry(train_mlp, dropout, replicates, stream, device):
    net = {"dropout": dropout, "dropout_rates": (0.5,)}
    return _spread(train_mlp, replicates, stream, device, _constant, **net) > 0.01


def _constant(fan_in, fan_out, generator, *, replicates, dtype=None, device=None):
    import torch

    value = 0.1 if fan_out > 8 else 0.05  # of the output layer, and of the hidden one
    shape = (replicates, fan_out, fan_in)
    return torch.full(shape, value, dtype=dtype or torch.float32, device=device)


def _constant_below(fan_in, fan_out, generator, *, replicates, dtype=None, device=None):
    import torch

    start = _constant(fan_in, fan_out, generator, replicates=replicates, dtype=dtype, device=device)
    return torch.randn(start.shape, generator=generator, device=device) if fan_out > 8 else start


def _spread(train_mlp, replicates, stream, device, initializer, **net):
    """How far apart the hidden units' weights are after training, over the largest weight (R,)."""
    task = nets.clouds(replicates, 100, stream.child("data").numpy(), tests=10)
    solver = Solver(0.1, 3, batch_size=20)
    run = nets.train(
        train_mlp, task, solver, stream, device, hidden=(8,), initializer=initializer, **net
    )
    W = arrays.as_array(run.parameters[0])
    apart = (W.max(axis=1) - W.min(axis=1)).max(axis=1)
    return np.asarray(apart / np.abs(W).max(axis=(1, 2)))
