"""Weight decay against overfitting: the gap test - train, and the test error itself.

Ridge regression on n = 30 examples of p = 20 features with noise sigma or none, and a perceptron
with 32 hidden units on 100 images.
"""

from dataclasses import replace

from claims.weight_decay.experiments import linear_models
from claims.weight_decay.experiments.experiment import loss_curve
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import all_hold, more_often_than_not
from harness.declaration.strategies import penalties
from harness.metrics import arrays, nets
from harness.text import Text
from harness.training.solver import Solver


@claim(
    "wd-solves",
    "Weight decay solves overfitting: the generalisation gap and the test error both fall",
    "权重衰减解决过拟合：泛化差距与测试误差都下降",
    source='d2l, "Weight Decay", "Summary": "a common method for dealing with overfitting"',
    formula="test - train falls, and test falls, from λ = 0 to a λ of 0.01 to 0.3",
    condition=Text(
        "the labels are noisy (noise of the size of the signal); 30 examples of 20 features, λ of "
        "0.01 to 0.3",
        "标签有噪声（与信号同量级）；30 个样本、20 个特征，λ 为 0.01 到 0.3",
    ),
    given={"weight_decay": penalties(0.01, 0.3)},
    holds=all_hold(gap=more_often_than_not(), test=more_often_than_not()),
)
def decay_solves_overfitting(ridge_regression, weight_decay, replicates, stream):
    return _gap_and_test(ridge_regression, weight_decay, 1.0, replicates, stream)


@claim(
    "wd-solves.outside",
    "Weight decay lowers the gap and the test error also where the labels have no noise",
    "标签无噪声时，权重衰减同样降低泛化差距与测试误差",
    source='d2l, "Weight Decay", "Summary": "a common method for dealing with overfitting"',
    condition=Text(
        "the labels have no noise, and there are more examples than weights",
        "标签没有噪声，且样本多于权重",
    ),
    given={"weight_decay": penalties(0.01, 0.3)},
    holds=all_hold(gap=more_often_than_not(), test=more_often_than_not()),
    expected=Verdict.REFUTED,
    twin="wd-solves",
    why=Text(
        "Without noise there is nothing to absorb: least squares finds w* exactly, and every λ > 0 "
        "moves away from it. The penalty buys less variance with bias.",
        "没有噪声就没有可吸收的误差：最小二乘恰好求得 w*，任何 λ > 0 都使其偏离。"
        "惩罚是以偏差换取方差的减小。",
    ),
)
def decay_solves_overfitting_without_noise(ridge_regression, weight_decay, replicates, stream):
    return _gap_and_test(ridge_regression, weight_decay, 0.0, replicates, stream)


def _gap_and_test(ridge_regression, weight_decay, noise, replicates, stream):
    """Paired comparisons of ridge with least squares on n = 30 examples of p = 20 features."""
    X, y, truth = linear_models.gaussian_task(stream.numpy(), replicates, 30, 20, noise=noise)

    def errors(decay):
        w, _ = ridge_regression(X, y, decay, intercept=False)
        return linear_models.half_mse(X, y, w), (linear_models.excess_risk(w, truth) + noise**2) / 2

    (train, test), (train_decayed, test_decayed) = errors(0.0), errors(weight_decay)
    return {
        "gap": arrays.exceeds(test - train, test_decayed - train_decayed),
        "test": arrays.exceeds(test, test_decayed),
    }


@claim(
    "wd-solves.net",
    "Weight decay narrows the generalisation gap of a perceptron on few images",
    "图像很少时，权重衰减缩小多层感知机的泛化差距",
    source='d2l, "Weight Decay", "Summary": "a common method for dealing with overfitting"',
    formula="test - train cross-entropy: λ = 0.03 < λ = 0, on 100 images of Fashion-MNIST",
    holds=more_often_than_not(),
)
def decay_narrows_the_gap_of_a_net(train_mlp, sgd, images, replicates, stream, device):
    task = nets.pictures(images, replicates, 100, stream.child("data").numpy())
    solver = Solver(lr=0.2, epochs=40, batch_size=20, weight_decay=0.03, record_every=8, sgd=sgd)
    plain, decayed = _nets(train_mlp, task, solver, stream, device)
    gaps = [(run.test_loss - run.train_loss)[:, -1] for run in (plain, decayed)]
    return Measured(
        arrays.exceeds(*gaps), loss_curve(plain, "λ = 0"), loss_curve(decayed, "λ = 0.03")
    )


@claim(
    "wd-solves.net-noise",
    "On noisy labels weight decay lowers the perceptron's test loss as well",
    "标签含噪时，权重衰减还会降低多层感知机的测试损失",
    source='d2l, "Weight Decay", "Summary": "a common method for dealing with overfitting"',
    formula="test cross-entropy: λ = 0.01 < λ = 0, 30 % of the labels drawn anew",
    # After 40 epochs the noise is not yet learnt, and decay wins in about two runs of three only.
    condition=Text(
        "the net is trained until it knows the noisy labels by heart (150 epochs)",
        "网络训练到死记下含噪标签为止（150 轮）",
    ),
    holds=more_often_than_not(),
)
def decay_lowers_the_test_loss_on_noise(train_mlp, sgd, images, replicates, stream, device):
    task = nets.pictures(images, replicates, 100, stream.child("data").numpy(), 0.3)
    # Batches of half the data: less noise of the last steps in the losses that are compared.
    solver = Solver(lr=0.2, epochs=150, batch_size=50, weight_decay=0.01, record_every=30, sgd=sgd)
    plain, decayed = _nets(train_mlp, task, solver, stream, device)
    lower = arrays.exceeds(plain.test_loss[:, -1], decayed.test_loss[:, -1])
    return Measured(lower, loss_curve(plain, "λ = 0"), loss_curve(decayed, "λ = 0.01"))


def _nets(train_mlp, task, solver, stream, device):
    """Runs without and with decay of a net with 32 hidden units."""
    return [
        nets.train(
            train_mlp, task, replace(solver, weight_decay=decay), stream, device, hidden=(32,)
        )
        for decay in (0.0, solver.weight_decay)
    ]
