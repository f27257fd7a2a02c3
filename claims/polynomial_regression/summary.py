"""The summary of under- and overfitting: its two definitions, and selection by validation.

Polynomials are fitted to the noisy cubic by exact least squares, so that a training loss cannot be
reduced further; the counter-example is the 200-dimensional linear model, where interpolation helps.
"""

import numpy as np

from claims.polynomial_regression.experiments import polynomials, protocol
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Histogram, Line, Measured
from harness.declaration.relations import all_hold, always_true, more_often_than_not
from harness.declaration.strategies import degrees
from harness.metrics import arrays
from harness.text import Text
from harness.training.solver import Solver, Split

SUMMARY = 'd2l, "Model Selection, Underfitting, and Overfitting", "Summary"'
LOW = 2 * polynomials.FLOOR  # a loss is low when it is within a factor of 2 of the noise floor
SIZES = (1, 25, 50, 100, 200)  # of 200 features, trained on 100 samples


@claim(
    "su-underfit-def",
    "A model that cannot reduce its training error any further underfits",
    "欠拟合是指模型无法继续减少训练误差",
    source=f"{SUMMARY}: underfitting means that a model is not able to reduce the training error",
    formula="train at its minimum  ⇒  test > 2σ²",
    condition=Text("the cubic at its exact minimum", "三阶多项式，训练误差已为精确最小值"),
    holds=more_often_than_not(
        "that the converged cubic is poor on fresh data", "收敛的三阶拟合泛化差"
    ),
    expected=Verdict.REFUTED,
    twin="su-underfit-def.corrected",
    why=Text(
        "every converged model satisfies the definition, the right one too: the exact cubic "
        "cannot reduce its training error either, and its test loss is at the noise floor",
        "任何收敛的模型都满足这一定义，包括正确的模型：精确的三阶解也无法再降低训练误差，"
        "而其测试损失已在噪声水平",
    ),
)
def a_converged_model_underfits(noisy_cubic, fit_least_squares, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    return arrays.exceeds(protocol.least_squares_losses(fit_least_squares, data, 3)[1], LOW)


@claim(
    "su-underfit-def.corrected",
    "A model underfits when its training error, at its minimum, is well above a richer model's, "
    "and so is its error on fresh data",
    "欠拟合是指：训练误差降到最低后仍明显高于更复杂的模型，新数据上的误差也是如此",
    source=SUMMARY,
    formula="min train(d) > 2 · min train(3)  and  test(d) > 2 · test(3)",
    condition=Text("degrees 0, 1 and 2 against 3", "0、1、2 阶与三阶比较"),
    always=({"degree": 0}, {"degree": 1}, {"degree": 2}),
    holds=more_often_than_not("that both losses are twice the cubic's", "两个损失都超过三阶的两倍"),
)
def a_model_below_the_cubic_underfits(noisy_cubic, fit_least_squares, degree, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    (low_train, low_test), (train, test) = (
        protocol.least_squares_losses(fit_least_squares, data, d) for d in (degree, 3)
    )
    return arrays.ratio_exceeds(low_train, train, 2) & arrays.ratio_exceeds(low_test, test, 2)


@claim(
    "su-overfit-def",
    "A training error far below the validation error is overfitting: a simpler model does better",
    "训练误差远小于验证误差意味着过拟合：更简单的模型表现更好",
    source=f"{SUMMARY}: overfitting means that the training error is far below the validation "
    "error",
    formula="validation(d) > 2 · train(d)  and  validation(d) > validation(3)",
    condition=Text(
        "exact least squares of degree 16 to 19 on 100 samples of the cubic",
        "对三阶数据的 100 个样本做 16 到 19 阶精确最小二乘",
    ),
    inside=lambda degree: 16 <= degree <= 19,
    given={"degree": degrees(16, 19)},
    always=({"degree": 19},),
    holds=more_often_than_not("that there is a gap and the cubic does better", "有差距且三阶更好"),
)
def a_gap_comes_with_harm(noisy_cubic, fit_least_squares, degree, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    (train, valid), (_, best) = (
        protocol.least_squares_losses(fit_least_squares, data, d) for d in (degree, 3)
    )
    return arrays.ratio_exceeds(valid, train, 2) & arrays.exceeds(valid, best)


@claim(
    "su-overfit-def.outside",
    "Whenever the training error is far below the validation error, some simpler model does better",
    "只要训练误差远小于验证误差，就有更简单的模型表现更好",
    source=SUMMARY,
    formula="validation > 2 · train  ⇒  some smaller model has a lower validation error",
    condition=Text(
        "a linear model with more features (200) than samples (100), all of them relevant",
        "特征（200）多于样本（100）且全部有用的线性模型",
    ),
    holds=more_often_than_not(
        "that a gap comes with a better smaller model", "有差距时更小的模型更好"
    ),
    expected=Verdict.REFUTED,
    twin="su-overfit-def",
    why=Text(
        "a gap is not harm: the model with all 200 features fits its 100 samples almost exactly, "
        "yet leaving features out loses more signal than the interpolation costs",
        "差距不等于损害：使用全部 200 个特征的模型几乎完全拟合 100 个样本，"
        "但去掉特征损失的信号比插值的代价更大",
    ),
)
def a_gap_means_harm(linear_200, train_linear, replicates, stream):
    X, y = linear_200(replicates, 300, stream.child("data").numpy())
    losses = []
    for size in SIZES:
        fit = train_linear(
            Split(X[:, :100, :size], y[:, :100], X[:, 100:, :size], y[:, 100:]),
            Solver(lr=0.01, epochs=200, batch_size=10),
            stream.child("orders").numpy(),
            initial=np.zeros((replicates, size)),
            initial_bias=0.0,
        )
        losses.append(protocol.last_losses(fit))
    train, valid = np.stack(losses, axis=2)
    gap = arrays.ratio_exceeds(valid[:, -1], train[:, -1], 2)
    return Measured(
        ~gap | arrays.exceeds(valid[:, -1], valid[:, :-1].min(axis=1)),
        Curve(
            Text(
                "A linear model with more and more of 200 features, 100 samples",
                "线性模型使用越来越多的特征（共 200 个，样本 100 个）",
            ),
            np.array(SIZES),
            (Line(Text("train", "训练"), train), Line(Text("validation", "验证"), valid)),
            x_label=Text("features", "特征数"),
            y_label=Text("half mean squared error", "均方误差的一半"),
            log_y=True,
        ),
    )


@claim(
    "su-val-selects",
    "Validation chooses a model of suitable complexity: nearly as good as the best, never too poor",
    "可以用验证集选择合适复杂度的模型：接近最优，且不会过于简单",
    source=f"{SUMMARY}: use a validation set to choose a model of suitable complexity",
    formula="risk(selected) < 1.2 · min over d of risk(d), in most runs;  selected ≥ 3, in "
    "every run",
    condition=Text(
        "degrees 0 to 19 by exact least squares; 100 + 100 samples, risk on 1000 fresh ones",
        "0 到 19 阶精确最小二乘；100 + 100 个样本，用 1000 个新样本估计风险",
    ),
    # Degree 2 leaves 5.2 where the noise leaves .01: on no 100 samples does it validate best.
    holds=all_hold(
        near=more_often_than_not(
            "that the selected degree is within 20 % of the best risk",
            "所选阶数的风险与最优相差 20% 以内",
            margin=0.25,
        ),
        never_poor=always_true(),
    ),
)
def validation_selects_a_suitable_degree(noisy_cubic, fit_least_squares, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream, tests=1100)
    valid_x, valid_y = data.x_test[:, :100], data.y_test[:, :100]
    fresh_x, fresh_y = data.x_test[:, 100:], data.y_test[:, 100:]
    fits = [fit_least_squares(data.x, data.y, degree) for degree in range(20)]
    valid = np.stack([polynomials.squared_loss(f, valid_x, valid_y) for f in fits], axis=1)
    risk = np.stack([polynomials.squared_loss(f, fresh_x, fresh_y) for f in fits], axis=1)
    selected = valid.argmin(axis=1)
    reached = np.take_along_axis(risk, selected[:, None], axis=1)[:, 0]
    return Measured(
        {
            "near": ~arrays.ratio_exceeds(reached, risk.min(axis=1), 1.2),
            "never_poor": arrays.truth(selected >= 3),
        },
        Histogram(
            Text("The degree that validation selects", "验证集选出的阶数"),
            selected,
            marks={Text("true degree", "真实阶数"): 3.0},
            x_label=Text("degree", "阶数"),
        ),
    )
