"""Polynomial regression: the noisy cubic, its features x^i / i!, what the notes print of them.

In the book's symbols: y = 5 + 1.2 x - 3.4 x^2 / 2! + 5.6 x^3 / 3! + eps, eps ~ N(0, 0.1^2).
The three fits to these data are in polynomial_fits.py.
"""

from __future__ import annotations

import math

import numpy as np

from harness import metrics
from harness.rulers import polynomial_protocol as protocol
from harness.rulers import polynomials
from harness.strategies import counts, degrees
from harness.trial.claim import Section, Verdict, claim
from harness.trial.exhibits import Curve, Histogram, Line, Measured
from harness.trial.relations import (
    all_hold,
    distribution_equals,
    exactly_equal,
    inside_the_law,
    pairwise_independent,
    probability_above,
    variance_equals,
)

SECTION = Section("polynomial-data", "Polynomial Regression", "多项式回归", 30)
DATASET = 'd2l, "Polynomial Regression", "Generating the Dataset"'
MUTANTS = "tests.mutants.polynomials:"
LAGS = tuple(f"lag {lag}" for lag in metrics.LAGS)
DIVERGED = 1e3  # a loss that no useful fit of these data has; data of loss 60 start the training


@claim(
    "po-data",
    "The data are a cubic polynomial of x ~ N(0, 1) with N(0, 0.1²) noise; the first feature is 1",
    zh="数据由三阶多项式加 N(0, 0.1²) 噪声生成，x ~ N(0, 1)，第一个特征恒为 1",
    section=SECTION,
    source=DATASET,
    formula="y = 5 + 1.2x - 3.4x²/2! + 5.6x³/3! + ε,  ε ~ N(0, 0.1²)",
    given={"n": counts(3, 400)},
    always=({"n": 200},),
    draws=1,
    holds=all_hold(
        x=distribution_equals("N(0, 1)"),
        noise=distribution_equals("N(0, 0.1²)"),
        noise_variance=variance_equals(ratio=1.05),
        first_feature=exactly_equal(),
    ),
    mutants=(
        f"noisy_cubic={MUTANTS}takes_the_variance_for_the_deviation",
        f"noisy_cubic={MUTANTS}draws_only_positive_noise",
        f"noisy_cubic={MUTANTS}forgets_the_factorials",
        f"noisy_cubic={MUTANTS}pairs_x_with_other_labels",
        f"polynomial_features={MUTANTS}starts_at_the_first_power",
    ),
    block=1 << 17,
    cost=0.03,
    devices="cpu",
)
def the_data_are_a_noisy_cubic(noisy_cubic, polynomial_features, n, replicates, stream):
    from scipy.special import ndtr

    x, y = noisy_cubic(-(-replicates // n), n, stream.child("data").numpy())
    noise = (y - polynomials.cubic(x)) / polynomials.NOISE
    features = polynomial_features(x, polynomials.HIGH)
    return Measured(
        {
            "x": ndtr(x),
            "noise": ndtr(noise),
            "noise_variance": (float(np.square(noise).sum()), noise.size),
            "first_feature": metrics.mismatch(features[..., 0], np.ones_like(x)),
        },
        (
            Histogram(
                "Noise of the labels",
                "标签的噪声",
                noise.ravel()[:4096] * polynomials.NOISE,
                x_label="y - cubic(x)",
                x_label_zh="y 减去三阶多项式",
            ),
        ),
    )


@claim(
    "po-data.independent",
    "Every sample has its own noise, independent of x, of its neighbours and of other replicates",
    zh="每个样本的噪声独立于 x、相邻样本和其他重复试验",
    section=SECTION,
    source=DATASET,
    always=({"n": 200},),
    holds=pairwise_independent(0.5, within=0.02, labels=(*LAGS, "x and noise", "two replicates")),
    mutants=(
        f"noisy_cubic={MUTANTS}shares_noise_between_neighbours",
        f"noisy_cubic={MUTANTS}repeats_the_noise_in_every_replicate",
    ),
    block=1 << 15,
    cost=0.1,
    devices="cpu",
)
def every_sample_has_its_own_noise(noisy_cubic, n, replicates, stream):
    # The longest lag leaves the fewest disjoint pairs of a row.
    pairs = n // (2 * metrics.LAGS[-1]) * metrics.LAGS[-1]
    rows = 2 * -(-replicates // pairs)
    x, y = noisy_cubic(rows, n, stream.child("data").numpy())
    positive = y > polynomials.cubic(x)
    along = {f"lag {lag}": metrics.agreements(positive, axis=1, lag=lag) for lag in metrics.LAGS}
    return along | {
        "x and noise": metrics.pairs_agree(x > 0, positive),
        "two replicates": metrics.pairs_agree(positive[0::2], positive[1::2]),
    }


@claim(
    "po-gamma",
    "Γ(n) = (n - 1)!, so dividing by Γ(i + 1) makes the features x^i / i!",
    zh="Γ(n) = (n - 1)!，因此除以 Γ(i + 1) 得到特征 x^i / i!",
    section=SECTION,
    source=f"{DATASET}: the comment beside math.gamma",
    formula="Γ(n) = (n - 1)!",
    given={"n": counts(1, 23)},  # up to 22! every factorial is a float
    always=({"n": 1}, {"n": 20}),
    holds=exactly_equal(),
    mutants=(
        f"polynomial_features={MUTANTS}divides_by_the_next_factorial",
        f"polynomial_features={MUTANTS}overflows_the_factorial",
    ),
    block=1,
    cost=0.001,
    devices="cpu",
)
def gamma_is_a_factorial(polynomial_features, n):
    feature = polynomial_features(np.ones(1), n - 1)[:, n - 1]
    exact = 1 / math.gamma(n)
    # Two roundings for each factor, and one for 1 / Γ(n).
    return np.concatenate(
        [
            metrics.mismatch(math.gamma(n), float(math.factorial(n - 1))).ravel(),
            metrics.rounding_ratio(feature, exact, exact, operations=2 * n + 4),
        ]
    )


@claim(
    "po-comments",
    "The 20 features reach degree 20, and feature i is divided by (i + 1)!",
    zh="20 个特征的最大阶数为 20，第 i 个特征除以 (i+1) 的阶乘",
    section=SECTION,
    source="Mu Li's notes, comments in the code of the polynomial data set",
    formula="feature i = x^i / (i + 1)!,  highest degree 20",
    always=({"features": 20},),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="po-comments.corrected",
    why="20 features are the degrees 0 to 19, and the code's gamma(i + 1) is i!, not (i + 1)!: "
    "as commented, feature 1 would be x / 2",
    why_zh="20 个特征对应 0 到 19 阶；代码中的 gamma(i+1) 等于 i!，而不是 (i+1)!："
    "按注释，第 1 个特征会变成 x/2",
    block=16,
    cost=0.001,
    devices="cpu",
)
def the_features_are_as_commented(polynomial_features, features, replicates, stream):
    x = stream.child("x").numpy().standard_normal(replicates)
    found = polynomial_features(x, features - 1)
    exact = polynomials.exact_features(x, features)
    commented = exact[:, :-1] / np.arange(1, features + 1)
    last = found[:, -1] - exact[:, -1]
    return np.concatenate(
        [
            metrics.rounding_ratio(found, commented, commented, operations=2 * features + 4),
            metrics.rounding_ratio(last, 0.0, exact[:, -1], operations=2 * features + 4)[:, None],
        ],
        axis=1,
    )


@claim(
    "po-comments.corrected",
    "The features of degree d are x^i / i! for i = 0 … d: d + 1 of them",
    zh="d 阶的特征为 x^i / i!（i = 0 … d），共 d + 1 个",
    section=SECTION,
    source=DATASET,
    formula="feature i = x^i / i!,  i = 0 … d",
    given={"degree": degrees(0, 19), "n": counts(1, 40)},
    always=({"degree": 0, "n": 1}, {"degree": 19, "n": 33}),
    holds=exactly_equal(),
    mutants=(
        f"polynomial_features={MUTANTS}starts_at_the_first_power",
        f"polynomial_features={MUTANTS}divides_by_the_next_factorial",
        f"polynomial_features={MUTANTS}overflows_the_factorial",
        f"polynomial_features={MUTANTS}does_not_rescale",
    ),
    block=4,
    cost=0.005,
    devices="cpu",
)
def the_features_are_powers_over_factorials(polynomial_features, degree, n, replicates, stream):
    x = stream.child("x").numpy().standard_normal((replicates, n))
    found = polynomial_features(x, degree)
    exact = polynomials.exact_features(x, degree)
    if found.shape != exact.shape:
        return metrics.truth([False])
    # Two roundings a factor by products; a library's power and gamma err by a few units at most.
    return metrics.rounding_ratio(found, exact, exact, operations=2 * degree + 8)


@claim(
    "po-rescale",
    "Dividing by i! keeps training from exploding: raw powers diverge, rescaled ones do not",
    zh="除以 i! 避免了特大的值：原始幂次会发散，缩放后不会",
    section=SECTION,
    source='d2l, "Polynomial Regression": "It allows us to avoid very large values for large '
    'exponents i"',
    condition="from degree 7 on; learning rate 0.01, 30 epochs, diverged: loss above 1000 or NaN",
    condition_zh="7 阶及以上；学习率 0.01，30 轮；损失超过 1000 或 NaN 视为发散",
    inside=lambda degree: degree >= 7,
    given={"degree": degrees(7, 19)},
    always=({"degree": 7}, {"degree": 19}),
    draws=1,
    holds=probability_above(
        0.5,
        0.9,
        of="that raw powers diverge and rescaled ones do not",
        of_zh="原始幂次发散而缩放后不发散",
    ),
    mutants=(f"polynomial_features={MUTANTS}does_not_rescale",),
    block=16,
    cost=0.03,
    devices="cpu",
    shrink=False,
)
def rescaling_keeps_training_finite(
    noisy_cubic, polynomial_features, train_linear, degree, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    raw, rescaled = (
        protocol.trained(train_linear, features, data, degree, 30, stream, every=1)
        for features in (raw_powers, polynomial_features)
    )
    powers = np.arange(degree + 1)
    return Measured(
        metrics.exceeds(raw.train_loss[:, -1], DIVERGED)
        & ~metrics.exceeds(rescaled.train_loss[:, -1], DIVERGED),
        (
            Curve(
                "Largest feature of 100 samples",
                "100 个样本中最大的特征值",
                powers,
                (
                    Line("x^i", "x^i", np.abs(raw_powers(data.x, degree)).max(axis=1)),
                    Line("as trained", "训练所用", _largest(polynomial_features, data.x, degree)),
                ),
                x_label="i",
                x_label_zh="i",
                log_y=True,
            ),
        ),
    )


@claim(
    "po-rescale.cubic",
    "For the cubic alone the rescaling is not needed: raw powers do not diverge either",
    zh="仅就三阶而言并不需要缩放：原始幂次同样不会发散",
    section=SECTION,
    source='d2l, "Polynomial Regression"',
    condition="degree 3, learning rate 0.01, 30 epochs",
    condition_zh="3 阶，学习率 0.01，30 轮",
    holds=probability_above(0.5, 0.9, of="that raw powers stay finite", of_zh="原始幂次不发散"),
    mutants=(f"train_linear={MUTANTS}steps_on_the_sum",),
    block=16,
    cost=0.02,
    devices="cpu",
)
def the_cubic_needs_no_rescaling(noisy_cubic, train_linear, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    raw = protocol.trained(train_linear, raw_powers, data, 3, 30, stream)
    return ~metrics.exceeds(raw.train_loss[:, -1], DIVERGED)


@claim(
    "po-rescale.conditioning",
    "Rescaling bounds the values, not the conditioning: the columns x^i / i! are worse conditioned",
    zh="缩放限制了数值，却没有改善条件数：x^i / i! 的条件数更差",
    section=SECTION,
    source='d2l, "Polynomial Regression"',
    formula="cond(x^i / i!) > cond(x^i)",
    condition="degrees 11 to 13; the medians cross at degree 7, each replicate's own rank later",
    condition_zh="11 到 13 阶；中位数在 7 阶处交叉，单次试验的大小关系要更晚才稳定",
    inside=lambda degree: 11 <= degree <= 13,
    given={"degree": degrees(11, 13)},
    always=({"degree": 11},),
    draws=1,
    holds=probability_above(
        0.5, 0.9, of="that the rescaled columns are worse conditioned", of_zh="缩放后条件数更大"
    ),
    mutants=(f"polynomial_features={MUTANTS}does_not_rescale",),
    block=16,
    cost=0.01,
    devices="cpu",
    shrink=False,
)
def rescaling_worsens_the_conditioning(polynomial_features, degree, replicates, stream):
    x = stream.child("x").numpy().standard_normal((replicates, 100))
    rescaled = np.linalg.cond(polynomial_features(x, degree))
    return metrics.exceeds(rescaled, np.linalg.cond(raw_powers(x, degree)))


@claim(
    "po-rescale.low-degree",
    "At low degrees the columns x^i / i! are the better conditioned ones",
    zh="在低阶时，x^i / i! 的条件数反而更好",
    section=SECTION,
    source='d2l, "Polynomial Regression"',
    formula="cond(x^i / i!) < cond(x^i)",
    condition="degrees 3 and 4",
    condition_zh="3 阶和 4 阶",
    always=({"degree": 3}, {"degree": 4}),
    holds=probability_above(
        0.5,
        0.75,
        of="that the rescaled columns are better conditioned",
        of_zh="缩放后条件数更小",
    ),
    mutants=(f"polynomial_features={MUTANTS}does_not_rescale",),
    block=32,
    cost=0.01,
    devices="cpu",
)
def rescaling_helps_low_degrees(polynomial_features, degree, replicates, stream):
    x = stream.child("x").numpy().standard_normal((replicates, 100))
    rescaled = np.linalg.cond(polynomial_features(x, degree))
    return metrics.exceeds(np.linalg.cond(raw_powers(x, degree)), rescaled)


@claim(
    "po-printed-rows",
    "The two printed rows of features are x^i / i! of one x each",
    zh="打印出的两行特征分别是同一个 x 的 x^i / i!",
    section=SECTION,
    source="Mu Li's notes, the printed features[:2] and poly_features[:2, :]",
    formula="x = -0.828246…, 1.400293…",
    holds=exactly_equal(),
    mutants=(
        f"polynomial_features={MUTANTS}divides_by_the_next_factorial",
        f"polynomial_features={MUTANTS}overflows_the_factorial",
    ),
    block=1,
    cost=0.001,
    devices="cpu",
)
def the_printed_rows_are_features(polynomial_features):
    printed, half_unit = polynomials.printed_features()
    found = polynomial_features(polynomials.behind_the_printed_features(), polynomials.HIGH)
    # Half a unit of the last printed digit, and the rounding to float32 before it was printed.
    return np.abs(found - printed) / (half_unit + 2.0**-24 * np.abs(printed))


@claim(
    "po-printed-rows.labels",
    "The two printed labels are the cubic at these x plus noise N(0, 0.1²)",
    zh="打印出的两个标签是这些 x 处的三阶多项式值加 N(0, 0.1²) 噪声",
    section=SECTION,
    source="Mu Li's notes, the printed labels[:2]",
    formula="2.4621 and 5.9544",
    holds=all_hold(
        first=inside_the_law(expected=0.01, cap=4096),
        second=inside_the_law(expected=0.01, cap=4096),
    ),
    mutants=(f"noisy_cubic={MUTANTS}takes_the_variance_for_the_deviation",),
    block=256,
    cost=0.001,
    devices="cpu",
)
def the_printed_labels_fit_their_rows(noisy_cubic, replicates, stream):
    at = polynomials.behind_the_printed_features()
    x, y = noisy_cubic(replicates, 2, stream.child("data").numpy())
    labels = polynomials.cubic(at) + (y - polynomials.cubic(x))
    figures = dict(zip(("first", "second"), polynomials.PRINTED_LABELS, strict=True))
    return Measured(
        protocol.inside(figures, {"first": labels[:, 0], "second": labels[:, 1]}),
        tuple(
            Histogram(
                f"The {place} label",
                f"{place_zh}标签",
                labels[:, column],
                marks={"printed": figure},
                marks_zh={"printed": "书中印出的值"},
                x_label="y",
                x_label_zh="y",
            )
            for column, (place, place_zh, figure) in enumerate(
                zip(figures, ("第一个", "第二个"), polynomials.PRINTED_LABELS, strict=True)
            )
        ),
    )


def raw_powers(x, degree):
    """x^i for i = 0 ... degree, in the last axis."""
    return np.power(x[..., None], np.arange(degree + 1))


def _largest(polynomial_features, x, degree):
    return np.abs(polynomial_features(x, degree)).max(axis=1)
