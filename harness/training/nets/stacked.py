"""A block of perceptrons, one or many, in NumPy and torch on the same reused memory.

Products are NumPy's, whose library multiplies small stacked matrices at full speed; what goes
number by number is torch's, which uses whole vectors. No step allocates anything.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.primitives import activations
from harness.training.nets.backprop import SLOPES, Activation
from harness.training.products import multiply
from harness.training.solver import Solver

Array = npt.NDArray[np.floating[Any]]

_NARROW = 16  # up to here it pays to copy the last weights, lest a product turn its factors


class Shared:
    """Stacked matrices in one memory, for NumPy, for torch, and turned."""

    def __init__(self, array: Array) -> None:
        self.array = array
        self.tensor = torch.from_numpy(array)
        self.turned = array.swapaxes(1, 2)


class Room:
    """The buffers of a step for one batch size; x, y and masks are the caller's to fill."""

    def __init__(
        self, replicas: int, examples: int, sizes: Sequence[int], dtype: Any, once: bool
    ) -> None:
        """Make room; `once` says that no mask is wanted again on the way down."""

        def empty(rows: int, columns: int) -> Shared:
            return Shared(np.empty((replicas, rows, columns), dtype=dtype))

        *widths, classes = sizes
        hidden = widths[1:]
        self.inputs = [empty(examples, width) for width in widths]
        self.values = [empty(examples, width) for width in hidden]
        self.signals = [empty(examples, width) for width in hidden]
        self.masks = [empty(*signal.array.shape[1:]).tensor for signal in self.signals]
        if once:  # signals may overwrite them: the cache has room for more
            self.masks = [signal.tensor for signal in self.signals]
        self.logits, self.chances = empty(classes, examples), empty(classes, examples)
        self.slopes = [empty(*pair) for pair in zip(widths[:-1], hidden, strict=True)]
        self.slopes.append(empty(classes, widths[-1]))
        self.shifts = [*(empty(1, width) for width in hidden), empty(classes, 1)]
        self.x = self.inputs[0].array
        self.y = np.empty((replicas, 1, examples), dtype=np.int64)
        self.labels = torch.from_numpy(self.y)
        self.minus = torch.full_like(self.labels, -1, dtype=self.logits.tensor.dtype)
        few = replicas == 1 or widths[-1] <= _NARROW
        self.turned = np.empty((replicas, widths[-1], classes), dtype=dtype) if few else None
        self.column = np.ones((1, examples, 1), dtype=dtype)
        self.row = np.ones((1, 1, examples), dtype=dtype)


