"""Dropout beside another setting, two by two: with the learning rate, and with weight decay.

Nets of two hidden layers on ten Gaussian clouds in 20 dimensions, drawn afresh for each replicate;
"noisy" means that half of the training labels are drawn anew.
"""

import numpy as np

from claims.dropout.experiments import clouds
from claims.dropout.experiments.clouds import HALVES, NOISY
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import all_hold, more_often_than_not
from harness.metrics import arrays
from harness.text import Text

# ---- a drop in mid-run ------------------------------------------------------------------------

DROP = 0.1  # of the test samples: what a reader sees in the curve
READERS = 'd2l, "Dropout": readers\' question, accuracy drops in mid-run at drop probability 0.5'
CLEAN = Text(
    "200 clean samples, p = 0.5 or no dropout, 30 epochs in batches of 10, each of them recorded; "
    "a drop is one by 0.1, or divergence",
    "200 个无噪声样本，p = 0.5 或不用暂退法，批量为 10，训练 30 轮，每轮记录一次；"
    "骤降指下降 0.1 或发散",
)


@claim(
    "do-sudden-drop",
    "An accuracy that drops in mid-run is dropout's doing: at rate 1 it drops with dropout, and "
    "not without",
    "训练中途精度骤降是暂退法造成的：学习率为 1 时，用暂退法会骤降，不用则不会",
    source=READERS,
    formula="rate 1: test accuracy falls by 0.1 from its best with p = 0.5, not with p = 0",
    condition=CLEAN,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-sudden-drop.rate",
    why=Text(
        "The step is too long: at rate 1 accuracy drops without dropout, too (in 99 runs of 100); "
        "with it four runs of five diverge before there is much to drop. At rate 0.1 it drops in 3 "
        "runs of 100 with dropout and in none without.",
        "原因是步长过大：学习率为 1 时，不用暂退法精度也会骤降（100 次中有 99 次）；用暂退法时，"
        "五次中有四次还没学到什么就发散了。学习率为 0.1 时，用暂退法 100 次中有 3 次骤降，"
        "不用则一次也没有。",
    ),
)
def dropout_makes_the_accuracy_drop(train_mlp, dropout, replicates, stream, device):
    arms = _run(1.0, [HALVES, ()], train_mlp, dropout, replicates, stream, device)
    with_dropout, without = (_drops(net) for net in arms)
    names = Text("p = 0.5", "p = 0.5"), Text("without dropout", "不用暂退法")
    picture = Curve(
        Text("Test accuracy at rate 1", "学习率为 1 时的测试精度"),
        arms[0].epochs,
        tuple(Line(name, net.test_accuracy) for name, net in zip(names, arms, strict=True)),
        x_label=Text("epoch", "轮数"),
        y_label=Text("accuracy", "精度"),
    )
    return Measured(with_dropout & ~without, picture)


@claim(
    "do-sudden-drop.rate",
    "An accuracy that drops in mid-run is the learning rate's doing: it drops at rate 1 without "
    "dropout, and not at rate 0.1 with it",
    "训练中途精度骤降是学习率造成的：学习率为 1 时不用暂退法也会骤降，0.1 时用了也不会",
    source=READERS,
    formula="test accuracy falls by 0.1 from its best at rate 1, p = 0, and does not at rate 0.1, "
    "p = 0.5",
    condition=CLEAN,
    holds=all_hold(rate_alone=more_often_than_not(), dropout_alone=more_often_than_not()),
)
def the_rate_makes_the_accuracy_drop(train_mlp, dropout, replicates, stream, device):
    common = (train_mlp, dropout, replicates, stream, device)
    (steep,), (masked,) = _run(1.0, [()], *common), _run(0.1, [HALVES], *common)
    return {"rate_alone": _drops(steep), "dropout_alone": ~_drops(masked)}


def _run(lr, rates, train_mlp, dropout, replicates, stream, device):
    common = (train_mlp, dropout, rates, replicates, stream, device)
    return clouds.arms(*common, n=200, epochs=30, lr=lr, record_every=1)


def _drops(net):
    """Whether the test accuracy falls by `DROP` from the best so far, or training diverges (R,)."""
    best = np.maximum.accumulate(net.test_accuracy, axis=1)
    return (best - net.test_accuracy >= DROP).any(axis=1) | net.diverged


# ---- with weight decay ------------------------------------------------------------------------

TOGETHER = (
    'd2l, "Dropout", "Exercises": what happens when dropout and weight decay are used at the same '
    "time; are the results additive, or diminished returns"
)
DECAY = 0.02
LABELS = Text(
    "noisy labels; p = 0.5 in both hidden layers, λ = 0.02",
    "标签含噪；两个隐藏层 p = 0.5，λ = 0.02",
)


@claim(
    "do-controls.with-decay",
    "Dropout and weight decay together narrow the generalisation gap more than either alone",
    "暂退法与权重衰减同时使用，比单用其中任何一个都更能缩小泛化差距",
    source=TOGETHER,
    formula="gap(0.5, λ) < gap(0.5, 0)  and  gap(0.5, λ) < gap(0, λ)",
    condition=LABELS,
    holds=more_often_than_not(),
)
def both_narrow_the_gap_more_than_one(train_mlp, dropout, replicates, stream, device):
    _, dropped, decayed, both = _gaps(train_mlp, dropout, replicates, stream, device)
    return arrays.exceeds(dropped, both) & arrays.exceeds(decayed, both)


@claim(
    "do-controls.with-decay-adds",
    "What dropout and weight decay take off the generalisation gap adds up: together they take off "
    "at least nine tenths of the sum",
    "暂退法与权重衰减各自缩小的泛化差距可以相加：同时使用时的缩小量至少为两者之和的九成",
    source=TOGETHER,
    formula="gap(0, 0) - gap(0.5, λ) > 0.9 (2 gap(0, 0) - gap(0.5, 0) - gap(0, λ))",
    condition=LABELS,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-controls.with-decay",
    why=Text(
        "Either alone takes off more than half of the gap, which is noise learnt by heart, and "
        "what is not learnt cannot be taken off twice: returns diminish.",
        "差距来自被死记的噪声，单用任何一个都已去掉一半以上；没有被记住的无法再去掉一次，因此收益递减。",
    ),
)
def the_reductions_of_the_gap_add_up(train_mlp, dropout, replicates, stream, device):
    plain, dropped, decayed, both = _gaps(train_mlp, dropout, replicates, stream, device)
    return arrays.exceeds(plain - both, 0.9 * (2 * plain - dropped - decayed))


def _gaps(train_mlp, dropout, replicates, stream, device):
    """Test loss less training loss, (R,) each: neither, dropout, decay, both."""
    common = (train_mlp, dropout, [(), HALVES], replicates, stream, device)
    plain, dropped = clouds.arms(*common, n=200, noise=NOISY)
    decayed, both = clouds.arms(*common, n=200, noise=NOISY, weight_decay=DECAY)
    return [net.test_loss[:, -1] - net.train_loss[:, -1] for net in (plain, dropped, decayed, both)]
