"""The coefficients of degree 19: what the data teach them, what the noise does, what was printed.

x^i / i! is so small for i >= 10 that the chapter's training leaves these weights where they began.
"""

import numpy as np

from claims.polynomial_regression.experiments import polynomials, protocol
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Histogram, Line, Measured
from harness.declaration.relations import (
    all_hold,
    exactly_equal,
    inside_the_law,
    more_often_than_not,
    variance_equals,
)
from harness.declaration.strategies import counts, degrees
from harness.metrics import arrays
from harness.text import Text

HIGHER = 'd2l, "Polynomial Regression", "Higher-Order Polynomial Function Fitting (Overfitting)"'
HIGH_PRINTED = np.array(polynomials.PRINTED_HIGH)
HIGH_FIGURES = protocol.named(polynomials.PRINTED_HIGH)
EXACT = "exact least squares on the same data, in a basis orthonormal on the sample"
EXACT_ZH = "对同样的数据做精确最小二乘，使用在样本上标准正交的基"


@claim(
    "po-highcoef-data",
    "There are too few data to learn that the high-order coefficients are near 0: more would help",
    "没有足够的数据来学到高阶系数接近于零：数据更多就能学到",
    source=f"{HIGHER}: there is not enough data to learn that the higher-degree coefficients "
    "should have values close to zero; that more would help is what it implies, an addition here",
    formula="rms(w10 … w19) with 1000 samples < half of that with 100",
    condition=Text(
        "the chapter's SGD, 1500 epochs from the same initial weights; 1000 samples in place of "
        "100 should halve w10 … w19",
        "书中的 SGD，从相同的初始权重训练 1500 轮；样本由 100 个增至 1000 个应使 w10 … w19 减半",
    ),
    holds=more_often_than_not(
        "that ten times the data halve w10 … w19", "十倍数据使 w10 … w19 减半"
    ),
    expected=Verdict.REFUTED,
    twin="po-highcoef-data.corrected",
    why=Text(
        "they are not learned at all: x^i / i! is so small for i ≥ 10 that it carries no "
        "gradient, and w10 … w19 stay at their random initial values however many data there are",
        "它们根本没有被训练：i ≥ 10 时 x^i/i! 极小，没有梯度；"
        "无论数据多少，w10 … w19 都停留在随机初始值",
    ),
)
def more_data_bring_the_high_coefficients_down(
    noisy_cubic, polynomial_features, train_linear, replicates, stream
):
    sizes = []
    for n in (100, 1000):
        data = protocol.drawn(noisy_cubic, replicates, stream.child("n", n), n=n)
        start = protocol.initial_weights(replicates, 19, stream)
        fit = protocol.trained(
            train_linear, polynomial_features, data, 19, 1500, stream, initial=start, every=None
        )
        sizes.append(np.sqrt(np.mean(np.square(fit.w[:, 10:], dtype=np.float64), axis=1)))
    few, many = sizes
    return arrays.ratio_exceeds(few, many, 2)


@claim(
    "po-highcoef-data.corrected",
    "The coefficients from the tenth on are untrained: they keep their random initial values",
    "十阶及以上的系数未被训练：它们保持随机初始值",
    source=HIGHER,
    formula="‖w - w(0)‖ / ‖w(0)‖ < 0.1 over w10 … w19",
    condition=Text(
        "the chapter's SGD, 1500 epochs; 50 to 400 samples",
        "书中的 SGD，1500 轮；50 到 400 个样本",
    ),
    inside=lambda n: 50 <= n <= 400,
    given={"n": counts(50, 400)},
    always=({"n": 100},),
    holds=more_often_than_not("that they move by less than a tenth", "移动不到十分之一"),
)
def the_high_coefficients_keep_their_initial_values(
    noisy_cubic, polynomial_features, train_linear, n, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream, n=n)
    start = protocol.initial_weights(replicates, 19, stream)
    fit = protocol.trained(
        train_linear, polynomial_features, data, 19, 1500, stream, initial=start, every=None
    )
    truth = np.array([*polynomials.TRUTH, *[0.0] * 16])
    index = np.arange(20)
    return Measured(
        arrays.exceeds(0.1, arrays.relative_error(fit.w[:, 10:], start[:, 10:])),
        Curve(
            Text("Degree 19: how far each coefficient moved", "19 阶：各系数移动的距离"),
            index,
            (
                Line(Text("|trained - initial|", "|训练后 - 初始|"), np.abs(fit.w - start)),
                Line(Text("|trained - true|", "|训练后 - 真实|"), np.abs(fit.w - truth)),
            ),
            x_label=Text("i", "i"),
            log_y=True,
        ),
        Curve(
            Text(
                "Degree 19: the coefficients beyond the cubic, in one replicate",
                "19 阶：一次重复中三阶以上的系数",
            ),
            index[4:],
            (
                Line(Text("trained", "训练后"), fit.w[0, 4:]),
                Line(Text("initial", "初始值"), start[0, 4:]),
                Line(Text("true", "真实值"), truth[4:]),
            ),
            x_label=Text("i", "i"),
            y_label=Text("w_i", "w_i"),
        ),
    )


