"""Two fits of the noisy cubic: the cubic itself, and a line, which underfits.

By the chapter's protocol (100 + 100 samples, SGD in batches of 10, learning rate 0.01, torch's
default weights) and by exact least squares. Loss is the mean squared error; the noise floor is
sigma^2 = 0.01.
"""

from __future__ import annotations

import numpy as np

from claims.polynomial_regression.experiments import polynomials, protocol
from harness.declaration.claim import Section, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import all_hold, inside_the_law, probability_above
from harness.metrics import arrays

NORMAL = Section(
    "polynomial-cubic",
    "Third-Order Polynomial Function Fitting (Normal)",
    "三阶多项式函数拟合（正常）",
    35,
)
UNDER = Section(
    "polynomial-line", "Linear Function Fitting (Underfitting)", "线性函数拟合（欠拟合）", 36
)
CUBIC = 'd2l, "Polynomial Regression", "Third-Order Polynomial Function Fitting (Normal)"'
LINEAR = 'd2l, "Polynomial Regression", "Linear Function Fitting (Underfitting)"'
MUTANTS = "claims.polynomial_regression.faults.fits:"
CUBIC_FIGURES = protocol.named(polynomials.PRINTED_CUBIC)
LINE_FIGURES = protocol.named(polynomials.PRINTED_LINE)
LOW = 2 * polynomials.FLOOR  # a loss is low when it is within a factor of 2 of the noise floor


