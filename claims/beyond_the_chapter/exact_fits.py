"""Least squares to the digits that it has: collinear features, deficient rank, large offsets.

The exact solutions are rational numbers. In symbols u is the unit of rounding, κ the condition
number of the features.
"""

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from claims.beyond_the_chapter.experiments import exact_fits
from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import counts
from harness.metrics import arrays

SOURCE = 'd2l, "Linear Regression", "Analytic Solution"; '
TABLES = 2  # in a call
SIZES = st.sampled_from([2.0**-40, 1.0, 2.0**40])  # of the features; their weights' are inverse


@claim(
    "fit-digits",
    "Least squares loses digits as the condition number grows, and as its square in step with the "
    "residual alone: nearly collinear features keep their weights",
    "最小二乘解丢失的有效位数随条件数增长，只有与残差成比例的那部分才随条件数的平方增长：近乎共线的特征仍得到正确的权重",
    source=SOURCE + "Higham 2002, Theorems 20.1 and 20.3",
    formula="‖ŵ - w‖ ≲ u (κ ‖w‖ + κ² ‖r‖/‖X‖),  r = 0 and κ > 10¹² among the settings",
    given={
        "extra": counts(0, 9),
        "d": counts(1, 4),
        "bits": st.sampled_from([0, 8, 20]),
        "noisy": st.booleans(),
        "size": SIZES,
    },
    always=(
        {"extra": 8, "d": 3, "bits": 20, "noisy": False, "size": 1.0},
        {"extra": 0, "d": 4, "bits": 0, "noisy": True, "size": 2.0**-40},
        {"extra": 30, "d": 2, "bits": 8, "noisy": True, "size": 2.0**40},
    ),
    holds=exactly_equal(),
)
def least_squares_keeps_its_digits(ordinary_least_squares, extra, d, bits, noisy, size, stream):
    rng, mixed = stream.numpy(), exact_fits.nearly_collinear(d, bits)
    tables = [
        _table(exact_fits.full_rank(d + extra, d, rng), mixed, noisy, size, rng)
        for _ in range(TABLES)
    ]
    return _distances(ordinary_least_squares, tables, [d] * TABLES)


@claim(
    "fit-digits.shortest",
    "Among all weights of the least error the shortest are found, with features repeated, with "
    "fewer examples than features and with both",
    "在误差最小的所有权重中找到最短者，无论特征是否重复、样本是否少于特征",
    source=SOURCE + "the system has no unique solution where X'X is not invertible",
    formula="ŵ = X⁺ y",
    given={
        "n": counts(1, 9), "d": counts(1, 9), "rank": counts(1, 4),
        "bits": st.sampled_from([0, 8]), "noisy": st.booleans(), "size": SIZES,
    },
    always=(
        {"n": 4, "d": 9, "rank": 4, "bits": 8, "noisy": False, "size": 1.0},
        {"n": 9, "d": 6, "rank": 3, "bits": 0, "noisy": True, "size": 1.0},
        {"n": 60, "d": 40, "rank": 2, "bits": 0, "noisy": True, "size": 2.0**40},
        {"n": 3, "d": 3, "rank": 3, "bits": 0, "noisy": True, "size": 2.0**-40},
    ),
    holds=exactly_equal(),
)  # fmt: skip
def the_shortest_weights_are_found(minimum_norm, n, d, rank, bits, noisy, size, stream):
    rng, rank = stream.numpy(), min(n, d, rank)
    # Side by side with a table of less rank and far smaller features: each has its own.
    ranks, tables = [rank, max(1, rank - 1)], []
    for own, unit in zip(ranks, (size, size * 2.0**-60), strict=True):
        tall = exact_fits.full_rank(n, own, rng) @ exact_fits.nearly_collinear(own, bits)
        tables.append(_table(tall, exact_fits.full_rank(d, own, rng).T, noisy, unit, rng))
    return _distances(minimum_norm, tables, ranks)


