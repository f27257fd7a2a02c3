"""Faults of orders, splits, folds and selection, most from the catalogue of shipped bugs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.data import coins
from harness.primitives import folds as splits
from harness.primitives.batches import Indices
from harness.primitives.batches import minibatches as reference_minibatches
from harness.training import model_selection
from harness.training.exact import least_squares, neighbours
from harness.training.solver import MLP, Solver, Split

if TYPE_CHECKING:
    from torch import Tensor

    from harness.training.history import NetHistory

Array = npt.NDArray[np.float64]
Folds = list[tuple[Indices, Indices]]
Callback = Callable[..., Any]

# ---- orders -----------------------------------------------------------------------------------


def sorts_coarse_keys(n: int, rng: np.random.Generator) -> Indices:
    """R01: argsort of keys that are only 0 or 1: two ascending runs."""
    return np.argsort(rng.integers(0, 2, n), kind="stable")


def swaps_with_any_index(n: int, rng: np.random.Generator) -> Indices:
    """R03: each place is swapped with any other, not only with those not yet settled."""
    order = np.arange(n)
    for i, j in enumerate(rng.integers(0, n, n)):
        order[i], order[j] = order[j], order[i]
    return order


def never_leaves_an_index_in_place(n: int, rng: np.random.Generator) -> Indices:
    """R03: Sattolo's algorithm, which swaps with an earlier index only: one cycle."""
    order = np.arange(n)
    for i in range(n - 1, 0, -1):
        j = int(rng.integers(0, i))
        order[i], order[j] = order[j], order[i]
    return order


def keeps_the_order(n: int, rng: np.random.Generator) -> Indices:
    """Nothing is shuffled."""
    return np.arange(n)


def repeats_its_order_every_epoch(
    n: int, batch_size: int, rng: np.random.Generator
) -> list[Indices]:
    """R07: the epoch is never told to the sampler: the order is a function of n alone."""
    alike = np.random.Generator(np.random.SFC64(n))
    return reference_minibatches(n, batch_size, alike)


def pads_the_last_batch(n: int, batch_size: int, rng: np.random.Generator) -> list[Indices]:
    """R07: the last batch is filled up with examples that have had their turn."""
    batches = reference_minibatches(n, batch_size, rng)
    missing = batch_size - len(batches[-1])
    batches[-1] = np.concatenate([batches[-1], batches[0][:missing]])
    return batches


def drops_the_last_batch(n: int, batch_size: int, rng: np.random.Generator) -> list[Indices]:
    """A last batch that is not full is dropped."""
    batches = reference_minibatches(n, batch_size, rng)
    return [batch for batch in batches if len(batch) == batch_size] or batches


def draws_with_replacement(n: int, batch_size: int, rng: np.random.Generator) -> list[Indices]:
    """Each batch is drawn afresh from all examples."""
    return [rng.integers(0, n, len(b)) for b in reference_minibatches(n, batch_size, rng)]


def shuffles_batches_only(n: int, batch_size: int, rng: np.random.Generator) -> list[Indices]:
    """The batches come in random order, but each holds the same neighbours every epoch."""
    starts = rng.permutation(np.arange(0, n, batch_size))
    ragged = [np.arange(start, min(start + batch_size, n)) for start in starts]
    return sorted(ragged, key=lambda batch: len(batch) < batch_size)


# ---- folds ------------------------------------------------------------------------------------


