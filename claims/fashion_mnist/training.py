"""Training on images: the chapter's nets on Fashion-MNIST.

A small training set is drawn afresh from the pool for each replicate, so that there is a gap
between training and test loss; conclusions are conditional on the pool.
"""

import functools
import math
from dataclasses import replace

import numpy as np

from claims.fashion_mnist.experiments import concise, few_images
from claims.fashion_mnist.experiments.few_images import SAMPLES
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import (
    all_hold,
    mean_equals,
    more_often_than_not,
    probability_above,
)
from harness.metrics import arrays, nets
from harness.text import Text
from harness.training.solver import Solver

CONCISE = 'd2l, "Dropout", "Concise Implementation", as Mu Li\'s notes print it: '
RATES = (0.2, 0.5)  # the chapter's drop probabilities
CHAPTER = (256, 256)  # its hidden layers


@claim(
    "im.dropout-gap",
    "Dropout narrows the generalisation gap of an MLP on Fashion-MNIST",
    "暂退法缩小多层感知机在 Fashion-MNIST 上的泛化差距",
    source='d2l, "Dropout", "Summary": dropout is another tool to avoid overfitting',
    formula="test loss - train loss: with dropout < without",
    condition=Text(
        "200 training images, a net of 32 and 32 units, 60 epochs; p = 0.5 in both layers",
        "200 张训练图像，两个隐藏层各 32 个单元，60 轮；两层的 p 都为 0.5",
    ),
    holds=more_often_than_not(),
)
def dropout_narrows_the_gap(train_mlp, dropout, images, replicates, stream, device):
    arms = _with_and_without(train_mlp, dropout, images, replicates, stream, device)
    return _gaps(arms, "dropout", "暂退法")


@claim(
    "im.decay-gap",
    "Weight decay narrows the generalisation gap of an MLP on Fashion-MNIST",
    "权重衰减缩小多层感知机在 Fashion-MNIST 上的泛化差距",
    source='d2l, "Weight Decay", "Summary": a method for avoiding overfitting',
    formula="test loss - train loss: with decay < without",
    condition=Text(
        "200 training images, a net of 32 and 32 units, 60 epochs; λ = 0.03",
        "200 张训练图像，两个隐藏层各 32 个单元，60 轮；λ = 0.03",
    ),
    holds=more_often_than_not(),
)
def weight_decay_narrows_the_gap(train_mlp, images, replicates, stream, device):
    common = (train_mlp, images, replicates, stream, device)
    arms = [few_images.arm(*common, decay=decay) for decay in (0.03, 0.0)]
    return _gaps(arms, "weight decay", "权重衰减")


@claim(
    "im.dropout-accuracy",
    "Dropout raises the test accuracy of an MLP on Fashion-MNIST, with few images too",
    "暂退法提高多层感知机在 Fashion-MNIST 上的测试精度，图像很少时也是如此",
    source='d2l, "Dropout", "Summary": dropout is another tool to avoid overfitting',
    formula="test accuracy: with dropout > without",
    condition=Text(
        "200 training images with clean labels, a net of 32 and 32 units, 60 epochs; p = 0.5 in "
        "both layers",
        "200 张标签无噪声的训练图像，两个隐藏层各 32 个单元，60 轮；两层的 p 都为 0.5",
    ),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="im.dropout-gap",
    why=Text(
        "The gap narrows because the training loss rises more than the test loss falls: half of a "
        "small net does not fit 200 clean images as well in the same number of steps, and there "
        "are no wrong labels to be saved from.",
        "差距缩小是因为训练损失的上升超过测试损失的下降：同样的步数内，丢弃一半单元的小网络拟合得更差，而标签无噪声，不存在需要防备的错误标签。",
    ),
)
def dropout_raises_the_accuracy(train_mlp, dropout, images, replicates, stream, device):
    arms = _with_and_without(train_mlp, dropout, images, replicates, stream, device)
    with_dropout, without = arms
    return with_dropout.test_accuracy[:, -1] > without.test_accuracy[:, -1]


