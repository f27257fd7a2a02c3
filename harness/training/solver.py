"""What a training run is told: its data, its net, its solver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from torch import Tensor  # the linear engine must not load torch

Values = TypeVar("Values")  # arrays, or tensors


@dataclass(frozen=True)
class Split(Generic[Values]):
    """Examples to learn from, X and y, and others to test on.

    X is (R, n, d) and y (R, n), or (n, d) and (n,) where all R replicas share the examples; the
    test examples likewise, with a number of their own.
    """

    X: Values
    y: Values
    X_test: Values
    y_test: Values


@dataclass(frozen=True)
class Solver:
    """Minibatch SGD for a number of epochs.

    A batch's loss is the mean over its own size plus weight_decay ||w||^2 / 2, w being the weights
    and not the biases; losses are recorded after every `record_every`-th epoch and after the last.
    The roles `sgd` and `l2_penalty` take their part of every step if they are given; `kernel` is
    how the engine takes the steps, "auto" unless it is itself looked into.
    """

    lr: float
    epochs: int
    batch_size: int
    weight_decay: float = 0.0
    record_every: int | None = None
    sgd: Callable[..., Any] | None = None
    l2_penalty: Callable[..., Any] | None = None
    kernel: str = "auto"


@dataclass(frozen=True)
class MLP:
    """A multilayer perceptron: `sizes` from the inputs to the outputs, and what acts between.

    `dropout_rates` has one drop probability a hidden layer, after the activation (ReLU if left
    out), or none; the roles `activation`, `dropout` and `initializer` are the reference's where
    they are left out, the last being that of `init_mlp`.
    """

    sizes: Sequence[int]
    activation: Callable[[Tensor], Tensor] | None = None
    dropout_rates: Sequence[float] = ()
    dropout: Callable[..., Tensor] | None = None
    initializer: Callable[..., Tensor] | None = None
