"""The data of the tasks that claims train on: their laws, and that no number repeats another."""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import (
    all_hold,
    always_true,
    distribution_equals,
    pairwise_independent,
    rate_equals,
)
from harness.declaration.strategies import counts
from harness.metrics import arrays, task_data

MARGIN = 0.02
PAIRS = 1024  # calls for two numbers each: a generator of 16 bits would repeat itself
OFFSETS = "x1 and x2, inside or beyond their corner"


def _independent(*names):
    return pairwise_independent(0.5, within=MARGIN, labels=lambda: task_data.labels(*names))


@claim(
    "td-linear",
    "However few the features, each weighs 0.01, and no feature or noise comes twice",
    "无论特征多么少，每个权重均为 0.01，特征与噪声都不重复",
    source='d2l, "Weight Decay", "High-Dimensional Linear Regression": its synthetic data',
    formula="y = 0.05 + Σ_j 0.01 x_j + ε,  x_j ~ N(0, 1),  ε ~ N(0, 0.01²)",
    given={"d": counts(2, 12)},
    always=({"d": 3},),
    holds=all_hold(
        features=distribution_equals("N(0, 1)", within=MARGIN),
        noise=distribution_equals("N(0, 0.01²)", within=MARGIN),
        independent=_independent("first feature", "last feature", "noise"),
    ),
)
def the_linear_task_is_as_printed(linear_200, d, replicates, stream):
    rng, R = stream.numpy(), task_data.groups(replicates)
    calls = [linear_200(R, task_data.EXAMPLES, rng, d) for _ in range(2)]
    noises = [y - 0.05 - 0.01 * X.astype(np.float64).sum(axis=2) for X, y in calls]
    numbers = [
        {"first feature": X[..., 0], "last feature": X[..., -1], "noise": noise}
        for (X, _), noise in zip(calls, noises, strict=True)
    ]
    return {
        "features": _normal(calls[0][0]),
        "noise": _normal(noises[0] / 0.01),
        "independent": task_data.agreements(*numbers),
    }


@claim(
    "td-halfspace",
    "A share of the half-space's labels is wrong, no more of them near the border than far away",
    "半空间任务中有一定比例的标签是错的，靠近边界处与远离边界处比例相同",
    source="the task of claims about perceptrons: random classification noise "
    "(Angluin and Laird 1988)",
    formula="y = 1{Σ_j x_j > 0}, flipped with probability η whatever x",
    given={"d": counts(2, 12), "flips": st.sampled_from([0.1, 0.05, 0.25, 0.4])},
    always=({"d": 10, "flips": 0.1},),
    holds=all_hold(
        features=distribution_equals("N(0, 1)", within=MARGIN),
        near=rate_equals(lambda flips: flips, within=MARGIN),
        far=rate_equals(lambda flips: flips, within=MARGIN),
        inside=rate_equals(lambda flips: flips, within=MARGIN),
        independent=_independent("first feature", "sum of the others"),
        errors=pairwise_independent(
            lambda flips: flips, within=MARGIN, labels=("next example", "next call")
        ),
    ),
)
def labels_are_wrong_at_the_stated_rate(noisy_halfspace, d, flips, replicates, stream):
    rng, R = stream.numpy(), 2 * task_data.groups(replicates)
    told = {} if (d, flips) == (10, 0.1) else {"d": d, "flips": flips}  # the defaults, untold
    calls = [noisy_halfspace(R, task_data.EXAMPLES, rng, **told) for _ in range(2)]
    sums = [X.astype(np.float64).sum(axis=2) for X, _ in calls]
    wrong = [(total > 0) != (y == 1) for total, (_, y) in zip(sums, calls, strict=True)]
    near = np.abs(sums[0]) < 0.6745 * np.sqrt(d)  # half of all examples
    bits = [
        {"first feature": X[..., 0], "sum of the others": total - X[..., 0]}
        for (X, _), total in zip(calls, sums, strict=True)
    ]
    return {
        "features": _normal(calls[0][0]),
        "near": wrong[0][near],
        "far": wrong[0][~near],
        "inside": wrong[0][sums[0] > 0],
        "independent": task_data.agreements(*bits),
        "errors": {
            "next example": _agree(wrong[0][:, 0::2], wrong[0][:, 1::2]),
            "next call": _agree(wrong[0], wrong[1]),
        },
    }


