"""Faults of the tasks' data: laws that are almost right, and numbers that come twice."""

import copy

import numpy as np

from harness.data import classes, synthetic
from harness.declaration.book import fault


@fault("linear_200", breaks="td-linear")
def shares_the_features(replicates, n, rng, d=200):
    """Every replicate has the same X, and a noise of its own."""
    X, y = synthetic.linear_200(replicates, n, rng, d)
    signal = X.sum(axis=2)
    return np.broadcast_to(X[:1], X.shape).copy(), y + 0.01 * (signal[:1] - signal)


@fault("linear_200", breaks="td-linear")
def shares_the_noise(replicates, n, rng, d=200):
    """One number a replicate, added to all its examples."""
    X, y = synthetic.linear_200(replicates, n, rng, d)
    signal = 0.05 + 0.01 * X.sum(axis=2)
    return X, signal + (y - signal)[:, :1]


@fault("linear_200", breaks="td-linear")
def weighs_for_two_hundred(replicates, n, rng, d=200):
    """The weight is 2 / d, which is 0.01 for 200 features only."""
    X, y = synthetic.linear_200(replicates, n, rng, d)
    return X, y + (2 / d - 0.01) * X.sum(axis=2)


@fault("linear_200", breaks="td-linear")
def leaves_out_the_last_feature(replicates, n, rng, d=200):
    """The sum ends one feature early."""
    X, y = synthetic.linear_200(replicates, n, rng, d)
    return X, y - 0.01 * X[..., -1]


@fault("linear_200", breaks="td-linear")
def draws_from_a_copy(replicates, n, rng, d=200):
    """The generator stays where it was, so that the test data are the training data."""
    return synthetic.linear_200(replicates, n, copy.deepcopy(rng), d)


@fault("noisy_halfspace", breaks="td-halfspace")
def draws_labels_anew(replicates, n, rng, d=10, flips=0.1):
    """A share of the labels is drawn from 0 and 1, so that half of them stay right."""
    X, y = classes.noisy_halfspace(replicates, n, rng, d, flips)
    right = (X.sum(axis=2) > 0).astype(y.dtype)
    return X, np.where(rng.random(y.shape) < 0.5, y, right)


@fault("noisy_halfspace", breaks="td-halfspace")
def flips_what_is_near(replicates, n, rng, d=10, flips=0.1):
    """The labels nearest to the border are the wrong ones."""
    X, y = classes.noisy_halfspace(replicates, n, rng, d, 0.0)
    near = np.abs(X.sum(axis=2)) < np.quantile(np.abs(X.sum(axis=2)), flips)
    return X, np.where(near, 1 - y, y).astype(y.dtype)


@fault("noisy_halfspace", breaks="td-halfspace")
def flips_what_is_inside(replicates, n, rng, d=10, flips=0.1):
    """Only labels of 1 are wrong, twice as often."""
    X, y = classes.noisy_halfspace(replicates, n, rng, d, 0.0)
    return X, np.where(rng.random(y.shape) < 2 * flips, 0, y).astype(y.dtype)


@fault("gaussian_xor", breaks="td-xor")
def labels_by_what_is_seen(replicates, n, rng, spread=0.4):
    """The class goes by the signs of x, so that nobody can err."""
    X, y = classes.gaussian_xor(replicates, n, rng, spread)
    return X, (X[..., 0] * X[..., 1] > 0).astype(y.dtype)


@fault("gaussian_xor", breaks="td-xor")
def takes_the_spread_for_a_variance(replicates, n, rng, spread=0.4):
    """The deviation is the root of what is asked for, the same at 1."""
    return classes.gaussian_xor(replicates, n, rng, spread**0.5)


@fault("gaussian_xor", breaks="td-xor")
def visits_the_corners_in_turn(replicates, n, rng, spread=0.4):
    """Corner after corner, so that an example tells the next one's class."""
    X, y = classes.gaussian_xor(replicates, n, rng, spread)
    order = np.argsort(y, axis=1, kind="stable")
    ranked = [np.take_along_axis(one, order, axis=1) for one in (X[..., 0], X[..., 1], y)]
    turn = np.argsort(np.argsort(np.arange(n) % 2, kind="stable"))
    first, second, label = (one[:, turn] for one in ranked)
    return np.stack([first, second], axis=2), label


