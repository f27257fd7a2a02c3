"""Deep nets in training: whether nets of many layers learn a small task, and at which rates.

200 training samples of ten clouds in 20 dimensions, SGD in batches of 20. All runs have their
data, orders and random numbers in common, in whichever claim; a run that two read is trained once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from claims.numerical_stability.experiments.chains import with_std
from harness.blocks.experiment import experiment
from harness.blocks.streams import Stream
from harness.metrics import nets
from harness.metrics.arrays import Array
from harness.training.history import NetHistory
from harness.training.solver import Solver

Role = Callable[..., Any]

DEEP = (64,) * 10  # hidden layers of a net that the chapter would call deep
POINTS = 4  # epochs between two points of a curve
LEARNT = 0.5  # of the training samples right; chance is one tenth


def trained(
    train_mlp: Role, hidden: Sequence[int], lr: float, epochs: int, replicates: int, stream: Stream,
    device: str = "cpu", **net: Any,
) -> NetHistory:  # fmt: skip
    """The history of nets with those hidden layers, an initializer and an activation.

    `std` is that of an initializer which takes one, `record_every` and `sgd` are the solver's.
    """
    common = stream.shared("deep nets")
    return _trained(train_mlp, tuple(hidden), lr, epochs, replicates, common, device, **net)


@experiment
def _trained(
    train_mlp: Role, hidden: Sequence[int], lr: float, epochs: int, replicates: int, stream: Stream,
    device: str, *, initializer: Role | None = None, activation: Role | None = None,
    std: float | None = None, record_every: int | None = None, sgd: Role | None = None,
) -> NetHistory:  # fmt: skip
    task = nets.clouds(replicates, 200, stream.child("data").numpy(), tests=10)
    solver = Solver(lr, epochs, batch_size=20, record_every=record_every, sgd=sgd)
    law = initializer if initializer is None or std is None else with_std(initializer, std)
    return nets.train(
        train_mlp, task, solver, stream, device, hidden=hidden, initializer=law,
        activation=activation,
    )  # fmt: skip


def accuracy(run: NetHistory) -> Array:
    """The training accuracy (R,) at the end; a diverged net knows nothing."""
    return np.where(run.diverged, 0.0, run.train_accuracy[:, -1])


def best_rate(
    train_mlp: Role, hidden: Sequence[int], rates: Sequence[float], epochs: int, replicates: int,
    stream: Stream, device: str = "cpu", **net: Any,
) -> Array:  # fmt: skip
    """The best training accuracy (R,) over the learning rates, on the same data and weights."""
    arguments = (epochs, replicates, stream, device)
    runs = [trained(train_mlp, hidden, lr, *arguments, **net) for lr in rates]
    return np.asarray(np.max([accuracy(run) for run in runs], axis=0))
