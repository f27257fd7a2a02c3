"""What a training run leaves behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor  # the linear engine must not load torch

# Of the block that is measured in this thread; a worker's threads may measure several at once.
_kept: ContextVar[list[LinearHistory | NetHistory] | None] = ContextVar("_kept", default=None)


@contextlib.contextmanager
def kept_histories() -> Iterator[list[LinearHistory | NetHistory]]:
    """What the training runs of this thread leave behind meanwhile."""
    kept: list[LinearHistory | NetHistory] = []
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)


def note_history(history: LinearHistory | NetHistory) -> None:
    """Show it to whoever measures this thread's block."""
    kept = _kept.get()
    if kept is not None:
        kept.append(history)


@dataclass(frozen=True)
class LinearHistory:
    """Losses and final parameters of linear models, one row a replica.

    `epochs` (K,) are the recorded epochs, counted from 1; `train_loss` and `test_loss` are
    (R, K), in the loss that was trained (without its penalty); `w` is (R, d), `b` (R,) or None.
    `diverged` marks the replicas with a weight or a recorded loss that is not finite: they are
    kept, and the caller decides what they count for.
    """

    epochs: npt.NDArray[np.int64]
    train_loss: npt.NDArray[np.float64]
    test_loss: npt.NDArray[np.float64]
    w: npt.NDArray[np.floating[Any]]
    b: npt.NDArray[np.floating[Any]] | None
    diverged: npt.NDArray[np.bool_]
    kernel: str

    def __post_init__(self) -> None:
        """Show it to whoever measures this block."""
        note_history(self)

    @classmethod
    def of(
        cls, epochs: npt.NDArray[np.int64], train_loss: npt.NDArray[np.float64],
        test_loss: npt.NDArray[np.float64], w: npt.NDArray[np.floating[Any]],
        b: npt.NDArray[np.floating[Any]] | None, kernel: str,
    ) -> LinearHistory:  # fmt: skip
        """Return what a run left, with the replicas marked that diverged."""
        finite = np.isfinite(w).all(axis=1) & np.isfinite(train_loss).all(axis=1)
        finite &= np.isfinite(test_loss).all(axis=1)
        if b is not None:
            finite &= np.isfinite(b)
        return cls(epochs, train_loss, test_loss, w, b, ~finite, kernel)


@dataclass(frozen=True)
class NetHistory:
    """Losses, accuracies and final parameters of multilayer perceptrons, one row a replica.

    `epochs` (K,) are the recorded epochs, counted from 1 (0 is the untrained net); losses are
    mean cross-entropies in nats and accuracies fractions, (R, K), all in evaluation mode.
    `parameters` are the weights (R, out, in) and biases (R, out), layer after layer.
    `diverged` marks the replicas with a parameter or a loss that is not finite: they are kept.
    """

    epochs: npt.NDArray[np.int64]
    train_loss: npt.NDArray[np.float64]
    test_loss: npt.NDArray[np.float64]
    train_accuracy: npt.NDArray[np.float64]
    test_accuracy: npt.NDArray[np.float64]
    parameters: list[Tensor]
    diverged: npt.NDArray[np.bool_]
    kernel: str

    def __post_init__(self) -> None:
        """Show it to whoever measures this block."""
        note_history(self)


def recorded_epochs(epochs: int, every: int | None) -> npt.NDArray[np.int64]:
    """Return every `every`-th epoch up to `epochs`, counted from 1, and always the last."""
    if every is not None and every < 1:
        raise ValueError(f"record_every={every!r} epochs; give 1 or more, or None for the last")
    step = epochs if every is None else every
    return np.unique(np.append(np.arange(step, epochs + 1, step), epochs))
