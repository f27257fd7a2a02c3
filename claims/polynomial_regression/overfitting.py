"""Does degree 19 overfit? Not as the chapter trains it: only the exact least-squares fit does.

The exact fit, in a basis that is orthonormal on the sample, is where the chapter's training would
end if it were given time; after its 1500 epochs degree 19 is under-optimised.
"""

import numpy as np

from claims.polynomial_regression.experiments import polynomials, protocol
from claims.polynomial_regression.experiments.polynomials import HIGH
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import all_hold, exactly_equal, more_often_than_not
from harness.declaration.strategies import degrees
from harness.metrics import arrays
from harness.text import Text

HIGHER = 'd2l, "Polynomial Regression", "Higher-Order Polynomial Function Fitting (Overfitting)"'
EXACT = "exact least squares on the same data, in a basis orthonormal on the sample"
EXACT_ZH = "对同样的数据做精确最小二乘，使用在样本上标准正交的基"


@claim(
    "po-deg19-overfits",
    "The complex model overfits: closer to the training data and further from fresh data",
    "复杂模型过拟合：更贴近训练数据，却更远离新数据",
    source=f"{HIGHER}: the complex model overfits the data",
    formula="train(19) < train(3)  and  test(19) > test(3)",
    condition=Text(
        "the chapter's training, 1500 epochs for either degree",
        "按书中的训练方式，两种阶数各 1500 轮",
    ),
    holds=more_often_than_not(
        "that it trains below and tests above the cubic", "训练损失更低且测试损失更高"
    ),
    expected=Verdict.REFUTED,
    twin="po-deg19-overfits.corrected",
    why=Text(
        "under the printed protocol degree 19 is limited by the optimisation: training AND test "
        "loss lie above the cubic's; only the exact minimiser overfits",
        "按书中的训练方式，19 阶受限于优化：训练损失和测试损失都高于三阶；"
        "只有精确的最小化解才真正过拟合",
    ),
)
def degree_19_overfits_by_sgd(noisy_cubic, polynomial_features, train_linear, replicates, stream):
    cubic, high = protocol.both_degrees(
        noisy_cubic, polynomial_features, train_linear, (1500, 1500), replicates, stream
    )
    return arrays.exceeds(cubic.train_loss[:, -1], high.train_loss[:, -1]) & arrays.exceeds(
        high.test_loss[:, -1], cubic.test_loss[:, -1]
    )


