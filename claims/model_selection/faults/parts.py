"""Faults of splits, folds and minibatches by themselves, and of the nearest neighbour."""

import copy
import itertools

import numpy as np

from harness.declaration.book import fault
from harness.primitives import folds as splits
from harness.training import model_selection
from harness.training.exact import neighbours


@fault("minibatches", breaks="mb.places")
def shuffles_a_short_buffer(n, batch_size, rng):
    """A buffer of 64 examples is shuffled: a long order is mixed near by, and never far."""
    order = np.arange(n)
    for start in range(0, n, 64):
        order[start : start + 64] = rng.permutation(order[start : start + 64])
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


@fault("minibatches", breaks="mb.places")
def leaves_the_last_example_last(n, batch_size, rng):
    """The range of the shuffle ends one example early."""
    order = np.append(rng.permutation(n - 1), n - 1)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


@fault("permutation", breaks="mb.permutation.long")
def shuffles_buffers_one_by_one(n, rng):
    """A buffer of 64 samples is shuffled after another: none moves further than that."""
    starts = range(0, n, 64)
    return np.concatenate([start + rng.permutation(min(64, n - start)) for start in starts])


@fault("k_fold", breaks="kf-average.sizes")
def gives_the_remainder_to_the_last_folds(n, k, rng=None):
    """The last n mod k folds are the larger ones."""
    order = _order(n, rng)
    return _folds(np.split(order, np.cumsum([(n + i) // k for i in range(k - 1)])))


@fault("k_fold", breaks="kf-average.sizes")
def deals_examples_in_turn(n, k, rng=None):
    """Fold i has the examples i, i + k, i + 2k ..., though no generator is given."""
    order = _order(n, rng)
    return _folds([order[i::k] for i in range(k)])


@fault("k_fold", breaks="kf-average.sizes")
def splits_by_a_copy(n, k, rng=None):
    """The generator stays where it was, and every call makes the same folds."""
    return splits.k_fold(n, k, copy.deepcopy(rng))


def _folds(parts):
    whole = np.concatenate(parts)
    return [(np.setdiff1d(whole, part), part) for part in parts]


@fault("holdout", breaks="ms-holdout-unbiased.parts")
def trains_on_one_of_the_held_out(n, valid, rng=None):
    """One example is on either side: a boundary that both slices include."""
    ((train, held_out),) = splits.holdout(n, valid, rng)
    return [(np.append(train, held_out[:1]), held_out)]


@fault("holdout", breaks="ms-holdout-unbiased.parts")
def holds_out_with_replacement(n, valid, rng=None):
    """Examples are drawn one by one, so that some are held out twice and fewer in all."""
    if rng is None:
        return splits.holdout(n, valid)
    held_out = rng.integers(0, n, valid)
    return [(np.setdiff1d(np.arange(n), held_out), held_out)]


@fault("holdout", breaks="ms-holdout-unbiased.parts")
def rounds_a_share(n, valid, rng=None):
    """The number is made a share of two digits and then a number again."""
    return splits.holdout(n, min(max(1, int(round(valid / n, 2) * n)), n - 1), rng)


@fault("holdout", breaks="ms-holdout-unbiased.parts")
def holds_out_the_first(n, valid, rng=None):
    """Without a generator the first examples are held out."""
    if rng is not None:
        return splits.holdout(n, valid, rng)
    return [(np.arange(valid, n), np.arange(valid))]


@fault("holdout", breaks="ms-holdout-unbiased.parts ms-holdout-unbiased.random")
def splits_in_order(n, valid, rng=None):
    """The generator is not used: sorted data keep their last classes for validation."""
    return splits.holdout(n, valid)


@fault("holdout", breaks="ms-holdout-unbiased.parts")
def holds_out_by_a_copy(n, valid, rng=None):
    """The generator stays where it was, and every call holds out the same examples."""
    return splits.holdout(n, valid, copy.deepcopy(rng))


@fault("holdout", breaks="ms-holdout-unbiased.random")
def holds_out_a_stretch(n, valid, rng=None):
    """A stretch of neighbours from a random place on."""
    if rng is None:
        return splits.holdout(n, valid)
    held_out = (rng.integers(0, n) + np.arange(valid)) % n
    return [(np.setdiff1d(np.arange(n), held_out), held_out)]


@fault("holdout", breaks="ms-holdout-unbiased.random")
def never_holds_out_the_first(n, valid, rng=None):
    """The first example is always trained on."""
    if rng is None:
        return splits.holdout(n, valid)
    order = np.append(0, 1 + rng.permutation(n - 1))
    return [(order[: n - valid], order[n - valid :])]


def _order(n, rng):
    return np.arange(n) if rng is None else rng.permutation(n)


@fault("nearest_neighbour", breaks="ms-memoriser.nearest")
def multiplies_distances_out(X, y, X_new):
    """‖x‖² - 2 x'z: far from the origin the squares hide the differences."""
    distances = (X**2).sum(axis=-1)[:, None] - 2 * np.matmul(X_new, X.swapaxes(-1, -2))
    return np.take_along_axis(y, distances.argmin(axis=-1), axis=-1)


@fault("nearest_neighbour", breaks="ms-memoriser.nearest")
def subtracts_bytes_from_bytes(X, y, X_new):
    """Differences are taken in the table's own dtype, where those below 0 come out large."""
    return neighbours.nearest_neighbour(
        (X - X[:, :1]).astype(float), y, (X_new - X[:, :1]).astype(float)
    )


@fault("nearest_neighbour", breaks="ms-memoriser.nearest")
def walks_round_the_blocks(X, y, X_new):
    """The distance is Manhattan's."""
    return _nearest(y, np.abs(X_new[:, :, None] - X[:, None]).sum(axis=-1))


@fault("nearest_neighbour", breaks="ms-memoriser.nearest")
def takes_the_last_of_equals(X, y, X_new):
    """Of equally near examples the last one answers."""
    return _nearest(y[:, ::-1], _squared(X[:, ::-1], X_new))


@fault("nearest_neighbour", breaks="ms-memoriser.nearest")
def leaves_out_the_example_itself(X, y, X_new):
    """An example at distance 0 is taken for the question itself, and left out."""
    squares = _squared(X, X_new)
    return _nearest(y, np.where(squares == 0, np.inf, squares))


@fault("nearest_neighbour", breaks="ms-memoriser.nearest")
def scales_the_features(X, y, X_new):
    """Each feature is divided by its deviation first."""
    deviation = X.std(axis=1, keepdims=True)
    deviation = np.where(deviation > 0, deviation, 1.0)
    return _nearest(y, _squared(X / deviation, X_new / deviation))


def _squared(X, X_new):
    return ((X_new[:, :, None] - X[:, None]) ** 2).sum(axis=-1)


def _nearest(y, distances):
    return np.take_along_axis(y, distances.argmin(axis=-1), axis=-1)


@fault("nearest_neighbour", breaks="ms-memoriser.nearest")
def makes_numbers_of_labels(X, y, X_new):
    """Labels are counted with, and come back as whole numbers whatever they were."""
    return neighbours.nearest_neighbour(X, np.asarray(y).astype(np.int64), X_new)


@fault("nearest_neighbour", breaks="ms-memoriser.nearest")
def measures_in_single_precision(X, y, X_new):
    """Distances are taken in float32, which knows no neighbours far from the origin."""
    return _nearest(y, _squared(X.astype(np.float32), X_new.astype(np.float32)))


@fault("permutation", breaks="mb.permutation mb.permutation.places")
def repeats_its_order(n, rng):
    """The generator is copied and never moves on: every call gives the same order."""
    return copy.deepcopy(rng).permutation(n)


@fault("cross_validate", breaks="kf-independent.fresh")
def trains_each_fold_twice(X, y, folds, create, train, loss):
    """A trial run comes before the one that counts."""

    def twice(model, X, y):
        train(create(), X, y)
        return train(model, X, y)

    return model_selection.cross_validate(X, y, folds, create, twice, loss)


@fault("select_model", breaks="kf-no-retune.loop")
def picks_the_last_of_equals(candidates, X, y, folds, create, train, loss):
    """`<=` in the place of `<`: the last of the best wins."""
    found = model_selection.select_model(candidates, X, y, folds, create, train, loss)
    last = len(candidates) - 1 - found.scores[::-1].argmin(axis=0)
    return model_selection.Selection(found.scores, last)


@fault("select_model", breaks="kf-no-retune.loop")
def weighs_folds_by_size(candidates, X, y, folds, create, train, loss):
    """The mean over all examples, in which a larger fold weighs more."""
    sizes = np.array([len(valid) for _, valid in folds], dtype=np.float64)
    turn = itertools.count()

    def weighted(model, X, y):
        factor = sizes[next(turn) % len(sizes)] / sizes.mean()
        return factor * np.asarray(loss(model, X, y))

    return model_selection.select_model(candidates, X, y, folds, create, train, weighted)


@fault("holdout", breaks="ms-holdout-unbiased.parts")
def counts_examples_in_sixteen_bits(n, valid, rng=None):
    """Example 65,536 is example 0."""
    ((train, held),) = splits.holdout(n, valid, rng)
    return [(train.astype(np.uint16).astype(np.int64), held.astype(np.uint16).astype(np.int64))]
