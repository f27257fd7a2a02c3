"""Stratified folds: every label is spread evenly over them."""

import numpy as np

from harness.declaration.claim import claim
from harness.declaration.relations import always_true, rate_equals
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text


@claim(
    "kf-average.stratified",
    "Stratified folds validate every example once and hold each label's share evenly",
    "分层 k 折中每个样本恰好被验证一次，且每个类别均匀分布于各折",
    source='d2l, "Model Selection", "K-Fold Cross-Validation": K non-overlapping subsets',
    formula="V_1 ∪ ... ∪ V_k = {1 ... n}, each once;  T_i = {1 ... n} \\ V_i;  "
    "counts of a label, and of all, differ by at most 1 between folds",
    given={"n": counts(30, 97), "k": counts(2, 7), "classes": counts(2, 4)},
    always=({"n": 31, "k": 3, "classes": 3},),
    holds=always_true(),
)
def strata_are_spread_evenly(stratified_k_fold, n, k, classes, replicates, stream):
    facts = []
    for r in range(replicates):
        rng = stream.child(r).numpy()
        names = rng.choice(np.arange(-9, 10), classes, replace=False)  # any whole numbers
        labels = names[rng.integers(0, classes, n)]
        for given in ((rng,), ()):  # at random, and as they come
            facts += _facts(stratified_k_fold(labels.copy(), k, *given), labels, names)
    return arrays.truth(np.array(facts))


def _facts(folds, labels, names):
    counted = np.zeros(len(labels), dtype=int)
    spread = np.array([(labels[valid] == names[:, None]).sum(axis=1) for _, valid in folds])
    facts = []
    for train, valid in folds:
        counted[valid] += 1
        both = np.sort(np.concatenate([train, valid]))
        facts.append(np.array_equal(both, np.arange(len(labels))))
    facts += [bool((counted == 1).all()), int(np.ptp(spread, axis=0).max()) <= 1]
    return [*facts, int(np.ptp(spread.sum(axis=1))) <= 1]


@claim(
    "kf-average.strata-apart",
    "Each label's examples are dealt out at random on their own: two of different labels share a "
    "fold with probability 1/k",
    "各类别的样本分别随机分配到各折：不同类别的两个样本落在同一折的概率为 1/k",
    source='d2l, "Model Selection", "K-Fold Cross-Validation": implied by random folds',
    formula="P(the first of either label share a fold) = 1/k to three tenths of it",
    condition=Text(
        "two labels, each with as many examples as k divides",
        "两个类别，样本数均为 k 的倍数",
    ),
    given={"each": counts(3, 8), "k": counts(2, 5)},
    always=({"each": 4, "k": 3},),
    holds=rate_equals(lambda k: 1 / k, within=lambda k: 0.3 / k),
)
def strata_are_dealt_apart(stratified_k_fold, each, k, replicates, stream):
    rng = stream.numpy()
    labels = np.repeat([0, 1], each * k)

    def fold_of(folds, example):
        return next(i for i, (_, valid) in enumerate(folds) if example in valid)

    drawn = (stratified_k_fold(labels, k, rng) for _ in range(replicates))
    return np.array([fold_of(folds, 0) == fold_of(folds, each * k) for folds in drawn])