@claim(
    "po-noise",
    "The more complex the model, the more noise it takes in: at the training points the fit's "
    "variance is σ² (d + 1) / n on average",
    "模型越复杂，越容易受噪声影响：训练点上拟合值的方差平均为 σ² (d + 1) / n",
    source=f"{HIGHER}: the overly complex model is easily influenced by noise",
    formula="‖ŷ - E ŷ‖² / σ² ~ χ²(d + 1)",
    condition=Text(EXACT, EXACT_ZH),
    given={"degree": degrees(3, 19)},
    always=({"degree": 3}, {"degree": 19}),
    holds=variance_equals(ratio=1.05),
)
def an_exact_fit_takes_in_some_noise(noisy_cubic, fit_least_squares, degree, replicates, stream):
    rows = -(-replicates // (degree + 1))
    x, y = noisy_cubic(rows, 100, stream.child("data").numpy())
    taken = fit_least_squares(x, y, degree).predict(x) - polynomials.cubic(x)
    return float(np.square(taken / polynomials.NOISE).sum()), rows * (degree + 1)


@claim(
    "po-noise.outside",
    "Trained as in the chapter, degree 19 is driven by the noise: at least twice the cubic's "
    "variance",
    "按书中方式训练的 19 阶模型易受噪声影响：方差至少是三阶的两倍",
    source=f"{HIGHER}: the overly complex model is easily influenced by noise",
    formula="Var_ε ŷ(degree 19) ≥ 2 · Var_ε ŷ(degree 3)  at the training points",
    condition=Text(
        "the chapter's SGD, 1500 epochs; fixed x, start and orders, four draws of the noise",
        "书中的 SGD，1500 轮；固定 x、初始值与样本顺序，四次噪声抽样",
    ),
    holds=more_often_than_not("that the variance over noise doubles", "噪声引起的方差翻倍"),
    expected=Verdict.REFUTED,
    twin="po-noise",
    why=Text(
        "SGD stops long before the high orders can follow the noise: it has learnt one or two of "
        "the sixteen superfluous ones, so that its variance is about one and a half times the "
        "cubic's, where the exact fit's would be five times as large",
        "SGD 在高阶项跟上噪声之前就已停止：多余的十六阶只学到一两阶，方差约为三阶的一倍半，"
        "而精确解的方差会是三阶的五倍",
    ),
)
def sgd_takes_in_the_noise(noisy_cubic, polynomial_features, train_linear, replicates, stream):
    cubic, high = (
        protocol.variance_over_noise(
            noisy_cubic, polynomial_features, train_linear, degree, replicates, stream
        )
        for degree in (3, 19)
    )
    return Measured(
        arrays.ratio_exceeds(high, cubic, 2),
        Histogram(
            Text(
                "Variance of the fit over the noise: degree 19 over degree 3",
                "噪声引起的方差之比：19 阶比三阶",
            ),
            polynomials.log10_ratio(high, cubic),
            marks={Text("exact least squares", "精确最小二乘"): float(np.log10(5))},
            x_label=Text("log10 of the ratio", "比值的常用对数"),
        ),
    )


@claim(
    "po-printed-deg19",
    "The 20 printed weights of degree 19 are ones that the protocol gives, and those from the "
    "eighth on lie in the box of the initial values",
    "书中印出的 19 阶模型的 20 个权重是该训练过程会给出的值，且第八阶起都落在初始值的范围内",
    source=f"Mu Li's notes, {HIGHER}: the printed weight",
    formula="|w_i| ≤ 1/√20 = 0.2236 for i ≥ 8",
    condition=Text("1500 epochs", "1500 轮"),
    holds=all_hold(
        box=exactly_equal(),
        joint=inside_the_law(expected=0.02, cap=1 << 12),
        last_ten=inside_the_law(expected=0.02, cap=1 << 12),
    ),
)
def the_printed_degree_19_is_inside_the_law(
    noisy_cubic, polynomial_features, train_linear, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    fit = protocol.trained(train_linear, polynomial_features, data, 19, 1500, stream, every=None)
    best = np.pad(polynomials.TRUTH, (0, 16))
    law = protocol.law_of_the_weights(HIGH_FIGURES, fit.w, ("w1", "w5", "w15", "w19"), best)
    # The box is the same for every replicate; one comparison for each of them.
    outermost = np.abs(HIGH_PRINTED[8:]).max() * np.sqrt(20)
    # The last ten hardly enter the risk: they rank by their length, that of the initial values.
    length, printed = (np.linalg.norm(w, axis=-1) for w in (fit.w[:, 10:], HIGH_PRINTED[10:]))
    observed = {
        "box": np.full(replicates, outermost),
        "joint": law.observation,
        **protocol.inside({"last_ten": float(printed)}, {"last_ten": length}),
    }
    return Measured(observed, *law.exhibits)
