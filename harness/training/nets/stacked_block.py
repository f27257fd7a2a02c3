"""One block of stacked perceptrons on the CPU: its batches, its masks, and its measurements."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.training.nets.block import Array, Examples, Settings
from harness.training.nets.masks import Masks
from harness.training.nets.stacked import Room, Stack
from harness.training.orders import Order

_EVALUATED = 1 << 16  # numbers of a layer, over all replicas, that are evaluated at once


class StackedBlock:
    """Trains a block of replicas by `Stack`; `rooms` is the memory that blocks take turns in."""

    def __init__(
        self, parameters: Sequence[Tensor], train: Examples, test: Examples, settings: Settings,
        masks: Masks, rooms: dict[Any, Room],
    ) -> None:  # fmt: skip
        self.replicas = len(parameters[0])
        gains = (1.0, *masks.scales)
        self._stack = Stack(parameters, settings.solver, settings.activation, gains, rooms)
        self._batch_size = settings.solver.batch_size
        self._masks = masks
        self._widths = [W.shape[1] for W in parameters[:-2:2]]
        self._train, self._test = train, test
        self._x = _flat(train.x.numpy())
        self._y = train.y.reshape(-1).to(torch.int64).numpy()
        own = train.x.dim() == 3
        self._first = np.arange(self.replicas if own else 1)[:, None] * train.y.shape[-1]

    @property
    def parameters(self) -> list[Tensor]:
        """The parameters of the replicas, layer after layer."""
        return self._stack.parameters

    def train_epoch(self, order: Order) -> None:
        """Take one step per batch of the order (R, n)."""
        rows = np.add(order, self._first, dtype=np.intp)
        n, size = rows.shape[1], self._batch_size
        batches = [rows[:, start : start + size] for start in range(0, n, size)]
        rooms = [self._stack.room(batch.shape[1]) for batch in batches]
        sizes = [batch.shape[1] for batch in batches]
        masks = self._masks.steps(sizes, self._widths, lambda size: self._stack.room(size).masks)
        with np.errstate(over="ignore", invalid="ignore"):  # who diverges is flagged, later
            for batch, room, drawn in zip(batches, rooms, masks, strict=True):
                # "clip" writes straight to the buffer; no index is out of bounds.
                np.take(self._x, batch, axis=0, out=room.x, mode="clip")
                np.take(self._y, batch, out=room.y[:, 0], mode="clip")
                self._stack.step(room, drawn)

    def measure(self) -> Array:
        """Return train loss, test loss, train and test accuracy without dropout, (4, R)."""
        train, test = self._measured(self._train), self._measured(self._test)
        return np.stack([train[0], test[0], train[1], test[1]])

    def _measured(self, examples: Examples) -> tuple[Array, Array]:
        x, y = examples.x.numpy(), examples.y
        if x.ndim == 2:
            x, y = x[None], y[None]
        loss, right = (torch.zeros(self.replicas, dtype=torch.float64) for _ in range(2))
        n = y.shape[1]
        numbers = self.replicas * max(x.shape[2], *self._widths, 1)
        size = max(self._batch_size, _EVALUATED // numbers)
        for start in range(0, n, size):
            cut = slice(start, start + size)
            part = y[:, cut]
            with np.errstate(over="ignore", invalid="ignore"):
                room = self._stack.room(part.shape[1])
                losses, hits = self._stack.evaluated(room, x[:, cut], part)
            loss += losses
            right += hits
        return (loss / n).numpy(), (right / n).numpy()


def _flat(x: Any) -> Any:
    return np.ascontiguousarray(x.reshape(-1, x.shape[-1]))
