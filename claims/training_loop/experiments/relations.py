"""Two runs of one trainer that algebra says are one: how far apart, and how far they may be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.declaration.relations import one_run_within
from harness.metrics.arrays import Array, bounded_ratio, gamma
from harness.metrics.gradient_steps import normal, wide
from harness.text import Text

INPUTS, HIDDEN, CLASSES, ROWS, STEPS = 3, 4, 3, 7, 2
NUDGE = 2.0**-20  # relative change of the initial weights by which a run's response is measured
# What runs may differ by, in parts of that response. It is measured and not derived: a rounding is
# a relative change of 2^-53, and that all of a run's together do no more than a change of all
# weights by 2^-30 would is likely (it is 2^23 times as large), and not proved.
PART = 2.0**-10
# What each of two losses has been rounded by who keeps it in a narrower dtype: the shares of at
# most as many parts as a batch has rows, each weighed, kept and divided, and added up.
KEPT = 2 * (ROWS + 3)
AS_ONE = one_run_within(
    Text(
        "2^-10 of what a random relative change of the initial weights by 2^-20 does to the run",
        "以 2^-20 的相对幅度随机扰动初始权重时，训练所受影响的 2^-10",
    )
)

Trainer = Callable[..., Any]
Batches = list[tuple[Any, Any]]


def numbers(stream: Stream, device: str) -> dict[str, Any]:
    """The initial parameters of the net, N(0, 1) float64."""
    shapes = {
        "first.weight": (HIDDEN, INPUTS), "first.bias": (HIDDEN,),
        "second.weight": (CLASSES, HIDDEN), "second.bias": (CLASSES,),
    }  # fmt: skip
    return {
        name: normal(stream.child(name), shape, "float64", device) for name, shape in shapes.items()
    }


def net_of(values: dict[str, Any], *, batch_norm: bool = False) -> Any:
    """A net with one hidden layer and these parameters, in training mode."""
    import torch

    net = copy.deepcopy(_empty(batch_norm)).to(next(iter(values.values())).device)
    with torch.no_grad():
        for name, value in values.items():
            net.get_parameter(name).copy_(value)
    return net.train()


@cache
def _empty(batch_norm: bool) -> Any:
    """Such a net whose numbers nobody reads: a copy is made faster than a net."""
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.utils.skip_init(nn.Linear, INPUTS, HIDDEN, dtype=torch.float64)
            self.norm = nn.BatchNorm1d(HIDDEN, dtype=torch.float64) if batch_norm else None
            self.second = nn.utils.skip_init(nn.Linear, HIDDEN, CLASSES, dtype=torch.float64)

        def forward(self, X: Any) -> Any:
            h = self.first(X)
            return self.second(torch.tanh(h if self.norm is None else self.norm(h)))

    return Net()


def batches_of(stream: Stream, device: str) -> Batches:
    """Batches of seven rows, two of them ignored at most, and the first row never."""
    import torch

    found = []
    for step in range(STEPS):
        draws = stream.child("y", step).numpy()
        y = draws.integers(0, CLASSES, ROWS)
        y[1 + draws.permutation(ROWS - 1)[: int(draws.integers(3))]] = -100
        X = normal(stream.child("X", step), (ROWS, INPUTS), "float64", device)
        found.append((X, torch.as_tensor(y, device=device)))
    return found


def told(net: Any, losses: Any) -> Array:
    """The parameters and buffers of the net by name, then the losses, as one vector."""
    named = dict(net.named_parameters(remove_duplicate=False)) | dict(net.named_buffers())
    values = [wide(named[name]).ravel() for name in sorted(named) if "." in name]
    return np.concatenate([*values, np.asarray([float(loss) for loss in losses])])


@dataclass(frozen=True)
class Plain:
    """A run as it is, and how far another may be from it that algebra says is the same."""

    values: dict[str, Any]
    batches: Batches
    right: Array
    allowed: float

    def ratios(self, net: Any, losses: Any) -> Array:
        """|difference| / allowance of another run's net and losses; too few or many are far."""
        found = told(net, losses)
        if found.shape != self.right.shape:
            return np.array([np.inf])
        allowed = np.full(found.shape, self.allowed)
        kept = self.right[-len(self.batches) :]
        allowed[-len(self.batches) :] += _rounding(kept) * np.abs(kept)
        return bounded_ratio(found, self.right, allowed)


def _rounding(losses: Array) -> float:
    """What roundings may make of losses that all are numbers of a narrower dtype; else 0.

    A loss of float64 is such a number once in 2^29 times.
    """
    import torch

    told = torch.from_numpy(losses)
    for dtype in (torch.bfloat16, torch.float16, torch.float32):
        if bool(told.isfinite().all()) and torch.equal(told.to(dtype).double(), told):
            return gamma(KEPT, dtype)
    return 0.0


def plain_run(
    trainer: Trainer, lr: float, stream: Stream, device: str, *, batch_norm: bool = False
) -> Plain:
    """Train as it is, and once more from nudged weights; a response without end allows nothing.

    Raises ValueError for a trainer that trains nothing: whatever runs may differ in, its do not.
    """
    values, batches = numbers(stream, device), batches_of(stream, device)
    nudged = {
        name: value * (1 + NUDGE * normal(stream.child("nudge", name), value.shape, "float64",
                                          device))
        for name, value in values.items()
    }  # fmt: skip
    nets = [net_of(one, batch_norm=batch_norm) for one in (values, nudged)]
    right, other = (told(net, trainer(net, batches, lr)) for net in nets)
    if all(bool((nets[0].get_parameter(name) == value).all()) for name, value in values.items()):
        raise ValueError(
            f"{getattr(trainer, 'under_test', 'the trainer')} as 'trainer' left every parameter as "
            "it was, and so there is no run to compare; train the net that is given, in place"
        )
    response = float(np.abs(other - right).max())
    return Plain(values, batches, right, PART * response if np.isfinite(response) else 0.0)
