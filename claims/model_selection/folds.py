"""The folds of cross-validation: V_1 ... V_k partition n samples, model i is trained on the rest.

T_i is all but V_i, |V_i| differ by at most 1, and every model starts from weights of its own.
"""

import numpy as np

from claims.model_selection.experiments import least_squares
from harness.declaration.claim import claim
from harness.declaration.relations import all_hold, always_true, rate_equals
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text

SOURCE = 'd2l, "Model Selection", "K-Fold Cross-Validation"'
NOTES = 'Mu Li\'s notes, "K-fold cross-validation"'

# The remainder of n / k is 0 in none of them but the leave-one-out split.
SPLITS = tuple({"n": n, "k": k} for n, k in ((10, 3), (23, 5), (11, 10), (7, 7)))


@claim(
    "kf-average.once",
    "Over the k folds every sample is validated exactly once, in folds of nearly equal size",
    "遍历 k 折，每个样本恰好被验证一次，各折大小至多相差 1",
    source=f"{SOURCE}: the training data is split into K non-overlapping subsets",
    formula="V_1 ∪ ... ∪ V_k = {1 ... n}, each once;  max |V_i| - min |V_i| ≤ 1",
    given={"n": counts(11, 80), "k": counts(2, 11)},
    always=SPLITS,
    holds=always_true(),
)
def every_sample_is_validated_exactly_once(k_fold, n, k, stream):
    facts = []
    for generator in (None, stream.numpy()):
        parts = [np.asarray(valid) for _, valid in k_fold(n, k, generator)]
        times = np.bincount(np.concatenate(parts).astype(int), minlength=n)
        sizes = [len(part) for part in parts]
        facts += [len(parts) == k, times == 1, len(times) == n, max(sizes) - min(sizes) <= 1]
    return arrays.truth(*facts)


