"""Capacity and parameters: how many a model has, how far they range, and what they can realise.

A linear model of d inputs and k outputs has (d + 1) k of them; its degrees of freedom fall with
the weight decay lambda. One parameter without a bound, as in 1{sin(ax) > 0}, shatters n points.
"""

import numpy as np
from hypothesis import strategies as st

from claims.capacity.experiments import initial_nets, shattering, tasks
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import (
    all_hold,
    always_true,
    distribution_equals,
    exactly_equal,
    pairwise_independent,
)
from harness.declaration.strategies import counts, penalties
from harness.metrics import arrays, dropout_masks
from harness.text import Text

NOTES = 'Mu Li\'s notes, "Underfitting and Overfitting", slides on capacity: '
TRIED = 4096  # values of the one parameter, many more than it has different labelings


@claim(
    "cap-params",
    "A linear model has (d + 1) k parameters, a perceptron with one hidden layer "
    "(d + 1) m + (m + 1) k",
    "线性模型有 (d+1)k 个参数，单隐藏层感知机有 (d+1)m + (m+1)k 个参数",
    source=NOTES + '"estimating capacity": d + 1 and (d + 1) m + (m + 1) k',
    formula="(d+1)k;  (d+1)m + (m+1)k",
    given={"d": counts(1, 100), "m": counts(1, 300), "k": counts(1, 12)},
    always=({"d": 784, "m": 256, "k": 10}, {"d": 1, "m": 1, "k": 1}),
    holds=exactly_equal(),
)
def a_net_has_so_many_parameters(init_mlp, d, m, k, replicates, stream):
    generator = stream.child("init").torch("cpu")
    linear, hidden = (
        sum(p.numel() for p in init_mlp(sizes, replicates, generator)) / replicates
        for sizes in ((d, k), (d, m, k))
    )
    return arrays.truth(linear == (d + 1) * k, hidden == (d + 1) * m + (m + 1) * k)


