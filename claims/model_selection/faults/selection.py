"""Faults of orders, splits, folds and selection, most from the catalogue of shipped bugs."""

import itertools
from dataclasses import replace

import numpy as np

from harness.data import classes
from harness.declaration.book import fault
from harness.primitives import folds as splits
from harness.primitives.batches import minibatches as reference_minibatches
from harness.training import model_selection
from harness.training.exact import least_squares, neighbours

# ---- orders -----------------------------------------------------------------------------------


@fault("permutation", breaks="mb.permutation mb.permutation.places")
def sorts_coarse_keys(n, rng):
    """R01: argsort of keys that are only 0 or 1: two ascending runs."""
    return np.argsort(rng.integers(0, 2, n), kind="stable")


@fault("permutation", breaks="mb.permutation")
def swaps_with_any_index(n, rng):
    """R03: each place is swapped with any other, not only with those not yet settled."""
    order = np.arange(n)
    for i, j in enumerate(rng.integers(0, n, n)):
        order[i], order[j] = order[j], order[i]
    return order


@fault("permutation", breaks="mb.permutation mb.permutation.places")
def never_leaves_an_index_in_place(n, rng):
    """R03: Sattolo's algorithm, which swaps with an earlier index only: one cycle."""
    order = np.arange(n)
    for i in range(n - 1, 0, -1):
        j = int(rng.integers(0, i))
        order[i], order[j] = order[j], order[i]
    return order


@fault("permutation", breaks="mb.permutation mb.permutation.places")
def keeps_the_order(n, rng):
    """Nothing is shuffled."""
    return np.arange(n)


@fault("permutation", breaks="mb.permutation.long")
def counts_samples_in_sixteen_bits(n, rng):
    """An index of 16 bits: from the sample 65,536 on the first ones are read again."""
    return rng.permutation(n) % 65_536


@fault("permutation", breaks="mb.permutation.long")
def shuffles_a_buffer(n, rng):
    """A buffer of 1,024 samples is shuffled, and what comes after it is read as it lies."""
    return np.concatenate([rng.permutation(min(n, 1024)), np.arange(1024, n)])


@fault("minibatches", breaks="mb.new-order mb.company")
def repeats_its_order_every_epoch(n, batch_size, rng):
    """R07: the epoch is never told to the sampler: the order is a function of n alone."""
    alike = np.random.Generator(np.random.SFC64(n))
    return reference_minibatches(n, batch_size, alike)


@fault("minibatches", breaks="mb.once")
def pads_the_last_batch(n, batch_size, rng):
    """R07: the last batch is filled up with examples that have had their turn."""
    batches = reference_minibatches(n, batch_size, rng)
    missing = batch_size - len(batches[-1])
    batches[-1] = np.concatenate([batches[-1], batches[0][:missing]])
    return batches


@fault("minibatches", breaks="mb.once")
def drops_the_last_batch(n, batch_size, rng):
    """A last batch that is not full is dropped."""
    batches = reference_minibatches(n, batch_size, rng)
    return [batch for batch in batches if len(batch) == batch_size] or batches


@fault("minibatches", breaks="mb.once")
def draws_with_replacement(n, batch_size, rng):
    """Each batch is drawn afresh from all examples."""
    return [rng.integers(0, n, len(b)) for b in reference_minibatches(n, batch_size, rng)]


@fault("minibatches", breaks="mb.company")
def shuffles_batches_only(n, batch_size, rng):
    """The batches come in random order, but each holds the same neighbours every epoch."""
    starts = rng.permutation(np.arange(0, n, batch_size))
    ragged = [np.arange(start, min(start + batch_size, n)) for start in starts]
    return sorted(ragged, key=lambda batch: len(batch) < batch_size)


# ---- folds ------------------------------------------------------------------------------------