@claim(
    "do-concise-same",
    "The concise net as printed, with weights from normal_(), trains as the net from scratch does",
    "按书中所印代码（权重用 normal_() 初始化），简洁实现与从零开始的实现训练效果相同",
    source=CONCISE + "nn.init.normal_(m.weight)",
    formula="after the first epoch: loss, concise <= 10 loss, scratch",
    condition=Text(
        "256 images in one batch, learning rate 0.5", "256 张图像作为一个小批量，学习率 0.5"
    ),
    # By theory logits of N(0, 1) weights have a deviation of √(784 · .2 · 256² / 4), thousands, and
    # so has the loss, where a net from scratch is at ln 10; one step of rate .5 multiplies that.
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-concise-same.law",
    why=Text(
        "The default of normal_() is a standard deviation of 1, where the book has 0.01: through "
        "784 and 256 inputs the logits grow to a deviation of thousands, and so does the loss; "
        "with all the images it is NaN within the first epoch.",
        "normal_() 的默认标准差是 1，而书中为 0.01：经过 784 和 256 个输入逐层放大，logit "
        "的标准差达到数千，损失也随之暴涨；用全部图像时第一轮内就变成 NaN。",
    ),
)
def the_concise_net_trains_the_same(train_mlp, dropout, images, replicates, stream, device):
    from torch import nn

    def as_printed(module):
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight)

    task = nets.pictures(images, replicates, 256, stream.child("data").numpy())
    sizes, solver = (784, *CHAPTER, 10), Solver(0.5, 1, batch_size=256)
    printed = concise.trained(task, sizes, RATES, solver, stream, device, as_printed)
    scratch = nets.train(
        train_mlp, task, solver, stream, device, hidden=CHAPTER, dropout=dropout,
        dropout_rates=RATES,
    ).train_loss[:, -1]  # fmt: skip
    return ~arrays.ratio_exceeds(printed[:, -1], scratch, 10.0)


@claim(
    "do-concise-same.law",
    "Dropout from scratch and its concise form, nn.Sequential with nn.Dropout, train alike: after "
    "one epoch and after three their losses are the same within a tenth, on average",
    "从零实现的暂退法与其简洁实现（nn.Sequential 加 nn.Dropout）训练效果相同："
    "一轮和三轮之后，两者的损失平均相差不到一成",
    source='d2l, "Dropout", "Concise Implementation": with high-level APIs, all we need to do is '
    "add a Dropout layer after each fully connected layer",
    formula="|E ln(loss, scratch / loss, concise)| < 0.1 after epochs 1 and 3, cut at ±0.25",
    condition=Text(
        "weights as nn.Linear draws them, for both; 784-32-32-10, 256 images, drop "
        "probabilities of 1/2",
        "两者都用 nn.Linear 的默认初始化；784-32-32-10，256 张图像，丢弃概率 1/2",
    ),
    # A tenth of the loss: a reader would call curves as near as that the same.
    holds=all_hold(
        first=mean_equals(0.0, within=0.1, low=-0.25, high=0.25),
        last=mean_equals(0.0, within=0.1, low=-0.25, high=0.25),
    ),
)
def scratch_and_concise_train_alike(train_mlp, dropout, images, replicates, stream, device):
    task = nets.pictures(images, replicates, 256, stream.child("data").numpy())
    solver, rates = Solver(0.1, 3, batch_size=16, record_every=1), (0.5, 0.5)
    scratch = nets.train(
        train_mlp, task, solver, stream, device, hidden=(32, 32), dropout=dropout,
        dropout_rates=rates,
    ).train_loss[:, -3:]  # fmt: skip
    loss = concise.trained(task, (784, 32, 32, 10), rates, solver, stream, device)
    apart = _apart(scratch, loss)
    curve = _scratch_and_concise("256 images", "256 张图像", scratch, loss)
    return Measured({"first": apart[:, 0], "last": apart[:, -1]}, curve)


@claim(
    "do-concise-same.corrected",
    "With weights from N(0, 0.01²) the concise net starts where the net from scratch starts: at "
    "the loss ln 10 of a guess",
    "权重取自 N(0, 0.01²) 时，简洁实现与从零开始的实现起点相同：损失为随机猜测的 ln 10",
    source='d2l, "Dropout", "Concise Implementation": nn.init.normal_(m.weight, std=0.01)',
    formula="initial loss = ln 10 within 1 %",
    holds=more_often_than_not(),
)
def small_weights_start_at_chance(train_mlp, plain_normal, images, replicates, stream, device):
    task = nets.pictures(images, replicates, 256, stream.child("data").numpy())
    net = _chapter(train_mlp, plain_normal, task, stream, device, std=0.01, lr=0.0, epochs=1)
    return np.abs(net.train_loss[:, -1] / math.log(10) - 1) < 0.01


