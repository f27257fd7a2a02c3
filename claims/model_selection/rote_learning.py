"""What fits every example seen and says nothing of the next: coincidence and learning by rote.

One of m irrelevant features is shared by five people with probability 1 - (1 - 2^-4)^m; a lookup
table and a large net have training accuracy 1 on random labels of K classes, test accuracy 1/K.
"""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import (
    all_hold,
    always_true,
    mean_equals,
    more_often_than_not,
    rate_equals,
)
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text
from harness.training.solver import MLP, Solver, Split

TRAINING = 'd2l, "Training Error and Generalization Error"'
SLIDES = "Mu Li's lecture, model selection"
PEOPLE = 5  # defaulters in the lecture's example, all in blue shirts
CLASSES = (2, 10)


def five_percent_of_a_deviation(features):
    """5 % of the standard deviation of one cohort's indicator."""
    rate = some_feature_is_shared(features)
    return 0.05 * (rate * (1 - rate)) ** 0.5


def some_feature_is_shared(features):
    """1 - (1 - 2^-4)^m: one of m fair coins falls alike for all five."""
    return 1 - (1 - 2.0 ** (1 - PEOPLE)) ** features


@claim(
    "ms-spurious",
    "Among many features some irrelevant one is shared by all who defaulted: it looks perfectly "
    "predictive",
    "特征一多，总会有某个无关特征为所有违约者共有，看上去能完美预测",
    source=f"{SLIDES}: all five who defaulted wore blue shirts",
    formula="P = 1 - (1 - 2^-4)^m:  0.0625, 0.476, 0.998 for m = 1, 10, 100;  ± 0.05 √(P (1 - P))",
    condition=Text(
        "five who defaulted; features are fair coins: one of 1, 10 and 100 is alike in all five in "
        "6, 48 and 99.8 % of cases; those who paid may have it too",
        "五名违约者；特征均为公平硬币：共 1、10、100 个时，五人在某一个上全都相同的概率为 "
        "6%、48%、99.8%；按时还款者也可能有该特征",
    ),
    always=({"features": 1}, {"features": 10}, {"features": 100}),
    holds=rate_equals(some_feature_is_shared, within=five_percent_of_a_deviation),
)
def some_irrelevant_feature_is_shared(irrelevant_features, features, replicates, stream):
    return _shared(irrelevant_features(replicates, PEOPLE, features, stream.numpy())).any(axis=1)


@claim(
    "ms-spurious.fresh",
    "The feature that all five shared says nothing about the sixth",
    "五人共有的那个特征，对第六个人毫无预测力",
    source=f"{SLIDES}: the shirt does not cause the default",
    formula="P(the sixth shares it) = 1/2",
    condition=Text("the first of 100 features that the five share", "100 个特征中五人共有的第一个"),
    holds=rate_equals(0.5, within=0.02),
)
def the_shared_feature_says_nothing_about_the_next(irrelevant_features, replicates, stream):
    coins = irrelevant_features(replicates, PEOPLE + 1, 100, stream.numpy())
    shared = _shared(coins[:, :PEOPLE])
    first = shared.argmax(axis=1)
    rows = np.arange(replicates)
    alike = coins[rows, PEOPLE, first] == coins[rows, 0, first]
    return alike[shared.any(axis=1)]


def _shared(coins):
    """Which features (R, m) all people have alike in coins (R, people, m)."""
    return (coins == coins[:, :1]).all(axis=1)


