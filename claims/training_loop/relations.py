"""How runs of one trainer relate, whatever its optimiser: no reference, no run known to be good.

Each sentence names a change of what goes in, and what it does to what comes out. How far runs may
differ is measured (`relations.AS_ONE`) and not derived. That parameters move is looked at, how well
they learn is not: at a wrong rate all of this holds as well.
"""

from functools import partial

import numpy as np
from hypothesis import strategies as st

from claims.training_loop.experiments import relations
from harness.declaration.claim import claim
from harness.declaration.strategies import learning_rates
from harness.metrics import arrays

SOURCE = 'd2l, "Softmax Regression", train_ch3: an update by the mean loss of each minibatch; '
RATE = {"lr": learning_rates(0.05, 0.3)}
ALWAYS = ({"lr": 0.1},)
relation = partial(claim, holds=relations.AS_ONE)


def _same(trainer, lr, stream, device, change=None, batch_norm=False, **options):
    """Ratios of a run with the changed batches and options to the plain one."""
    plain = relations.plain_run(trainer, lr, stream, device, batch_norm=batch_norm)
    batches = plain.batches if change is None else [change(X, y) for X, y in plain.batches]
    net = relations.net_of(plain.values, batch_norm=batch_norm)
    return plain.ratios(net, trainer(net, batches, lr, **options))


@relation(
    "tl-relation.permuted",
    "The order of the examples in a batch does not matter",
    "小批量中样本的顺序无关紧要",
    source=SOURCE + "a mean has no order",
    formula="train(P B) = train(B)",
    given=RATE,
    always=ALWAYS,
)
def a_batch_has_no_order(trainer, lr, stream, device):
    order = stream.child("order").numpy().permutation(relations.ROWS)
    return _same(trainer, lr, stream, device, lambda X, y: (X[order], y[order]))


@relation(
    "tl-relation.parts",
    "However a batch is cut into micro-batches, it trains the same",
    "无论小批量怎样切分成更小的份，训练结果都相同",
    source=SOURCE + "a mean over parts is the mean of the whole",
    formula="train(B = B_1 ∪ … ∪ B_m) = train(B)",
    given={**RATE, "parts": st.sampled_from([2, 3, 7])},
    always=({"lr": 0.1, "parts": 3},),
)
def cutting_a_batch_changes_nothing(trainer, lr, parts, stream, device):
    return _same(trainer, lr, stream, device, parts=parts)


@relation(
    "tl-relation.ranks",
    "However many processes share a batch, it trains the same",
    "无论多少个进程分担一个小批量，训练结果都相同",
    source='d2l, "Data Parallelism": gradients of all parts are added up',
    formula="train on k ranks = train on one",
    given={**RATE, "ranks": st.sampled_from([2, 3, 4])},
    always=({"lr": 0.1, "ranks": 2},),
)
def ranks_train_as_one(trainer, lr, ranks, stream, device):
    return _same(trainer, lr, stream, device, ranks=ranks)


@relation(
    "tl-relation.resumed",
    "A run that is saved and resumed trains as one that is not",
    "保存后恢复的训练与未中断的训练相同",
    source='d2l, "File I/O": save intermediate results',
    formula="train k, save, load, train n - k = train n",
    given={**RATE, "resumed": st.sampled_from([0, 1])},
    always=({"lr": 0.1, "resumed": 1},),
)
def resuming_changes_nothing(trainer, lr, resumed, stream, device):
    return _same(trainer, lr, stream, device, resumed=resumed)


@relation(
    "tl-relation.again",
    "A net that was trained before trains as a new one with the same numbers",
    "训练过的网络与参数值相同的新网络训练结果相同",
    source='d2l, "Linear Regression Implementation from Scratch": gradients are set to 0 for each '
    "update, since backward adds to them",
    formula="train(W, in a net that was trained) = train(W)",
    given=RATE,
    always=ALWAYS,
)
def an_earlier_run_leaves_numbers_alone(trainer, lr, stream, device):
    import torch

    plain = relations.plain_run(trainer, lr, stream, device)
    net = relations.net_of(plain.values)
    trainer(net, plain.batches, lr)
    with torch.no_grad():
        for name, value in plain.values.items():
            net.get_parameter(name).copy_(value)
    return plain.ratios(net, trainer(net, plain.batches, lr))