@claim(
    "po-deg3-low",
    "With degree 3 both the training and the test loss become low",
    zh="用三阶多项式拟合时，训练损失和测试损失都会变低",
    section=NORMAL,
    source=f"{CUBIC}: the model's training and test losses can be effectively reduced",
    formula="train < 2σ²  and  test < 2σ²",
    condition="400 epochs",
    condition_zh="400 轮",
    holds=probability_above(
        0.5, 0.75, of="that both losses are below 2σ²", of_zh="两个损失都低于 2σ²"
    ),
    mutants=(
        f"train_linear={MUTANTS}takes_a_tenth_of_the_step",
        f"train_linear={MUTANTS}decays_without_being_asked",
        f"noisy_cubic={MUTANTS}pairs_x_with_other_labels",
    ),
    block=16,
    cost=0.05,
    devices="cpu",
)
def the_cubic_reaches_low_losses(
    noisy_cubic, polynomial_features, train_linear, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    fit = protocol.trained(train_linear, polynomial_features, data, 3, 400, stream)
    train, test = protocol.last_losses(fit)
    return Measured(
        arrays.exceeds(LOW, train) & arrays.exceeds(LOW, test),
        (
            protocol.loss_curves(
                "Degree 3: loss per epoch", "三阶：每轮损失", {("degree 3", "三阶"): fit}
            ),
        ),
    )


@claim(
    "po-deg3-low.converged",
    "After 1500 epochs the fit of degree 3 is the least-squares fit",
    zh="训练 1500 轮后，三阶拟合就是最小二乘解",
    section=NORMAL,
    source=CUBIC,
    formula="|ln(test of SGD / test of least squares)| < ln 1.1",
    condition="1500 epochs, where the chapter stops after 400",
    condition_zh="1500 轮（书中只训练 400 轮）",
    holds=probability_above(
        0.5, 0.9, of="that both test losses agree within 10 %", of_zh="两个测试损失相差不到 10%"
    ),
    mutants=(
        f"train_linear={MUTANTS}takes_a_tenth_of_the_step",
        f"fit_least_squares={MUTANTS}shrinks_without_being_asked",
    ),
    block=16,
    cost=0.1,
    devices="cpu",
)
def sgd_reaches_least_squares_at_degree_three(
    noisy_cubic, polynomial_features, train_linear, fit_least_squares, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    fit = protocol.trained(train_linear, polynomial_features, data, 3, 1500, stream)
    exact = fit_least_squares(data.x, data.y, 3)
    best = polynomials.squared_loss(exact, data.x_test, data.y_test)
    reached = protocol.last_losses(fit)[1]
    return ~arrays.ratio_exceeds(reached, best, 1.1) & ~arrays.ratio_exceeds(best, reached, 1.1)


@claim(
    "po-deg3-weights",
    "The learned weights of the cubic are close to the true ones, 5, 1.2, -3.4, 5.6",
    zh="学到的三阶权重接近真实值 5, 1.2, -3.4, 5.6",
    section=NORMAL,
    source=f"{CUBIC}: the learned model parameters are close to the true values",
    formula="‖ŵ - w‖ / ‖w‖ < 0.05",
    condition="400 epochs",
    condition_zh="400 轮",
    holds=probability_above(
        0.5, 0.9, of="that the weights are within 5 % of the true ones", of_zh="权重误差小于 5%"
    ),
    mutants=(
        f"train_linear={MUTANTS}takes_a_tenth_of_the_step",
        f"train_linear={MUTANTS}decays_without_being_asked",
        f"polynomial_features={MUTANTS}divides_by_the_next_factorial",
        f"noisy_cubic={MUTANTS}forgets_the_factorials",
    ),
    block=16,
    cost=0.05,
    devices="cpu",
)
def the_cubic_recovers_the_coefficients(
    noisy_cubic, polynomial_features, train_linear, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    fit = protocol.trained(train_linear, polynomial_features, data, 3, 400, stream)
    start = protocol.initial_weights(replicates, 3, stream)
    error = arrays.relative_error(fit.w, np.array(polynomials.TRUTH))
    return Measured(
        arrays.exceeds(0.05, error),
        (
            Curve(
                "Degree 3: the coefficients",
                "三阶：各系数",
                np.arange(4),
                (
                    Line("learned", "学到的值", fit.w),
                    Line("initial", "初始值", start),
                    Line("true", "真实值", np.array(polynomials.TRUTH)),
                ),
                x_label="i",
                x_label_zh="i",
                y_label="w_i",
                y_label_zh="w_i",
            ),
        ),
    )


@claim(
    "po-printed-deg3",
    "The printed weights of degree 3 are ones that the protocol gives",
    zh="书中印出的三阶权重是该训练过程会给出的值",
    section=NORMAL,
    source=f"Mu Li's notes, {CUBIC}: the printed weight",
    formula="[4.989, 1.163, -3.419, 5.6815]",
    condition="400 epochs",
    condition_zh="400 轮",
    holds=all_hold(
        **dict.fromkeys(CUBIC_FIGURES, inside_the_law(expected=1e-3, cap=1 << 16)),
    ),
    mutants=(f"train_linear={MUTANTS}decays_without_being_asked",),
    block=1024,
    cost=0.5,
    devices="cpu",
)
def the_printed_cubic_is_inside_the_law(
    noisy_cubic, polynomial_features, train_linear, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    fit = protocol.trained(train_linear, polynomial_features, data, 3, 400, stream, every=None)
    return protocol.law_of_the_weights(CUBIC_FIGURES, fit.w, CUBIC_FIGURES)


@claim(
    "po-deg1-high",
    "A linear fit underfits: its training loss stays high",
    zh="线性函数欠拟合：训练损失仍然很高",
    section=UNDER,
    source=f"{LINEAR}: the training loss is still high",
    formula="train(degree 1) > 100 · train(degree 3)",
    condition="400 epochs each",
    condition_zh="各训练 400 轮",
    holds=probability_above(
        0.5,
        0.9,
        of="that the line's training loss is above 100 times the cubic's",
        of_zh="线性拟合的训练损失超过三阶的 100 倍",
    ),
    mutants=(
        f"noisy_cubic={MUTANTS}draws_a_straight_line",
        f"train_linear={MUTANTS}takes_a_tenth_of_the_step",
    ),
    block=16,
    cost=0.1,
    devices="cpu",
)
def a_line_underfits(noisy_cubic, polynomial_features, train_linear, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    line, cubic = (
        protocol.trained(train_linear, polynomial_features, data, degree, 400, stream)
        for degree in (1, 3)
    )
    return Measured(
        arrays.ratio_exceeds(line.train_loss[:, -1], cubic.train_loss[:, -1], 100),
        (
            protocol.loss_curves(
                "A line and a cubic: loss per epoch",
                "线性与三阶：每轮损失",
                {("degree 1", "一阶"): line, ("degree 3", "三阶"): cubic},
            ),
        ),
    )


@claim(
    "po-deg1-high.floor",
    "However much data it has, the best line is 3.3 + 4x and keeps a loss of 11.02",
    zh="无论数据多少，最佳直线为 3.3 + 4x，其损失停在 11.02",
    section=UNDER,
    source=LINEAR,
    formula="1.7²·2 + (5.6/6)²·6 + 0.1² = 11.0167",
    condition="least squares on 40 000 samples; within 0.25 and 10 %",
    condition_zh="40000 个样本的最小二乘；误差 0.25 与 10% 以内",
    holds=probability_above(
        0.5, 0.9, of="that slope, intercept and loss are these", of_zh="斜率、截距和损失为上述值"
    ),
    mutants=(
        f"fit_least_squares={MUTANTS}fits_one_degree_more",
        f"noisy_cubic={MUTANTS}forgets_the_factorials",
    ),
    block=8,
    cost=0.05,
    devices="cpu",
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
    zh="书中印出的线性权重是该训练过程会给出的值",
    section=UNDER,
    source=f"Mu Li's notes, {LINEAR}: the printed weight",
    formula="[2.983, 4.203]",
    condition="400 epochs",
    condition_zh="400 轮",
    holds=all_hold(
        **dict.fromkeys(LINE_FIGURES, inside_the_law(expected=0.02, cap=1 << 12)),
    ),
    mutants=(
        f"noisy_cubic={MUTANTS}draws_a_straight_line",
        f"noisy_cubic={MUTANTS}forgets_the_factorials",
    ),
    block=64,
    cost=0.05,
    devices="cpu",
)
def the_printed_line_is_inside_the_law(
    noisy_cubic, polynomial_features, train_linear, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    fit = protocol.trained(train_linear, polynomial_features, data, 1, 400, stream, every=None)
    return protocol.law_of_the_weights(LINE_FIGURES, fit.w, LINE_FIGURES)