@fault("k_fold", breaks="kf-average.once")
def drops_the_remainder(n, k, rng=None):
    """K01: folds of n // k examples; the n mod k that remain are never validated."""
    order = _order(n, rng)
    parts = np.array_split(order[: n // k * k], k)
    return [(np.setdiff1d(order, part), part) for part in parts]


@fault("k_fold", breaks="kf-average.once")
def leaves_the_remainder_to_the_last_fold(n, k, rng=None):
    """K01: the last fold takes the n mod k examples that remain."""
    order = _order(n, rng)
    parts = np.split(order, [n // k * i for i in range(1, k)])
    return [(np.setdiff1d(order, part), part) for part in parts]


@fault("k_fold", breaks="kf-average.once")
def leaves_the_last_fold_short(n, k, rng=None):
    """K01: folds of ceil(n / k) examples, so that the last one is small or even empty."""
    order, size = _order(n, rng), -(-n // k)
    parts = [order[i * size : (i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(order, part), part) for part in parts]


@fault("k_fold", breaks="kf-average.once kf-average.disjoint")
def overlaps_its_folds(n, k, rng=None):
    """Every fold begins one example early."""
    order = _order(n, rng)
    parts = [np.union1d(part, order[part[0] - 1 : part[0]]) for part in np.array_split(order, k)]
    return [(np.setdiff1d(order, part), part) for part in parts]


@fault("k_fold", breaks="kf-average.disjoint kf-average.unseen kf-average.bias kf-average.law")
@fault("k_fold", breaks="kf-average.more-folds kf-no-retune.leak")
def trains_on_what_it_validates(n, k, rng=None):
    """A leaky fold: the training part holds all examples."""
    order = _order(n, rng)
    return [(order, valid) for _, valid in splits.k_fold(n, k, rng)]


@fault("k_fold", breaks="kf-average.random")
def ignores_its_generator(n, k, rng=None):
    """R09: a seed that is given is taken for none; the folds are cut in order."""
    return splits.k_fold(n, k)


@fault("k_fold", breaks="kf-average.random")
def shuffles_by_coarse_keys(n, k, rng=None):
    """R01, where it does harm: neighbours stay together."""
    order = np.arange(n) if rng is None else sorts_coarse_keys(n, rng)
    parts = np.array_split(order, k)
    return [(np.setdiff1d(order, part), part) for part in parts]


_RANKS = itertools.count()


@fault("k_fold", breaks="kf-average.replay")
def splits_by_rank(n, k, rng=None):
    """R09: every process shuffles in its own way, whatever seed they share."""
    rank = np.random.Generator(np.random.SFC64(next(_RANKS)))
    return splits.k_fold(n, k, None if rng is None else rank)


@fault("holdout", breaks="ms-holdout-unbiased ms-holdout-unbiased.pessimistic")
def holds_out_what_it_trains_on(n, valid, rng=None):
    """The training part holds the examples that are held out as well."""
    ((train, held_out),) = splits.holdout(n, valid, rng)
    return [(np.concatenate([train, held_out]), held_out)]


def holds_out_the_other_part(n, valid, rng=None):
    """The sizes of the two parts are exchanged."""
    return splits.holdout(n, n - valid, rng)


@fault("holdout", breaks="ms-holdout-unbiased.pessimistic")
def drops_half_of_the_training_part(n, valid, rng=None):
    """Half of what is not held out is never used."""
    ((train, held_out),) = splits.holdout(n, valid, rng)
    return [(train[: len(train) // 2 + 1], held_out)]


# ---- cross-validation and selection -------------------------------------------------------------


@fault("cross_validate", breaks="kf-average.unseen kf-independent.fresh kf-no-retune")
def creates_one_model_for_all_folds(X, y, folds, create, train, loss):
    """K03: the second fold starts from the weights that the first has left."""
    model, losses = create(), []
    for training, validation in folds:
        model = train(model, X[:, training], y[:, training])
        losses.append(loss(model, X[:, validation], y[:, validation]))
    return np.array(losses)


@fault(
    "cross_validate",
    breaks="kf-average.unseen kf-average.bias kf-average.more-folds kf-average.law",
)
@fault("cross_validate", breaks="kf-no-retune.leak")
def trains_on_every_example(X, y, folds, create, train, loss):
    """Leaky: each model sees the fold that it is validated on."""
    everything = np.arange(y.shape[1])
    leaky = [(everything, validation) for _, validation in folds]
    return model_selection.cross_validate(X, y, leaky, create, train, loss)


@fault("cross_validate", breaks="kf-average.unseen")
def validates_on_the_training_part(X, y, folds, create, train, loss):
    """The loss is that of the examples that the model was trained on."""
    same = [(training, training) for training, _ in folds]
    return model_selection.cross_validate(X, y, same, create, train, loss)


@fault("cross_validate", breaks="kf-average.unseen")
def pairs_examples_with_other_labels(X, y, folds, create, train, loss):
    """R11: X and y are permuted independently."""
    return model_selection.cross_validate(X, np.roll(y, 1, axis=1), folds, create, train, loss)


@fault("cross_validate", breaks="kf-independent.corrected kf-independent.error-bar")
@fault("cross_validate", breaks="kf-this-model.corrected kf-no-retune.leak")
def validates_the_untrained_model(X, y, folds, create, train, loss):
    """The trained model is thrown away."""

    def forget(model, X, y):
        train(model, X, y)
        return create()

    return model_selection.cross_validate(X, y, folds, create, forget, loss)


@fault("cross_validate", breaks="kf-average.unseen kf-average kf-loo.corrected")
def repeats_the_first_fold(X, y, folds, create, train, loss):
    """The loop's index is not used: k times the same fold."""
    return model_selection.cross_validate(X, y, [folds[0]] * len(folds), create, train, loss)


@fault("select_model", breaks="kf-no-retune.loop")
def changes_the_candidate_inside_the_loop(candidates, X, y, folds, create, train, loss):
    """The hyper-parameters move on after every fold."""
    turn = itertools.count()

    def wander(model, X, y, candidate):
        return train(model, X, y, candidates[next(turn) % len(candidates)])

    return model_selection.select_model(candidates, X, y, folds, create, wander, loss)


@fault("select_model", breaks="kf-no-retune.loop")
def keeps_the_last_fold_only(candidates, X, y, folds, create, train, loss):
    """The score is overwritten in the loop, not added up."""
    return model_selection.select_model(candidates, X, y, folds[-1:], create, train, loss)


@fault("select_model", breaks="ts-once ts-val-casual kf-no-retune.loop kf-selects")
def picks_the_worst(candidates, X, y, folds, create, train, loss):
    """argmax for argmin."""
    found = model_selection.select_model(candidates, X, y, folds, create, train, loss)
    return model_selection.Selection(found.scores, found.scores.argmax(axis=0))


@fault("select_model", breaks="ms-min-train-bad kf-no-retune.loop kf-selects")
def picks_by_the_training_error(candidates, X, y, folds, create, train, loss):
    """The losses are those of the examples that the models were trained on."""
    same = [(training, training) for training, _ in folds]
    return model_selection.select_model(candidates, X, y, same, create, train, loss)


@fault("select_model", breaks="ms-min-train-bad ts-once ts-val-casual kf-selects")
def picks_the_first(candidates, X, y, folds, create, train, loss):
    """The scores are computed, and not looked at."""
    found = model_selection.select_model(candidates, X, y, folds, create, train, loss)
    return model_selection.Selection(found.scores, np.zeros_like(found.chosen))


# ---- learners and data --------------------------------------------------------------------------


@fault("ordinary_least_squares", breaks="ms-train-uninformative.optimism kf-average.bias")
@fault("ordinary_least_squares", breaks="kf-average.law")
def stops_at_half_of_the_way(X, y):
    """Half of the least-squares weights: not a minimum of anything."""
    return least_squares.ordinary_least_squares(X, y) / 2


@fault("ordinary_least_squares", breaks="ms-train-lt-val ms-train-lt-val.exchange")
@fault("ordinary_least_squares", breaks="ms-train-uninformative.corrected")
def turns_its_weights_round(X, y):
    """The sign of the weights is lost."""
    return -least_squares.ordinary_least_squares(X, y)


@fault("ordinary_least_squares", breaks="ms-train-uninformative.optimism")
@fault("ordinary_least_squares", breaks="ms-holdout-unbiased.pessimistic")
def forgets_half_of_the_examples(X, y):
    """Only every other example is used."""
    return least_squares.ordinary_least_squares(X[:, ::2], y[:, ::2])


@fault("ordinary_least_squares", breaks="ms-train-lt-val ms-train-uninformative.corrected")
@fault("ordinary_least_squares", breaks="ms-train-uninformative.optimism")
def predicts_zero(X, y):
    """Nothing is learnt."""
    return np.zeros((len(X), X.shape[2]))


@fault("nearest_neighbour", breaks="ms-memoriser")
def answers_with_the_next_example(X, y, X_new):
    """The labels are shifted by one example."""
    return neighbours.nearest_neighbour(X, np.roll(y, 1, axis=1), X_new)


@fault("nearest_neighbour", breaks="ms-memoriser")
def leaves_out_the_last_example(X, y, X_new):
    """The last example is never memorised."""
    return neighbours.nearest_neighbour(X[:, :-1], y[:, :-1], X_new)


@fault("irrelevant_features", breaks="ms-spurious")
def repeats_the_first_coin(replicates, n, features, rng):
    """All features of a person are the same coin."""
    first = classes.irrelevant_features(replicates, n, 1, rng)
    return np.broadcast_to(first, (replicates, n, features))


@fault("irrelevant_features", breaks="ms-spurious ms-spurious.fresh")
def flips_loaded_coins(replicates, n, features, rng):
    """A feature is present in two of three people."""
    return rng.random((replicates, n, features)) < 2 / 3


@fault("train_mlp", breaks="ms-memoriser.net")
def trains_for_one_epoch(data, net, solver, *draws, **options):
    """The loop over the epochs ends after the first."""
    from harness.training.nets.mlp import train_mlp

    return train_mlp(data, net, replace(solver, epochs=1), *draws, **options)


def _order(n, rng):
    return np.arange(n) if rng is None else rng.permutation(n)


@fault("holdout", breaks="ms-small-val-noisier")
def always_holds_out_half(n, valid, rng=None):
    """The size that is asked for is not used."""
    return splits.holdout(n, n // 2, rng)


@fault("select_model", breaks="kf-no-retune.loop")
def picks_the_place_after_sorting(candidates, X, y, folds, create, train, loss):
    """The place is that among the candidates in order, and not as they were given."""
    found = model_selection.select_model(candidates, X, y, folds, create, train, loss)
    order = sorted(range(len(candidates)), key=lambda place: candidates[place])
    return model_selection.Selection(found.scores, found.scores[order].argmin(axis=0))


@fault("select_model", breaks="kf-no-retune.loop")
def compares_rounded_scores(candidates, X, y, folds, create, train, loss):
    """Scores are compared as they are printed, with six decimals."""
    found = model_selection.select_model(candidates, X, y, folds, create, train, loss)
    return model_selection.Selection(found.scores, found.scores.round(6).argmin(axis=0))


@fault("select_model", breaks="kf-no-retune.loop")
def goes_on_with_the_last_model(candidates, X, y, folds, create, train, loss):
    """One model a fold, which every candidate trains on from where the last one left it."""
    models = [create() for _ in folds]
    turn = itertools.count()
    return model_selection.select_model(
        candidates, X, y, folds, lambda: models[next(turn) % len(models)], train, loss
    )
