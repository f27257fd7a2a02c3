"""Stratified folds: every label is spread evenly over them."""

import numpy as np

from harness.declaration.claim import claim
from harness.declaration.relations import always_true
from harness.declaration.strategies import counts
from harness.metrics import arrays


@claim(
    "kf-average.stratified",
    "Stratified folds validate every example once and hold each label's share evenly",
    "分层 K 折中每个样本恰好被验证一次，且每个类别均匀分布于各折",
    source='d2l, "Model Selection", "K-Fold Cross-Validation": K non-overlapping subsets',
    formula="counts of a label differ by at most 1 between folds",
    given={"n": counts(30, 97), "k": counts(2, 7), "classes": counts(2, 4)},
    always=({"n": 31, "k": 3, "classes": 3},),
    holds=always_true(),
)
def strata_are_spread_evenly(stratified_k_fold, n, k, classes, replicates, stream):
    facts = []
    for r in range(replicates):
        rng = stream.child(r).numpy()
        labels = rng.integers(0, classes, n)
        folds = stratified_k_fold(labels, k, rng)
        counted = np.zeros(n, dtype=int)
        spread = np.array([np.bincount(labels[valid], minlength=classes) for _, valid in folds])
        for train, valid in folds:
            counted[valid] += 1
            facts.append(np.array_equal(np.sort(np.concatenate([train, valid])), np.arange(n)))
        facts += [bool((counted == 1).all()), int(np.ptp(spread, axis=0).max()) <= 1]
    return arrays.truth(np.array(facts))
