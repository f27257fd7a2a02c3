"""Polynomial regression: the noisy cubic and its features x^i / i!.

In the book's symbols: y = 5 + 1.2 x - 3.4 x^2 / 2! + 5.6 x^3 / 3! + eps, eps ~ N(0, 0.1^2).
What rescaling does is in polynomial_rescaling.py, the three fits in polynomial_fits.py.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.polynomial_regression.experiments import polynomials
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Histogram, Line, Measured
from harness.declaration.relations import (
    all_hold,
    distribution_equals,
    exactly_equal,
    pairwise_independent,
    variance_equals,
)
from harness.declaration.strategies import counts, degrees
from harness.metrics import arrays, dropout_masks, task_data
from harness.text import Text

DATASET = 'd2l, "Polynomial Regression", "Generating the Dataset"'
NOISE = polynomials.NOISE
LAGS = tuple(f"lag {lag}" for lag in dropout_masks.LAGS)


@claim(
    "po-data",
    "The data are y = 5 + 1.2x - 3.4x²/2! + 5.6x³/3! + ε with x ~ N(0, 1) and ε ~ N(0, σ²), in the "
    "notes σ = 0.1; the first feature is 1",
    "数据为 y = 5 + 1.2x - 3.4x²/2! + 5.6x³/3! + ε，x ~ N(0, 1)，ε ~ N(0, σ²)（笔记中 σ = "
    "0.1）；第一个特征恒为 1",
    source=DATASET,
    formula="y = 5 + 1.2x - 3.4x²/2! + 5.6x³/3! + ε,  ε ~ N(0, σ²)",
    given={"n": counts(3, 400), "noise": st.sampled_from([NOISE, 0.02, 1.0])},
    always=({"n": 200, "noise": NOISE},),
    holds=all_hold(
        x=distribution_equals("N(0, 1)"),
        noise=distribution_equals("N(0, σ²)"),
        noise_variance=variance_equals(ratio=1.05),
        first_feature=exactly_equal(),
    ),
)
def the_data_are_a_noisy_cubic(noisy_cubic, polynomial_features, n, noise, replicates, stream):
    from scipy.special import ndtr

    rows, rng = -(-replicates // n), stream.child("data").numpy()
    # The deviation of the notes is the default, and is not told.
    x, y = noisy_cubic(rows, n, rng, *(() if noise == NOISE else (noise,)))
    errors = (y - polynomials.cubic(x)) / noise
    features = polynomial_features(x, polynomials.HIGH)
    return Measured(
        {
            "x": ndtr(x),
            "noise": ndtr(errors),
            "noise_variance": (float(np.square(errors).sum()), errors.size),
            "first_feature": arrays.mismatch(features[..., 0], np.ones_like(x)),
        },
        Histogram(
            Text("Noise of the labels", "标签的噪声"),
            errors.ravel()[:4096] * noise,
            x_label=Text("y - cubic(x)", "y 减去三阶多项式"),
        ),
    )


@claim(
    "po-data.independent",
    "Every sample has an x and a noise of its own, in every replicate and every call",
    "每个样本都有自己的 x 和噪声，在每次重复试验、每次调用中皆然",
    source=DATASET,
    formula="P(x_i > 0, x_j > 0 or neither) = 1/2, and of ε:  i, j in one sample, in two "
    "replicates, in two calls;  and of x_i with ε_i",
    always=({"n": 200},),
    holds=pairwise_independent(0.5, within=0.02, labels=(*LAGS, *task_data.labels("x", "noise"))),
)
def every_sample_has_its_own_noise(noisy_cubic, n, replicates, stream):
    # The longest lag leaves the fewest disjoint pairs of a row.
    pairs = n // (2 * dropout_masks.LAGS[-1]) * dropout_masks.LAGS[-1]
    rows, rng = 2 * -(-replicates // pairs), stream.child("data").numpy()
    calls = [noisy_cubic(rows, n, rng) for _ in range(2)]
    numbers = [{"x": x, "noise": y - polynomials.cubic(x)} for x, y in calls]
    along = {
        f"lag {lag}": dropout_masks.agreements(numbers[0]["noise"] > 0, axis=1, lag=lag)
        for lag in dropout_masks.LAGS
    }
    return along | task_data.agreements(*numbers)


@claim(
    "po-gamma",
    "Γ(n) = (n - 1)!, so dividing by Γ(i + 1) makes the features x^i / i!",
    "Γ(n) = (n - 1)!，因此除以 Γ(i + 1) 得到特征 x^i / i!",
    source=f"{DATASET}: the comment beside math.gamma",
    formula="Γ(n) = (n - 1)!;  feature i · Γ(i + 1) = x^i for x = 1, -2, 1/2",
    # up to 22! every factorial is a float
    given={"n": counts(1, 23)},
    always=({"n": 1}, {"n": 20}),
    holds=exactly_equal(),
)
def gamma_is_a_factorial(polynomial_features, n):
    x = np.array([1.0, -2.0, 0.5])  # their powers are exact
    feature = polynomial_features(x, n - 1)[:, n - 1]
    exact = x ** (n - 1) / math.gamma(n)
    # Two roundings for each factor, and one for x^i / Γ(n).
    return np.concatenate(
        [
            arrays.mismatch(math.gamma(n), float(math.factorial(n - 1))).ravel(),
            arrays.rounding_ratio(feature, exact, exact, operations=2 * n + 4),
        ]
    )


@claim(
    "po-comments",
    "The 20 features reach degree 20, and feature i is divided by (i + 1)!",
    "20 个特征的最大阶数为 20，第 i 个特征除以 (i+1) 的阶乘",
    source="Mu Li's notes, comments in the code of the polynomial data set",
    formula="feature i = x^i / (i + 1)!,  highest degree 20",
    always=({"features": 20},),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="po-comments.corrected",
    why=Text(
        "20 features are the degrees 0 to 19, and the code's gamma(i + 1) is i!, not (i + 1)!: "
        "as commented, feature 1 would be x / 2",
        "20 个特征对应 0 到 19 阶；代码中的 gamma(i+1) 等于 i!，而不是 (i+1)!："
        "按注释，第 1 个特征会变成 x/2",
    ),
)
def the_features_are_as_commented(polynomial_features, features, replicates, stream):
    x = stream.child("x").numpy().standard_normal(replicates)
    found = polynomial_features(x, features - 1)
    exact = polynomials.exact_features(x, features)
    commented = exact[:, :-1] / np.arange(1, features + 1)
    last = found[:, -1] - exact[:, -1]
    ratios = np.concatenate(
        [
            arrays.rounding_ratio(found, commented, commented, operations=2 * features + 4),
            arrays.rounding_ratio(last, 0.0, exact[:, -1], operations=2 * features + 4)[:, None],
        ],
        axis=1,
    )
    return Measured(ratios, _features_at_two(polynomial_features, features))


def _features_at_two(polynomial_features, features):
    """Feature i of x = 2 by i, as it is and as the comments have it."""
    i = np.arange(features)
    x = np.full(1, 2.0)
    commented = polynomials.exact_features(x, features)[0, :features] / (i + 1)
    return Curve(
        Text("The features of x = 2", "x = 2 的各个特征"),
        i,
        (
            Line(
                Text("the code: x^i / i!", "代码：x^i / i!"), polynomial_features(x, features - 1)
            ),
            Line(Text("the comment: x^i / (i + 1)!", "注释：x^i / (i+1)!"), commented),
        ),
        x_label=Text("feature i", "特征 i"),
        y_label=Text("value", "数值"),
        log_y=True,
    )


@claim(
    "po-comments.corrected",
    "The features of degree d are x^i / i! for i = 0 … d: d + 1 of them, of the dtype of x",
    "d 阶的特征为 x^i / i!（i = 0 … d），共 d + 1 个，数据类型与 x 相同",
    source=DATASET,
    formula="feature i = x^i / i!,  i = 0 … d",
    given={"degree": degrees(0, 19), "n": counts(1, 40)},
    always=({"degree": 0, "n": 1}, {"degree": 19, "n": 33}),
    holds=exactly_equal(),
)
def the_features_are_powers_over_factorials(polynomial_features, degree, n, replicates, stream):
    x = stream.child("x").numpy().standard_normal((replicates, n))
    found = polynomial_features(x, degree)
    exact = polynomials.exact_features(x, degree)
    single = polynomial_features(x.astype(np.float32), degree)
    lying = polynomial_features(np.asfortranarray(x[:8]), degree)  # column by column in memory
    point = polynomial_features(np.array(x[0, 0]), degree)
    pairs = ((found, exact), (lying, exact[:8]), (point, exact[0, 0]))
    if single.dtype != np.float32 or any(one.shape != other.shape for one, other in pairs):
        return arrays.truth([False])
    # Two roundings a factor by products; a library's power and gamma err by a few units at most.
    ratios = [
        arrays.rounding_ratio(one, other, other, operations=2 * degree + 8) for one, other in pairs
    ]
    return np.concatenate([ratio.ravel() for ratio in ratios])
