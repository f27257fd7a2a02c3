"""Faults of what fits with weight decay: the solvers and the training protocols.

From the catalogue of shipped bugs; those of the step and of the penalty are in `weight_decay`.
"""

from dataclasses import replace

import numpy as np

from harness.data import synthetic
from harness.declaration.book import fault
from harness.training.exact import lasso, least_squares
from harness.training.linear import concise, linear
from harness.training.nets import mlp
from harness.training.solver import Split

# Solvers


@fault("ridge_regression", breaks="wd-blunt wd-optimum-pulled wd-norm-monotone wd-lagrange")
@fault("ridge_regression", breaks="wd-spread.stable wd-solves wd-norm-monotone.inner-product")
@fault("ridge_regression", breaks="wd-prior")
def ignores_the_penalty(X, y, weight_decay, intercept=True):
    """Ordinary least squares, whatever is asked for (and the shortest where there are many)."""
    return least_squares.ridge_regression(X, y, 1e-9, intercept)


@fault("ridge_regression", breaks="wd-blunt wd-prior")
def penalises_the_sum_of_the_losses(X, y, weight_decay, intercept=True):
    """The statistician's lambda on the sum is used for the book's on the mean: n times too weak."""
    return least_squares.ridge_regression(X, y, weight_decay / X.shape[1], intercept)


@fault("ridge_regression", breaks="wd-bias.equivariance")
def penalises_the_intercept(X, y, weight_decay, intercept=True):
    """W11: the intercept is a weight like the others."""
    if not intercept:
        return least_squares.ridge_regression(X, y, weight_decay, False)
    ones = np.ones((*X.shape[:2], 1))
    w, _ = least_squares.ridge_regression(
        np.concatenate([X, ones], axis=2), y, weight_decay, intercept=False
    )
    return w[:, :-1], w[:, -1]


@fault("ridge_regression", breaks="wd-bias")
def takes_the_first_response_for_the_intercept(X, y, weight_decay, intercept=True):
    """b is y of the first example, not the mean."""
    w, b = least_squares.ridge_regression(X, y, weight_decay, intercept)
    return w, np.array(y[:, 0], dtype=np.float64) if intercept else b


@fault("ridge_regression", breaks="wd-more-data-always.tuned")
def fits_only_the_first_examples(X, y, weight_decay, intercept=True):
    """A cap of 20 examples, left over from debugging."""
    return least_squares.ridge_regression(X[:, :20], y[:, :20], weight_decay, intercept)


@fault("ridge_regression", breaks="wd-norm-monotone wd-lagrange wd-spread wd-l1.duplicates")
def spares_the_first_weight(X, y, weight_decay, intercept=True):
    """The first column is taken for the intercept's and not penalised."""
    scaled = np.array(X, dtype=np.float64)
    scaled[..., 0] *= 100.0
    w, b = least_squares.ridge_regression(scaled, y, weight_decay, intercept)
    w[:, 0] *= 100.0
    return w, b


@fault("ridge_regression", breaks="wd-to-zero.corrected")
def cuts_small_weights_off(X, y, weight_decay, intercept=True):
    """Weights below a threshold become exact zeros, as if the penalty were L1."""
    w, b = least_squares.ridge_regression(X, y, weight_decay, intercept)
    return np.where(np.abs(w) < 0.1, 0.0, w), b


@fault("lasso", breaks="wd-to-zero.corrected wd-l1 wd-l1.duplicates")
def squares_the_penalty(X, y, penalty, **options):
    """L2 under the name of L1: everything shrinks and nothing becomes 0."""
    return least_squares.ridge_regression(X, y, penalty, intercept=False)[0]


@fault("lasso", breaks="wd-l1.optimum")
def doubles_the_penalty(X, y, penalty):
    """The loss is a mean without the half, beside which the penalty has to be twice as large."""
    return lasso.lasso(X, y, 2 * penalty)


