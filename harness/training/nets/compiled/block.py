"""One block of small perceptrons on the CPU, in loops that Numba compiles (the extra `fast`).

Where layers are narrow a call costs more than its numbers: here a step is no call. The first use
compiles for some seconds; the result is kept beside the loops' files, or in the user's cache.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.primitives import activations
from harness.training.nets.block import Array, Examples, Settings
from harness.training.nets.compiled import activations as compiled
from harness.training.nets.compiled.products import SQUARE, TALL, WIDE
from harness.training.nets.compiled.steps import epoch, measured
from harness.training.nets.masks import Masks
from harness.training.orders import Order

KINDS: dict[Callable[[Tensor], Tensor], int] = {
    activations.relu: compiled.RELU,
    activations.tanh: compiled.TANH,
    activations.sigmoid: compiled.SIGMOID,
    activations.scaled_sigmoid: compiled.SCALED_SIGMOID,
}
_EVALUATED = 32  # examples at once


class CompiledBlock:
    """Trains a block of replicas as `StackedBlock` does, in single precision."""

    def __init__(
        self, parameters: Sequence[Tensor], train: Examples, test: Examples, settings: Settings,
        masks: Masks,
    ) -> None:  # fmt: skip
        self.replicas = len(parameters[0])
        weights, biases = parameters[::2], parameters[1::2]
        self._widths = np.array([weights[0].shape[2], *(W.shape[1] for W in weights)])
        self._padded = -(-self._widths // WIDE) * WIDE
        tall = -(-self._widths[:-1] // SQUARE) * SQUARE
        ends = np.cumsum([*(tall * self._padded[1:]), *self._padded[1:]])
        places, layers = np.concatenate([[0], ends[:-1]]), len(weights)
        self._weights, self._biases = places[:layers], places[layers:]
        self._own = np.zeros((self.replicas, ends[-1]), dtype=np.float32)
        for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
            self._matrix(layer)[:] = W.mT.numpy()
            self._vector(layer)[:] = b.numpy()
        self._kind = KINDS[settings.activation]
        solver = settings.solver
        self._size = solver.batch_size
        self._rate = np.float32(solver.lr)
        self._kept = np.float32(1.0 - solver.lr * solver.weight_decay)
        self._masks = masks
        self._room = self._make_room(max(self._size, _EVALUATED))
        self._train, self._test = (_Rows(part, self.replicas) for part in (train, test))

    @property
    def parameters(self) -> list[Tensor]:
        """The parameters of the replicas, layer after layer."""
        found = []
        for layer in range(len(self._weights)):
            found.append(torch.from_numpy(self._matrix(layer).swapaxes(1, 2).copy()))
            found.append(torch.from_numpy(self._vector(layer).copy()))
        return found

    def train_epoch(self, order: Order) -> None:
        """Take one step per batch of the order (R, n)."""
        sizes = [
            min(self._size, order.shape[1] - at) for at in range(0, order.shape[1], self._size)
        ]
        for part, drawn in self._masks.drawn(sizes, self._widths[1:-1].tolist()):
            epoch(
                self._train.x, self._train.y, order[part].astype(np.int64),
                self._train.first[part], self._own[part], *self._layout, self._kind, self._rate,
                self._kept, self._size, drawn.view(np.int8), drawn.view(np.int16),
                *self._masks.rules, self._room,
            )  # fmt: skip

    def measure(self) -> Array:
        """Return train loss, test loss, train and test accuracy without dropout, (4, R)."""
        train, test = self._measured(self._train), self._measured(self._test)
        return np.stack([train[0], test[0], train[1], test[1]])

    @property
    def _layout(self) -> tuple[Any, ...]:
        return self._widths, self._padded, self._weights, self._biases

    def _matrix(self, layer: int) -> Any:
        rows, columns = self._widths[layer : layer + 2]
        wide = self._padded[layer + 1]
        part = self._own[:, self._weights[layer] :][:, : rows * wide]
        return part.reshape(self.replicas, rows, wide)[:, :, :columns]

    def _vector(self, layer: int) -> Any:
        return self._own[:, self._biases[layer] :][:, : self._widths[layer + 1]]

    def _make_room(self, examples: int) -> tuple[Any, ...]:
        widest = int(self._padded.max())
        numbers = -(-examples // TALL) * TALL * widest
        layers = len(self._weights)
        values, inputs, signals, gains = (np.zeros((layers, numbers), np.float32) for _ in range(4))
        turned, nothing = np.zeros(widest * widest, np.float32), np.zeros(widest, np.float32)
        powers = np.zeros(numbers, np.float32)
        return values, inputs, signals, gains, turned, nothing, powers, powers.view(np.int32)

    def _measured(self, rows: "_Rows") -> tuple[Array, Array]:
        losses, hits = np.empty(self.replicas), np.empty(self.replicas)
        measured(
            rows.x, rows.y, rows.first, rows.n, self._own, *self._layout, self._kind, self._room,
            losses, hits,
        )  # fmt: skip
        return losses / rows.n, hits / rows.n


class _Rows:
    """Examples one below another, and where each replica's begin."""

    def __init__(self, examples: Examples, replicas: int) -> None:
        x = examples.x.numpy()
        self.n = examples.y.shape[-1]
        self.x = np.ascontiguousarray(x.reshape(-1, x.shape[-1]))
        self.y = examples.y.reshape(-1).to(torch.int64).numpy()
        self.first = np.arange(replicas) * (self.n if x.ndim == 3 else 0)