@claim(
    "po-deg19-overfits.corrected",
    "A high degree overfits: fitted exactly, it is closer to the training data and further from "
    "fresh data than the cubic",
    "高阶多项式会过拟合：精确拟合时，它比三阶更贴近训练数据，却更远离新数据",
    source=HIGHER,
    formula="train(d) < train(3)  and  test(d) > test(3)",
    condition=Text(f"{EXACT}; degrees 10 to 19", f"{EXACT_ZH}；10 到 19 阶"),
    inside=lambda degree: 10 <= degree <= 19,
    given={"degree": degrees(10, 19)},
    always=({"degree": 10}, {"degree": 19}),
    holds=more_often_than_not(
        "that it trains below and tests above the cubic", "训练损失更低且测试损失更高"
    ),
)
def a_high_degree_overfits(noisy_cubic, fit_least_squares, degree, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    shown = sorted({*range(20), degree})
    losses = [protocol.least_squares_losses(fit_least_squares, data, each) for each in shown]
    train, test = np.stack(losses, axis=2)
    high, cubic = shown.index(degree), shown.index(3)
    return Measured(
        arrays.exceeds(train[:, cubic], train[:, high])
        & arrays.exceeds(test[:, high], test[:, cubic]),
        Curve(
            Text("Exact least squares: loss by degree", "精确最小二乘：损失随阶数的变化"),
            np.array(shown),
            (Line(Text("train", "训练"), train), Line(Text("test", "测试"), test)),
            x_label=Text("degree", "阶数"),
            y_label=Text("mean squared error", "均方误差"),
            log_y=True,
        ),
    )


@claim(
    "po-deg19-overfits.mechanism",
    "Under the chapter's training degree 19 is under-optimised: training and test loss are both "
    "above the cubic's",
    "按书中的训练方式，19 阶是优化不足：训练损失与测试损失都高于三阶",
    source=HIGHER,
    formula="train(19) > train(3)  and  test(19) > test(3)",
    condition=Text("1500 epochs for either degree", "两种阶数各 1500 轮"),
    holds=more_often_than_not(
        "that both losses are above the cubic's", "两个损失都高于三阶", margin=0.25
    ),
)
def degree_19_is_under_optimised(
    noisy_cubic, polynomial_features, train_linear, fit_least_squares, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    cubic, high = (
        protocol.trained(train_linear, polynomial_features, data, d, 1500, stream) for d in (3, 19)
    )
    exact = protocol.least_squares_losses(fit_least_squares, data, 19)[0]
    histories = {Text("degree 19", "19 阶"): high, Text("degree 3", "三阶"): cubic}
    train = protocol.loss_curves(
        Text(
            "Training loss: degree 19 by SGD, its exact minimum, and the cubic",
            "训练损失：19 阶 SGD、其精确最小值与三阶",
        ),
        histories,
        parts=("train",),
    )
    test = protocol.loss_curves(
        Text("Test loss: degree 19 and the cubic by SGD", "测试损失：19 阶与三阶（SGD）"),
        histories,
        parts=("test",),
    )
    return Measured(
        arrays.exceeds(high.train_loss[:, -1], cubic.train_loss[:, -1])
        & arrays.exceeds(high.test_loss[:, -1], cubic.test_loss[:, -1]),
        protocol.with_level(train, Text("train, degree 19, exact", "训练，19 阶精确解"), exact),
        test,
    )


@claim(
    "po-deg19-overfits.longer",
    "Trained four times as long, degree 19 comes closer to the training data and to fresh data: it "
    "had not been trained enough",
    "训练时间延长到四倍，19 阶的训练损失和测试损失都下降：此前只是训练不足",
    source=HIGHER,
    formula="train(6000 epochs) < train(1500)  and  test(6000 epochs) < test(1500)",
    condition=Text(
        "the chapter's training, 6000 epochs for its 1500",
        "按书中的训练方式，6000 轮而不是 1500 轮",
    ),
    holds=more_often_than_not("that both losses fall further", "两个损失都继续下降", margin=0.25),
)
def degree_19_improves_later(noisy_cubic, polynomial_features, train_linear, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    fit = protocol.trained(train_linear, polynomial_features, data, 19, 6000, stream, every=60)
    then = list(fit.epochs).index(1500)
    return Measured(
        arrays.exceeds(fit.train_loss[:, then], fit.train_loss[:, -1])
        & arrays.exceeds(fit.test_loss[:, then], fit.test_loss[:, -1]),
        protocol.loss_curves(
            Text("Degree 19, 6000 epochs: loss per epoch", "19 阶，6000 轮：每轮损失"),
            {Text("degree 19", "19 阶"): fit},
        ),
    )


@claim(
    "po-deg19-overfits.twenty",
    "On 20 samples degree 19 passes through every one of them, up to rounding, and is further from "
    "fresh data than the cubic",
    "只有 20 个样本时，19 阶多项式穿过每一个样本（至多相差舍入误差），却比三阶更远离新数据",
    source=f"{HIGHER}: readers' question, as many weights as samples",
    formula="f(x_i) = y_i for i = 1 ... 20  and  test(19) > test(3)",
    condition=Text(
        "exact least squares, in an orthogonal basis of the sample's interval; rounding grows with "
        "the coefficients there, the largest near 10⁸ at the median",
        "精确最小二乘，使用在样本区间上正交的基；舍入误差随该基下的系数增大，最大系数的中位数约为 "
        "10⁸",
    ),
    holds=all_hold(fits=exactly_equal(), overfits=more_often_than_not()),
)
def twenty_samples_fix_degree_19(noisy_cubic, fit_least_squares, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream, n=20)
    _, cubic = protocol.least_squares_losses(fit_least_squares, data, 3)
    fit = fit_least_squares(data.x, data.y, HIGH)
    return {
        "fits": polynomials.interpolation_error(fit, data.x, data.y).max(axis=1),
        "overfits": arrays.exceeds(polynomials.squared_loss(fit, data.x_test, data.y_test), cubic),
    }
