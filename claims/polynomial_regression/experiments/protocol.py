"""The chapter's polynomial experiment as it is run: data, initial weights, training, pictures.

100 + 100 samples; SGD on the mean squared error (without the half) in batches of 10, learning rate
0.01, from torch's default weights of a linear layer without bias.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from claims.polynomial_regression.experiments.polynomials import (
    HIGH,
    cubic,
    excess_risk,
    squared_loss,
)
from harness.blocks.streams import Stream
from harness.declaration.exhibits import Curve, Histogram, Line, Measured
from harness.metrics.arrays import Array
from harness.text import Text
from harness.training.history import LinearHistory
from harness.training.solver import Solver, Split

Role = Callable[..., Any]
SOLVER = Solver(lr=0.01, epochs=1500, batch_size=10)
NOISES = 4  # draws of the noise on the same x, for its variance


@dataclass(frozen=True)
class Sample:
    """Training and test data of R independent replicates: x and y are (R, n)."""

    x: Array
    y: Array
    x_test: Array
    y_test: Array

    def features(self, polynomial_features: Role, degree: int) -> Split[Array]:
        """Return the data of the linear model in the features of that degree."""
        X, X_test = (polynomial_features(x, degree) for x in (self.x, self.x_test))
        return Split(X, self.y, X_test, self.y_test)


def drawn(
    noisy_cubic: Role, replicates: int, stream: Stream, n: int = 100, tests: int = 100
) -> Sample:
    """Draw n + tests samples at once and cut, as the chapter does."""
    x, y = noisy_cubic(replicates, n + tests, stream.child("data").numpy())
    return Sample(x[:, :n], y[:, :n], x[:, n:], y[:, n:])


def initial_weights(replicates: int, degree: int, stream: Stream) -> Array:
    """Return U(-1/sqrt(d), 1/sqrt(d)) weights (R, d), d = degree + 1: nn.Linear(d, 1)'s default.

    Fits of different degrees share their uniform numbers, so that comparisons are paired.
    """
    columns = degree + 1
    u = stream.child("init").numpy().uniform(-1.0, 1.0, (replicates, HIGH + 1))
    return np.asarray(u[:, :columns] / math.sqrt(columns))


def trained(
    train_linear: Role, polynomial_features: Role, data: Sample, degree: int, epochs: int,
    stream: Stream, *, initial: Array | None = None, every: int | None = 10,
) -> LinearHistory:  # fmt: skip
    """Train the polynomials of a degree by the chapter's protocol; fits share their orders."""
    if initial is None:
        initial = initial_weights(len(data.x), degree, stream)
    history: LinearHistory = train_linear(
        data.features(polynomial_features, degree),
        replace(SOLVER, epochs=epochs, record_every=every),
        stream.child("orders").numpy(),
        initial=initial,
        half=False,
    )
    return history


def last_losses(history: Any) -> tuple[Array, Array]:
    """Return the final training and test losses, each (R,)."""
    return history.train_loss[:, -1], history.test_loss[:, -1]


def loss_curves(
    title: Text, histories: Mapping[Text, Any], parts: tuple[str, ...] = ("train", "test")
) -> Curve:
    """Return the chapter's picture: training and test loss per epoch, on a logarithmic scale."""
    lines = []
    for name, history in histories.items():
        if "train" in parts:
            lines.append(Line(Text(f"train, {name.en}", f"训练，{name.zh}"), history.train_loss))
        if "test" in parts:
            lines.append(Line(Text(f"test, {name.en}", f"测试，{name.zh}"), history.test_loss))
    first = next(iter(histories.values()))
    return Curve(
        title, first.epochs, tuple(lines), x_label=Text("epoch", "轮数"),
        y_label=Text("mean squared error", "均方误差"), log_y=True,
    )  # fmt: skip


def inside(figures: Mapping[str, float], values: Mapping[str, Array]) -> dict[str, dict[str, Any]]:
    """Return, for each named figure, on which side of it every replicate lies (`inside_the_law`).

    A replicate that is not finite lies on neither side.
    """
    observed: dict[str, dict[str, Any]] = {}
    for name, figure in figures.items():
        found = values[name]
        with np.errstate(invalid="ignore"):
            observed[name] = {"below": found <= figure, "above": found >= figure}
    return observed


