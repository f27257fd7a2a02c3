"""The fit of a line to the noisy cubic: it underfits.

By the chapter's protocol (100 + 100 samples, SGD in batches of 10, learning rate 0.01, torch's
default weights) and by exact least squares. Loss is the mean squared error; the noise floor is
sigma^2 = 0.01.
"""

import numpy as np

from claims.polynomial_regression.experiments import polynomials, protocol
from harness.declaration.claim import claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import inside_the_law, more_often_than_not
from harness.metrics import arrays
from harness.text import Text

LINEAR = 'd2l, "Polynomial Regression", "Linear Function Fitting (Underfitting)"'
LINE_FIGURES = protocol.named(polynomials.PRINTED_LINE)


@claim(
    "po-deg1-high",
    "A linear fit underfits: its training loss stays high, above a hundred times the cubic's",
    "线性函数欠拟合：训练损失仍然很高，是三阶的一百倍以上",
    source=f"{LINEAR}: the training loss is still high",
    formula="train(degree 1) > 100 · train(degree 3)",
    condition=Text("400 epochs for the line, and 400 for the cubic", "直线与三阶各训练 400 轮"),
    holds=more_often_than_not(
        "that the line's training loss is above 100 times the cubic's",
        "直线的训练损失超过三阶的 100 倍",
    ),
)
def a_line_underfits(noisy_cubic, polynomial_features, train_linear, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    line, cubic = (
        protocol.trained(train_linear, polynomial_features, data, degree, 400, stream)
        for degree in (1, 3)
    )
    return Measured(
        arrays.ratio_exceeds(line.train_loss[:, -1], cubic.train_loss[:, -1], 100),
        protocol.loss_curves(
            Text("A line and a cubic: loss per epoch", "直线与三阶：每轮损失"),
            {Text("degree 1", "一阶"): line, Text("degree 3", "三阶"): cubic},
        ),
    )


@claim(
    "po-deg1-high.floor",
    "However much data it has, the best line is 3.3 + 4x and keeps a loss of 11.02",
    "无论数据多少，最佳直线为 3.3 + 4x，其损失停在 11.02",
    source=LINEAR,
    formula="1.7²·2 + (5.6/6)²·6 + 0.1² = 11.0167",
    condition=Text(
        "least squares on 40 000 samples; within 0.25 and 10 %",
        "40000 个样本的最小二乘；误差 0.25 与 10% 以内",
    ),
    holds=more_often_than_not(
        "that slope, intercept and loss are these", "斜率、截距和损失为上述值"
    ),
)
def the_best_line_keeps_its_floor(noisy_cubic, fit_least_squares, replicates, stream):
    x, y = noisy_cubic(replicates, 40_000, stream.child("data").numpy())
    fit = fit_least_squares(x, y, 1)
    at = fit.predict(np.broadcast_to([0.0, 1.0], (replicates, 2)))
    found = np.stack([at[:, 0], at[:, 1] - at[:, 0]], axis=1)
    near = np.abs(found - polynomials.LINE).max(axis=1) < 0.25
    loss = polynomials.squared_loss(fit, x, y)
    return near & (np.abs(loss / polynomials.LINE_FLOOR - 1) < 0.1)


@claim(
    "po-printed-deg1",
    "The printed weights of the linear fit are ones that the protocol gives",
    "书中印出的线性权重是该训练过程会给出的值",
    source=f"Mu Li's notes, {LINEAR}: the printed weight",
    formula="[2.983, 4.203]",
    condition=Text("400 epochs", "400 轮"),
    # Jointly, by their excess risk: one rank, which the record reports.
    holds=inside_the_law(expected=0.02, cap=1 << 12),
)
def the_printed_line_is_typical(noisy_cubic, polynomial_features, train_linear, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    fit = protocol.trained(train_linear, polynomial_features, data, 1, 400, stream, every=None)
    return protocol.law_of_the_weights(LINE_FIGURES, fit.w, LINE_FIGURES, polynomials.LINE)