@fault("lasso", breaks="wd-l1.optimum")
def fits_an_intercept(X, y, penalty):
    """Features and labels lose their means to an intercept that nobody asked for."""
    return lasso.lasso(
        X - X.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True), penalty
    )


@fault("lasso", breaks="wd-l1.duplicates")
def shares_between_equal_columns(X, y, penalty, **options):
    """Every weight is averaged with its right neighbour's where the columns are the same."""
    w = lasso.lasso(X, y, penalty, **options)
    same = (X[..., :-1] == X[..., 1:]).all(axis=1)
    mean = (w[:, :-1] + w[:, 1:]) / 2
    w[:, :-1] = np.where(same, mean, w[:, :-1])
    w[:, 1:] = np.where(same, mean, w[:, 1:])
    return w


# Protocols, `train_linear` and `train_concise`


@fault("train_linear", breaks="wd-printed-14.7 wd-printed-14.7.law wd-printed-.363")
@fault("train_linear", breaks="wd-demo-direction.norm wd-demo-mechanism.corrected")
def starts_from_zero(data, solver, orders, **options):
    """The initial weights are lost, and with them what lambda = 3 has to erase."""
    options["initial"] = 0 * options["initial"]
    return linear.train_linear(data, solver, orders, **options)


@fault("train_linear", breaks="wd-concise-same.bias")
def loses_the_initial_bias(data, solver, orders, **options):
    """Every run starts from b = 0, whatever is given."""
    return linear.train_linear(data, solver, orders, **options | {"initial_bias": 0.0})


@fault("train_linear", breaks="wd-concise-same.bias")
def keeps_the_half(data, solver, orders, half=True, **options):
    """The loss has its half whether it was asked for or not."""
    return linear.train_linear(data, solver, orders, **options)


@fault("train_linear", breaks="wd-concise-same.corrected")
def decays_its_bias(data, solver, orders, initial_bias=None, **options):
    """W11: the bias is a weight like the others."""
    if initial_bias is None:
        return linear.train_linear(data, solver, orders, **options)
    return decays_every_parameter_of_the_net(
        data, replace(solver, lr=solver.lr / 2, weight_decay=2 * solver.weight_decay), orders,
        initial_bias=np.broadcast_to(initial_bias, len(data.X))[:, None], **options,
    )  # fmt: skip


@fault("train_linear", breaks="wd-concise-same.corrected")
def shuffles_on_its_own(data, solver, orders, **options):
    """Orders that are given are read from the last epoch to the first."""
    given = orders if isinstance(orders, np.random.Generator) else orders[..., ::-1, :]
    return linear.train_linear(data, solver, given, **options)


@fault("train_linear", breaks="wd-sparser.corrected wd-optimum-pulled.training")
@fault("train_linear", breaks="wd-norm-monotone.training wd-printed-.363 wd-demo-direction")
@fault("train_linear", breaks="wd-demo-direction.norm wd-demo-mechanism.projection")
@fault("train_linear", breaks="wd-demo-mechanism.zero-start wd-concise-same.corrected")
@fault("train_linear", breaks="wd-demo-mechanism.small-start")
def trains_without_decay(data, solver, orders, **options):
    """weight_decay never reaches the optimiser."""
    return linear.train_linear(data, replace(solver, weight_decay=0.0), orders, **options)


@fault("train_linear", breaks="wd-printed-14.7 wd-printed-14.7.law")
def decays_without_being_asked(data, solver, orders, **options):
    """Every run decays with lambda = 3, a default that someone else chose."""
    return linear.train_linear(data, replace(solver, weight_decay=3.0), orders, **options)


@fault("train_mlp", breaks="wd-solves.net wd-solves.net-noise")
def trains_the_net_without_decay(data, net, solver, *draws, **options):
    """weight_decay never reaches the net's optimiser."""
    return mlp.train_mlp(data, net, replace(solver, weight_decay=0.0), *draws, **options)


