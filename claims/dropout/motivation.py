"""Why dropout: overfitting with many features, interactions, robustness to perturbed inputs.

n samples, p features, y = Xw + noise of variance 1 with |w| = 1; sigma is the noise on inputs.
Noise as a penalty is in dropout_noise.py.
"""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from claims.dropout.experiments import clouds, noise
from claims.dropout.experiments.clouds import HALVES, NOISY
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import all_hold, exactly_equal, more_often_than_not
from harness.declaration.strategies import counts
from harness.metrics import arrays, nets
from harness.text import Text
from harness.training.solver import Solver

SOLVER = Solver(lr=0.1, epochs=60, batch_size=10)
REVISITED = 'd2l, "Dropout", "Overfitting Revisited": '
PERTURBED = 'd2l, "Dropout", "Robustness through Perturbations": '


@claim(
    "do-p-gt-n",
    "With more features than samples a linear model overfits: it fits the training data exactly, "
    "and its error on fresh data is 1.5 times the noise's and more",
    "特征多于样本时线性模型过拟合：训练误差为零，而新数据上的误差是噪声的 1.5 倍以上",
    source=REVISITED + "faced with more features than examples, linear models tend to overfit",
    formula="Xŵ = y,  E|ŵ - w|² = σ² n/(p-n-1) + (1 - n/p)|w|²",
    condition=Text(
        "the shortest least-squares fit, no penalty; 4 to 20 times as many features as samples",
        "最小范数的最小二乘解，无惩罚；特征数为样本数的 4 到 20 倍",
    ),
    given={"n": st.sampled_from([10, 20, 40]), "times": st.sampled_from([4, 10, 20])},
    always=({"n": 20, "times": 10},),
    # The median risk is about 2, twice the noise; 1.5 is the margin.
    holds=all_hold(fits=exactly_equal(), overfits=more_often_than_not()),
)
def more_features_than_samples_overfit(minimum_norm, n, times, replicates, stream):
    X, y, w = noise.gaussian_regression(replicates, n, times * n, stream.numpy())
    fitted = minimum_norm(X, y)
    risk = 1 + noise.excess_risk(fitted, w)
    law = Histogram(
        Text(f"Risk of the fit, n = {n}, p = {times * n}", f"拟合的风险，n = {n}，p = {times * n}"),
        risk,
        marks={
            Text("mean in theory", "理论均值"): 1 + n / (times * n - n - 1) + 1 - 1 / times,
            Text("noise", "噪声"): 1.0,
        },
        x_label=Text("mean squared error on fresh data", "新数据上的均方误差"),
    )
    fits = noise.interpolation_error(X, y, fitted)
    return Measured({"fits": fits, "overfits": arrays.exceeds(risk, 1.5)}, law)


@claim(
    "do-n-gt-p",
    "With more samples than features a linear model usually does not overfit",
    "样本多于特征时，线性模型通常不会过拟合",
    source=REVISITED + "but given more examples than features, linear models usually do not",
    formula="E risk = σ² (1 + p/(n-p-1)) < 1.5 σ²",
    condition=Text("many more samples than features: n >= 8p", "样本远多于特征：n >= 8p"),
    inside=lambda times: times >= 8,
    given={"features": counts(10, 60), "times": st.sampled_from([8, 12, 20])},
    holds=more_often_than_not(),
)
def many_samples_do_not_overfit(minimum_norm, features, times, replicates, stream):
    return _risk_is_mild(minimum_norm, times * features, features, replicates, stream)


@claim(
    "do-n-gt-p.outside",
    "With more samples than features a linear model usually does not overfit, barely more included",
    "样本多于特征时（哪怕只多一点），线性模型通常不会过拟合",
    source=REVISITED + "but given more examples than features, linear models usually do not",
    formula="E risk = σ² (1 + p/(n-p-1)) < 1.5 σ²",
    condition=Text(
        "barely more samples than features: p < n <= 1.1p", "样本只略多于特征：p < n <= 1.1p"
    ),
    inside=lambda surplus: 0 < surplus <= 0.1,
    given={"features": counts(20, 100), "surplus": st.sampled_from([0.02, 0.05, 0.1])},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-n-gt-p",
    why=Text(
        "Near n = p the fit still has almost a parameter for each sample: its risk is "
        "1 + p / (n - p - 1) times the noise, ten times and more for n <= 1.1p.",
        "n 接近 p 时，几乎每个样本都对应一个参数：风险是噪声的 1 + p/(n-p-1) 倍，"
        "n <= 1.1p 时达十倍以上。",
    ),
)
def barely_enough_samples_do_not_overfit(minimum_norm, features, surplus, replicates, stream):
    n = features + max(2, round(surplus * features))
    return _risk_is_mild(minimum_norm, n, features, replicates, stream)