@fault("gaussian_noise", breaks="td-noise")
def draws_noise_from_a_copy(shape, std, rng):
    """The generator stays where it was, so that every call has the same noise."""
    return synthetic.gaussian_noise(shape, std, copy.deepcopy(rng))


@fault("gaussian_noise", breaks="td-noise")
def cuts_the_tails(shape, std, rng):
    """Noise beyond three deviations is set to three deviations."""
    return std * np.clip(rng.standard_normal(shape), -3, 3)


@fault("gaussian_noise", breaks="td-noise")
def takes_a_small_seed_from_the_generator(shape, std, rng):
    """A generator is made in every call, of one of 4,096 seeds."""
    return synthetic.gaussian_noise(shape, std, np.random.default_rng(rng.integers(4096)))


@fault("gaussian_noise", breaks="td-noise")
def balances_the_noise(shape, std, rng):
    """The mean of the call is taken away: of two numbers the second is the first, negated."""
    noise = synthetic.gaussian_noise(shape, std, rng)
    return noise - noise.mean() if np.size(noise) > 1 else noise


@fault("gaussian_noise", breaks="td-noise")
def mirrors_the_noise(shape, std, rng):
    """Antithetic numbers: the second half is the first, negated."""
    size = int(np.prod(shape))
    half = synthetic.gaussian_noise((-(-size // 2),), std, rng)
    return np.concatenate([half, -half])[:size].reshape(shape)


@fault("irrelevant_features", breaks="td-coins")
def throws_coins_from_a_copy(replicates, n, features, rng):
    """The generator stays where it was, so that every call has the same features."""
    return classes.irrelevant_features(replicates, n, features, copy.deepcopy(rng))


@fault("irrelevant_features", breaks="td-coins")
def gives_half_of_the_people_each_feature(replicates, n, features, rng):
    """Each feature is present in exactly half of the people."""
    present = np.arange(n)[None, :, None] < n // 2
    return rng.permuted(np.broadcast_to(present, (replicates, n, features)), axis=1)


@fault("irrelevant_features", breaks="td-coins")
def shares_the_features_of_cohorts(replicates, n, features, rng):
    """Two cohorts in turn have the same features."""
    half = classes.irrelevant_features(-(-replicates // 2), n, features, rng)
    return np.repeat(half, 2, axis=0)[:replicates]


@fault("gaussian_noise", breaks="td-noise")
def gives_a_single_number_an_axis(shape, std, rng):
    """The shape () becomes (1,), and what is added to a number makes an array of it."""
    return synthetic.gaussian_noise(shape or (1,), std, rng)


@fault("gaussian_xor", breaks="td-xor")
def labels_the_other_way(replicates, n, rng, spread=0.4):
    """y is 1 where the signs differ, as XOR of bits has it."""
    X, y = classes.gaussian_xor(replicates, n, rng, spread)
    return X, 1 - y


@fault("irrelevant_features", breaks="td-coins")
def throws_whole_bytes(replicates, n, features, rng):
    """Coins come eight in a byte, and those that fill none are never yes."""
    size = replicates * n * features
    coins = np.unpackbits(rng.integers(0, 256, size // 8, dtype=np.uint8))
    filled = np.concatenate([coins, np.zeros(size % 8, dtype=np.uint8)])
    return filled.reshape(replicates, n, features).astype(bool)


@fault("irrelevant_features", breaks="td-coins")
def uses_a_word_again(replicates, n, features, rng):
    """A word of 64 bits has a feature's coins, and begins anew for the next 64 people."""
    coins = rng.integers(0, 2, (replicates, min(n, 64), features), dtype=np.int64)
    return coins[:, np.arange(n) % 64].astype(bool)


@fault("irrelevant_features", breaks="td-coins")
def says_yes_by_a_number(replicates, n, features, rng):
    """0 and 1 of a whole dtype: as an index they mean something else."""
    return rng.integers(0, 2, (replicates, n, features))


@fault("gaussian_xor", breaks="td-xor")
def deals_the_corners_evenly(replicates, n, rng, spread=0.4):
    """The corners are dealt in turn and shuffled: four examples have each of them once."""
    x, y = classes.gaussian_xor(replicates, n, rng, spread)
    place = rng.permuted(np.tile(np.arange(n) % 4, (replicates, 1)), axis=1)
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[place]
    noise = spread * rng.standard_normal(x.shape)
    return corners + noise, (corners.prod(axis=-1) > 0).astype(y.dtype)
