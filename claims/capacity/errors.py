"""Training and generalisation error against capacity: one falls, the other falls and then rises.

Capacity is the degree of a polynomial that is fitted to noisy samples of one of degree 3; the
lower degrees are nested in the higher ones.
"""

from claims.capacity.experiments import tasks
from claims.polynomial_regression.experiments import protocol
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import always_true, more_often_than_not
from harness.declaration.strategies import counts, degrees
from harness.metrics import arrays
from harness.text import Text

SOURCE = 'd2l, "Underfitting or Overfitting?", "Model Complexity": '
NOTES = 'Mu Li\'s notes, "Underfitting and Overfitting", slides on capacity: '
TRUE_DEGREE = 3
DEGREES = tuple(range(20))
DEGREE = Text("degree", "阶数")


@claim(
    "cap-train-monotone",
    "The larger the capacity, the lower the training error",
    "模型容量越大，训练误差越小",
    source=NOTES + "the curve of the training error against capacity",
    formula="F₁ ⊂ F₂ ⇒ min R̂ over F₂ ≤ min R̂ over F₁",
    condition=Text(
        "nested classes and their exact minimisers: polynomials by least squares",
        "嵌套的函数类，取其精确的最小化解：多项式的最小二乘",
    ),
    given={"n": counts(100, 200)},
    always=({"n": 100},),
    holds=always_true(),
)
def training_error_falls_with_capacity(noisy_cubic, fit_least_squares, n, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream, n=n)
    train, test = tasks.losses_by_degree(fit_least_squares, data, DEGREES)
    # Fitted values are right to 1e-9 of the labels and the loss is stationary there: what is left
    # is the rounding of a mean of n squares.
    return Measured(tasks.rises(train, data.y, 8 * n), _by_degree(train, test))


@claim(
    "cap-train-monotone.outside",
    "The larger the capacity, the lower the training error, however the model is trained",
    "无论如何训练，模型容量越大，训练误差越小",
    source=NOTES + "the curve of the training error against capacity",
    formula="train(high degree) < train(3)",
    condition=Text(
        "degrees 12 to 19 against 3, both after 400 epochs of SGD, as in the chapter",
        "12 到 19 阶与三阶比较，都用 SGD 训练 400 轮，与书中一致",
    ),
    given={"degree": degrees(12, 19)},
    always=({"degree": 19},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="cap-train-monotone",
    why=Text(
        "The minimum over the larger class is lower, but SGD does not reach it: the higher powers "
        "are nearly collinear with the lower ones, so the same steps go less far.",
        "更大的函数类的最小值确实更低，但 SGD 走不到：高次幂与低次幂几乎共线，"
        "同样的步数走不了那么远。",
    ),
)
def training_error_falls_with_capacity_by_sgd(
    noisy_cubic, polynomial_features, train_linear, degree, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    low, high = (
        protocol.trained(train_linear, polynomial_features, data, one, 400, stream)
        for one in (TRUE_DEGREE, degree)
    )
    picture = protocol.loss_curves(
        Text(f"Degrees 3 and {degree}, equal epochs", f"3 阶与 {degree} 阶，轮数相同"),
        {Text("degree 3", "3 阶"): low, Text(f"degree {degree}", f"{degree} 阶"): high},
    )
    return Measured(arrays.exceeds(low.train_loss[:, -1], high.train_loss[:, -1]), picture)


@claim(
    "cap-ucurve",
    "With growing capacity the generalisation error first falls, then rises",
    "随着模型容量增大，泛化误差先下降后上升",
    source=SOURCE + "the figure of the influence of model complexity",
    formula="test(1) > test(2) > test(3) < test(9) < test(14) < test(high)",
    condition=Text(
        "capacity is a polynomial's degree, fitted by least squares",
        "容量指多项式的阶数，用最小二乘拟合",
    ),
    given={"high": degrees(18, 19)},
    always=({"high": 19},),
    # Steps of five degrees: of single ones each may go either way (test(4) > test(3) in 65 %).
    holds=more_often_than_not("one valley, at the true degree", "只有一个低谷，位于真实阶数"),
)
def generalisation_error_falls_then_rises(noisy_cubic, fit_least_squares, high, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    train, test = tasks.losses_by_degree(fit_least_squares, data, DEGREES)
    path = test[:, [1, 2, TRUE_DEGREE, 9, 14, high]]
    valley = arrays.one_valley(path) & (path.argmin(axis=1) == 2)
    return Measured(valley, _by_degree(train, test))


@claim(
    "cap-ucurve.next",
    "One degree too many already raises the generalisation error, more often than not",
    "只多出一阶，泛化误差就更可能上升而不是下降",
    source=SOURCE + "the figure of the influence of model complexity",
    formula="P(test(4) > test(3)) > 1/2",
    condition=Text(
        "polynomials fitted by least squares to 100 samples", "对 100 个样本用最小二乘拟合多项式"
    ),
    always=({"n": 100},),
    holds=more_often_than_not("a higher test loss of degree 4", "4 阶的测试损失更高", margin=0.1),
)
def one_degree_too_many_hurts(noisy_cubic, fit_least_squares, n, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream, n=n)
    _, test = tasks.losses_by_degree(fit_least_squares, data, (TRUE_DEGREE, TRUE_DEGREE + 1))
    return arrays.exceeds(test[:, 1], test[:, 0])


def _by_degree(train, test):
    return tasks.curves_by(
        DEGREES, {Text("train", "训练"): train, Text("test", "测试"): test},
        Text("Loss of the exact fit by degree", "精确拟合的损失与阶数"), DEGREE,
        Text("mean squared error", "均方误差"), log_y=True,
    )  # fmt: skip
