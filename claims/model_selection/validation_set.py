"""The validation set: whose error the held-out half measures, and how large it should be.

Least squares on n examples of p Gaussian features with noise variance 1 has exact laws:
training error chi2_(n-p) / n, risk 1 + |w_hat - w|^2 with |w_hat - w|^2 ~ chi2_p / chi2_(n-p+1).
The model that n/2 examples trained has the risk of n/2, 1 + p/(n/2 - p - 1) on average.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from claims.model_selection.experiments import least_squares
from harness.declaration.claim import Section, Verdict, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import distribution_equals, probability_above, variance_equals
from harness.declaration.strategies import counts
from harness.metrics import arrays

SECTION = Section("validation-set", "Validation Dataset", "验证数据集", 12)
SPLIT = 'd2l, "Model Selection", "Validation Dataset"'
SLIDES = "Mu Li's lecture, model selection"
MUTANTS = "claims.model_selection.faults.selection:"


@claim(
    "ms-holdout-unbiased",
    "The error on the held-out half measures the model that the other half trained",
    zh="留出一半数据，其上的误差能衡量用另一半训练的模型",
    section=SECTION,
    source=f"{SPLIT}; {SLIDES}: hold out half of the data",
    formula="m R_val / R(ŵ_train) ~ χ²_m, of mean m",
    condition="the model that was trained on the other half",
    condition_zh="指用另一半数据训练出的模型",
    given={"n": st.sampled_from([30, 40, 60]), "p": counts(2, 12)},
    always=({"n": 40, "p": 10},),
    holds=variance_equals(ratio=1.05),
    mutants=(f"holdout={MUTANTS}holds_out_what_it_trains_on",),
    block=1 << 13,
    cost=0.02,
    draws=2,
    shrink=False,
    devices="cpu",
)
def the_held_out_half_measures_its_model(holdout, ordinary_least_squares, n, p, replicates, stream):
    X, y, half, train = _half(holdout, ordinary_least_squares, n, p, replicates, stream)
    squares = least_squares.squared_errors(train, X[:, half], y[:, half])
    return (squares / least_squares.risk(train)[:, None]).sum(), squares.size


@claim(
    "ms-holdout-unbiased.outside",
    "The error on the held-out half measures the model that is then trained on all data",
    zh="留出一半数据，其上的误差能衡量随后用全部数据训练的模型",
    section=SECTION,
    source=f"{SLIDES}: hold out half of the data, and train on all of it in the end",
    formula="m R_val / R(ŵ_all) of mean m",
    condition="the model that is trained again on all data, p = n/4",
    condition_zh="指用全部数据重新训练的模型，p = n/4",
    given={"n": st.sampled_from([40, 48, 60])},
    holds=variance_equals(ratio=1.05),
    expected=Verdict.REFUTED,
    twin="ms-holdout-unbiased",
    why="Half of the data trains a worse model: its risk is 1 + p/(n/2 - p - 1), which is 2.11 "
    "against 1.34 with all data at n = 40, p = 10. The held-out error is pessimistic by .77.",
    why_zh="一半数据训练出的模型更差：风险为 1 + p/(n/2 - p - 1)，n = 40、p = 10 时为 2.11，"
    "而全部数据时为 1.34；留出误差偏悲观 .77。",
    block=1 << 13,
    cost=0.02,
    draws=2,
    devices="cpu",
)
def the_held_out_half_measures_the_final_model(
    holdout, ordinary_least_squares, n, replicates, stream
):
    X, y, half, train = _half(holdout, ordinary_least_squares, n, n // 4, replicates, stream)
    squares = least_squares.squared_errors(train, X[:, half], y[:, half])
    return (squares / least_squares.risk(ordinary_least_squares(X, y))[:, None]).sum(), squares.size


@claim(
    "ms-holdout-unbiased.pessimistic",
    "The half-trained model has the risk of n/2 samples, 1 + p/(n/2 - p - 1) on average",
    zh="用一半数据训练的模型，其风险是 n/2 个样本时的风险，平均为 1 + p/(n/2 - p - 1)",
    section=SECTION,
    source=f"{SPLIT}: what is given away by holding out",
    formula="|ŵ - w|² ~ χ²_p / χ²_(n/2-p+1):  2.111 instead of 1.345 at n = 40, p = 10",
    always=({"n": 40, "p": 10}, {"n": 60, "p": 5}),
    holds=distribution_equals("the risk's on n/2 samples", within=0.03),
    mutants=(
        f"holdout={MUTANTS}holds_out_what_it_trains_on",
        f"holdout={MUTANTS}drops_half_of_the_training_part",
        f"ordinary_least_squares={MUTANTS}forgets_half_of_the_examples",
    ),
    block=1 << 12,
    cost=0.1,
    devices="cpu",
)
def the_half_trained_model_has_the_risk_of_half_the_samples(
    holdout, ordinary_least_squares, n, p, replicates, stream
):
    *_, train = _half(holdout, ordinary_least_squares, n, p, replicates * n // 2, stream)
    law = Histogram(
        "Risk of the half-trained model (up to 4)",
        "用一半数据训练的模型的风险（至 4）",
        np.minimum(least_squares.risk(train), 4.0),
        marks={
            "expected, n/2 samples": least_squares.expected_risk(n // 2, p),
            "expected, n samples": least_squares.expected_risk(n, p),
        },
        marks_zh={"expected, n/2 samples": "n/2 个样本", "expected, n samples": "n 个样本"},
        x_label="risk",
        x_label_zh="风险",
    )
    return Measured(least_squares.place_in_the_risk_law(train, n // 2), (law,))


def _half(holdout, ordinary_least_squares, n, p, errors, stream):
    """X, y, the held-out half and the weights of the other, for `errors` held-out examples."""
    runs = -(-errors // (n // 2))
    X, y = least_squares.gaussian_task(runs, n, p, stream.child("data").numpy())
    ((train, valid),) = holdout(n, n // 2, stream.child("split").numpy())
    return X, y, valid, ordinary_least_squares(X[:, train], y[:, train])


@claim(
    "ms-small-val-noisier",
    "Shrinking the validation part from a half to a fifth makes the estimate worse",
    zh="把验证集从一半缩小到五分之一，会使估计变差",
    section=SECTION,
    source=f"{SLIDES}: a smaller validation part brings error",
    formula="E(val_1/5 - risk)² > E(val_1/2 - risk)²",
    condition="a stable learner: p ≤ 2 of n ≥ 40; over 128 data sets",
    condition_zh="稳定的学习器：n ≥ 40，p ≤ 2；128 份数据上的均方误差",
    inside=lambda n, p: n >= 40 and p <= 2,
    given={"n": st.sampled_from([40, 60, 80]), "p": counts(1, 2)},
    holds=probability_above(0.5, 0.9, of="a larger error of the fifth", of_zh="五分之一时误差更大"),
    mutants=(f"holdout={MUTANTS}always_holds_out_half",),
    block=8,
    cost=0.05,
    draws=2,
    shrink=False,
    devices="cpu",
)
def a_smaller_validation_part_is_worse(holdout, ordinary_least_squares, n, p, replicates, stream):
    return _fifth_is_worse(holdout, ordinary_least_squares, n, p, replicates, stream)


@claim(
    "ms-small-val-noisier.outside",
    "Shrinking the validation part from a half to a fifth makes the estimate worse, whatever the "
    "learner",
    zh="无论什么学习器，把验证集从一半缩小到五分之一都会使估计变差",
    section=SECTION,
    source=f"{SLIDES}: a smaller validation part brings error",
    formula="E(val_1/5 - risk)² > E(val_1/2 - risk)²",
    condition="an unstable learner: p = n/4; over 128 data sets",
    condition_zh="不稳定的学习器：p = n/4；128 份数据上的均方误差",
    given={"n": st.sampled_from([40, 60, 80])},
    holds=probability_above(0.5, 0.9, of="a larger error of the fifth", of_zh="五分之一时误差更大"),
    expected=Verdict.REFUTED,
    twin="ms-small-val-noisier",
    why="What the validation part gives up goes to training: where the learner needs it, the fit "
    "becomes steadier and nearer to the final one, which outweighs the smaller sample (root mean "
    "squared error 1.35 falls to .84 at n = 40, p = 10).",
    why_zh="验证集让出的样本用于训练：学习器缺数据时，拟合更稳、更接近最终模型，"
    "好处超过验证样本减少的损失（n = 40、p = 10 时均方根误差由 1.35 降至 .84）。",
    block=8,
    cost=0.1,
    draws=2,
    devices="cpu",
)
def a_smaller_validation_part_is_worse_for_any_learner(
    holdout, ordinary_least_squares, n, replicates, stream
):
    return _fifth_is_worse(holdout, ordinary_least_squares, n, n // 4, replicates, stream)


def _fifth_is_worse(holdout, ordinary_least_squares, n, p, replicates, stream):
    X, y = least_squares.gaussian_task(128 * replicates, n, p, stream.child("data").numpy())
    own = least_squares.risk(ordinary_least_squares(X, y))
    squares = []
    for size in (n // 2, n // 5):
        ((train, valid),) = holdout(n, size, stream.child("split", size).numpy())
        w = ordinary_least_squares(X[:, train], y[:, train])
        error = least_squares.mean_squared_error(w, X[:, valid], y[:, valid]) - own
        squares.append(least_squares.groups(error**2, replicates).mean(axis=1))
    return arrays.exceeds(squares[1], squares[0])