@relation(
    "tl-relation.scaled",
    "The factor by which a loss is scaled for its gradient's sake does not show",
    "为保全梯度而放大损失时，所乘的倍数不影响结果",
    source='d2l, "Numerical Stability": gradients vanish; Micikevicius et al. 2018, section 3.2',
    formula="train(scale s) = train(scale 1)",
    given={**RATE, "scale": st.sampled_from([0.125, 8.0, 1024.0])},
    always=({"lr": 0.1, "scale": 1024.0},),
)
def the_scale_of_the_loss_does_not_show(trainer, lr, scale, stream, device):
    return _same(trainer, lr, stream, device, scale=scale)


@relation(
    "tl-relation.padded",
    "Rows whose label is ignored change nothing, however many there are",
    "标签被忽略的行无论有多少都不产生影响",
    source='d2l, "Sequence to Sequence Learning": padding is excluded from the loss',
    formula="train(B ∪ ignored) = train(B)",
    given={**RATE, "rows": st.sampled_from([1, 5])},
    always=({"lr": 0.1, "rows": 5},),
)
def padding_changes_nothing(trainer, lr, rows, stream, device):
    def padded(X, y):
        return X[[*range(len(X)), *[0] * rows]], y.new_tensor([*y.tolist(), *[-100] * rows])

    return _same(trainer, lr, stream, device, padded)


@relation(
    "tl-relation.evaluated",
    "Evaluating in between changes nothing: neither modes nor statistics nor steps",
    "训练中途做评估不改变任何东西：模式、统计量与更新都不变",
    source='d2l, "Softmax Regression", evaluate_accuracy: net.eval() and no gradient',
    formula="train with evaluations = train without",
    given=RATE,
    always=ALWAYS,
)
def evaluating_changes_nothing(trainer, lr, stream, device):
    return _same(trainer, lr, stream, device, batch_norm=True, evaluated=True)


@relation(
    "tl-relation.relabelled",
    "Classes have no order: with other numbers for them the same net is trained",
    "类别没有次序：换一种编号训练出的是同一个网络",
    source='d2l, "Softmax Regression": one-hot labels have no natural ordering',
    formula="train(P W, P y) = P train(W, y)",
    given={**RATE, "shift": st.sampled_from([1, 2])},
    always=({"lr": 0.1, "shift": 1},),
)
def classes_have_no_order(trainer, lr, shift, stream, device):
    import torch

    plain = relations.plain_run(trainer, lr, stream, device)
    moved = {
        name: value.roll(shift, 0) if name.startswith("second") else value
        for name, value in plain.values.items()
    }
    others = [(X, torch.where(y < 0, y, (y + shift) % relations.CLASSES)) for X, y in plain.batches]
    net = relations.net_of(moved)
    losses = trainer(net, others, lr)
    with torch.no_grad():
        for name in ("second.weight", "second.bias"):
            w = net.get_parameter(name)
            w.copy_(w.roll(-shift, 0))
    return plain.ratios(net, losses)


@relation(
    "tl-relation.frozen",
    "A frozen parameter stays where it is, an empty one is no obstacle, and one under two names is "
    "stepped once",
    "冻结的参数不动，空的参数不碍事，有两个名字的参数只更新一次",
    source='d2l, "Parameter Management": tied parameters are one tensor',
    formula="train(W + frozen + empty + W under another name) = train(W);  frozen after = frozen "
    "before",
    given=RATE,
    always=ALWAYS,
)
def what_is_frozen_empty_or_named_twice_is_no_matter(trainer, lr, stream, device):
    import torch
    from torch import nn

    plain = relations.plain_run(trainer, lr, stream, device)
    net = relations.net_of(plain.values)
    still = torch.ones(2, dtype=torch.float64, device=device)
    net.register_parameter("frozen", nn.Parameter(still.clone(), requires_grad=False))
    net.register_parameter("empty", nn.Parameter(still[:0].clone()))
    net.register_parameter("alias", net.first.weight)
    losses = trainer(net, plain.batches, lr)
    return np.concatenate([plain.ratios(net, losses), arrays.truth(torch.equal(net.frozen, still))])
