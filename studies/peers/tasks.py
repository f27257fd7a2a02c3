"""Data of a linear model and of a perceptron, for every form alike, and how torch takes them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from harness.blocks.streams import Stream
from harness.training.orders import Order, OwnOrders, seeds_for
from harness.training.solver import Split

Array = npt.NDArray[Any]
Pair = tuple[Tensor, Tensor]
PER_REPLICA = ("X", "y", "X_test", "y_test", "initial")


@dataclass(frozen=True)
class Task(Split[Any]):
    """Data of R replicas, their first weights, and the protocol's numbers."""

    initial: Any
    lr: float
    batch_size: int

    def cut(self, cut: slice) -> Self:
        """Return the replicas of a slice."""
        parts = {name: getattr(self, name) for name in PER_REPLICA}
        fewer: dict[str, Any] = {
            name: [p[cut] for p in part] if isinstance(part, list) else part[cut]
            for name, part in parts.items()
        }
        return replace(self, **fewer)

    def part(self, replicas: int) -> Self:
        """Return the first replicas."""
        return self.cut(slice(replicas))


@dataclass(frozen=True)
class LinearTask(Task):
    """The same of a linear model: y (R, n), first weights (R, d), all of NumPy.

    With `bias` an intercept is trained as well, from 0 and without decay.
    """

    weight_decay: float = 0.0
    bias: bool = False

    def tensors(self) -> tuple[Pair, Pair]:
        """Training and test data, y with a last axis of one."""
        x, y, x_test, y_test = (
            torch.from_numpy(np.ascontiguousarray(part))
            for part in (self.X, self.y, self.X_test, self.y_test)
        )
        return (x, y.unsqueeze(-1)), (x_test, y_test.unsqueeze(-1))

    def loss(self, predicted: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
        """The squared error, without 1/2."""
        return nn.functional.mse_loss(predicted, y, reduction=reduction)

    def net(self, r: int) -> nn.Module:
        """The model of a replica before training."""
        net: nn.Linear = nn.utils.skip_init(nn.Linear, self.X.shape[2], 1, bias=self.bias)
        with torch.no_grad():
            net.weight.copy_(torch.from_numpy(self.initial[r]))
            if self.bias:
                net.bias.zero_()
        return net

    def trainer(self, net: nn.Module) -> torch.optim.SGD:
        """The optimizer, of which the weights decay and the intercept does not."""
        groups: list[dict[str, Any]] = [{"params": [net.weight], "weight_decay": self.weight_decay}]
        if self.bias:
            groups.append({"params": [net.bias]})
        return torch.optim.SGD(groups, lr=self.lr)

    def parameters(self) -> dict[str, Tensor]:
        """All replicas' parameters before training, by name."""
        weight = torch.from_numpy(self.initial.copy()).unsqueeze(1)
        return {"weight": weight} | ({"bias": torch.zeros(len(weight), 1)} if self.bias else {})

    def shrinkage(self, name: str) -> float:
        """What a step leaves of a parameter before its gradient."""
        return 1 - self.lr * self.weight_decay if name == "weight" else 1.0

    def result(self, parameters: Mapping[str, Tensor]) -> Array:
        """The weights (R, d)."""
        final: Array = parameters["weight"].squeeze(1).numpy()
        return final


@dataclass(frozen=True)
class NetTask(Task):
    """The same of a perceptron with dropout: labels (R, n), first weights and biases, of torch."""

    rates: tuple[float, ...] = ()

    @property
    def sizes(self) -> list[int]:
        """The widths of all layers, input first."""
        return [self.initial[0].shape[2], *(W.shape[1] for W in self.initial[::2])]

    def without_dropout(self) -> NetTask:
        """Return the same task with drop rates 0."""
        return replace(self, rates=(0.0,) * len(self.rates))

    def tensors(self) -> tuple[Pair, Pair]:
        """Training and test data."""
        return (self.X, self.y), (self.X_test, self.y_test)

    def loss(self, predicted: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
        """The cross-entropy."""
        return nn.functional.cross_entropy(predicted, y, reduction=reduction)

    def net(self, r: int) -> nn.Module:
        """The net of a replica before training."""
        layers: list[nn.Module] = []
        for place, (fan_in, fan_out) in enumerate(itertools.pairwise(self.sizes)):
            # skip_init: the default would draw from the generator of the whole process.
            linear: nn.Linear = nn.utils.skip_init(nn.Linear, fan_in, fan_out)
            with torch.no_grad():
                linear.weight.copy_(self.initial[2 * place][r])
                linear.bias.copy_(self.initial[2 * place + 1][r])
            layers.append(linear)
            if place < len(self.rates):
                layers.append(nn.ReLU())
                layers += [nn.Dropout(self.rates[place])] if self.rates[place] else []
        return nn.Sequential(*layers)

    def trainer(self, net: nn.Module) -> torch.optim.SGD:
        """The optimizer."""
        return torch.optim.SGD(net.parameters(), lr=self.lr)

    def parameters(self) -> dict[str, Tensor]:
        """All replicas' parameters before training, by name."""
        names = [name for name, _ in self.net(0).named_parameters()]
        return {name: p.clone() for name, p in zip(names, self.initial, strict=True)}

    def shrinkage(self, name: str) -> float:
        """What a step leaves of a parameter before its gradient: all of it."""
        return 1.0

    def result(self, parameters: Mapping[str, Tensor]) -> list[Tensor]:
        """Weights and biases of all layers."""
        return list(parameters.values())


def generator(*names: str | int) -> torch.Generator:
    """Return a fresh torch generator; equal names give equal draws."""
    return Stream(b"peers").child(*names).torch()


def drawn_orders(replicas: int, epochs: int, n: int, seed: int = 5) -> Order:
    """Return the engine's own orders (replicas, epochs, n), drawn on the host."""
    seeds = seeds_for(replicas, np.random.Generator(np.random.SFC64(seed)))
    return OwnOrders(seeds, replicas, n).draw(epochs).transpose(1, 0, 2)