def drops_the_remainder(n: int, k: int, rng: np.random.Generator | None = None) -> Folds:
    """K01: folds of n // k examples; the n mod k that remain are never validated."""
    order = _order(n, rng)
    parts = np.array_split(order[: n // k * k], k)
    return [(np.setdiff1d(order, part), part) for part in parts]


def leaves_the_remainder_to_the_last_fold(
    n: int, k: int, rng: np.random.Generator | None = None
) -> Folds:
    """K01: the last fold takes the n mod k examples that remain."""
    order = _order(n, rng)
    parts = np.split(order, [n // k * i for i in range(1, k)])
    return [(np.setdiff1d(order, part), part) for part in parts]


def leaves_the_last_fold_short(n: int, k: int, rng: np.random.Generator | None = None) -> Folds:
    """K01: folds of ceil(n / k) examples, so that the last one is small or even empty."""
    order, size = _order(n, rng), -(-n // k)
    parts = [order[i * size : (i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(order, part), part) for part in parts]


def overlaps_its_folds(n: int, k: int, rng: np.random.Generator | None = None) -> Folds:
    """Every fold begins one example early."""
    order = _order(n, rng)
    parts = [np.union1d(part, order[part[0] - 1 : part[0]]) for part in np.array_split(order, k)]
    return [(np.setdiff1d(order, part), part) for part in parts]


def trains_on_what_it_validates(n: int, k: int, rng: np.random.Generator | None = None) -> Folds:
    """A leaky fold: the training part holds all examples."""
    order = _order(n, rng)
    return [(order, valid) for _, valid in splits.k_fold(n, k, rng)]


def ignores_its_generator(n: int, k: int, rng: np.random.Generator | None = None) -> Folds:
    """R09: a seed that is given is taken for none; the folds are cut in order."""
    return splits.k_fold(n, k)


def shuffles_by_coarse_keys(n: int, k: int, rng: np.random.Generator | None = None) -> Folds:
    """R01, where it does harm: neighbours stay together."""
    order = np.arange(n) if rng is None else sorts_coarse_keys(n, rng)
    parts = np.array_split(order, k)
    return [(np.setdiff1d(order, part), part) for part in parts]


_RANKS = itertools.count()


def splits_by_rank(n: int, k: int, rng: np.random.Generator | None = None) -> Folds:
    """R09: every process shuffles in its own way, whatever seed they share."""
    rank = np.random.Generator(np.random.SFC64(next(_RANKS)))
    return splits.k_fold(n, k, None if rng is None else rank)


def holds_out_what_it_trains_on(
    n: int, valid: int, rng: np.random.Generator | None = None
) -> Folds:
    """The training part holds the examples that are held out as well."""
    ((train, held_out),) = splits.holdout(n, valid, rng)
    return [(np.concatenate([train, held_out]), held_out)]


def holds_out_the_other_part(n: int, valid: int, rng: np.random.Generator | None = None) -> Folds:
    """The sizes of the two parts are exchanged."""
    return splits.holdout(n, n - valid, rng)


def drops_half_of_the_training_part(
    n: int, valid: int, rng: np.random.Generator | None = None
) -> Folds:
    """Half of what is not held out is never used."""
    ((train, held_out),) = splits.holdout(n, valid, rng)
    return [(train[: len(train) // 2 + 1], held_out)]


# ---- cross-validation and selection -------------------------------------------------------------


def creates_one_model_for_all_folds(
    X: Any, y: Any, folds: Any, create: Callback, train: Callback, loss: Callback
) -> Array:
    """K03: the second fold starts from the weights that the first has left."""
    model, losses = create(), []
    for training, validation in folds:
        model = train(model, X[:, training], y[:, training])
        losses.append(loss(model, X[:, validation], y[:, validation]))
    return np.array(losses)


def trains_on_every_example(
    X: Any, y: Any, folds: Any, create: Callback, train: Callback, loss: Callback
) -> Array:
    """Leaky: each model sees the fold that it is validated on."""
    everything = np.arange(y.shape[1])
    leaky = [(everything, validation) for _, validation in folds]
    return model_selection.cross_validate(X, y, leaky, create, train, loss)


def validates_on_the_training_part(
    X: Any, y: Any, folds: Any, create: Callback, train: Callback, loss: Callback
) -> Array:
    """The loss is that of the examples that the model was trained on."""
    same = [(training, training) for training, _ in folds]
    return model_selection.cross_validate(X, y, same, create, train, loss)


def pairs_examples_with_other_labels(
    X: Any, y: Any, folds: Any, create: Callback, train: Callback, loss: Callback
) -> Array:
    """R11: X and y are permuted independently."""
    return model_selection.cross_validate(X, np.roll(y, 1, axis=1), folds, create, train, loss)


def validates_the_untrained_model(
    X: Any, y: Any, folds: Any, create: Callback, train: Callback, loss: Callback
) -> Array:
    """The trained model is thrown away."""

    def forget(model: Any, X: Any, y: Any) -> Any:
        train(model, X, y)
        return create()

    return model_selection.cross_validate(X, y, folds, create, forget, loss)


def repeats_the_first_fold(
    X: Any, y: Any, folds: Any, create: Callback, train: Callback, loss: Callback
) -> Array:
    """The loop's index is not used: k times the same fold."""
    return model_selection.cross_validate(X, y, [folds[0]] * len(folds), create, train, loss)


def changes_the_candidate_inside_the_loop(
    candidates: Sequence[Any],
    X: Any,
    y: Any,
    folds: Any,
    create: Callback,
    train: Callback,
    loss: Callback,
) -> model_selection.Selection:
    """The hyper-parameters move on after every fold."""
    turn = itertools.count()

    def wander(model: Any, X: Any, y: Any, candidate: Any) -> Any:
        return train(model, X, y, candidates[next(turn) % len(candidates)])

    return model_selection.select_model(candidates, X, y, folds, create, wander, loss)


def keeps_the_last_fold_only(
    candidates: Sequence[Any],
    X: Any,
    y: Any,
    folds: Any,
    create: Callback,
    train: Callback,
    loss: Callback,
) -> model_selection.Selection:
    """The score is overwritten in the loop, not added up."""
    return model_selection.select_model(candidates, X, y, folds[-1:], create, train, loss)


def picks_the_worst(
    candidates: Sequence[Any],
    X: Any,
    y: Any,
    folds: Any,
    create: Callback,
    train: Callback,
    loss: Callback,
) -> model_selection.Selection:
    """argmax for argmin."""
    found = model_selection.select_model(candidates, X, y, folds, create, train, loss)
    return model_selection.Selection(found.scores, found.scores.argmax(axis=0))


def picks_by_the_training_error(
    candidates: Sequence[Any],
    X: Any,
    y: Any,
    folds: Any,
    create: Callback,
    train: Callback,
    loss: Callback,
) -> model_selection.Selection:
    """The losses are those of the examples that the models were trained on."""
    same = [(training, training) for training, _ in folds]
    return model_selection.select_model(candidates, X, y, same, create, train, loss)


def picks_the_first(
    candidates: Sequence[Any],
    X: Any,
    y: Any,
    folds: Any,
    create: Callback,
    train: Callback,
    loss: Callback,
) -> model_selection.Selection:
    """The scores are computed, and not looked at."""
    found = model_selection.select_model(candidates, X, y, folds, create, train, loss)
    return model_selection.Selection(found.scores, np.zeros_like(found.chosen))


# ---- learners and data --------------------------------------------------------------------------


def stops_at_half_of_the_way(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """Half of the least-squares weights: not a minimum of anything."""
    return least_squares.ordinary_least_squares(X, y) / 2


def turns_its_weights_round(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """The sign of the weights is lost."""
    return -least_squares.ordinary_least_squares(X, y)


def forgets_half_of_the_examples(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """Only every other example is used."""
    return least_squares.ordinary_least_squares(X[:, ::2], y[:, ::2])


def predicts_zero(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """Nothing is learnt."""
    return np.zeros((len(X), X.shape[2]))


def answers_with_the_next_example(
    X: npt.NDArray[Any], y: npt.NDArray[Any], X_new: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """The labels are shifted by one example."""
    return neighbours.nearest_neighbour(X, np.roll(y, 1, axis=1), X_new)


def leaves_out_the_last_example(
    X: npt.NDArray[Any], y: npt.NDArray[Any], X_new: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """The last example is never memorised."""
    return neighbours.nearest_neighbour(X[:, :-1], y[:, :-1], X_new)


def repeats_the_first_coin(
    replicates: int, n: int, features: int, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """All features of a person are the same coin."""
    first = coins.irrelevant_features(replicates, n, 1, rng)
    return np.broadcast_to(first, (replicates, n, features))


def flips_loaded_coins(
    replicates: int, n: int, features: int, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """A feature is present in two of three people."""
    return rng.random((replicates, n, features)) < 2 / 3


def trains_for_one_epoch(
    data: Split[Tensor], net: MLP, solver: Solver, *draws: Any, **options: Any
) -> NetHistory:
    """The loop over the epochs ends after the first."""
    from harness.training.nets.mlp import train_mlp

    return train_mlp(data, net, replace(solver, epochs=1), *draws, **options)


def _order(n: int, rng: np.random.Generator | None) -> Indices:
    return np.arange(n) if rng is None else rng.permutation(n)


def always_holds_out_half(n: int, valid: int, rng: np.random.Generator | None = None) -> Folds:
    """The size that is asked for is not used."""
    return splits.holdout(n, n // 2, rng)
