"""Capacity past interpolation: where all training labels are fitted, more of it helps again.

Nets by their width m, trained by SGD, and least squares on p of 400 features of n = 50 samples,
where the shortest w of those with Xw = y is taken.
"""

import numpy as np

from claims.capacity.experiments import moving_signals, tasks
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import all_hold, more_often_than_not
from harness.metrics import arrays
from harness.text import Text

SOURCE = 'd2l, "Underfitting or Overfitting?", "Model Complexity": '
WIDTHS = (2, 8, 32, 128)
WIDTH = Text(
    "capacity is the width of a net of one hidden layer; a wide one learns its 300 moving signals "
    "of ten classes by heart; a fifth of their labels wrong, or none",
    "容量指单隐藏层网络的宽度；宽的网络会死记 300 个十类移动信号；"
    "其标签有五分之一是错的，或全部正确",
)


@claim(
    "cap-ucurve.outside",
    "With growing width a net's generalisation error first falls, then rises",
    "随着网络变宽，泛化误差先下降后上升",
    source=SOURCE + "the figure of the influence of model complexity, read for a net's width",
    formula="test error(128) > min of test error(2), (8), (32) + 0.01",
    condition=WIDTH,
    always=({"flips": 0.0}, {"flips": 0.2}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="cap-ucurve.width",
    why=Text(
        "SGD from small weights finds functions of small norm, and the norm that is needed to fit "
        "the data falls with the width: past the width that fits all labels, more width smooths.",
        "从小权重出发的 SGD 找到的是小范数的函数，而拟合数据所需的范数随宽度下降："
        "宽到足以拟合全部标签之后，再变宽只会更平滑。",
    ),
)
def the_test_error_rises_with_width(shifted_signals, train_mlp, flips, replicates, stream, device):
    error, picture = _by_width(
        shifted_signals, train_mlp, WIDTHS, flips, replicates, stream, device
    )
    return Measured(arrays.exceeds(error[:, -1], error[:, :-1].min(axis=1), 0.01), picture)


@claim(
    "cap-ucurve.width",
    "From 2 to 32 units a net's generalisation error falls, and up to 128 it does not rise again",
    "从 2 个单元到 32 个单元，网络的泛化误差下降；再到 128 个单元也不回升",
    source=SOURCE + "corrected for nets; 20 % wrong training labels included",
    formula="test error(2) > (32) > (128) - 0.01",
    condition=WIDTH,
    always=({"flips": 0.0}, {"flips": 0.2}),
    holds=more_often_than_not(),
)
def the_test_error_falls_with_width(shifted_signals, train_mlp, flips, replicates, stream, device):
    error, picture = _by_width(
        shifted_signals, train_mlp, (2, 32, 128), flips, replicates, stream, device
    )
    falls = arrays.exceeds(error[:, 0], error[:, 1])
    return Measured(falls & ~arrays.exceeds(error[:, 2], error[:, 1], 0.01), picture)


@claim(
    "cap-ucurve.interpolation",
    "Past the point where the training data are fitted exactly, the generalisation error falls "
    "again",
    "越过恰好拟合全部训练数据的点之后，泛化误差再次下降",
    source=SOURCE + "beyond the figure: double descent (Belkin, Hsu, Ma and Mandal 2019)",
    formula="test(p = n) > 2 test(p = n/5), 2 test(p = 8n)",
    condition=Text(
        "linear regression on p of 400 features, 50 samples, the shortest solution",
        "50 个样本，取 400 个特征中的 p 个做线性回归，取最小范数解",
    ),
    always=({"n": 50},),
    holds=all_hold(rises=more_often_than_not(), falls_again=more_often_than_not()),
)
def generalisation_error_falls_again(linear_200, minimum_norm, n, replicates, stream):
    X, y = linear_200(replicates, n + 200, stream.child("data").numpy(), d=8 * n)
    columns = (n // 5, n // 2, n, 2 * n, 4 * n, 8 * n)
    by_columns = []
    for p in columns:
        w = minimum_norm(X[:, :n, :p], y[:, :n])
        by_columns.append(np.square(np.matvec(X[:, n:, :p], w) - y[:, n:]).mean(axis=1))
    losses = np.stack(by_columns, axis=1)
    narrow, peak, wide = losses[:, 0], losses[:, 2], losses[:, -1]
    picture = tasks.curves_by(
        columns, {Text("test", "测试"): losses},
        Text("Test loss and the number of features", "测试损失与特征个数"),
        Text("features", "特征个数"), Text("mean squared error", "均方误差"), log_y=True,
    )  # fmt: skip
    return Measured(
        {
            "rises": arrays.ratio_exceeds(peak, narrow, 2.0),
            "falls_again": arrays.ratio_exceeds(peak, wide, 2.0),
        },
        picture,
    )


def _by_width(shifted_signals, train_mlp, widths, flips, replicates, stream, device):
    """Test errors (R, widths) on the same signals, and their picture."""
    runs = [
        moving_signals.by_width(
            train_mlp, shifted_signals, width, flips, replicates, stream, device
        )
        for width in widths
    ]
    error = np.stack([tasks.last_error(run) for run in runs], axis=1)
    train = np.stack([1 - run.train_accuracy[:, -1] for run in runs], axis=1)
    picture = tasks.curves_by(
        np.log2(widths),
        {Text("train", "训练"): train, Text("test", "测试"): error},
        Text(
            f"Error by width, {flips:.0%} wrong labels", f"各宽度的错误率，{flips:.0%} 的标签有误"
        ),
        Text("log2 width", "宽度（以 2 为底的对数）"),
        Text("error", "错误率"),
    )
    return error, picture
