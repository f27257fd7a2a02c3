"""Data of a perceptron, for every form alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor


@dataclass(frozen=True)
class NetTask:
    """x (R, n, d), y (R, n), test data, first weights and biases, and the protocol's numbers."""

    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor
    initial: list[Tensor]
    lr: float
    batch_size: int
    rates: tuple[float, ...]

    @property
    def sizes(self) -> list[int]:
        """The widths of all layers, input first."""
        return [self.initial[0].shape[2], *(W.shape[1] for W in self.initial[::2])]

    def part(self, replicas: int) -> NetTask:
        """Return the first replicas."""
        return replace(
            self,
            x=self.x[:replicas],
            y=self.y[:replicas],
            x_test=self.x_test[:replicas],
            y_test=self.y_test[:replicas],
            initial=[p[:replicas] for p in self.initial],
        )

    def without_dropout(self) -> NetTask:
        """Return the same task with drop rates 0."""
        return replace(self, rates=(0.0,) * len(self.rates))
