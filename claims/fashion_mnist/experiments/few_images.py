"""Nets of 32 and 32 units on few images, trained once for every claim about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.blocks.experiment import experiment
from harness.blocks.streams import Stream
from harness.metrics import nets
from harness.training.history import NetHistory
from harness.training.solver import Solver

Role = Callable[..., Any]

EPOCHS = 60
SAMPLES = 200
STEP = 5  # epochs between two points of a curve


def arm(
    train_mlp: Role, images: Any, replicates: int, stream: Stream, device: str, *,
    dropout: Role | None = None, rates: Sequence[float] = (), decay: float = 0.0,
) -> NetHistory:  # fmt: skip
    """One run, with the curve of its losses; all have images, weights and orders in common."""
    common = stream.shared("few images")
    return _trained(train_mlp, images, replicates, common, device, dropout, rates, decay)


@experiment
def _trained(
    train_mlp: Role, images: Any, replicates: int, stream: Stream, device: str,
    dropout: Role | None, rates: Sequence[float], decay: float,
) -> NetHistory:  # fmt: skip
    task = nets.pictures(images, replicates, SAMPLES, stream.child("data").numpy())
    return nets.train(
        train_mlp, task, Solver(0.1, EPOCHS, 20, decay, record_every=STEP), stream, device,
        hidden=(32, 32), dropout=dropout, dropout_rates=rates,
    )  # fmt: skip
