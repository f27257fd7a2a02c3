"""A set that chooses is spoilt by choosing: the best of M models on a test or validation set.

The best of M models that guess has E[max of M Bin(n, 1/2)]/n on the n examples that chose it, more
than its true accuracy of 1/2.
"""

from __future__ import annotations

import numpy as np

from claims.model_selection.experiments import degree_choice, least_squares
from harness.declaration.claim import Section, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import mean_equals, probability_above
from harness.metrics import arrays

SECTION = Section("test-set", "The Test Set", "测试数据集", 13)
SUMMARY = 'd2l, "Model Selection, Underfitting, and Overfitting", "Summary"'
MUTANTS = "claims.model_selection.faults.selection:"


@claim(
    "ts-once",
    "A test set that has chosen the best of M models flatters it",
    zh="用测试集从 M 个模型中挑出最好的一个，它的得分就会虚高",
    section=SECTION,
    source='d2l, "Model Selection": we should not touch the test set until all hyperparameters '
    "have been chosen",
    formula="E[max of M Bin(n, 1/2)]/n - 1/2:  .077, .125 for M = 10, 100; .024 at n = 1000",
    condition="models that guess; a single model is not flattered",
    condition_zh="靠瞎猜的模型；只有一个模型时没有虚高",
    always=tuple(
        {"models": m, "samples": n} for m, n in ((1, 100), (10, 100), (100, 100), (10, 1000))
    ),
    holds=mean_equals(
        least_squares.expected_optimism,
        within=lambda samples: 0.15 * samples**-0.5,
        low=-0.5,
        high=0.5,
    ),
    mutants=(
        f"select_model={MUTANTS}picks_the_first",
        f"select_model={MUTANTS}picks_the_worst",
    ),
    block=256,
    cost=0.1,
    devices="cpu",
)
def the_best_of_many_is_flattered(select_model, models, samples, replicates, stream):
    # Whether each model is wrong on each example: fair coins, so that its true error is 1/2.
    wrong = stream.numpy().integers(0, 2, (replicates, samples, models), dtype=np.int8)
    test = [(np.arange(0), np.arange(samples))]

    def train(model, X, y, candidate):
        return candidate

    def loss(model, X, y):
        return X[..., model].mean(axis=1)

    selection = select_model(
        range(models), wrong, np.zeros((replicates, samples)), test, lambda: None, train, loss
    )
    flattery = 0.5 - selection.scores[selection.chosen, np.arange(replicates)]
    law = Histogram(
        "Accuracy above 1/2 of the model that the test set chose",
        "测试集选出的模型高出 1/2 的精度",
        flattery,
        marks={"expected": least_squares.expected_optimism(models, samples), "true": 0.0},
        marks_zh={"expected": "期望", "true": "真值"},
        x_label="accuracy on the test set - 1/2",
        x_label_zh="测试集精度 - 1/2",
    )
    return Measured(flattery, (law,))


@claim(
    "ts-val-casual",
    "A validation set is spoilt by choosing with it: the chosen model scores worse on a second one",
    zh="验证集一经用来挑选就会失真：被选中的模型在第二份验证集上得分更差",
    section=SECTION,
    source=f"{SUMMARY}: a validation set can be used for model selection, provided that it is not "
    "used too liberally",
    formula="P(second score(chosen) > score(chosen)) > 1/2",
    condition="degree 1 to 12 fitted on 100 samples and chosen by 20; the second set is as large",
    condition_zh="用 100 个样本拟合、由 20 个验证样本从 1 至 12 阶中选择；第二份验证集同样大小",
    # The two sets are exchangeable for a model that neither has chosen: exactly 1/2. Measured
    # beside the catalogue: .597 here, .571 with 100 validation samples. (The risk itself is above
    # the score in .67, but for a model chosen beforehand too in more than half: a mean of
    # squares is skewed.)
    holds=probability_above(
        0.5, 0.56, of="a worse score on the second set", of_zh="第二份验证集上得分更差"
    ),
    mutants=(
        f"select_model={MUTANTS}picks_the_first",
        f"select_model={MUTANTS}picks_the_worst",
    ),
    block=64,
    cost=0.1,
    devices="cpu",
)
def choosing_spoils_the_validation_set(
    select_model, holdout, noisy_cubic, fit_least_squares, replicates, stream
):
    x, y, train = degree_choice.candidates(noisy_cubic, fit_least_squares, replicates, stream, 120)
    split = holdout(120, 20)
    selection = degree_choice.selected(select_model, x, y, split, train)
    first = selection.scores[selection.chosen, np.arange(replicates)]
    second = degree_choice.fresh_errors(
        train, x, y, split[0][0], selection.chosen, 20, noisy_cubic, stream
    )
    law = Histogram(
        "Score of the chosen degree on a second validation set over its score on the first",
        "所选阶数在第二份验证集上的得分与第一份之比",
        np.minimum(second / first, 3.0),
        marks={"honest": 1.0},
        marks_zh={"honest": "无失真"},
        x_label="second score / first (up to 3)",
        x_label_zh="第二份得分 / 第一份得分（至 3）",
    )
    return Measured(arrays.exceeds(second, first), (law,))
