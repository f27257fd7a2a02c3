"""What a training run leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


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

    @property
    def divergences(self) -> int:
        """How many replicas diverged."""
        return int(self.diverged.sum())