def both_degrees(
    noisy_cubic: Role, polynomial_features: Role, train_linear: Role, epochs: tuple[int, int],
    replicates: int, stream: Stream,
) -> tuple[Any, Any]:  # fmt: skip
    """Return the histories of degrees 3 and 19 on the same data, uniform numbers and orders."""
    data = drawn(noisy_cubic, replicates, stream)
    low, high = (
        trained(train_linear, polynomial_features, data, degree, count, stream)
        for degree, count in zip((3, HIGH), epochs, strict=True)
    )
    return low, high


def early_and_late(
    noisy_cubic: Role, polynomial_features: Role, train_linear: Role, replicates: int,
    stream: Stream,
) -> tuple[Array, Array]:  # fmt: skip
    """Return degree 19's training loss after 400 and after 1500 epochs of the same run."""
    data = drawn(noisy_cubic, replicates, stream)
    fit = trained(train_linear, polynomial_features, data, HIGH, 1500, stream)
    return fit.train_loss[:, list(fit.epochs).index(400)], fit.train_loss[:, -1]


def variance_over_noise(
    noisy_cubic: Role, polynomial_features: Role, train_linear: Role, degree: int, replicates: int,
    stream: Stream,
) -> Array:  # fmt: skip
    """Return each design's variance of the fit over fresh noise, mean over its x: (R,).

    Trained by the chapter's protocol; x, the initial weights and the orders are the design's, only
    the noise is drawn again.
    """
    data = drawn(noisy_cubic, replicates, stream, tests=1)
    elsewhere, y = noisy_cubic(replicates * NOISES, 100, stream.child("noise").numpy())
    x = np.repeat(data.x, NOISES, axis=0)
    y = cubic(x) + (y - cubic(elsewhere))
    order = np.broadcast_to(np.arange(100), (replicates, SOLVER.epochs, 100))
    orders = stream.child("orders").numpy().permuted(order, axis=2)
    initial = initial_weights(replicates, degree, stream)
    fit = train_linear(
        Sample(x, y, x, y).features(polynomial_features, degree), SOLVER,
        np.repeat(orders, NOISES, axis=0), initial=np.repeat(initial, NOISES, axis=0), half=False,
    )  # fmt: skip
    values = np.matvec(polynomial_features(x, degree), fit.w.astype(np.float64))
    spread = values.reshape(replicates, NOISES, 100).var(axis=1, ddof=1)
    return np.asarray(spread.mean(axis=1))


def least_squares_losses(fit_least_squares: Role, data: Sample, degree: int) -> tuple[Array, Array]:
    """Return the training and test losses of the exact fit, each (R,)."""
    fit = fit_least_squares(data.x, data.y, degree)
    return squared_loss(fit, data.x, data.y), squared_loss(fit, data.x_test, data.y_test)


def with_level(curve: Curve, name: Text, loss: Array) -> Curve:
    """Return the picture with each replicate's loss of another fit, (R,), as a level line."""
    level = Line(name, np.repeat(loss[:, None], len(curve.x), axis=1))
    return replace(curve, lines=(*curve.lines, level))


def named(figures: Iterable[float]) -> dict[str, float]:
    """Return the printed weights by name: w0, w1, ..."""
    return {f"w{i}": figure for i, figure in enumerate(figures)}


def log10_positive(values: Array) -> Array:
    """Return log10 for pictures; NaN where a replicate diverged."""
    with np.errstate(all="ignore"):
        return np.asarray(np.log10(values))


def law_of_the_weights(
    figures: Mapping[str, float], w: Any, shown: Iterable[str], best: Any
) -> Measured:
    """Return where the printed weights rank among replicates, with histograms of those shown.

    They rank jointly, by the risk that they have above that of the best weights.
    """
    values = {name: np.asarray(w[:, i], dtype=np.float64) for i, name in enumerate(figures)}
    printed = float(excess_risk(list(figures.values()), best))
    found = excess_risk(w, best)
    return Measured(
        inside({"joint": printed}, {"joint": found})["joint"],
        Histogram(
            Text(
                "Risk above the best, of all weights together",
                "全部权重合计的超额风险（高出最优风险的部分）",
            ),
            log10_positive(found),
            marks={Text("printed", "书中印出的值"): math.log10(printed)},
            x_label=Text("log10 of the excess risk", "超额风险的常用对数"),
        ),
        *(
            Histogram(
                Text(f"{name} over replicates", f"{name} 在重复试验中的分布"),
                values[name],
                marks={Text("printed", "书中印出的值"): figures[name]},
                x_label=Text(name, name),
            )
            for name in shown
        ),
    )
