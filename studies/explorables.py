"""Measures what the page's explorables show: `python -m studies.explorables [NAME ...]`.

Each trains with the suite's own primitives, by the chapter's protocol, on a grid of settings; all
settings of one explorable share their random numbers, as arms of one experiment do. It writes
reports/static/explorables and prints the processor seconds and the bytes of each.
"""

import argparse
import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt
import torch
from numpy.polynomial import chebyshev

from claims.dropout.experiments import clouds
from claims.numerical_stability.experiments.chains import through, with_std
from claims.polynomial_regression.experiments import polynomials, protocol
from claims.weight_decay.experiments import experiment, linear_models
from harness.blocks.streams import Stream, block_stream
from harness.data.synthetic import linear_200, noisy_cubic
from harness.primitives import activations
from harness.primitives.dropout import dropout
from harness.primitives.initialization import plain_normal
from harness.primitives.polynomials import polynomial_features
from harness.training.chains.propagation import propagate
from harness.training.exact.least_squares import Fit, fit_least_squares
from harness.training.linear.linear import train_linear
from harness.training.nets.mlp import train_mlp
from reports.explored import GENERATED, Explored, coded, write
from reports.numbers import thinned

Array = npt.NDArray[np.float64]
Quantiles = list[tuple[float, float, float]]

SALT = "explorables"
DIGITS = 500  # steps a decade: a value is right to 0.25 %
STEP = 10_000  # of a loss in nats, which may be of either sign
COARSE = 200  # to 0.6 %, for quantities that run over a hundred decades
DEGREES = tuple(range(20))
SIZES = (25, 50, 100, 200)  # training examples; degree 19 needs more than 19
DECAYS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
DROPS = tuple(p / 20 for p in range(0, 19, 2))
DEPTHS = (1, 2, 5, 10, 20, 50)
WIDTH = 64
# The chapter's 0.01 and 1, and multiples of 1 / sqrt(64): a half, 1 / sqrt 2, 1, sqrt 2, 2, 4.
DEVIATIONS = (0.01, 0.0625, 0.0884, 0.125, 0.1768, 0.25, 0.5, 1.0)
POINTS = 9  # layers of a deep net that are kept
CLEAN, NOISY = (100, 0.0, 200), (200, clouds.NOISY, 60)  # examples, noise of labels, epochs


def stream(name: str) -> Stream:
    """The stream of an explorable; it depends on its name alone."""
    return block_stream(SALT, name, "", "cpu", 0)


def quantiles(values: npt.ArrayLike) -> Quantiles:
    """The 10 %, 50 % and 90 % quantiles over replicates of (R, ...), setting by setting."""
    flat = np.asarray(values, dtype=np.float64)
    flat = np.where(np.isfinite(flat), flat, np.inf).reshape(len(flat), -1)
    with np.errstate(invalid="ignore"):
        ends = np.quantile(flat, [0.1, 0.5, 0.9], axis=0, method="nearest")
    return [(float(low), float(middle), float(high)) for low, middle, high in ends.T]


def degree(replicates: int = 256) -> Explored:
    """Polynomials of each degree on n examples: by exact least squares, and as the chapter does."""
    own = stream("degree")
    losses: dict[tuple[str, str], Quantiles] = {}
    samples, fits = [], []
    for n in SIZES:
        data = protocol.drawn(noisy_cubic, replicates, own, n=n)
        x, y = data.x[0], data.y[0]
        samples.append({"x": _rounded(x, 2), "y": _rounded(y, 2)})
        ends = float(x.min()), float(x.max())
        for each in DEGREES:
            exact = fit_least_squares(data.x, data.y, each)
            assert isinstance(exact, Fit)
            run = protocol.trained(
                train_linear, polynomial_features, data, each, 1500, own, every=None
            )
            for how, (train, test) in {
                "exact": protocol.least_squares_losses(fit_least_squares, data, each),
                "sgd": protocol.last_losses(run),
            }.items():
                losses.setdefault((how, "train"), []).extend(quantiles(train))
                losses.setdefault((how, "test"), []).extend(quantiles(test))
            by_sgd = run.w[0].astype(np.float64)
            fits.append((exact.coefficients[0], in_chebyshev(by_sgd, each, *ends)))
    axes = ("fit", "n", "degree")
    both = {
        part: coded(axes, losses["exact", part] + losses["sgd", part], DIGITS, log=True)
        for part in ("train", "test")
    }
    drawn = [_rounded(one[how], 3) for how in (0, 1) for one in fits]
    return Explored(
        GENERATED, replicates, {"fit": ("exact", "sgd"), "n": SIZES, "degree": DEGREES}, both,
        {"samples": samples, "fits": drawn, "truth": list(polynomials.TRUTH)},
    )  # fmt: skip