@claim(
    "ms-memoriser",
    "A student who learns by rote answers every question seen before, and guesses the new ones",
    "死记硬背的学生能答对见过的每一道题，对新题只能瞎猜",
    source=f"{TRAINING}: a lookup table of previously seen exam questions",
    formula="random labels: training accuracy 1, test accuracy 1/K",
    condition=Text("one nearest neighbour; no example twice", "最近邻；没有重复样本"),
    always=tuple({"classes": k} for k in CLASSES),
    holds=all_hold(
        memorised=always_true(), guessed=rate_equals(lambda classes: 1 / classes, within=0.03)
    ),
)
def a_rote_learner_memorises_and_guesses(nearest_neighbour, classes, replicates, stream):
    generator = stream.numpy()
    tables = max(1, replicates // 100)
    X, X_new = generator.standard_normal((2, tables, 100, 16))
    y, y_new = generator.integers(0, classes, (2, tables, 100))
    return {
        "memorised": arrays.truth(nearest_neighbour(X, y, X) == y),
        "guessed": nearest_neighbour(X, y, X_new) == y_new,
    }


@claim(
    "ms-memoriser.nearest",
    "The nearest example in Euclidean distance answers, itself if it was seen, and of equally near "
    "ones the first: also far from the origin, with labels of any kind",
    "由欧氏距离最近的样本作答：见过的样本由其本身作答，距离相同时取最先者；远离原点时也是如此，"
    "标签可以是任何类型",
    source=f"{TRAINING}: a lookup table of previously seen exam questions",
    formula="y_i,  i = min argmin ‖x_i - x‖",
    given={
        "n": counts(1, 12), "m": counts(1, 9), "d": counts(1, 12),
        "offset": st.sampled_from([0, 2**12, 2**30]), "unit": st.sampled_from([2.0**-20, 1.0]),
    },
    always=(
        {"n": 12, "m": 9, "d": 2, "offset": 0, "unit": 1.0},
        {"n": 9, "m": 12, "d": 12, "offset": 2**30, "unit": 1.0},
        {"n": 12, "m": 9, "d": 3, "offset": 2**12, "unit": 2.0**-20},
        {"n": 1, "m": 3, "d": 1, "offset": 0, "unit": 1.0},
    ),
    holds=always_true(),
)  # fmt: skip
def the_nearest_example_answers(nearest_neighbour, n, m, d, offset, unit, stream):
    rng = stream.numpy()
    # Whole numbers in a small range: many are equally near, and their distances are exact.
    X, X_new = (rng.integers(-2, 3, (2, rows, d)) for rows in (n, m))
    X_new[:, 0] = X[:, -1]
    X[..., -1], X_new[..., -1] = 3 * X[..., -1], 3 * X_new[..., -1]  # features differ in scale
    apart = rng.permuted(np.arange(2 * n).reshape(2, n), axis=1)
    nearest = ((X_new[:, :, None] - X[:, None]) ** 2).sum(axis=-1).argmin(axis=-1)
    bytes_ = [(20 * part + 120).astype(np.uint8) for part in (X, X_new)]  # their differences wrap
    found = nearest_neighbour(bytes_[0], apart, bytes_[1])
    facts = [found == np.take_along_axis(apart, nearest, axis=-1)]
    for labels in (apart, (apart % 2).astype(bool), apart.astype(np.int8)):
        found = nearest_neighbour((X + offset) * unit, labels, (X_new + offset) * unit)
        facts += [found == np.take_along_axis(labels, nearest, axis=-1)]
        facts += [np.asarray(found).dtype == labels.dtype]
    return arrays.truth(*facts)


@claim(
    "ms-memoriser.net",
    "A net that is large enough memorises even random labels, and guesses new ones",
    "足够大的网络连随机标签也能全部记住，对新样本则只能瞎猜",
    source=f"{TRAINING}: read with the notes' remark that a large model remembers every example",
    formula="training accuracy 1, test accuracy 1/K",
    condition=Text(
        "40 examples of 20 features, 4 classes, 20-64-4 net, 150 epochs",
        "40 个样本、20 个特征、4 类，20-64-4 网络，150 轮",
    ),
    holds=all_hold(
        memorised=more_often_than_not("that all examples are memorised", "记住全部样本"),
        guessed=mean_equals(0.25, within=0.1, low=0.0, high=1.0),
    ),
)
def a_large_net_memorises_and_guesses(train_mlp, replicates, stream, device):
    import torch

    data = stream.child("data").torch(device)
    options = {"generator": data, "device": device}
    x = torch.randn(replicates, 40, 20, **options)
    y = torch.randint(0, 4, (replicates, 40), **options)
    x_test = torch.randn(replicates, 200, 20, **options)
    y_test = torch.randint(0, 4, (replicates, 200), **options)
    history = train_mlp(
        Split(x, y, x_test, y_test),
        MLP((20, 64, 4)),
        Solver(lr=0.2, epochs=150, batch_size=10, record_every=15),
        stream.child("init").torch(device),
        stream.child("orders").numpy(),
    )
    curve = Curve(
        Text("Accuracy on random labels", "随机标签上的精度"),
        history.epochs,
        (
            Line(Text("training", "训练"), history.train_accuracy),
            Line(Text("test", "测试"), history.test_accuracy),
        ),
        x_label=Text("epoch", "轮数"),
        y_label=Text("accuracy", "精度"),
    )
    # The test labels are independent of everything else, so that every guess counts on its own.
    hits = np.rint(200 * history.test_accuracy[:, -1:])
    observation = {
        "memorised": history.train_accuracy[:, -1] == 1,
        "guessed": (np.arange(200) < hits).ravel().astype(float),
    }
    return Measured(observation, curve)
