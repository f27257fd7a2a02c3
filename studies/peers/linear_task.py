"""Data of a linear model, for every form alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.training.orders import Order, OwnOrders, seeds_for
from harness.training.solver import Split

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class LinearTask(Split[Array]):
    """Data of R replicas, their first weights (R, d), and the protocol's numbers.

    With `bias` an intercept is trained as well, from 0 and without decay.
    """

    initial: Array
    lr: float
    batch_size: int
    weight_decay: float = 0.0
    bias: bool = False

    def part(self, replicas: int) -> LinearTask:
        """Return the first replicas."""
        return self.cut(slice(replicas))

    def cut(self, cut: slice) -> LinearTask:
        """Return the replicas of a slice."""
        return replace(
            self,
            X=self.X[cut],
            y=self.y[cut],
            X_test=self.X_test[cut],
            y_test=self.y_test[cut],
            initial=self.initial[cut],
        )


def drawn_orders(replicas: int, epochs: int, n: int, seed: int = 5) -> Order:
    """Return the engine's own orders (replicas, epochs, n), drawn on the host."""
    seeds = seeds_for(replicas, np.random.Generator(np.random.SFC64(seed)))
    return OwnOrders(seeds, replicas, n).draw(epochs).transpose(1, 0, 2)