@claim(
    "do-concise-same.mechanism",
    "With N(0, 1) weights the chapter's net starts at a loss of hundreds or more, and training "
    "ends at chance",
    "权重取自 N(0, 1) 时，书中的网络起始损失就达数百以上，训练后精度停在随机水平",
    source=CONCISE + "nn.init.normal_(m.weight), trained with learning rate 0.5",
    formula="initial loss > 100 ln 10; test accuracy <= 0.2 after 5 epochs",
    condition=Text(
        "the chapter's net 784-256-256-10, learning rate 0.5, 512 images",
        "书中的网络 784-256-256-10，学习率 0.5，512 张图像",
    ),
    holds=more_often_than_not(),
)
def unit_weights_end_at_chance(train_mlp, plain_normal, images, replicates, stream, device):
    task = nets.pictures(images, replicates, 512, stream.child("data").numpy())
    start, end = (
        _chapter(train_mlp, plain_normal, task, stream, device, std=1.0, lr=lr, epochs=epochs)
        for lr, epochs in ((0.0, 1), (0.5, 5))
    )
    high = arrays.exceeds(start.train_loss[:, -1], 100 * math.log(10))
    return high & (end.test_accuracy[:, -1] <= 0.2)


@claim(
    "im.protocol.few",
    "The chapter's dropout net, narrowed and given few images, learns too: a training loss below 1 "
    "and both accuracies above 1/2",
    "书中使用暂退法的网络，变窄且图像很少时也能学习：训练损失低于 1，训练与测试精度都高于 1/2",
    source='d2l, "Dropout", "Training and Testing": num_epochs, lr, batch_size = 10, 0.5, 256, '
    "reduced here to what the embedded images allow",
    formula="train loss < 1, train and test accuracy > 1/2",
    condition=Text(
        "784-64-64-10, 512 images of the pool, 12 epochs of batches of 32 at rate 0.2; the book's "
        "training function checks for 0.5 and 0.7",
        "784-64-64-10，从图像池抽取 512 张，批量 32、学习率 0.2、12 轮；书中的训练函数要求 0.5 与 "
        "0.7",
    ),
    # The book checks for a loss below .5 and accuracies above .7, which the whole set gives.
    holds=more_often_than_not(),
)
def the_reduced_protocol_learns(train_mlp, dropout, images, replicates, stream, device):
    task = nets.pictures(images, replicates, 512, stream.child("data").numpy())
    net = nets.train(
        train_mlp, task, Solver(0.2, 12, batch_size=32, record_every=1), stream, device,
        hidden=(64, 64), dropout=dropout, dropout_rates=RATES,
    )  # fmt: skip
    reached = (
        ~arrays.exceeds(net.train_loss[:, -1], 1.0)
        & (net.train_accuracy[:, -1] > 0.5)
        & (net.test_accuracy[:, -1] > 0.5)
    )
    return Measured(reached, _training(net))


@claim(
    "im.protocol",
    "The chapter's dropout net reaches a training loss below 0.5 and both accuracies above 0.7 in "
    "ten epochs",
    "书中使用暂退法的网络，十轮后训练损失低于 0.5，训练与测试精度都高于 0.7",
    source='d2l, "Dropout", "Training and Testing": num_epochs, lr, batch_size = 10, 0.5, 256, '
    "with the checks of the book's own training function",
    formula="train loss < 0.5, train and test accuracy > 0.7",
    condition=Text("the whole of Fashion-MNIST", "完整的 Fashion-MNIST"),
    holds=probability_above(0.5, 0.9, cap=64),
    deep_only=True,
)
def the_protocol_reaches_its_figures(train_mlp, dropout, images, replicates, stream, device):
    task = nets.all_pictures(images)
    net = nets.train(
        train_mlp, task, Solver(lr=0.5, epochs=10, batch_size=256, record_every=1), stream, device,
        hidden=CHAPTER, dropout=dropout, dropout_rates=RATES, replicates=replicates,
    )  # fmt: skip
    reached = (
        (net.train_loss[:, -1] < 0.5)
        & (net.train_accuracy[:, -1] > 0.7)
        & (net.test_accuracy[:, -1] > 0.7)
    )
    return Measured(reached, _training(net))


