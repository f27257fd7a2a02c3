"""The bias b beside the penalty lambda/2 ||w||^2: free as in the book, or penalised like a weight.

f(x) = w'x + b. A free b follows the labels, y -> y + c: b -> b + c; a penalised one ends near
E y / (1 + lambda).
"""

import numpy as np
from hypothesis import strategies as st

from claims.weight_decay.experiments import linear_models
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import exactly_equal, more_often_than_not
from harness.declaration.strategies import counts, dtypes, learning_rates, penalties
from harness.metrics import arrays
from harness.metrics import gradient_steps as steps
from harness.text import Text

BOOK = 'd2l, "Norms and Weight Decay"'
NOTES = 'Mu Li\'s notes, "Weight decay"'


@claim(
    "wd-bias",
    "Whether the bias is penalised makes little difference",
    "偏置是否加惩罚差别不大",
    source=f'{NOTES}; {BOOK}: "the bias is usually not regularised"',
    formula="|risk(b penalised) / risk(b free) - 1| < 0.05",
    condition=Text(
        "features of mean 0 and labels with |E y| at most a tenth of the noise's deviation",
        "特征均值为 0，标签的 |E y| 不超过噪声标准差的十分之一",
    ),
    inside=lambda offset: abs(offset) <= 0.1,
    given={"offset": st.floats(-0.1, 0.1), "weight_decay": penalties(0.05, 1.0)},
    holds=more_often_than_not(),
)
def penalising_the_bias_hardly_matters(ridge_regression, offset, weight_decay, replicates, stream):
    return _bias_hardly_matters(ridge_regression, offset, weight_decay, replicates, stream)


@claim(
    "wd-bias.outside",
    "Whether the bias is penalised makes little difference also far from 0",
    "即使标签远离 0，偏置是否加惩罚也差别不大",
    source=f'{NOTES}; {BOOK}: "the bias is usually not regularised"',
    condition=Text(
        "features of mean 0 and labels far from it, 3 <= E y <= 100 standard deviations of the "
        "noise",
        "特征均值为 0，标签远离 0：E y 为噪声标准差的 3 到 100 倍",
    ),
    inside=lambda offset: 3 <= offset <= 100,
    given={"offset": st.floats(3.0, 100.0), "weight_decay": penalties(0.1, 1.0)},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-bias",
    why=Text(
        "A penalised bias ends near E y / (1 + λ): everything is predicted too low, and the slopes "
        "bend to make up for it.",
        "受惩罚的偏置约为 E y / (1 + λ)：预测整体偏低，斜率也会扭曲以作补偿。",
    ),
)
def penalising_the_bias_matters_nowhere(ridge_regression, offset, weight_decay, replicates, stream):
    return _bias_hardly_matters(ridge_regression, offset, weight_decay, replicates, stream)


def _bias_hardly_matters(ridge_regression, offset, weight_decay, replicates, stream):
    X, y, truth = linear_models.gaussian_task(stream.numpy(), replicates, 100, 5)
    y = y + offset
    ones = np.concatenate([X, np.ones((*y.shape, 1))], axis=2)
    both, _ = ridge_regression(ones, y, weight_decay, intercept=False)
    w, b = ridge_regression(X, y, weight_decay)
    penalised = 1 + linear_models.excess_risk(both[:, :-1], truth, both[:, -1] - offset)
    free = 1 + linear_models.excess_risk(w, truth, b - offset)
    return ~arrays.exceeds(np.abs(penalised / free - 1), 0.05)


@claim(
    "wd-bias.equivariance",
    "With a free bias the predictions follow the labels: f(y + c) = f(y) + c",
    "偏置不加惩罚时，预测随标签平移：f(y + c) = f(y) + c",
    source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, "
    '"Ridge Regression": penalising the intercept makes the procedure depend on the origin of y',
    formula="y → y + c: w unchanged, b → b + c",
    given={"c": st.floats(1.0, 100.0), "weight_decay": penalties(), "d": counts(1, 10)},
    always=({"c": 100.0, "weight_decay": 0.5, "d": 5},),
    holds=exactly_equal(),
)
def a_free_bias_follows_the_labels(ridge_regression, c, weight_decay, d, replicates, stream):
    X, y, _ = linear_models.gaussian_task(stream.numpy(), replicates, 40, d)
    w, b = ridge_regression(X, y, weight_decay)
    moved, raised = ridge_regression(X, y + c, weight_decay)
    centred = X - X.mean(axis=1, keepdims=True)
    # Rounding of y + c, of its mean and of the columns' means, as large as c, passes through.
    error = 4 * linear_models.solution_error(centred, y + c, weight_decay, w)
    through = error * (1 + linear_models.norm(X.mean(axis=1)))
    return np.append(linear_models.norm(moved - w) / error, np.abs(raised - b - c) / through)


@claim(
    "wd-bias.step",
    "The bias is not decayed: only the weights shrink, and the bias steps along its gradient",
    "偏置不衰减：只有权重缩小，偏置只沿其梯度更新",
    source='d2l, "Concise Implementation": only the weight has weight_decay',
    formula="w ← (1 - ηλ) w - ηg_w,  b ← b - ηg_b;  without decay for either: w ← w - ηg_w too",
    given={
        "width": counts(1, 40),
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "dtype": dtypes("float32", "float64"),
        "decoupled": st.booleans(),
    },
    holds=exactly_equal(),
)
def no_bias_is_decayed(sgd, width, lr, weight_decay, dtype, decoupled, replicates, stream, device):
    sizes = ((replicates, width), (replicates, 1))
    w, b = (steps.normal(stream.child("p", i), s, dtype, device) for i, s in enumerate(sizes))
    g, h = (steps.normal(stream.child("g", i), s, dtype, device) for i, s in enumerate(sizes))
    options = {"weight_decay": weight_decay, "decoupled": decoupled}
    ratios = []
    for rates in ((weight_decay, 0.0), (0.0, 0.0)):
        found = sgd([w, b], [g, h], lr, decays=[rate > 0 for rate in rates], **options)
        for p, q, rate, stepped in zip((w, b), (g, h), rates, found, strict=True):
            before, slope = steps.wide(p), steps.wide(q)
            exact = (1 - lr * rate) * before - lr * slope
            size = (1 + lr * rate) * np.abs(before) + lr * np.abs(slope)
            ratios.append(arrays.rounding_ratio(steps.wide(stepped), exact, size, 8, dtype).ravel())
    return np.concatenate(ratios)
