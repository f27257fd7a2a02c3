"""One block of stacked perceptrons, its data, and the epochs and measurements on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.primitives.losses import cross_entropy
from harness.training.nets.backprop import (
    Activation,
    Drop,
    autograd_step,
    evaluated,
    manual_step,
)
from harness.training.nets.graphed import Graphed
from harness.training.nets.masks import Masks
from harness.training.orders import Order
from harness.training.solver import Solver

Array = npt.NDArray[np.float64]

_GATHERED = 1 << 18  # numbers of x, over all replicas, that an epoch's shuffle may copy at once
_EVALUATED = 4_000_000  # numbers of x, over all replicas, that are evaluated at once


@dataclass(frozen=True)
class Settings:
    """How every replica of a run trains; what its solver has of the reference's own is left out.

    `dropout` is a caller's function, drawing from `generator`; None means the engine's masks.
    `graph` says that steps are recorded as a CUDA graph, where nothing in them is drawn.
    """

    rates: tuple[float, ...]
    activation: Activation
    dropout: Callable[..., Tensor] | None
    solver: Solver
    generator: torch.Generator
    manual: bool
    graph: bool

    @property
    def kernel(self) -> str:
        """What takes the steps."""
        return "graph" if self.graph else "manual" if self.manual else "autograd"


@dataclass(frozen=True)
class Examples:
    """x (n, d) and y (n,) shared by all replicas, or (R, n, d) and (R, n)."""

    x: Tensor
    y: Tensor

    def part(self, cut: slice) -> Examples:
        """Return the examples of some replicas."""
        return self if self.x.dim() == 2 else Examples(self.x[cut], self.y[cut])

    def batch(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return x (R, B, d) and y (R, B) for the examples rows (R, B) of every replica."""
        if self.x.dim() == 3:
            replicas, n = self.y.shape
            rows = rows + torch.arange(replicas, device=rows.device).unsqueeze(1) * n
        x = self._x.index_select(0, rows.flatten())
        return x.reshape(*rows.shape, -1), self._y[rows]

    @property
    def _x(self) -> Tensor:
        return self.x.reshape(-1, self.x.shape[-1])

    @property
    def _y(self) -> Tensor:
        return self.y.reshape(-1)

    def pieces(self, replicas: int) -> list[tuple[Tensor, Tensor]]:
        """Return all examples in order, cut along n, with the replicate axis."""
        size = max(1, _EVALUATED // (replicas * self.x.shape[-1]))
        x = self.x.expand(replicas, -1, -1) if self.x.dim() == 2 else self.x
        y = self.y.expand(replicas, -1) if self.y.dim() == 1 else self.y
        cuts = zip(torch.split(x, size, dim=1), torch.split(y, size, dim=1), strict=True)
        return list(cuts)


class Block:
    """Trains a block of replicas; `parameters` are theirs, layer after layer.

    The block for every role and device; `StackedBlock` is for the engine's own on the CPU.
    """

    def __init__(
        self, parameters: list[Tensor], train: Examples, test: Examples, settings: Settings,
        masks: Masks,
    ) -> None:  # fmt: skip
        self.parameters = parameters
        self.replicas = len(parameters[0])
        self._train = train
        self._test = test
        self._settings = settings
        self._masks = masks
        self._widths = [W.shape[1] for W in parameters[:-2:2]]
        classes = parameters[-1].shape[1]
        self._graphs: dict[torch.Size, Graphed] = {}
        self._one_hot = torch.eye(classes, dtype=train.x.dtype, device=train.x.device)

    def train_epoch(self, order: Order) -> None:
        """Take one step per batch of the order (R, n)."""
        rows = torch.from_numpy(order.astype(np.int64)).to(self._train.x.device)
        batches = torch.split(rows, self._settings.solver.batch_size, dim=1)
        masks = self._masks.steps([batch.shape[1] for batch in batches], self._widths)
        pairs = self._pairs(rows, batches)
        for (x, y), drawn in zip(pairs, masks, strict=True):
            self._step(x, y, drawn)

    def _pairs(self, rows: Tensor, batches: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield x and y (or one-hot targets) of every batch; a small epoch is gathered at once."""
        if not self._settings.manual:
            yield from (self._train.batch(batch) for batch in batches)
            return
        size = self._settings.solver.batch_size
        small = rows.numel() * self._train.x.shape[-1] <= _GATHERED
        for part in [rows] if small else batches:
            x, y = self._train.batch(part)
            targets = torch.split(self._one_hot[y], size, dim=1)
            yield from zip(torch.split(x, size, dim=1), targets, strict=True)

    def measure(self) -> Array:
        """Return train loss, test loss, train and test accuracy without dropout, (4, R)."""
        train, test = self._measured(self._train), self._measured(self._test)
        return np.stack([train[0], test[0], train[1], test[1]])

    def _step(self, x: Tensor, y: Tensor, masks: list[Tensor | None]) -> None:
        rule = self._settings
        if rule.graph:
            self._replay(x, y)
        elif rule.manual:
            self._step_by_hand(x, y, masks)
        else:
            self.parameters = autograd_step(
                self.parameters, x, y, rule.solver, rule.activation, self._drop(masks)
            )

    def _step_by_hand(self, x: Tensor, y: Tensor, masks: list[Tensor | None]) -> None:
        rule = self._settings
        self.parameters = manual_step(
            self.parameters, x, y, rule.solver, rule.activation, masks, self._masks.scales
        )

    def _replay(self, x: Tensor, y: Tensor) -> None:
        """Take a step without masks from its recording; batches of one size share it."""
        if x.shape not in self._graphs:
            none: list[Tensor | None] = [None] * len(self._widths)
            self._graphs[x.shape] = Graphed(
                lambda x, y: self._step_by_hand(x, y, none), (x, y), self.parameters
            )
        self._graphs[x.shape](x, y)

    def _drop(self, masks: list[Tensor | None]) -> Drop:
        """Return what dropout does to a hidden layer in this step."""
        rule = self._settings

        def callers(layer: int, h: Tensor) -> Tensor:
            assert rule.dropout is not None
            return rule.dropout(h, rule.rates[layer], rule.generator, training=True)

        def engines(layer: int, h: Tensor) -> Tensor:
            mask = masks[layer]
            return h if mask is None else h * mask * self._masks.scales[layer]

        return engines if rule.dropout is None else callers

    def _measured(self, examples: Examples) -> tuple[Array, Array]:
        replicas = self.parameters[0].shape[0]
        loss = torch.zeros(replicas, dtype=torch.float64)
        right = torch.zeros(replicas, dtype=torch.float64)
        pieces = examples.pieces(replicas)
        for x, y in pieces:
            logits = evaluated(self.parameters, x, self._settings.activation)
            losses = cross_entropy(logits, y).cpu()  # a device may have no doubles
            loss += losses.sum(dim=1, dtype=torch.float64)
            right += (logits.argmax(dim=2) == y).sum(dim=1).cpu()
        n = examples.y.shape[-1]
        return (loss / n).numpy(), (right / n).numpy()