class Stack:
    """The parameters of R nets, and one step of all.

    Weights lie as (R, in, out), so that a product need not turn them on the way up; the last
    layer's as (R, out, in), with its signals as (R, out, B), along which softmax is vectorised.
    They are stored times the gain of the mask below them, what its survivors gain (1 for the
    first layer): no pass multiplies by it.
    """

    def __init__(
        self, parameters: Sequence[Tensor], solver: Solver, activation: Activation,
        gains: Sequence[float], rooms: dict[Any, Room],
    ) -> None:  # fmt: skip
        weights, biases = parameters[::2], parameters[1::2]
        turned = [*(W.mT for W in weights[:-1]), weights[-1]]
        upright = [*(b.unsqueeze(1) for b in biases[:-1]), biases[-1].unsqueeze(2)]
        self._activation, self._gains = activation, gains
        self._relu = activation is activations.relu
        self._rate, self._kept = solver.lr, 1.0 - solver.lr * solver.weight_decay
        self._sizes = (weights[0].shape[2], *(W.shape[1] for W in weights))
        self._weights = [
            Shared(W.mul(gain).contiguous().numpy()) for W, gain in zip(turned, gains, strict=True)
        ]
        self._biases = [Shared(b.clone(memory_format=_PLAIN).numpy()) for b in upright]
        self._rooms = rooms

    @property
    def parameters(self) -> list[Tensor]:
        """Weights (R, out, in) and biases (R, out), layer after layer, as copies."""
        found = []
        for W, b, gain in zip(self._weights, self._biases, self._gains, strict=True):
            upright = W.tensor if W is self._weights[-1] else W.tensor.mT
            found.append(
                torch.div(upright, gain, out=torch.empty(upright.shape, dtype=W.tensor.dtype))
            )
            found.append(b.tensor.flatten(1).clone())
        return found

    def room(self, examples: int) -> Room:
        """Return the buffers for batches of so many examples."""
        W = self._weights[0].array
        key = len(W), examples, self._sizes, W.dtype, self._relu
        if key not in self._rooms:
            self._rooms[key] = Room(*key)
        return self._rooms[key]

    def step(self, room: Room, masks: Sequence[Tensor | None]) -> None:
        """Take one step on the batch in `room`, in place; masks are (R, B, width) of 0 and 1."""
        self._up(room, room.x, masks)
        torch.softmax(room.logits.tensor, 1, out=room.chances.tensor)
        room.chances.tensor.scatter_add_(1, room.labels, room.minus)
        # The last layer, whose signals are turned.
        signal, below = room.chances, self._below(room, len(self._weights) - 1)
        multiply(signal.array, room.inputs[-1].array, room.slopes[-1].array)
        multiply(signal.array, room.column, room.shifts[-1].array)
        if below is not None:
            multiply(signal.turned, self._weights[-1].array, below.array)
        self._update(room, len(self._weights) - 1)
        for layer in range(len(self._weights) - 2, -1, -1):
            assert below is not None
            self._through(below.tensor, room, layer, masks[layer])
            signal, below = below, self._below(room, layer)
            multiply(room.inputs[layer].turned, signal.array, room.slopes[layer].array)
            multiply(room.row, signal.array, room.shifts[layer].array)
            if below is not None:
                multiply(signal.array, self._weights[layer].turned, below.array)
            self._update(room, layer)

    def evaluated(self, room: Room, x: Array, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return summed cross-entropy and number of hits (R,) for x (R, m, d), y (R, m).

        Without masks; the first axis may also be 1, for examples that all nets share.
        """
        self._up(room, x, None)
        return _losses_and_hits(room, y.expand(len(room.y), -1))

    def _up(self, room: Room, x: Array, masks: Sequence[Tensor | None] | None) -> None:
        """Fill `room` with every layer's masked input, its values before, and the logits.

        Without any `masks` nobody gains, so what the weights are stored as is taken back.
        """
        gains = self._gains if masks is None else [1.0] * len(self._weights)
        h = x
        for layer, mask in enumerate(masks or [None] * len(room.signals)):
            z = room.inputs[layer + 1]
            multiply(h, self._weights[layer].array, z.array)
            torch.add(self._biases[layer].tensor, z.tensor, alpha=1 / gains[layer], out=z.tensor)
            h = z.array
            if self._relu:
                z.tensor.clamp_(min=0)
                if mask is not None:
                    z.tensor.mul_(mask)
                continue
            values = room.values[layer].tensor.copy_(self._activation(z.tensor))
            if mask is None:
                z.tensor.copy_(values)
            else:
                torch.mul(values, mask, out=z.tensor)
        logits, last = room.logits, self._weights[-1]
        if room.turned is not None:
            np.copyto(room.turned, last.turned)
            multiply(room.turned.swapaxes(1, 2), h.swapaxes(1, 2), logits.array)
        else:
            multiply(last.array, h.swapaxes(1, 2), logits.array)
        torch.add(self._biases[-1].tensor, logits.tensor, alpha=1 / gains[-1], out=logits.tensor)

    def _below(self, room: Room, layer: int) -> Shared | None:
        """Return where the signal below a layer goes; below the first none is wanted."""
        return room.signals[layer - 1] if layer else None

    def _through(self, signal: Tensor, room: Room, layer: int, mask: Tensor | None) -> None:
        """Pull the signal above a hidden layer back through mask and activation, in place."""
        if self._relu:
            # What passed both the activation and the mask is what is positive.
            passed = room.inputs[layer + 1].tensor
            torch.ops.aten.threshold_backward.grad_input(signal, passed, 0, grad_input=signal)
            return
        signal.mul_(SLOPES[self._activation](room.values[layer].tensor))
        if mask is not None:
            signal.mul_(mask)

    def _update(self, room: Room, layer: int) -> None:
        rate = self._rate / room.y.shape[2]
        W = self._weights[layer].tensor
        if self._kept != 1.0:
            W.mul_(self._kept)
        # Squared: once for the input's survivors, once for what the weight is stored as.
        W.add_(room.slopes[layer].tensor, alpha=-rate * self._gains[layer] ** 2)
        self._biases[layer].tensor.add_(room.shifts[layer].tensor, alpha=-rate)


_PLAIN = torch.contiguous_format


def _losses_and_hits(room: Room, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return both sums (R,) of the logits in `room`, which are lost."""
    found = torch.log_softmax(room.logits.tensor, 1, out=room.chances.tensor)
    chosen = found.gather(1, y.unsqueeze(1)).squeeze(1)
    largest = found.amax(1, keepdim=True)
    ties = torch.eq(found, largest, out=room.logits.tensor)
    # More than one largest logit, or none but NaN: the first decides, as argmax says.
    unique = int(ties.sum()) == y.numel()
    hits = chosen == largest.squeeze(1) if unique else found.argmax(1) == y
    return -chosen.sum(1, dtype=torch.float64), hits.sum(1)