@claim(
    "td-xor",
    "The four clouds of XOR lie at random corners, and the signs of x tell the class as often as "
    "their spread says",
    "XOR 的四个点云位于随机的角上，按 x 的符号判断类别的精度由其散布决定",
    source="the task of claims about the complexity of data: Minsky and Papert 1969",
    formula="x ~ N(c, s² I),  P(1{x₁ x₂ > 0} = y) = 1 - 2 e (1 - e),  e = P(N(0, 1) > 1/s)",
    given={"spread": st.sampled_from([0.4, 0.3, 0.7, 1.0])},
    always=({"spread": 0.4},),
    holds=all_hold(
        clouds=distribution_equals("(N(-1, s²) + N(1, s²)) / 2", within=MARGIN),
        told=rate_equals(lambda spread: _told(spread), within=MARGIN),
        independent=pairwise_independent(
            0.5, within=MARGIN, labels=(*task_data.labels("x1", "x2", "class"), OFFSETS)
        ),
        calls=always_true(),
    ),
)
def clouds_lie_at_random_corners(gaussian_xor, spread, replicates, stream):
    from scipy.special import ndtr

    rng, R = stream.numpy(), task_data.groups(replicates)
    told = {} if spread == 0.4 else {"spread": spread}  # the default, untold
    calls = [gaussian_xor(R, task_data.EXAMPLES, rng, **told) for _ in range(2)]
    X = np.asarray(calls[0][0], dtype=np.float64)
    cdf = (ndtr((X - 1) / spread) + ndtr((X + 1) / spread)) / 2
    numbers = [
        {
            "x1": x[..., 0],
            "x2": x[..., 1],
            "class": np.asarray(y) - 0.5,
        }
        for x, y in calls
    ]
    outside = np.abs(X) > 1  # beyond its corner
    # Four examples have two of either class in 3 of 8 cases, and 64 times with probability 1e-27.
    few = [np.sum(gaussian_xor(1, 4, rng, **told)[1]) for _ in range(64)]
    return {
        "calls": arrays.truth(np.ptp(few) > 0),
        "clouds": cdf,
        "told": (X[..., 0] * X[..., 1] > 0) == (np.asarray(calls[0][1]) == 1),
        "independent": {
            **task_data.agreements(*numbers), OFFSETS: _agree(outside[..., 0], outside[..., 1])
        },
    }  # fmt: skip


def _told(spread):
    from scipy.special import ndtr

    e = float(ndtr(-1 / spread))
    return 1 - 2 * e * (1 - e)


def _agree(one, other):
    return int((one == other).sum()), one.size


def _normal(numbers):
    from scipy.special import ndtr

    return ndtr(np.asarray(numbers, dtype=np.float64))


@claim(
    "td-noise",
    "Noise is Gaussian of the stated deviation, far tails included, and new in every element, row "
    "and call, however few are drawn at a time",
    "噪声服从给定标准差的高斯分布，远端尾部也不例外；每个元素、每行、每次调用都是新的，每次取几个都一样",
    source='d2l, "Weight Decay", "High-Dimensional Linear Regression": ε ~ N(0, 0.01²)',
    formula="ε ~ N(0, σ²),  P(|ε| > 3σ) = 0.0027",
    always=({"std": 0.003},),
    holds=all_hold(
        law=distribution_equals("N(0, σ²)", within=MARGIN),
        tails=rate_equals(0.0027, within=0.0013),
        independent=_independent("number"),
        calls=always_true(),
    ),
)
def noise_is_gaussian_and_new(gaussian_noise, std, replicates, stream):
    rng, R = stream.numpy(), task_data.groups(replicates)
    calls = [gaussian_noise((R, task_data.EXAMPLES), std, rng) / std for _ in range(2)]
    few = np.array([gaussian_noise((2,), std, rng) for _ in range(PAIRS)]) / std
    again = [gaussian_noise((3, 1, 2), std, stream.child("again").numpy()) for _ in range(2)]
    return {
        "law": _normal(calls[0]),
        "tails": np.abs(calls[0]).ravel() > 3.001,  # what is set to 3 and rounded is none
        "independent": task_data.agreements(*({"number": one} for one in calls)),
        "calls": arrays.truth(
            len(np.unique(few, axis=0)) == PAIRS,
            np.ptp(np.sign(few), axis=1).min() == 0,  # the two of a pair do not always differ
            again[0].shape == (3, 1, 2),
            np.array_equal(*again),
            np.shape(gaussian_noise((), std, rng)) == (),
            gaussian_noise((4,), 0.0, rng) == 0,
        ),
    }


@claim(
    "td-coins",
    "Irrelevant features are fair coins, each thrown anew for every person, feature, cohort and "
    "call",
    "无关特征是公平的硬币：每个人、每个特征、每组人、每次调用都重新抛掷",
    source='the lecture on model selection: the blue shirts; "independent" and "irrelevant"',
    formula="P(x = 1) = 1/2, all independent",
    given={"n": st.sampled_from([2, 6, 64]), "features": st.sampled_from([2, 3, 5])},
    always=({"n": 2, "features": 5}, {"n": 128, "features": 2}),
    holds=all_hold(
        fair=rate_equals(0.5, within=MARGIN),
        independent=_independent("first feature", "last feature"),
        calls=always_true(),
    ),
)
def irrelevant_features_are_coins(irrelevant_features, n, features, replicates, stream):
    rng, R = stream.numpy(), 2 * max(1, -(-replicates // n))
    calls = [np.asarray(irrelevant_features(R, n, features, rng)) for _ in range(2)]
    numbers = [
        {"first feature": coins[..., 0] - 0.5, "last feature": coins[..., -1] - 0.5}
        for coins in calls
    ]
    again = [irrelevant_features(3, n, features, stream.child("again").numpy()) for _ in range(2)]
    # Of coins that fill no byte, one of three falls alike 64 times with probability 2^-61.
    few = np.array([irrelevant_features(1, 3, 1, rng).ravel() for _ in range(64)])
    return {
        "fair": calls[0],
        "independent": task_data.agreements(*numbers),
        "calls": arrays.truth(
            calls[0].shape == (R, n, features), calls[0].dtype == bool, np.array_equal(*again),
            np.ptp(few.astype(int), axis=0) == 1,
        ),
    }  # fmt: skip