@claim(
    "cap-params.initial",
    "By default a perceptron starts with independent weights and biases, uniform in ±1/√n_in; a "
    "given initialiser sets the weights, and the biases are 0 unless drawn ones are asked for",
    "默认情况下，感知机的初始权重和偏置相互独立，在 ±1/√n_in 内均匀分布；另行给定初始化方法时，"
    "权重由它给出，偏置为 0，除非要求随机抽取",
    source='the default of torch.nn.Linear; d2l, "Implementation of Multilayer Perceptrons": '
    "b = 0 beside weights that are drawn",
    formula="w_ij, b_i ~ U(-1/√n_in, 1/√n_in)",
    always=({"sizes": [5, 8, 3], "dtype": "float32"}, {"sizes": [16, 4], "dtype": "float64"}),
    holds=all_hold(
        weights=distribution_equals("U(±1/√n_in)", within=0.02),
        biases=distribution_equals("U(±1/√n_in)", within=0.02),
        told=always_true(),
        independent=pairwise_independent(
            0.5, within=0.02, labels=("calls", "replicas", "weights and biases")
        ),
    ),
)
def a_net_starts_as_a_layer_of_torch(init_mlp, sizes, dtype, replicates, stream):
    nets, generator = 2 * -(-replicates // sizes[-1]), stream.child("init").torch("cpu")
    options = initial_nets.options_for(dtype)
    calls = [
        initial_nets.places(init_mlp(sizes, nets, generator, **options), sizes) for _ in range(2)
    ]
    (weights, biases), (again, _) = calls
    signs = weights > 0.5
    return {
        "weights": weights,
        "biases": biases,
        "told": arrays.truth(
            *initial_nets.as_told(init_mlp, sizes, stream.child("own").torch("cpu"), dtype),
            (weights.ravel()[:8] != biases.ravel()[:8]).any(),  # the same draws twice
        ),
        "independent": {
            "calls": dropout_masks.pairs_agree(signs, again > 0.5),
            "replicas": dropout_masks.pairs_agree(signs[0::2], signs[1::2]),
            "weights and biases": dropout_masks.pairs_agree(
                signs[:, : biases.shape[1]], biases > 0.5
            ),
        },
    }


@claim(
    "cap-two-factors",
    "Capacity is governed by the number of parameters and by the range of their values",
    "模型容量由参数的个数和参数值的取值范围决定",
    source=NOTES + '"two main factors: the number of parameters, the range of their values"',
    formula="dof = tr(∂ŷ/∂y) = 1 + Σ s²/(s² + nλ): up with the columns, down with λ, as ‖w_λ‖ is",
    condition=Text(
        "a linear model; capacity is its degrees of freedom, and λ sets the range: the larger it "
        "is, the shorter is w",
        "线性模型；以自由度衡量容量，λ 决定取值范围：λ 越大，w 越短",
    ),
    given={"p": counts(2, 12), "decay": penalties(0.01, 3.0)},
    always=({"p": 8, "decay": 0.1},),
    holds=all_hold(number=always_true(), range=always_true(), freedom=exactly_equal()),
)
def capacity_is_governed_by_number_and_range(ridge_regression, p, decay, replicates, stream):
    n, rng = 30, stream.child("data").numpy()
    X = rng.standard_normal((replicates, n, p))
    y = rng.standard_normal((replicates, n))
    decays = decay * np.array([0.1, 1.0, 10.0, 100.0])
    by_range = np.stack(
        [tasks.degrees_of_freedom(ridge_regression, X, one) for one in decays], axis=1
    )
    by_number = np.stack(
        [
            tasks.degrees_of_freedom(ridge_regression, X[..., :columns], decay)
            for columns in range(1, p + 1)
        ],
        axis=1,
    )
    # ‖w_λ‖² = Σ (s c / (s² + nλ))² in the axes of X: each of its terms falls in λ.
    lengths = [np.linalg.norm(ridge_regression(X, y, one)[0], axis=1) for one in decays]
    stated, condition = tasks.stated_degrees_of_freedom(X, decay)
    picture = tasks.curves_by(
        np.log10(decays),
        {Text("degrees of freedom", "自由度"): by_range},
        Text("Degrees of freedom and the penalty", "自由度与惩罚"),
        Text("log10 λ", "log10 λ"),
        Text("degrees of freedom", "自由度"),
    )
    return Measured(
        {
            "number": arrays.truth(np.diff(by_number, axis=1) > 0),
            "range": arrays.truth(
                np.diff(by_range, axis=1) < 0, by_range > 1, by_range < p + 1,
                np.diff(lengths, axis=0) < 0,
            ),
            "freedom": arrays.rounding_ratio(
                # Householder's QR of n + p rows: errors grow with the squared condition number
                # (Higham 2002, Theorem 20.3).
                by_number[:, -1], stated, condition * stated, operations=8 * (n + p) * p,
            ),
        },
        picture,
    )  # fmt: skip


@claim(
    "cap-two-factors.outside",
    "No class has a greater capacity than its number of parameters: with one it shatters at most "
    "one point",
    "容量不会超过参数个数：只有一个参数的函数类至多打散一个点",
    source="an addition, not in the chapter: " + NOTES + "the first of the two factors taken alone",
    formula="labelings of n > 1 points by one parameter < 2^n",
    condition=Text("not linear in the parameter: 1{sin(ax) > 0}", "对参数非线性：1{sin(ax) > 0}"),
    given={"n": counts(2, 10)},
    always=({"n": 8},),
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="cap-two-factors",
    why=Text(
        "sin(ax) writes the labels into the binary digits of its one parameter and reads them off "
        "at the points 2^-1 ... 2^-n: one parameter without a bound on its range has an infinite "
        "VC dimension.",
        "sin(ax) 把标签写进唯一参数的二进制位，再在点 2^-1 … 2^-n 处读出："
        "一个取值范围不受限的参数就有无穷大的 VC 维。",
    ),
)
def one_parameter_shatters_no_two_points(sine_classifier, n):
    return arrays.truth(_labelings_by_a_sine(sine_classifier, n) < 2**n)


@claim(
    "cap-two-factors.sine",
    "One parameter can shatter any number of points, if they are well chosen: at 1/2, 1/4, …, 2^-n "
    "sin(ax) realises all 2^n labelings",
    "一个参数可以打散任意多个选好的点：在 1/2、1/4、…、2^-n 处，sin(ax) 能实现全部 2^n 种标签组合",
    source=NOTES + "corrected by an example of Vapnik 1995",
    formula="a = π (1 + Σ 2^i over the false labels i),  x_j = 2^-j",
    condition=Text("n from 2 to 12", "n 从 2 到 12"),
    given={"n": counts(2, 12)},
    always=({"n": 8},),
    holds=exactly_equal(),
)
def one_parameter_shatters_many_points(sine_classifier, n):
    return arrays.truth(_labelings_by_a_sine(sine_classifier, n) == 2**n)


@claim(
    "cap-two-factors.range",
    "A bound on the one parameter's range bounds what it can realise",
    "限制这个参数的取值范围，就限制了它能实现的标签组合数",
    source=NOTES + '"the range of their values"',
    formula="0 < a ≤ A ⇒ labelings ≤ 1 + Σ ⌊A x_i / π⌋",
    condition=Text("1{sin(ax) > 0} with 0 < a ≤ A", "1{sin(ax) > 0}，0 < a ≤ A"),
    given={"n": counts(6, 12), "largest": st.integers(5, 100)},
    always=({"n": 8, "largest": 30},),
    holds=always_true(),
)
def a_bounded_parameter_realises_few_labelings(sine_classifier, n, largest, replicates, stream):
    rng = stream.child("points").numpy()
    held = []
    for _ in range(replicates):
        x = rng.uniform(0.1, 1.0, n)
        a = rng.uniform(0.0, largest, TRIED)
        found = len(np.unique(sine_classifier(x, a), axis=0))
        held.append(found <= shattering.most_sign_patterns(x, float(largest)))
        held += shattering.signs_of_sines(sine_classifier, n, largest, rng)
    return arrays.truth(held)


@claim(
    "cap-two-factors.redundant",
    "More parameters need not mean more capacity: behind linear hidden units a perceptron realises "
    "no more labelings than without them",
    "参数更多未必容量更大：加上线性隐藏单元的感知机并不能实现更多的标签组合",
    source=NOTES + "corrected: parameters that say the same twice do not count",
    formula="labelings of 4 points in the plane = 14 for every number m of linear hidden units",
    given={"m": counts(3, 32)},
    always=({"m": 16},),
    holds=exactly_equal(),
)
def linear_hidden_units_add_no_capacity(linearly_separable, m, replicates, stream):
    rng = stream.child("points").numpy()
    found = []
    for _ in range(replicates):
        # Whole numbers and short binary fractions: the hidden values are exact and stay in a plane.
        x = np.round(shattering.in_general_position(4, 2, rng) * 1024) / 1024
        W = np.concatenate([np.eye(2), rng.integers(-3, 4, (m - 2, 2))])
        hidden = x @ W.T + rng.integers(-3, 4, m)
        found.append(shattering.realised(linearly_separable, hidden).sum())
    return arrays.truth(np.array(found) == shattering.covers_count(4, 2))


def _labelings_by_a_sine(sine_classifier, n):
    """How many labelings of 2^-1 ... 2^-n the parameters made for all of them realise."""
    a = shattering.shattering_parameters(shattering.labelings(n))
    return len(np.unique(sine_classifier(shattering.halving_points(n), a), axis=0))
