"""Training with dropout: complexity, test error, training error, single units.

Nets of two hidden layers on ten Gaussian clouds in 20 dimensions, drawn afresh for each replicate;
"noisy" means that half of the training labels are drawn anew.
"""

import numpy as np
from hypothesis import strategies as st

from claims.dropout.experiments import clouds
from claims.dropout.experiments.clouds import HALVES, NOISY, RATES
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import more_often_than_not
from harness.metrics import arrays, nets
from harness.text import Text

SCRATCH = 'd2l, "Dropout", "Implementation from Scratch": '
PATH = (0.0, 0.25, 0.5, 0.75)
NOISY_LABELS = Text(
    "noisy labels, which the net learns by heart without dropout",
    "标签含噪，而网络不用暂退法时会死记它们",
)
CLEAN_LABELS = Text(
    "clean labels of well-separated classes, trained to the end", "标签无噪声、类别易分，且训练到底"
)


@claim(
    "do-no-overreliance",
    "With dropout no single hidden unit matters as much as the most important one without",
    "使用暂退法后，没有哪个隐藏单元像不用时最重要的单元那样重要",
    source='d2l, "Dropout": the calculation of the outputs can no longer depend critically on any '
    "one element",
    formula="max_j (loss without unit j - loss): with dropout < without",
    condition=Text(
        "units of the last hidden layer, by how much the test loss rises without one; noisy "
        "labels, p = 0.5",
        "最后一个隐藏层的单元，按去掉它后测试损失的上升衡量；标签含噪，p = 0.5",
    ),
    holds=more_often_than_not(),
)
def no_single_unit_is_relied_on(train_mlp, dropout, replicates, stream, device):
    task = clouds.task(replicates, stream, 200, NOISY)
    x, y = task.X_test.to(device), task.y_test.to(device)
    with_dropout, without = (
        nets.worst_ablation(net.parameters, x, y)
        for net in _noisy_arms(train_mlp, dropout, [HALVES, ()], replicates, stream, device)
    )
    return arrays.exceeds(without, with_dropout)


@claim(
    "do-controls",
    "The drop probability controls the complexity: the higher it is, the narrower the "
    "generalisation gap",
    "丢弃概率控制模型复杂度：概率越高，泛化差距越小",
    source='d2l, "Dropout", "Summary": beyond controlling the number of dimensions and the size of '
    "the weights, dropout is another tool to avoid overfitting",
    formula="gap(0) > gap(0.25) > gap(0.5) > gap(0.75)",
    condition=NOISY_LABELS,
    holds=more_often_than_not(),
)
def the_drop_probability_controls_complexity(train_mlp, dropout, replicates, stream, device):
    train, test = _along_the_path(train_mlp, dropout, PATH, replicates, stream, device)
    gap = test - train
    steps = np.stack([arrays.exceeds(gap[:, i], gap[:, i + 1]) for i in range(3)])
    curve = Curve(
        Text("Loss by drop probability, noisy labels", "损失随丢弃概率的变化（含噪标签）"),
        PATH,
        (Line(Text("train", "训练"), train), Line(Text("test", "测试"), test)),
        x_label=Text("drop probability of both hidden layers", "两个隐藏层的丢弃概率"),
        y_label=Text("cross-entropy in nats", "交叉熵（纳特）"),
    )
    return Measured(steps.all(axis=0), curve)


@claim(
    "do-controls.outside",
    "The drop probability controls the complexity: dropout narrows the generalisation gap, on "
    "clean and easy data too",
    "丢弃概率控制模型复杂度：暂退法缩小泛化差距，在干净且容易的数据上也是如此",
    source='d2l, "Dropout", "Summary": beyond controlling the number of dimensions and the size of '
    "the weights, dropout is another tool to avoid overfitting",
    formula="gap(0) > gap(0.2, 0.5)",
    condition=CLEAN_LABELS,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-controls",
    why=Text(
        "Where both nets fit every sample the gap is the test loss, and that is the higher one "
        "with dropout: the net grows larger weights to be sure under every mask.",
        "两个网络都拟合全部样本时，差距就是测试损失；使用暂退法的网络为在任何掩码下都有把握"
        "而学出更大的权重，测试损失反而更高。",
    ),
)
def dropout_narrows_the_gap_on_clean_data(train_mlp, dropout, replicates, stream, device):
    gaps = [
        net.test_loss[:, -1] - net.train_loss[:, -1]
        for net in _clean_arms(train_mlp, dropout, replicates, stream, device)
    ]
    return arrays.exceeds(gaps[1], gaps[0])


