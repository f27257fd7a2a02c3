"""Faults of the moving signals: templates, turns, gains and noise that are not as told."""

import numpy as np

from harness.data import classes as data
from harness.declaration.book import fault

shifted_signals = data.shifted_signals


@fault("shifted_signals", breaks="td-signals")
def counts_classes_from_one(replicates, n, rng, classes=10, length=40, noise=0.5):
    """The classes are 1 ... n, and there is no class 0."""
    X, y = shifted_signals(replicates, n, rng, classes, length, noise)
    return X, y + 1


@fault("shifted_signals", breaks="td-signals")
def shares_its_templates_among_replicates(replicates, n, rng, classes=10, length=40, noise=0.5):
    """One set of templates for all replicates: they are one experiment."""
    X, y = shifted_signals(1, replicates * n, rng, classes, length, noise)
    return X.reshape(replicates, n, length), y.reshape(replicates, n)


@fault("shifted_signals", breaks="td-signals")
def draws_a_template_at_every_place(replicates, n, rng, classes=10, length=40, noise=0.5):
    """Templates are noise themselves: a knot at every place, and no line in between."""
    templates = rng.standard_normal((replicates, classes, length))
    return _made(templates, n, rng, noise)


@fault("shifted_signals", breaks="td-signals")
def turns_nothing(replicates, n, rng, classes=10, length=40, noise=0.5):
    """The signals stay where their templates are, and a linear model can learn them."""
    return _made(_templates(replicates, classes, length, rng), n, rng, noise, turn=1)


@fault("shifted_signals", breaks="td-signals")
def turns_by_a_few_places(replicates, n, rng, classes=10, length=40, noise=0.5):
    """A turn of at most a quarter: the signals are jittered, and do not move."""
    return _made(_templates(replicates, classes, length, rng), n, rng, noise, turn=length // 4)


@fault("shifted_signals", breaks="td-signals")
def takes_the_gain_for_a_variance(replicates, n, rng, classes=10, length=40, noise=0.5):
    """The gain's deviation is the root of what it should be, 0.5."""
    return _made(_templates(replicates, classes, length, rng), n, rng, noise, gain=0.5)


@fault("shifted_signals", breaks="td-signals")
def forgets_the_gain(replicates, n, rng, classes=10, length=40, noise=0.5):
    """All signals of a class are equally loud."""
    return _made(_templates(replicates, classes, length, rng), n, rng, noise, gain=0.0)


@fault("shifted_signals", breaks="td-signals")
def puts_one_noise_on_a_signal(replicates, n, rng, classes=10, length=40, noise=0.5):
    """One number a signal, added at every place."""
    X, y = shifted_signals(replicates, n, rng, classes, length, 0.0)
    return X + noise * rng.standard_normal((replicates, n, 1)), y


@fault("shifted_signals", breaks="td-signals")
def makes_templates_anew(replicates, n, rng, classes=10, length=40, noise=0.5):
    """Training and test data are drawn apart, each with templates of its own."""
    parts = [
        shifted_signals(replicates, size, rng, classes, length, noise)
        for size in (n - n // 2, n // 2)
    ]
    X, y = (np.concatenate(both, axis=1) for both in zip(*parts, strict=True))
    return X, y


def _templates(replicates, classes, length, rng):
    """Templates (replicates, classes, length) as they should be, up to a turn."""
    place = np.linspace(0, data.KNOTS - 1, length)
    left = np.minimum(place.astype(np.int64), data.KNOTS - 2)
    knots = rng.standard_normal((replicates, classes, data.KNOTS))
    return knots[..., left] * (left + 1 - place) + knots[..., left + 1] * (place - left)


def _made(templates, n, rng, noise, turn=None, gain=data.GAIN):
    """Signals of these templates, turned by fewer than `turn` places (by any)."""
    replicates, classes, length = templates.shape
    y = rng.integers(0, classes, (replicates, n))
    turns = rng.integers(0, turn or length, (replicates, n, 1))
    own = templates[np.arange(replicates)[:, None], y]
    X = np.take_along_axis(own, (np.arange(length) + turns) % length, axis=2)
    X = X * (1 + gain * rng.standard_normal((replicates, n, 1)))
    return X + noise * rng.standard_normal(X.shape), y
