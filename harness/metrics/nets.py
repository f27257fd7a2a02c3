"""Tasks, paired arms and measurements for claims that train perceptrons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.blocks.streams import Stream
from harness.metrics.arrays import Array
from harness.training.history import NetHistory
from harness.training.solver import MLP, Solver, Split

if TYPE_CHECKING:
    from torch import Tensor

CLASSES = 10


def clouds(
    replicates: int, n: int, rng: np.random.Generator, *, inputs: int = 20, separation: float = 1.0,
    noise: float = 0.0, tests: int = 500,
) -> Split[Tensor]:  # fmt: skip
    """Ten Gaussian clouds N(c, I) with centres c ~ N(0, separation^2 I), fresh for each replicate.

    `noise` is the share of training labels that are drawn anew; test labels are clean.
    """
    centres = separation * rng.standard_normal((replicates, CLASSES, inputs))
    rows = np.arange(replicates)[:, None]
    y, y_test = (rng.integers(0, CLASSES, (replicates, m)) for m in (n, tests))
    x, x_test = (centres[rows, z] + rng.standard_normal((*z.shape, inputs)) for z in (y, y_test))
    return _task(x, _blurred(y, noise, rng), x_test, y_test)


def quadrants(replicates: int, n: int, rng: np.random.Generator, tests: int = 500) -> Split[Tensor]:
    """The Gaussian XOR: x ~ N(0, I) in the plane, y = 1 where both coordinates have one sign."""
    x, x_test = (rng.standard_normal((replicates, m, 2)) for m in (n, tests))
    y, y_test = ((z[..., 0] * z[..., 1] > 0).astype(np.int64) for z in (x, x_test))
    return _task(x, y, x_test, y_test)


def chance(
    replicates: int, n: int, rng: np.random.Generator, inputs: int, tests: int
) -> Split[Tensor]:
    """Gaussian inputs with labels that have nothing to do with them."""
    x, x_test = (rng.standard_normal((replicates, m, inputs)) for m in (n, tests))
    y, y_test = (rng.integers(0, CLASSES, (replicates, m)) for m in (n, tests))
    return _task(x, y, x_test, y_test)


def pictures(
    images: Any, replicates: int, n: int, rng: np.random.Generator, noise: float = 0.0
) -> Split[Tensor]:
    """n training images for each replicate, drawn afresh from the pool; all test images.

    Conclusions are conditional on the pool that the replicates share.
    """
    rows = np.stack([rng.permutation(len(images.train_y))[:n] for _ in range(replicates)])
    y = _blurred(images.train_y[rows], noise, rng)
    return _task(images.train_x[rows], y, images.test_x, images.test_y)


def all_pictures(images: Any) -> Split[Tensor]:
    """All training images, shared by the replicates, and all test images."""
    return _task(images.train_x, images.train_y, images.test_x, images.test_y)


def _blurred(y: npt.NDArray[np.int64], noise: float, rng: np.random.Generator) -> Any:
    if noise == 0.0:
        return y
    return np.where(rng.random(y.shape) < noise, rng.integers(0, CLASSES, y.shape), y)


def _task(x: Any, y: Any, x_test: Any, y_test: Any) -> Split[Tensor]:
    import torch

    floats = [torch.tensor(values, dtype=torch.float32) for values in (x, x_test)]
    labels = [torch.tensor(values, dtype=torch.int64) for values in (y, y_test)]
    return Split(floats[0], labels[0], floats[1], labels[1])


def train(
    train_mlp: Callable[..., NetHistory], data: Split[Tensor], solver: Solver, stream: Stream,
    device: str = "cpu", *, hidden: Sequence[int], replicates: int | None = None, **net: Any,
) -> NetHistory:  # fmt: skip
    """Train a net with these hidden layers; what else an `MLP` has comes by name.

    Arms on one stream share initial weights, orders and random numbers.
    """
    # Of both parts: a few test labels may lack the last class, which is learnt all the same.
    classes = max(int(data.y.max()) + 1, int(data.y_test.max()) + 1, 2)
    parts = (data.X, data.y, data.X_test, data.y_test)
    return train_mlp(
        Split(*(part.to(device) for part in parts)),
        MLP((data.X.shape[-1], *hidden, classes), **net), solver,
        stream.child("init").torch(device), stream.child("orders").numpy(), replicates=replicates,
    )  # fmt: skip


def logits(
    parameters: Sequence[Tensor],
    x: Tensor,
    drop: Callable[[int, Tensor], Tensor] | None = None,
) -> Tensor:
    """The logits (R, n, k) of ReLU nets at x (R, n, d) or (n, d); `drop` acts on hidden layers."""
    import torch

    h = x
    for layer in range(0, len(parameters), 2):
        h = h @ parameters[layer].mT + parameters[layer + 1].unsqueeze(1)
        if layer < len(parameters) - 2:
            h = torch.relu(h)
            h = h if drop is None else drop(layer // 2, h)
    return h


def cross_entropy(scores: Tensor, y: Tensor) -> Array:
    """The mean cross-entropy in nats of each replicate (R,)."""
    import torch

    logs = torch.log_softmax(scores.double(), dim=-1)
    picked = torch.gather(logs, -1, y.expand(scores.shape[:-1]).unsqueeze(-1))
    return np.asarray(-picked.squeeze(-1).mean(dim=-1).cpu().numpy())


def accuracy(scores: Tensor, y: Tensor) -> Array:
    """The share of right answers of each replicate (R,)."""
    return np.asarray((scores.argmax(dim=-1) == y).double().mean(dim=-1).cpu().numpy())


def loss_size(parameters: Sequence[Tensor], x: Tensor) -> Array:
    """The size of the terms that a net's mean cross-entropy is summed from (R,).

    The absolute values of weights, biases and inputs are sent through the layers; the loss moves
    by at most twice as much as a logit, and its softmax adds ln(classes).
    """
    sizes = logits([part.abs() for part in parameters], x.abs())
    top = sizes.amax(dim=-1).mean(dim=-1)
    return np.asarray((2 * top + np.log(sizes.shape[-1])).cpu().numpy())


def worst_ablation(parameters: Sequence[Tensor], x: Tensor, y: Tensor) -> Array:
    """How much the loss rises when the last hidden layer loses its most important unit (R,)."""
    whole = cross_entropy(logits(parameters, x), y)
    units = parameters[-2].shape[2]
    rises = []
    for unit in range(units):
        W = parameters[-2].clone()
        W[:, :, unit] = 0.0
        cut = [*parameters[:-2], W, parameters[-1]]
        rises.append(cross_entropy(logits(cut, x), y) - whole)
    return np.asarray(np.max(rises, axis=0))


def ranking(score: Any, event: Any) -> Array:
    """The probability that a score (R, n) is higher where the event (R, n) holds: the AUROC (R,).

    Mann and Whitney 1947, with ties counted one half; one half where there is one kind only.
    """
    score, event = np.asarray(score, dtype=np.float64), np.asarray(event, dtype=bool)
    return np.array([_ranking(s, e) for s, e in zip(score, event, strict=True)])


def _ranking(score: Array, event: npt.NDArray[np.bool_]) -> float:
    from scipy.stats import rankdata

    hits, misses = int(event.sum()), int((~event).sum())
    if hits == 0 or misses == 0:
        return 0.5
    above = rankdata(score)[event].sum() - hits * (hits + 1) / 2
    return float(above / (hits * misses))