@claim(
    "kf-average.sizes",
    "The first n mod k folds have one example more; without a generator the folds follow one "
    "another in order, and with one every call has others",
    "前 n mod k 折各多一个样本；不给生成器时各折按顺序相接，给定生成器时每次划分都不同",
    source=f"{SOURCE}: the code's slices; the book drops the remainder",
    formula="|V_i| = ⌊n/k⌋ + 1{i ≤ n mod k};  without a generator V_1, V_2, ..., V_k = 1 ... n;  "
    "with one three calls give three V_1 of 50 in 100",
    given={"n": counts(2, 80), "k": counts(2, 80)},
    always=(
        *SPLITS, {"n": 2, "k": 2}, {"n": 300, "k": 7},
        {"n": 4097, "k": 2},
    ),
    holds=always_true(),
)  # fmt: skip
def the_first_folds_take_the_remainder(k_fold, n, k, stream):
    k, rng = min(n, k), stream.numpy()
    facts, splits = [], [k_fold(n, k, given) for given in (None, rng)]
    for folds in splits:
        facts += [len(valid) == n // k + (i < n % k) for i, (_, valid) in enumerate(folds)]
        facts += [np.array_equal(np.sort(np.concatenate(one)), np.arange(n)) for one in folds]
        facts.append(len(folds) == k)
    in_order = np.concatenate([valid for _, valid in splits[0]])
    facts.append(np.array_equal(in_order, np.arange(n)))
    # Two choices of 50 among 100 are the same with probability 1e-29.
    calls = {tuple(np.sort(k_fold(100, 2, rng)[0][1])) for _ in range(3)}
    return arrays.truth(*facts, len(calls) == 3)


@claim(
    "kf-average.disjoint",
    "The folds are disjoint, and each model is trained on all the samples of the other folds",
    "各折互不相交，每次都用其余各折的全部样本训练",
    source=f"{SOURCE}: non-overlapping subsets; training on K - 1 of them",
    formula="V_i ∩ V_j = ∅,  T_i = {1 ... n} \\ V_i",
    given={"n": counts(11, 80), "k": counts(2, 11)},
    always=SPLITS,
    holds=always_true(),
)
def the_folds_are_disjoint(k_fold, n, k, stream):
    facts = []
    for generator in (None, stream.numpy()):
        folds = k_fold(n, k, generator)
        parts = [set(map(int, valid)) for _, valid in folds]
        for i, (train, valid) in enumerate(folds):
            facts.append(not any(parts[i] & part for part in parts[:i]))
            facts.append(len(parts[i]) == len(valid))
            facts.append(sorted(map(int, train)) == sorted(set(range(n)) - parts[i]))
    return arrays.truth(*facts)


@claim(
    "kf-average.random",
    "A shuffled split is uniform: any sample falls into any fold, and any two fall together, as "
    "often as any others",
    "打乱后的划分是均匀的：任一样本落入各折的机会相同，任意两个样本落入同一折的机会也都相同",
    source=f"{SOURCE}: implied by a random partition",
    formula="P(i ∈ V_1) = 1/k,  P(i, j in one fold) = (n/k - 1)/(n - 1)",
    condition=Text("k divides n", "k 整除 n"),
    always=({"n": 10, "k": 5}, {"n": 12, "k": 2}, {"n": 9, "k": 3}),
    holds=all_hold(
        alone=rate_equals(lambda k: 1 / k, within=0.05),
        together=rate_equals(lambda n, k: (n / k - 1) / (n - 1), within=0.05),
    ),
)
def a_shuffled_split_is_uniform(k_fold, n, k, replicates, stream):
    generator = stream.numpy()
    alone, together = np.zeros(replicates, dtype=bool), np.zeros(replicates, dtype=bool)
    for r in range(replicates):
        fold = np.zeros(n, dtype=int)
        for i, (_, valid) in enumerate(k_fold(n, k, generator)):
            fold[valid] = i
        alone[r], together[r] = fold[0] == 0, fold[0] == fold[1]
    return {"alone": alone, "together": together}


@claim(
    "kf-average.replay",
    "The split is a function of the generator's state: every process that shares the seed shares "
    "the folds",
    "划分由随机数生成器的状态决定：种子相同的各个进程得到相同的划分",
    source=f"{SOURCE}: implied: or one process trains on what another validates",
    formula="state = state' ⇒ V_i = V'_i",
    given={"n": counts(20, 80), "k": counts(2, 11)},
    holds=always_true(),
)
def the_same_state_makes_the_same_folds(k_fold, n, k, stream):
    ranks = [k_fold(n, k, stream.numpy()) for _ in range(3)]
    return arrays.truth(
        *(
            np.array_equal(mine, others)
            for rank in ranks[1:]
            for one, other in zip(ranks[0], rank, strict=True)
            for mine, others in zip(one, other, strict=True)
        )
    )


@claim(
    "kf-average.unseen",
    "No model is validated on a sample that it was trained on, and every label stays with its "
    "sample",
    "任何模型都不会在训练过的样本上验证，标签也始终跟随自己的样本",
    source=f"{SOURCE}: train on K - 1 subsets, validate on a different subset",
    formula="model i sees T_i in training and V_i in validation:  T_i ∩ V_i = ∅,  "
    "T_i ∪ V_i = {1 ... n} = V_1 ∪ ... ∪ V_k, each once;  "
    "each (x, y) that it sees is one of the data's",
    given={"n": counts(11, 60), "k": counts(2, 11)},
    always=SPLITS,
    holds=always_true(),
)
def no_model_is_validated_on_what_it_has_seen(cross_validate, k_fold, n, k, stream):
    witness = least_squares.Witness(n, stream.child("model").numpy())
    folds = k_fold(n, k, stream.child("folds").numpy())
    cross_validate(witness.X, witness.y, folds, witness.create, witness.train, witness.loss)
    validated = sorted(row for rows, _ in witness.validated for row in rows)
    return arrays.truth(
        witness.paired,
        validated == list(range(n)),
        *(not seen & set(rows) for rows, seen in witness.validated),
        *(seen | set(rows) == set(range(n)) for rows, seen in witness.validated),
    )


@claim(
    "kf-independent.fresh",
    "Each fold trains a model of its own from fresh weights",
    "每一折都从全新的权重开始训练自己的模型",
    source=f"{NOTES}: the model is trained again in every fold",
    formula="w_i(0) is drawn anew for i = 1 ... k",
    given={"n": counts(11, 60), "k": counts(2, 11)},
    holds=always_true(),
)
def each_fold_trains_from_fresh_weights(cross_validate, k_fold, n, k, stream):
    witness = least_squares.Witness(n, stream.child("model").numpy())
    folds = k_fold(n, k, stream.child("folds").numpy())
    cross_validate(witness.X, witness.y, folds, witness.create, witness.train, witness.loss)
    starts = {tuple(weights) for weights, _ in witness.starts}
    return arrays.truth(
        len(witness.starts) == k,
        len(starts) == k,
        starts <= {tuple(weights) for weights in witness.created},
        *(trainings == 0 for _, trainings in witness.starts),
    )
