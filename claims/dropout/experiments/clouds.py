"""Nets with dropout on Gaussian clouds, trained once for every claim about them.

Ten clouds in 20 dimensions, drawn afresh for each replicate; two hidden layers, SGD in batches of
10, at rate 0.1 unless another is asked for. Runs on the same number of samples, with the same share
of labels drawn anew, have their data, initial weights, orders and random numbers in common, in
whichever claim.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from harness.blocks.experiment import experiment
from harness.blocks.streams import Stream
from harness.metrics import nets
from harness.training.history import NetHistory
from harness.training.solver import Solver, Split

if TYPE_CHECKING:
    from torch import Tensor

Role = Callable[..., Any]

NOISY = 0.5  # the share of labels that are drawn anew
RATES = (0.2, 0.5)  # the chapter's, first and second hidden layer
HALVES = (0.5, 0.5)


def task(replicates: int, stream: Stream, n: int, noise: float = 0.0) -> Split[Tensor]:
    """The n training samples of each replicate and 500 clean ones to test on."""
    return _drawn(replicates, stream.shared("clouds", n, noise), n, noise)


def arms(
    train_mlp: Role, dropout: Role, rates: Sequence[Sequence[float]], replicates: int,
    stream: Stream, device: str, *, n: int, noise: float = 0.0,
    hidden: tuple[int, ...] = (32, 32), epochs: int = 60, **solver: Any,
) -> list[NetHistory]:  # fmt: skip
    """One run for each tuple of drop probabilities, on the data of `task`.

    A `lr` and what else a solver has come by name.
    """
    common = stream.shared("clouds", n, noise)
    return [
        trained(
            train_mlp, dropout, each, replicates, common, device, n, noise, hidden, epochs, **solver
        )
        for each in rates
    ]


@experiment
def trained(
    train_mlp: Role, dropout: Role, rates: Sequence[float], replicates: int, stream: Stream,
    device: str, n: int, noise: float, hidden: tuple[int, ...], epochs: int, lr: float = 0.1,
    **solver: Any,
) -> NetHistory:  # fmt: skip
    """The run of one net, on a stream that claims share."""
    return nets.train(
        train_mlp, _drawn(replicates, stream, n, noise), Solver(lr, epochs, 10, **solver),
        stream, device, hidden=hidden, dropout=dropout, dropout_rates=rates,
    )  # fmt: skip


def _drawn(replicates: int, stream: Stream, n: int, noise: float) -> Split[Tensor]:
    return nets.clouds(replicates, n, stream.child("data").numpy(), noise=noise)