VALLEY = (0.0, 0.25, 0.5, 0.75, 0.9)


@claim(
    "do-controls.u",
    "With a growing drop probability the test loss first falls and then rises",
    "随着丢弃概率增大，测试损失先降后升",
    source='d2l, "Dropout", "Exercises": what happens if you change the dropout probabilities',
    formula="test(0), test(0.25), …, test(0.9) falls to one minimum inside, then rises",
    condition=NOISY_LABELS,
    holds=more_often_than_not(),
)
def the_test_loss_has_a_valley(train_mlp, dropout, replicates, stream, device):
    _, test = _along_the_path(train_mlp, dropout, VALLEY, replicates, stream, device)
    curve = Curve(
        Text("Test loss by drop probability, noisy labels", "测试损失随丢弃概率的变化（含噪标签）"),
        VALLEY,
        (Line(Text("test", "测试"), test),),
        x_label=Text("drop probability of both hidden layers", "两个隐藏层的丢弃概率"),
        y_label=Text("cross-entropy in nats", "交叉熵（纳特）"),
    )
    return Measured(arrays.one_valley(test), curve)


@claim(
    "do-controls.u-outside",
    "Dropping half of the units lowers the test loss, on clean and easy data too",
    "丢弃一半的单元会降低测试损失，在干净且容易的数据上也是如此",
    source='d2l, "Dropout", "Exercises": what happens if you change the dropout probabilities',
    formula="test loss: test(0.5) < test(0)",
    condition=Text("1000 clean samples of well-separated classes", "1000 个类别易分的无噪声样本"),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-controls.u",
    why=Text(
        "The fall comes from noise that dropout keeps from being learnt. Without it half of the "
        "units are a smaller net, trained on noisier gradients; with a quarter dropped the loss is "
        "about what it is without.",
        "损失的下降来自暂退法阻止了死记噪声。没有噪声时，丢弃一半单元只是用更嘈杂的梯度训练更小的网络；"
        "丢弃四分之一时，损失与不丢弃时大致相同。",
    ),
)
def half_of_the_units_lower_the_test_loss_on_clean_data(
    train_mlp, dropout, replicates, stream, device
):
    common = (train_mlp, dropout, [HALVES, ()], replicates, stream, device)
    arms = clouds.arms(*common, n=1000, epochs=20)
    with_dropout, without = (net.test_loss[:, -1] for net in arms)
    return arrays.exceeds(without, with_dropout)


@claim(
    "do-improves-test",
    "Dropout prevents overfitting: the net is right more often on test data",
    "暂退法防止过拟合：测试集上的精度更高",
    source='d2l, "Dropout", "Summary": dropout is another tool to avoid overfitting',
    formula="test accuracy: with dropout > without",
    condition=NOISY_LABELS,
    given={"p": st.sampled_from([0.4, 0.5, 0.6])},
    holds=more_often_than_not(margin=0.35),
)
def dropout_improves_the_test_accuracy(train_mlp, dropout, p, replicates, stream, device):
    common = (train_mlp, dropout, [(p, p), ()], replicates, stream, device)
    arms = clouds.arms(*common, n=300, noise=NOISY, hidden=(64, 64))
    with_dropout, without = (net.test_accuracy[:, -1] for net in arms)
    return with_dropout > without