@claim(
    "do-interactions",
    "Linear models ignore interactions of features, nets learn them",
    "线性模型忽略特征之间的交互作用，而神经网络能学到",
    source=REVISITED + "linear models cannot take into account interactions among features",
    formula="f(1,1) - f(1,0) - f(0,1) + f(0,0) = 0 for linear f;  on XOR test accuracy(net) > "
    "test accuracy(linear) + 0.3",
    # XOR of two Gaussians: linear 0.50, a net 0.98.
    holds=all_hold(linear=exactly_equal(), net=more_often_than_not()),
)
def nets_learn_interactions_and_linear_models_do_not(train_mlp, replicates, stream, device):
    import torch

    task = nets.quadrants(replicates, 200, stream.child("data").numpy())
    linear = nets.train(train_mlp, task, replace(SOLVER, epochs=20), stream, device, hidden=())
    net = nets.train(train_mlp, task, replace(SOLVER, epochs=80), stream, device, hidden=(16,))
    corners = torch.tensor([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=torch.float64, device=device)
    W, b = (part.double() for part in linear.parameters)
    f = nets.logits([W, b], corners.expand(replicates, 4, 2))
    mixed = f[:, 0] - f[:, 1] - f[:, 2] + f[:, 3]
    size = 4 * (W.abs().sum(dim=2) + b.abs())
    gain = net.test_accuracy[:, -1] - linear.test_accuracy[:, -1]
    return {"linear": arrays.rounding_ratio(mixed, 0 * mixed, size, 8), "net": gain > 0.3}


@claim(
    "do-deep-overfit",
    "A deep net can overfit even with many more samples than features: it learns labels by heart "
    "that have nothing to do with the inputs",
    "即使样本远多于特征，深度网络也会过拟合：它会死记与输入毫无关系的标签",
    source=REVISITED + "even when we have far more examples than features, deep neural networks "
    "are capable of overfitting",
    formula="train accuracy ≥ 0.99, test accuracy ≤ 0.2, where guessing has 1/10",
    condition=Text(
        "100 samples of 10 features, ten for each feature and fewer than the parameters; 10 "
        "classes; a 10-64-64-10 net, 200 epochs",
        "100 个样本、10 个特征，样本数是特征数的十倍而少于参数个数；10 类；10-64-64-10 网络，200 "
        "轮",
    ),
    holds=more_often_than_not(),
)
def deep_nets_learn_random_labels(train_mlp, replicates, stream, device):
    task = nets.chance(replicates, 100, stream.child("data").numpy(), 10, 500)
    net = nets.train(train_mlp, task, replace(SOLVER, epochs=200), stream, device, hidden=(64, 64))
    by_heart = net.train_accuracy[:, -1] >= 0.99
    return by_heart & (net.test_accuracy[:, -1] <= 0.2)


@claim(
    "do-robust",
    "With dropout a net is right more often on perturbed inputs, its gain on clean ones included",
    "使用暂退法的网络在受扰动的输入上更常答对（包含它在干净输入上的提升）",
    source=PERTURBED + "a good model should be robust to perturbations of its inputs",
    formula="accuracy(x + σε): with dropout > without",
    condition=Text(
        "a net that overfits noisy labels; noise of 0.3 to 0.7 times the spread within a class",
        "网络过拟合含噪标签；扰动为类内标准差的 0.3 到 0.7 倍",
    ),
    given={"sigma": st.sampled_from([0.3, 0.5, 0.7])},
    holds=more_often_than_not(margin=0.35),
)
def dropout_makes_nets_robust(
    train_mlp, dropout, gaussian_noise, sigma, replicates, stream, device
):
    roles = train_mlp, dropout, gaussian_noise
    return _robust(*roles, sigma, replicates, stream, device, n=300, noise=NOISY)


@claim(
    "do-robust.loses-less",
    "Dropout makes a net more robust: perturbed inputs cost it less accuracy",
    "暂退法使网络更稳健：输入受扰动时，它损失的精度更少",
    source=PERTURBED + "a good model should be robust to perturbations of its inputs",
    formula="accuracy(x) - accuracy(x + σε): with dropout < without",
    condition=Text(
        "a net that overfits noisy labels; noise of three times the spread within a class",
        "网络过拟合含噪标签；扰动为类内标准差的三倍",
    ),
    always=({"sigma": 3.0},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="do-robust",
    why=Text(
        "Dropout raises the accuracy on clean inputs; towards large σ both nets come down to "
        "chance, and who has more has more to lose. Under little noise neither loses less. What is "
        "left of the gain under noise is a gain, but it is not robustness.",
        "暂退法提升的是干净输入上的精度；σ 增大时两个网络都趋于随机水平，"
        "精度更高的自然损失更多；噪声小时两者损失相近。噪声下仍存的提升是收益，但不是稳健性。",
    ),
)
def dropout_loses_less_to_noise(
    train_mlp, dropout, gaussian_noise, sigma, replicates, stream, device
):
    roles = train_mlp, dropout, gaussian_noise
    clean, perturbed = _accuracies(*roles, sigma, replicates, stream, device, n=300, noise=NOISY)
    lost = clean - perturbed
    return lost[0] < lost[1]


@claim(
    "do-robust.outside",
    "With dropout a net is right more often on perturbed inputs where it has learnt easy classes "
    "from clean labels, too",
    "类别易分、标签无噪声时，使用暂退法的网络在受扰动的输入上也更常答对",
    source=PERTURBED + "a good model should be robust to perturbations of its inputs",
    formula="accuracy(x + σε): with dropout > without",
    condition=Text(
        "clean labels, and a net that is right without dropout; noise of 0.3 to 0.7 times the "
        "spread within a class",
        "标签无噪声，且不用暂退法时网络已经正确；扰动为类内标准差的 0.3 到 0.7 倍",
    ),
    given={"sigma": st.sampled_from([0.3, 0.5, 0.7])},
    holds=more_often_than_not(margin=0.35),
    expected=Verdict.REFUTED,
    twin="do-robust",
    why=Text(
        "What looks like robustness is for the most part the gain on clean inputs, where noisy "
        "labels would otherwise be learnt by heart; where there is nothing to unlearn, half the "
        "units are noise without use.",
        "看似稳健的提升，大部分来自干净输入上的收益，即不再死记含噪标签；没有噪声可忘时，丢弃一半单元只是无用的噪声。",
    ),
)
def dropout_makes_a_net_robust_on_clean_data(
    train_mlp, dropout, gaussian_noise, sigma, replicates, stream, device
):
    roles = train_mlp, dropout, gaussian_noise
    return _robust(*roles, sigma, replicates, stream, device, n=100, epochs=150)


def _risk_is_mild(minimum_norm, n, features, replicates, stream):
    X, y, w = noise.gaussian_regression(replicates, n, features, stream.numpy())
    return noise.excess_risk(minimum_norm(X, y), w) < 0.5


def _robust(*arguments, **net):
    """Whether dropout gives the higher accuracy on perturbed inputs, net by net."""
    _, perturbed = _accuracies(*arguments, **net)
    return perturbed[0] > perturbed[1]


def _accuracies(
    train_mlp, dropout, gaussian_noise, sigma, replicates, stream, device, *, n, noise=0.0, **net
):
    """Accuracies on clean and on perturbed test inputs, each (2, R): with dropout and without."""
    import torch

    task = clouds.task(replicates, stream, n, noise)
    shape = tuple(task.X_test.shape)
    shift = gaussian_noise(shape, sigma, stream.child("perturbation").numpy())
    inputs = (task.X_test, task.X_test + torch.tensor(shift, dtype=task.X_test.dtype))
    common = (train_mlp, dropout, [HALVES, ()], replicates, stream, device)
    arms = clouds.arms(*common, n=n, noise=noise, hidden=(64, 64), **net)
    y = task.y_test.to(device)
    return [
        np.stack([nets.accuracy(nets.logits(net.parameters, x.to(device)), y) for net in arms])
        for x in inputs
    ]
