"""The split of a sample: into k folds, or into a training and a validation part."""

from __future__ import annotations

import numpy as np

from harness.primitives.batches import Indices, permutation


def k_fold(n: int, k: int, rng: np.random.Generator | None = None) -> list[tuple[Indices, Indices]]:
    """Return k pairs (train, valid) of indices into n examples, shuffled if a generator is given.

    Every example is validated exactly once and the validation parts differ in size by at most 1;
    the first n mod k of them have the extra example (the book drops the remainder). `train` has
    all others, in any order. One shuffle is drawn in each call, and the generator moves on; without
    a generator the parts are consecutive: 0 ... is the first. 2 <= k <= n.
    """
    if not 2 <= k <= n:
        raise ValueError(f"k={k!r} folds of n={n!r} examples; give k from 2 to n")
    order = np.arange(n, dtype=np.int64) if rng is None else permutation(n, rng)
    parts = np.array_split(order, k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


def holdout(
    n: int, valid: int, rng: np.random.Generator | None = None
) -> list[tuple[Indices, Indices]]:
    """Return one pair (train, valid) of indices into n examples; `valid` of them are held out.

    A list of that one pair: `train` has all others, either in any order. They are a random part if
    a generator is given, every subset equally likely and another one at the next call, and
    otherwise the last ones. 1 <= valid < n.
    """
    if not 1 <= valid < n:
        raise ValueError(f"valid={valid!r} of n={n!r} examples; hold out from 1 to n - 1")
    order = np.arange(n, dtype=np.int64) if rng is None else permutation(n, rng)
    return [(order[: n - valid], order[n - valid :])]


def stratified_k_fold(
    labels: Indices, k: int, rng: np.random.Generator | None = None
) -> list[tuple[Indices, Indices]]:
    """Return k pairs (train, valid) of indices; every label is spread evenly over the folds.

    Every example is validated once; of each label the folds' counts differ by at most 1, and so
    do the folds' sizes. `labels` are integers (n,).
    """
    if not 2 <= k <= len(labels):
        raise ValueError(f"k={k!r} folds of n={len(labels)!r} examples; give k from 2 to n")
    order = np.arange(len(labels)) if rng is None else permutation(len(labels), rng)
    order = order[np.argsort(labels[order], kind="stable")]
    # Dealt like cards, label after label: a label's last card and the next one's first follow.
    parts = [np.sort(order[fold::k]) for fold in range(k)]
    return [(np.sort(np.concatenate(parts[:i] + parts[i + 1 :])), parts[i]) for i in range(k)]
