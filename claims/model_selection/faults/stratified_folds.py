"""Faults of folds that keep the shares of the classes."""

import numpy as np

from harness.declaration.book import fault
from harness.primitives import folds


@fault("stratified_k_fold", breaks="kf-average.stratified")
def drops_the_remainder_of_strata(labels, k, rng=None):
    """K01: n mod k examples are never validated."""
    kept = len(labels) // k * k
    everyone = np.arange(len(labels))
    found = folds.stratified_k_fold(labels[:kept], k, rng)
    return [(np.setdiff1d(everyone, valid), valid) for _, valid in found]


@fault("stratified_k_fold", breaks="kf-average.stratified")
def ignores_the_labels(labels, k, rng=None):
    """Plain folds under the stratified name."""
    return folds.k_fold(len(labels), k, rng)


@fault("stratified_k_fold", breaks="kf-average.stratified")
def validates_on_what_it_trained_on(labels, k, rng=None):
    """The training part is everyone: validation leaks."""
    found = folds.stratified_k_fold(labels, k, rng)
    return [(np.arange(len(labels)), valid) for _, valid in found]


@fault("stratified_k_fold", breaks="kf-average.stratified")
def piles_up_the_remainders(labels, k, rng=None):
    """Every label starts with fold 0: the folds' sizes differ by as much as there are labels."""
    return _dealt(labels, k, lambda members: members if rng is None else rng.permutation(members))


@fault("stratified_k_fold", breaks="kf-average.strata-apart")
def deals_all_labels_alike(labels, k, rng=None):
    """One random order serves every label: the first of each label meet in one fold."""
    seed = 0 if rng is None else rng.integers(1 << 31)
    return _dealt(labels, k, lambda members: np.random.default_rng(seed).permutation(members))


def _dealt(labels, k, order):
    fold = np.empty(len(labels), dtype=int)
    for label in np.unique(labels):
        members = order(np.flatnonzero(labels == label))
        fold[members] = np.arange(len(members)) % k
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]


@fault("stratified_k_fold", breaks="kf-average.stratified")
def looks_for_labels_from_zero_up(labels, k, rng=None):
    """The labels are sought among 0 ... max: those below 0 are in no fold."""
    known = np.flatnonzero(labels >= 0)
    found = folds.stratified_k_fold(labels[known], k, rng) if len(known) else [(known, known)] * k
    return [(np.setdiff1d(np.arange(len(labels)), known[valid]), known[valid])
            for _, valid in found]  # fmt: skip