@claim(
    "do-improves-test.outside",
    "Dropout prevents overfitting on clean and easy data: there the net has the lower test loss",
    "在干净且容易的数据上，暂退法防止过拟合：测试损失更低",
    source='d2l, "Dropout", "Summary": dropout is another tool to avoid overfitting',
    formula="test loss: with dropout < without",
    condition=CLEAN_LABELS,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-improves-test",
    why=Text(
        "There is nothing to be unlearnt, and a net with dropout grows larger weights to be sure "
        "under every mask: it is more confident without them, also where it errs.",
        "没有需要遗忘的噪声；而为了在任何掩码下都有把握，网络会学出更大的权重，"
        "去掉掩码后更加自信，包括在出错的地方。",
    ),
)
def dropout_improves_the_test_loss_on_clean_data(train_mlp, dropout, replicates, stream, device):
    with_dropout, without = _clean_arms(train_mlp, dropout, replicates, stream, device)
    return arrays.exceeds(without.test_loss[:, -1], with_dropout.test_loss[:, -1])


@claim(
    "do-raises-train",
    "Dropout raises the training error: the loss on the training data, measured without masks",
    "暂退法使训练误差（不带掩码测得的训练损失）上升",
    source='d2l, "Dropout": implied by the curves with and without dropout',
    formula="train loss in evaluation mode: with dropout > without",
    condition=NOISY_LABELS,
    holds=more_often_than_not(),
)
def dropout_raises_the_training_loss(train_mlp, dropout, replicates, stream, device):
    arms = _noisy_arms(train_mlp, dropout, [RATES, ()], replicates, stream, device)
    with_dropout, without = (net.train_loss[:, -1] for net in arms)
    return arrays.exceeds(with_dropout, without)


@claim(
    "do-raises-train.outside",
    "Dropout raises the training error, the loss without masks, on clean and easy data too",
    "暂退法使训练误差（不带掩码测得的训练损失）上升，在干净且容易的数据上也是如此",
    source='d2l, "Dropout": implied by the curves with and without dropout',
    formula="train loss in evaluation mode: with dropout > without",
    condition=CLEAN_LABELS,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-raises-train",
    why=Text(
        "Both nets fit all samples; the one that had to fit them under every mask has the larger "
        "margins, which show as a lower loss once the masks are gone.",
        "两个网络都能拟合全部样本；必须在任何掩码下都拟合的那个留有更大的分类间隔，"
        "去掉掩码后损失反而更低。",
    ),
)
def dropout_raises_the_training_loss_on_clean_data(train_mlp, dropout, replicates, stream, device):
    with_dropout, without = _clean_arms(train_mlp, dropout, replicates, stream, device)
    return arrays.exceeds(with_dropout.train_loss[:, -1], without.train_loss[:, -1])


@claim(
    "do-raises-train.mode",
    "Measured in training mode, with masks, the training accuracy is below the test accuracy",
    "若在训练模式下（带掩码）测量，训练精度会低于测试精度",
    source=SCRATCH + "the curve of the training accuracy is measured while units are dropped",
    formula="train accuracy with masks < test accuracy without",
    condition=Text(
        "clean labels, and seven units in ten dropped", "标签无噪声，且每十个单元丢弃七个"
    ),
    holds=more_often_than_not(),
)
def training_mode_hides_what_was_learnt(train_mlp, dropout, replicates, stream, device):
    task = clouds.task(replicates, stream, 100)
    rates = [(0.7, 0.7)]
    (net,) = clouds.arms(train_mlp, dropout, rates, replicates, stream, device, n=100, epochs=150)
    generator = stream.child("masks").torch(device)
    masked = nets.logits(net.parameters, task.X.to(device), lambda _, h: dropout(h, 0.7, generator))
    return nets.accuracy(masked, task.y.to(device)) < net.test_accuracy[:, -1]


@claim(
    "do-near-input",
    "A lower drop probability near the input is always the better order: on noisy labels, too, "
    "(0.2, 0.5) beats (0.5, 0.2)",
    "靠近输入层使用较低的丢弃概率总是更好：标签含噪时 (0.2, 0.5) 也优于 (0.5, 0.2)",
    source=SCRATCH + "a common trend is to set a lower dropout probability closer to the input",
    formula="test loss: (0.2, 0.5) < (0.5, 0.2)",
    condition=Text(
        "noisy labels; two hidden layers of 64 units; by the test loss",
        "标签含噪；两个隐藏层各 64 个单元；比较测试损失",
    ),
    given={"noise": st.sampled_from([0.4, 0.5])},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-near-input.corrected",
    why=Text(
        "The order has no general direction. Against noisy labels the second layer reads features "
        "that the first has already bent to the noise: more dropout below prevents more of it. "
        "That the trick is common is a fact about practice.",
        "顺序没有普遍的优劣。标签含噪时，第一层的特征已经迎合了噪声，在更低层丢弃更多才更有效；"
        "“常用技巧”只是关于习惯的事实。",
    ),
)
def less_dropout_near_the_input_is_better(train_mlp, dropout, noise, replicates, stream, device):
    lower, higher = _two_orders(train_mlp, dropout, noise, replicates, stream, device)
    return arrays.exceeds(higher, lower)