def in_chebyshev(w: Array, each: int, low: float, high: float) -> Array:
    """The coefficients in Chebyshev polynomials on [low, high] of sum w_i x^i / i!."""

    def values(u: Array) -> Array:
        x = (u * (high - low) + low + high) / 2
        return np.asarray(polynomial_features(x, each) @ w)

    return np.asarray(chebyshev.chebinterpolate(values, each))  # type: ignore[type-var]


def decay(replicates: int = 512) -> Explored:
    """The chapter's 200-dimensional regression at each weight decay, from its start and from 0."""
    runs = experiment.Runs(train_linear, linear_200, replicates, stream("decay"))
    train, test, norms = [], [], []
    epochs: list[float] = []
    for start in (runs.initial, runs.zero):
        for weight_decay in DECAYS:
            history = runs.train(weight_decay, initial=start, record_every=5)
            epochs = history.epochs.tolist()
            train += quantiles(history.train_loss)
            test += quantiles(history.test_loss)
            norms += quantiles(linear_models.norm(history.w))
    axes = ("start", "decay", "epoch")
    return Explored(
        GENERATED, replicates,
        {"start": ("random", "zero"), "decay": DECAYS, "epoch": epochs},
        {
            "train": coded(axes, train, DIGITS, log=True),
            "test": coded(axes, test, DIGITS, log=True),
            "norm": coded(axes[:2], norms, DIGITS, log=True),
        },
    )  # fmt: skip


def drop(replicates: int = 256) -> Explored:
    """The nets of the dropout claims at each drop probability, on noisy and on clean labels."""
    own = stream("drop")
    found: dict[str, Quantiles] = {"train": [], "test": [], "gap": []}
    for n, noise, epochs in (NOISY, CLEAN):
        rates = [(p, p) if p else () for p in DROPS]
        for arm in clouds.arms(
            train_mlp, dropout, rates, replicates, own, "cpu", n=n, noise=noise, epochs=epochs
        ):
            train, test = arm.train_loss[:, -1], arm.test_loss[:, -1]
            for name, values in (("train", train), ("test", test), ("gap", test - train)):
                found[name] += quantiles(values)
    axes = ("labels", "p")
    return Explored(
        GENERATED, replicates, {"labels": ("noisy", "clean"), "p": DROPS},
        {name: coded(axes, rows, STEP, log=False) for name, rows in found.items()},
        {"masks": _masks(own)},
    )  # fmt: skip


def _masks(own: Stream, rows: int = 8, units: int = 32) -> list[str]:
    """For each element the first drop probability of the grid that drops it, "a" if none does.

    All probabilities read the same random numbers, so that a mask keeps what a larger one keeps.
    """
    first = np.full((rows, units), len(DROPS))
    for place in reversed(range(len(DROPS))):
        kept = dropout(torch.ones(rows, units), DROPS[place], own.child("mask").torch())
        first[kept.numpy() == 0] = place
    return ["".join(f"{place:x}" for place in row) for row in first.tolist()]


def depth(replicates: int = 256) -> Explored:
    """One example up and a cotangent down chains of each depth, deviation and activation."""
    laws = {
        "linear": None, "tanh": activations.tanh, "relu": activations.relu,
        "sigmoid": activations.sigmoid,
    }  # fmt: skip
    layers = [thinned(deep + 1, POINTS) for deep in DEPTHS]
    signal: Quantiles = []
    gradient: Quantiles = []
    for f, (deep, shown), std in itertools.product(
        laws.values(), zip(DEPTHS, layers, strict=True), DEVIATIONS
    ):
        law, own = with_std(plain_normal, std), stream("depth")
        run = through(propagate, law, f, deep, WIDTH, replicates, own)
        for found, values in ((signal, run.forward), (gradient, run.backward)):
            found += [*quantiles(values[:, shown]), *_nothing(POINTS - len(shown))]
    axes = ("activation", "depth", "deviation", "layer")
    return Explored(
        GENERATED, replicates,
        {
            "activation": tuple(laws), "depth": DEPTHS, "deviation": DEVIATIONS,
            "layer": tuple(range(POINTS)),
        },
        {
            "signal": coded(axes, signal, COARSE, log=True),
            "gradient": coded(axes, gradient, COARSE, log=True),
        },
        {"layers": layers, "width": WIDTH},
    )  # fmt: skip


def _nothing(count: int) -> Iterator[tuple[float, float, float]]:
    yield from [(math.nan, math.nan, math.nan)] * count


def _rounded(values: Iterable[float], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]


STUDIES: dict[str, Callable[..., Explored]] = {
    "degree": degree, "decay": decay, "drop": drop, "depth": depth,
}  # fmt: skip


def main() -> None:
    """Measure the named explorables, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(STUDIES)}")
    for name in parser.parse_args().names or STUDIES:
        started = time.process_time()
        file = write(name, STUDIES[name]())
        spent = time.process_time() - started
        print(f"{file}: {spent:.0f} processor seconds, {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