@claim(
    "do-concise-same.full",
    "On all of Fashion-MNIST, too, the chapter's dropout net and its concise form train alike: "
    "after ten epochs their losses are the same within a tenth, on average",
    "在完整的 Fashion-MNIST 上，书中的暂退网络与其简洁实现也训练效果相同："
    "十轮之后，两者的损失平均相差不到一成",
    source='d2l, "Dropout", "Concise Implementation": with high-level APIs, all we need to do is '
    "add a Dropout layer after each fully connected layer",
    formula="|E ln(loss, scratch / loss, concise)| < 0.1 after ten epochs, cut at ±0.25",
    condition=Text(
        "the whole of Fashion-MNIST, the chapter's rate 0.5; weights as nn.Linear draws them, for "
        "both; single runs end more than 15 % apart in about a quarter of pairs",
        "完整的 Fashion-MNIST，学习率为书中的 0.5；两者都用 nn.Linear 的默认初始化；"
        "约四分之一的成对运行最终相差超过 15%",
    ),
    # Two runs of one law end apart as well, by the last steps' noise: their mean says whether it is
    # one law. The tenth is that of do-concise-same.law.
    holds=mean_equals(0.0, within=0.1, low=-0.25, high=0.25),
    deep_only=True,
)
def scratch_and_concise_end_alike(train_mlp, dropout, images, replicates, stream, device):
    task, solver = nets.all_pictures(images), Solver(0.5, 10, batch_size=256, record_every=1)
    scratch = nets.train(
        train_mlp, task, solver, stream, device, hidden=CHAPTER, dropout=dropout,
        dropout_rates=RATES, replicates=replicates,
    ).train_loss[:, -10:]  # fmt: skip
    shared = replace(task, X=task.X.expand(replicates, -1, -1), y=task.y.expand(replicates, -1))
    loss = concise.trained(shared, (784, *CHAPTER, 10), RATES, solver, stream, device)
    curve = _scratch_and_concise("all of Fashion-MNIST", "完整的 Fashion-MNIST", scratch, loss)
    return Measured(_apart(scratch, loss)[:, -1], curve)


def _apart(scratch, concise):
    """ln(loss, scratch / loss, concise), cut at ±.25: a loss that is not finite counts as far."""
    return np.clip(np.nan_to_num(np.log(scratch / concise), nan=np.inf), -0.25, 0.25)


def _scratch_and_concise(of, of_zh, scratch, concise):
    """The training loss of both nets after each epoch."""
    return Curve(
        Text(f"From scratch and concise, {of}", f"从零实现与简洁实现，{of_zh}"),
        tuple(range(1, scratch.shape[1] + 1)),
        (
            Line(Text("from scratch", "从零实现"), scratch),
            Line(Text("concise", "简洁实现"), concise),
        ),
        x_label=Text("epoch", "轮数"),
        y_label=Text("cross-entropy in nats", "交叉熵（纳特）"),
    )


def _training(net):
    return Curve(
        Text("The dropout net on Fashion-MNIST", "使用暂退法的网络在 Fashion-MNIST 上的训练"),
        net.epochs,
        (
            Line(Text("train loss", "训练损失"), net.train_loss),
            Line(Text("train accuracy", "训练精度"), net.train_accuracy),
            Line(Text("test accuracy", "测试精度"), net.test_accuracy),
        ),
        x_label=Text("epoch", "轮数"),
    )


def _with_and_without(train_mlp, dropout, images, replicates, stream, device):
    """Runs on few images with half of all units dropped, and with none."""
    common = (train_mlp, images, replicates, stream, device)
    halves = few_images.arm(*common, dropout=dropout, rates=(0.5, 0.5))
    return halves, few_images.arm(*common)


def _gaps(arms, name, zh):
    """Whether the regularised net's gap is the narrower one, with both nets' curves."""
    regularised, plain = arms
    gaps = [net.test_loss[:, -1] - net.train_loss[:, -1] for net in arms]
    curve = Curve(
        Text(
            f"Loss with and without {name}, {SAMPLES} images",
            f"使用与不使用{zh}时的损失，{SAMPLES} 张图像",
        ),
        plain.epochs,
        (
            Line(Text("train, without", "训练，不使用"), plain.train_loss),
            Line(Text("test, without", "测试，不使用"), plain.test_loss),
            Line(Text(f"train, {name}", f"训练，{zh}"), regularised.train_loss),
            Line(Text(f"test, {name}", f"测试，{zh}"), regularised.test_loss),
        ),
        x_label=Text("epoch", "轮数"),
        y_label=Text("cross-entropy in nats", "交叉熵（纳特）"),
        log_y=True,
    )
    return Measured(arrays.exceeds(gaps[1], gaps[0]), curve)


def _chapter(train_mlp, plain_normal, task, stream, device, *, std, lr, epochs):
    """The chapter's net with its dropout, from weights N(0, std²) and zero biases."""
    return nets.train(
        train_mlp, task, Solver(lr, epochs, batch_size=256), stream, device, hidden=CHAPTER,
        initializer=functools.partial(plain_normal, std=std), dropout_rates=RATES,
    )  # fmt: skip
