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