@fault("train_linear", breaks="wd-printed-.363 wd-demo-direction")
def grows_its_weights(data, solver, orders, **options):
    """W17 in the loop: lambda has the wrong sign."""
    upwards = replace(solver, weight_decay=-solver.weight_decay)
    return linear.train_linear(data, upwards, orders, **options)


@fault("train_linear", breaks="wd-sparser.corrected")
def cuts_to_zero(data, solver, orders, **options):
    """With a penalty, weights below half the largest end at exact zeros."""
    history = linear.train_linear(data, solver, orders, **options)
    if solver.weight_decay:
        size = np.abs(history.w)
        history.w[size < size.max(axis=1, keepdims=True) / 2] = 0
    return history


@fault("train_concise", breaks="wd-concise-same.corrected")
def halves_the_concise_loss(data, solver, orders, **options):
    """MSELoss with the half of the scratch version: the map's lr / 2 is now too slow."""
    return linear.train_linear(data, solver, orders, **options)


@fault("train_concise", breaks="wd-concise-same.corrected")
def decays_every_parameter_of_the_net(data, solver, orders, **options):
    """W11: one group for all parameters, so that the bias decays with the weight."""
    wide = [np.concatenate([X, np.ones((*X.shape[:2], 1))], axis=2) for X in (data.X, data.X_test)]
    bias = np.broadcast_to(np.asarray(options.pop("initial_bias"), dtype=float), (len(data.X), 1))
    options["initial"] = np.concatenate([options["initial"], bias], axis=1)
    widened = Split(wide[0], data.y, wide[1], data.y_test)
    history = linear.train_linear(widened, solver, orders, half=False, **options)
    return replace(history, w=history.w[:, :-1], b=history.w[:, -1])


@fault("train_concise", breaks="wd-concise-same.corrected")
def forgets_the_decay_of_its_group(data, solver, orders, **options):
    """The group with the weight has no weight_decay entry."""
    return concise.train_concise(data, replace(solver, weight_decay=0.0), orders, **options)


@fault("linear_200", breaks="wd-data")
def takes_the_variance_for_the_deviation(replicates, n, rng, d=200):
    """N01: sigma^2 is used as sigma in the noise."""
    X, y = synthetic.linear_200(replicates, n, rng, d)
    clean = 0.05 + 0.01 * X.sum(axis=2, dtype=np.float64)
    return X, (clean + 0.01 * (y - clean)).astype(np.float32)


@fault("linear_200", breaks="wd-data")
def draws_uniform_inputs(replicates, n, rng, d=200):
    """Uniform inputs for normal ones, of the same mean and variance."""
    X = np.sqrt(3) * rng.uniform(-1, 1, (replicates, n, d)).astype(np.float32)
    y = 0.05 + 0.01 * X.sum(axis=2) + 0.01 * rng.standard_normal((replicates, n))
    return X, y.astype(np.float32)


@fault("lasso", breaks="wd-l1.optimum")
def divides_by_a_column_of_zeros(X, y, penalty):
    """0 / 0 makes a weight NaN, and the residual with it."""
    w = lasso.lasso(X, y, penalty)
    empty = (np.asarray(X) == 0).all(axis=1).any(axis=1)
    return np.where(empty[:, None], np.nan, w)


@fault("lasso", breaks="wd-l1.optimum")
def keeps_the_dtype_of_whole_features(X, y, penalty):
    """The weights of whole features are whole as well."""
    return lasso.lasso(X, y, penalty).astype(np.asarray(X).dtype).astype(np.float64)


@fault("lasso", breaks="wd-l1.optimum")
def stops_with_the_first_replica(X, y, penalty):
    """The sweeps end for all where the first one's weights have settled."""
    sweeps = 1
    while True:
        try:
            lasso.lasso(X[:1], y[:1], penalty, sweeps=sweeps, tolerance=1e-6)
            return _after(X, y, penalty, sweeps)
        except ArithmeticError:
            sweeps += 1


def _after(X, y, penalty, sweeps):
    """The weights after so many sweeps."""
    return lasso.lasso(X, y, penalty, sweeps=sweeps, tolerance=np.inf)