@claim(
    "do-near-input.corrected",
    "On noisy labels the higher drop probability belongs near the input: (0.5, 0.2) beats "
    "(0.2, 0.5)",
    "标签含噪时，较高的丢弃概率应放在靠近输入的层：(0.5, 0.2) 优于 (0.2, 0.5)",
    source=SCRATCH + "a common trend is to set a lower dropout probability closer to the input",
    formula="test loss: (0.5, 0.2) < (0.2, 0.5)",
    condition=Text(
        "noisy labels, which the net learns by heart without dropout; two hidden layers of 64 "
        "units; by the test loss",
        "标签含噪，而网络不用暂退法时会死记它们；两个隐藏层各 64 个单元；比较测试损失",
    ),
    given={"noise": st.sampled_from([0.4, 0.5])},
    holds=more_often_than_not(margin=0.35),
)
def more_dropout_near_the_input_is_better(train_mlp, dropout, noise, replicates, stream, device):
    lower, higher = _two_orders(train_mlp, dropout, noise, replicates, stream, device)
    return arrays.exceeds(lower, higher)


@claim(
    "do-near-input.narrow",
    "Where the first hidden layer is narrow the lower drop probability belongs there: (0.2, 0.5) "
    "beats (0.5, 0.2)",
    "第一隐藏层较窄时，较低的丢弃概率应放在那里：(0.2, 0.5) 优于 (0.5, 0.2)",
    source=SCRATCH + "a common trend is to set a lower dropout probability closer to the input",
    formula="test loss: (0.2, 0.5) < (0.5, 0.2)",
    condition=Text(
        "clean labels; 8 units in the first hidden layer, 64 in the second; by the test loss",
        "标签无噪声；第一隐藏层 8 个单元，第二隐藏层 64 个；比较测试损失",
    ),
    # Half of eight units carry too little of twenty inputs, half of 64 carry all that eight say.
    holds=more_often_than_not(),
)
def less_dropout_belongs_to_a_narrow_layer(train_mlp, dropout, replicates, stream, device):
    lower, higher = _two_orders(train_mlp, dropout, 0.0, replicates, stream, device, (8, 64))
    return arrays.exceeds(higher, lower)


def _noisy_arms(train_mlp, dropout, rates, replicates, stream, device):
    """One run for each tuple of drop probabilities, on 200 samples with noisy labels."""
    common = (train_mlp, dropout, rates, replicates, stream, device)
    return clouds.arms(*common, n=200, noise=NOISY)


def _clean_arms(train_mlp, dropout, replicates, stream, device):
    """With the chapter's rates and without, on few clean samples, trained to the end."""
    common = (train_mlp, dropout, [RATES, ()], replicates, stream, device)
    return clouds.arms(*common, n=100, epochs=200)


def _along_the_path(train_mlp, dropout, path, replicates, stream, device):
    """Training and test losses (R, rates) for the drop probabilities of the path."""
    rates = [(p, p) if p else () for p in path]
    arms = _noisy_arms(train_mlp, dropout, rates, replicates, stream, device)
    return (
        np.stack([net.train_loss[:, -1] for net in arms], axis=1),
        np.stack([net.test_loss[:, -1] for net in arms], axis=1),
    )


def _two_orders(train_mlp, dropout, noise, replicates, stream, device, hidden=(64, 64)):
    """Test losses with (0.2, 0.5) and with (0.5, 0.2)."""
    common = (train_mlp, dropout, [RATES, RATES[::-1]], replicates, stream, device)
    arms = clouds.arms(*common, n=200, noise=noise, hidden=hidden)
    return [net.test_loss[:, -1] for net in arms]