@claim(
    "fit-digits.ridge",
    "Ridge regression minimises the chapter's penalised mean loss whatever λ, with offsets, few "
    "examples and collinear features",
    "无论 λ 取何值，岭回归都使本章带惩罚的平均损失最小，特征有偏移、样本少或特征共线时也是如此",
    source='d2l, "Weight Decay", "Norms and Weight Decay": the penalised loss; the bias is free',
    formula="(w, b) = argmin 1/n Σ (w'x + b - y)²/2 + λ/2 ‖w‖²",
    given={
        "n": counts(1, 9), "d": counts(1, 4), "bits": st.sampled_from([0, 6]),
        "power": st.sampled_from([-20, -4, 0, 12]), "offset": st.sampled_from([0, 2**12]),
        "intercept": st.booleans(),
    },
    always=(
        {"n": 9, "d": 3, "bits": 0, "power": -20, "offset": 0, "intercept": True},
        {"n": 2, "d": 4, "bits": 0, "power": -4, "offset": 0, "intercept": False},
        {"n": 9, "d": 2, "bits": 6, "power": -4, "offset": 2**12, "intercept": True},
        {"n": 9, "d": 2, "bits": 0, "power": 12, "offset": 1, "intercept": False},
    ),
    holds=exactly_equal(),
)  # fmt: skip
def ridge_is_the_penalised_optimum(ridge_regression, n, d, bits, power, offset, intercept, stream):
    rng, weight_decay = stream.numpy(), Fraction(2) ** power
    tables = []
    for _ in range(TABLES):
        X = exact_fits.full_rank(n, d, rng) @ exact_fits.nearly_collinear(d, bits) + offset
        tables.append((X, rng.integers(-99, 100, n)))
    X, y = (np.array(part, dtype=np.float64) for part in zip(*tables, strict=True))
    w, b = ridge_regression(X, y, float(weight_decay), intercept)

    ratios = []
    for (whole, right), w_found, b_found in zip(tables, w, b, strict=True):
        w_exact, b_exact = exact_fits.penalised(whole, right, weight_decay, intercept)
        allowed = exact_fits.allowed_penalised_error(whole, right, w_exact, float(weight_decay))
        reach = 1 + float(np.abs(whole).max()) * d**0.5
        errors = [np.linalg.norm(w_found - w_exact), b_found - b_exact]
        ratios.append(arrays.bounded_ratio(errors, 0.0, [allowed, allowed * reach]))
    return np.concatenate(ratios)


@claim(
    "fit-digits.polynomial",
    "A polynomial with a ridge minimises the penalised mean loss in the features x^i / i!, whose "
    "constant is free",
    "带岭惩罚的多项式使特征 x^i / i! 上带惩罚的平均损失最小，常数项不受惩罚",
    source='d2l, "Polynomial Regression"; "Weight Decay": the penalised loss; the bias is free',
    formula="argmin 1/n Σ (b + Σ_i w_i x^i/i! - y)²/2 + λ/2 ‖w‖²",
    given={"n": counts(6, 12), "degree": counts(1, 4), "power": st.sampled_from([-6, 0, 6])},
    always=({"n": 9, "degree": 3, "power": 0}, {"n": 9, "degree": 1, "power": 6}),
    holds=exactly_equal(),
)
def a_polynomial_with_a_ridge_is_the_optimum(fit_least_squares, n, degree, power, stream):
    rng, weight_decay = stream.numpy(), Fraction(2) ** power
    # Multiples of 6 have whole features up to x^4 / 4!.
    x = 6 * rng.choice(np.arange(-7, 8), n, replace=False)
    y = rng.integers(-99, 100, n) + 1000
    features = [x, x**2 // 2, x**3 // 6, x**4 // 24][:degree]
    whole = np.stack(features, axis=1)
    fit = fit_least_squares(x[None] * 1.0, y[None] * 1.0, degree, float(weight_decay))

    w, b = exact_fits.penalised(whole, y, weight_decay, True)
    allowed = exact_fits.allowed_penalised_error(whole, y, w, float(weight_decay))
    reach = 1 + 2 * float(np.abs(whole).max()) * degree**0.5
    return arrays.bounded_ratio(fit.predict(x[None] * 1.0)[0], whole @ w + b, allowed * reach)


def _table(B, C, noisy, size, rng):
    """Features BC of that size, labels with or without noise, and the exact weights."""
    X = B @ C
    y = X @ rng.integers(-9, 10, X.shape[1])
    if noisy:
        y = y + rng.integers(-9, 10, len(y))
    return X * size, y.astype(np.float64), exact_fits.shortest(B, C, y) / size


def _distances(fit, tables, ranks):
    """The distances of the weights found from the exact ones, over what rounding may make."""
    X, y, exact = (np.array(part) for part in zip(*tables, strict=True))
    found = arrays.as_array(fit(X, y))
    distances = np.linalg.norm(found - exact, axis=1)
    allowed = [exact_fits.allowed_error(*one) for one in zip(X, y, exact, ranks, strict=True)]
    return arrays.bounded_ratio(distances, 0.0, allowed)
