"""Nets of one hidden layer on 300 moving signals, trained once for every claim about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from claims.capacity.experiments import tasks
from harness.blocks.experiment import experiment
from harness.blocks.streams import Stream
from harness.metrics import nets
from harness.metrics.arrays import Array
from harness.training.history import NetHistory
from harness.training.solver import Solver, Split

Role = Callable[..., Any]

SIGNALS = 300  # a wide net learns them by heart in 60 epochs


def by_width(
    train_mlp: Role, shifted_signals: Role, width: int, flips: float, replicates: int,
    stream: Stream, device: str,
) -> NetHistory:  # fmt: skip
    """A net of that width after 60 epochs; all widths have their signals in common."""
    common = stream.shared("signals by width", flips)
    return _by_width(train_mlp, shifted_signals, width, flips, replicates, common, device)


@experiment
def _by_width(
    train_mlp: Role, shifted_signals: Role, width: int, flips: float, replicates: int,
    stream: Stream, device: str,
) -> NetHistory:  # fmt: skip
    data = tasks.task(shifted_signals, replicates, SIGNALS, 1000, stream, flips)
    solver = Solver(lr=0.3, epochs=60, batch_size=25)
    return nets.train(train_mlp, data, solver, stream, device, hidden=[width])


def decayed(
    train_mlp: Role, shifted_signals: Role, decay: float, replicates: int, stream: Stream,
    device: str,
) -> tuple[NetHistory, Array]:  # fmt: skip
    """A net of 64 units after 40 epochs with that weight decay, and its validation error (R,)."""
    common = stream.shared("signals and decay")
    return _decayed(train_mlp, shifted_signals, decay, replicates, common, device)


@experiment
def _decayed(
    train_mlp: Role, shifted_signals: Role, decay: float, replicates: int, stream: Stream,
    device: str,
) -> tuple[NetHistory, Array]:  # fmt: skip
    data = tasks.task(shifted_signals, replicates, SIGNALS, 2000, stream)
    x, y = (part[:, 1000:].to(device) for part in (data.X_test, data.y_test))
    tested = Split(data.X, data.y, data.X_test[:, :1000], data.y_test[:, :1000])
    solver = Solver(0.3, 40, 25, decay, record_every=5)
    run = nets.train(train_mlp, tested, solver, stream, device, hidden=[tasks.WIDTH])
    return run, np.asarray(1 - nets.accuracy(nets.logits(run.parameters, x), y))
