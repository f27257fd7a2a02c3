"""Capacity: tasks for nets, losses by degree, degrees of freedom, and their pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from claims.polynomial_regression.experiments.polynomials import squared_loss
from claims.polynomial_regression.experiments.protocol import Sample
from harness.blocks.experiment import experiment
from harness.blocks.streams import Stream
from harness.declaration.exhibits import Curve, Line
from harness.metrics import nets
from harness.metrics.arrays import Array, rounding_ratio
from harness.text import Text
from harness.training.history import NetHistory
from harness.training.solver import Solver, Split

if TYPE_CHECKING:
    from torch import Tensor

Role = Callable[..., Any]

# Chosen on runs of their own, not on a claim's replicates: a best epoch that is read off the very
# curve that it is compared with lies above the last one by chance alone.
EARLY = 10
SETTLED = 40  # from here on the clean test loss does not fall any more
LAST = 200
EXAMPLES = 200
WIDTH = 64


def task(
    draw: Role, replicates: int, n: int, tests: int, stream: Stream, flips: float = 0.0
) -> Split[Tensor]:
    """n training and `tests` test examples of one draw; a share of training labels is made wrong.

    Test labels stay as drawn.
    """
    import torch

    X, y = draw(replicates, n + tests, stream.child("data").numpy())
    rng = stream.child("flips").numpy()
    classes = int(y.max()) + 1
    wrong = (y[:, :n] + rng.integers(1, classes, (replicates, n))) % classes
    learned = np.where(rng.random((replicates, n)) < flips, wrong, y[:, :n])
    x = torch.tensor(X, dtype=torch.float32)
    labels = [torch.tensor(part, dtype=torch.int64) for part in (learned, y[:, n:])]
    return Split(x[:, :n], labels[0], x[:, n:], labels[1])


def overtrained(
    train_mlp: Role, noisy_halfspace: Role, flips: float, replicates: int, stream: Stream,
    device: str, hidden: tuple[int, ...] = (WIDTH,),
) -> NetHistory:  # fmt: skip
    """A net on 200 examples of a halfspace in ten dimensions, for 200 epochs; see `halfspace`."""
    common = stream.shared("overtrained", flips)
    return _overtrained(train_mlp, noisy_halfspace, flips, replicates, common, device, hidden)


def halfspace(
    noisy_halfspace: Role, flips: float, replicates: int, stream: Stream
) -> Split[Tensor]:
    """What `overtrained` nets learn, and 1000 test examples with right labels."""
    return _halfspace(noisy_halfspace, flips, replicates, stream.shared("overtrained", flips))


@experiment
def _overtrained(
    train_mlp: Role, noisy_halfspace: Role, flips: float, replicates: int, stream: Stream,
    device: str, hidden: tuple[int, ...],
) -> NetHistory:  # fmt: skip
    data = _halfspace(noisy_halfspace, flips, replicates, stream)
    solver = Solver(lr=0.3, epochs=LAST, batch_size=20, record_every=10)
    return nets.train(train_mlp, data, solver, stream, device, hidden=hidden)


def _halfspace(
    noisy_halfspace: Role, flips: float, replicates: int, stream: Stream
) -> Split[Tensor]:
    def clean(replicates: int, n: int, rng: Any) -> Any:
        return noisy_halfspace(replicates, n, rng, d=10, flips=0.0)

    return task(clean, replicates, EXAMPLES, 1000, stream, flips)


def at_epoch(history: Any, values: Array, epoch: int) -> Array:
    """The recorded values (R, K) after that epoch, (R,)."""
    return np.asarray(values[:, list(history.epochs).index(epoch)])


def last_error(history: Any) -> Array:
    """The share of wrong answers on the test data after the last epoch (R,)."""
    return np.asarray(1 - history.test_accuracy[:, -1])


def losses_by_degree(
    fit_least_squares: Role, data: Sample, degrees: Sequence[int], ridge: float = 0.0
) -> tuple[Array, Array]:
    """Training and test losses (R, degrees) of the exact fit of every degree."""
    fits = [fit_least_squares(data.x, data.y, degree, ridge) for degree in degrees]
    train = [squared_loss(fit, data.x, data.y) for fit in fits]
    test = [squared_loss(fit, data.x_test, data.y_test) for fit in fits]
    return np.stack(train, axis=1), np.stack(test, axis=1)


def rises(losses: Array, y: Array, roundings: int) -> Array:
    """Where a training loss (R, K) rises along its row, over what rounding may raise it: ratios.

    A loss is a mean of squares of size y^2, each known up to `roundings` of them.
    """
    scale = np.square(y).mean(axis=1, keepdims=True)
    return rounding_ratio(np.maximum(np.diff(losses, axis=1), 0.0), 0.0, scale, roundings)


def degrees_of_freedom(ridge_regression: Role, X: Array, weight_decay: float) -> Array:
    """The trace of the map from y to the fitted values, replicate by replicate (R,).

    It is the sum over i of the i-th fitted value to the labels e_i; X is (R, n, p).
    """
    traces = []
    for rows in X:
        n = len(rows)
        w, b = ridge_regression(np.broadcast_to(rows, (n, *rows.shape)), np.eye(n), weight_decay)
        traces.append(float(np.sum(np.vecdot(rows, w) + b)))
    return np.array(traces)


def stated_degrees_of_freedom(X: Array, weight_decay: float) -> tuple[Array, Array]:
    """1 + sum of s^2 / (s^2 + n weight_decay) over the singular values of centred X, (R,).

    And the square of the condition number of the penalised problem, by which rounding errors grow.
    """
    s = np.linalg.svd(X - X.mean(axis=1, keepdims=True), compute_uv=False) ** 2
    penalised = s + X.shape[1] * weight_decay
    return 1 + (s / penalised).sum(axis=1), penalised.max(axis=1) / penalised.min(axis=1)


def curves_by(
    x: Sequence[float] | npt.NDArray[Any], lines: dict[Text, Array], title: Text, x_label: Text,
    y_label: Text, log_y: bool = False,
) -> Curve:  # fmt: skip
    """A picture of values (R, points) over what is varied."""
    return Curve(
        title, np.asarray(x, dtype=np.float64), tuple(Line(name, y) for name, y in lines.items()),
        x_label=x_label, y_label=y_label, log_y=log_y,
    )  # fmt: skip


def epoch_curves(history: Any) -> tuple[Curve, Curve]:
    """The chapter's pictures of a run: loss and accuracy per epoch, training and test."""
    names = (Text("train", "训练"), Text("test", "测试"))
    epoch = Text("epoch", "轮数")
    losses = dict(zip(names, (history.train_loss, history.test_loss), strict=True))
    shares = dict(zip(names, (history.train_accuracy, history.test_accuracy), strict=True))
    return (
        curves_by(
            history.epochs,
            losses,
            Text("Loss per epoch", "各轮的损失"),
            epoch,
            Text("cross-entropy (nats)", "交叉熵（纳特）"),
            log_y=True,
        ),
        curves_by(
            history.epochs, shares, Text("Accuracy per epoch", "各轮的精度"), epoch,
            Text("accuracy", "精度"),
        ),
    )  # fmt: skip
