"""A set that chooses is spoilt by choosing: the best of M models on a test or validation set.

The best of M models that guess has E[max of M Bin(n, 1/2)]/n on the n examples that chose it, more
than its true accuracy of 1/2.
"""

import numpy as np

from claims.model_selection.experiments import degree_choice, least_squares
from harness.declaration.claim import claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import mean_equals, more_often_than_not
from harness.metrics import arrays
from harness.text import Text

SUMMARY = 'd2l, "Model Selection, Underfitting, and Overfitting", "Summary"'


@claim(
    "ts-once",
    "A test set that has chosen the best of M models flatters it",
    "用测试集从 M 个模型中挑出最好的一个，它的得分就会虚高",
    source='d2l, "Model Selection": we should not touch the test set until all hyperparameters '
    "have been chosen",
    formula="E[max of M Bin(n, 1/2)]/n - 1/2:  0.077, 0.125 for M = 10, 100; 0.024 at n = 1000;  "
    "± 0.15/√n",
    condition=Text(
        "models that guess; a single model is not flattered", "靠瞎猜的模型；只有一个模型时没有虚高"
    ),
    always=tuple(
        {"models": m, "samples": n} for m, n in ((1, 100), (10, 100), (100, 100), (10, 1000))
    ),
    holds=mean_equals(
        least_squares.expected_optimism,
        within=lambda samples: 0.15 * samples**-0.5,
        low=-0.5,
        high=0.5,
    ),
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
        Text(
            "Accuracy above 1/2 of the model that the test set chose",
            "测试集选出的模型高出 1/2 的精度",
        ),
        flattery,
        marks={
            Text("expected", "期望"): least_squares.expected_optimism(models, samples),
            Text("true", "真值"): 0.0,
        },
        x_label=Text("accuracy on the test set - 1/2", "测试集精度 - 1/2"),
    )
    return Measured(flattery, law)


@claim(
    "ts-val-casual",
    "A validation set is spoilt by choosing with it: a little more often than not the chosen model "
    "scores worse on a second one",
    "验证集一经用来挑选就会失真：被选中的模型在第二份验证集上得分更差的情形略多于一半",
    source=f"{SUMMARY}: a validation set can be used for model selection, provided that it is not "
    "used too liberally",
    formula="P(second score(chosen) > score(chosen)) > 1/2",
    condition=Text(
        "the chapter's samples: degree 1 to 12 fitted on 100 and chosen by 100; a second set is as "
        "large",
        "书中的样本量：用 100 个样本拟合、由 100 个验证样本从 1 至 12 阶中选择；"
        "第二份验证集同样大小",
    ),
    # The two sets are exchangeable for a model that neither has chosen: exactly 1/2. (The risk
    # itself is above the score in two thirds, but for a model chosen beforehand too in more than
    # half: a mean of squares is skewed.) All candidates from degree 3 on fit nearly alike, so the
    # choice flatters by little: the margin is one that a hundred samples can show.
    holds=more_often_than_not(
        "a worse score on the second set", "第二份验证集上得分更差", margin=0.04
    ),
)
def choosing_spoils_the_validation_set(
    select_model, holdout, noisy_cubic, fit_least_squares, replicates, stream
):
    x, y, train = degree_choice.candidates(noisy_cubic, fit_least_squares, replicates, stream, 200)
    split = holdout(200, 100)
    selection = degree_choice.selected(select_model, x, y, split, train)
    first = selection.scores[selection.chosen, np.arange(replicates)]
    second = degree_choice.fresh_errors(
        train, x, y, split[0][0], selection.chosen, 100, noisy_cubic, stream
    )
    law = Histogram(
        Text(
            "Score of the chosen degree on a second validation set over its score on the first",
            "所选阶数在第二份验证集上的得分与第一份之比",
        ),
        np.minimum(second / first, 3.0),
        marks={Text("honest", "无失真"): 1.0},
        x_label=Text("second score / first (up to 3)", "第二份得分 / 第一份得分（只画到 3）"),
    )
    return Measured(arrays.exceeds(second, first), law)
