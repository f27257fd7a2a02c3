"""Steps of a small linear net, watched: what was called, and how far each may move exactly.

Every step is compared with the exact one from where it started, so that roundings do not add up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.metrics import arrays
from harness.metrics.arrays import Array
from harness.metrics.gradient_steps import normal, wide

INPUTS, OUTPUTS, MOMENTUM = 3, 2, 0.9
CLIP = 1e-6  # what may be added to the norm that a clipped gradient is divided by


class Run:
    """A net of two outputs, its optimiser with momentum and its schedule, as a user has them."""

    def __init__(self, rates: Sequence[float], dtype: str, stream: Stream, device: str) -> None:
        """`rates` are those of step after step; all numbers are N(0, 1) from the stream."""
        import torch
        from torch import nn

        self.dtype, self.rates, self.modes = dtype, rates, list[bool]()
        self.stepped = 0
        kind = getattr(torch, dtype)
        net = nn.utils.skip_init(nn.Linear, INPUTS, OUTPUTS, device=device, dtype=kind)
        with torch.no_grad():
            for name, w in net.named_parameters():
                w.copy_(normal(stream.child(name), w.shape, dtype, device))
        # Parameters that get no gradient: one that is frozen and one that no output reads.
        still = torch.ones(2, device=device, dtype=kind)
        net.register_parameter("frozen", nn.Parameter(still.clone(), requires_grad=False))
        net.register_parameter("unread", nn.Parameter(still.clone()))
        net.register_forward_pre_hook(lambda module, _: self.modes.append(module.training))
        self.net: Any = net.train()
        # What has no gradient would be moved by a decay, if it were given one of zeros.
        groups: list[dict[str, Any]] = [
            {"params": [net.weight, net.bias]},
            {"params": [net.frozen, net.unread], "weight_decay": 0.1},
        ]
        self.optimizer = torch.optim.SGD(groups, lr=1.0, momentum=MOMENTUM)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: rates[min(step, len(rates) - 1)]
        )
        self.optimizer.register_step_post_hook(self._count)

    def _count(self, *_: Any) -> None:
        self.stepped += 1

    def state(self) -> list[Array]:
        """W, b and their velocities, float64 copies."""
        params = [self.net.weight, self.net.bias]
        memory = [self.optimizer.state[w].get("momentum_buffer") for w in params]
        return [
            *(wide(w).copy() for w in params),
            *(
                np.zeros(w.shape) if v is None else wide(v).copy()
                for w, v in zip(params, memory, strict=True)
            ),
        ]

    def counts(self) -> tuple[int, int]:
        """How often the optimiser and the schedule moved."""
        return self.stepped, self.schedule.last_epoch

    def untouched(self) -> list[bool]:
        """Mode as it was in every pass and is now; what has no gradient is where it was."""
        still = [bool((w == 1).all()) for w in (self.net.frozen, self.net.unread)]
        return [all(self.modes), bool(self.modes), self.net.training, *still]


def parts_of(
    sizes: Sequence[int], weights: str, dtype: str, stream: Stream, device: str
) -> list[tuple[Any, Any, Any]]:
    """Micro-batches (X, y, weight) of those sizes; weights are equal, tokens, or partly padding."""
    import torch

    draws = stream.child("weights").numpy()
    parts = []
    for index, n in enumerate(sizes):
        X, y = (
            normal(stream.child(name, index), (n, m), dtype, device)
            for name, m in (("X", INPUTS), ("y", OUTPUTS))
        )
        w = np.ones(n) if weights == "equal" else draws.integers(1, 9, n)
        if weights == "padding":
            w = w * (0 if index else 1)  # only the first part has any weight
        parts.append((X, y, torch.as_tensor(w, dtype=getattr(torch, dtype), device=device)))
    return parts


def loss(y_hat: Any, y: Any) -> Any:
    """Half the squared error of every example, (n,)."""
    return (y_hat - y).square().sum(dim=-1) / 2


def steep_loss(y_hat: Any, y: Any) -> Any:
    """The root of the error of every example, (n,): finite at 0, where its slope is not."""
    return (y_hat - y).abs().sum(dim=-1).sqrt()


def ratios(
    run: Run, step: Callable[[], float], parts: Sequence[tuple[Any, Any, Any]], rate: float,
    max_norm: float,
) -> list[Array]:  # fmt: skip
    """|found - exact| / bound of the loss and of all that a step moves, at the rate `rate`."""
    W, b, *velocities = run.state()
    X, y, weight = (np.concatenate([wide(part[i]) for part in parts]) for i in range(3))
    weight = weight / weight.sum()
    residual, reach = X @ W.T + b - y, np.abs(X) @ np.abs(W).T + np.abs(b) + np.abs(y)
    slopes = [np.einsum("n,nk,nd->kd", weight, residual, X), weight @ residual]
    sizes = [np.einsum("n,nk,nd->kd", weight, reach, np.abs(X)), weight @ reach]
    norm = np.sqrt(sum((one**2).sum() for one in slopes))
    factor = min(1.0, max_norm / norm)
    # Products over inputs, a sum over examples, its mean, the scale, the clip over 8 elements.
    operations = 2 * (len(X) + INPUTS) + 48
    largest = np.sqrt(sum((one**2).sum() for one in sizes))
    short = 0.0 if factor == 1.0 else CLIP / norm
    found_loss = step()

    exact = float(weight @ (residual**2).sum(axis=1) / 2)
    answers = [
        arrays.rounding_ratio(
            np.array([found_loss]), exact, float(weight @ (reach**2).sum(axis=1)),
            operations, run.dtype,
        )
    ]  # fmt: skip
    after = run.state()
    for index, (w, v, g, size) in enumerate(zip((W, b), velocities, slopes, sizes, strict=True)):
        moved = MOMENTUM * v + factor * g
        # A clipped slope errs with the norm as well, which errs as `largest` does.
        terms = MOMENTUM * np.abs(v) + factor * (size + np.abs(g) * largest / norm)
        allowed = arrays.gamma(operations, run.dtype) * terms + short * factor * np.abs(g)
        lost = arrays.gamma(4, run.dtype) * (np.abs(w) + rate * np.abs(moved))
        answers.append(arrays.bounded_ratio(after[index], w - rate * moved, rate * allowed + lost))
        answers.append(arrays.bounded_ratio(after[index + 2], moved, allowed))
    return [one.ravel() for one in answers]
