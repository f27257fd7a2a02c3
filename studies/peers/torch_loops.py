"""Models in torch: as the book trains them, without its overhead, and by torch.func."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Sampler, TensorDataset

from studies.peers.tasks import Array, LinearTask, NetTask, Pair, generator

Orders = Array | None


class Given(Sampler[int]):
    """Hands out one given order after the other, one an epoch."""

    def __init__(self, orders: Array) -> None:
        self._orders = iter(orders)
        self._n = int(orders.shape[1])

    def __iter__(self) -> Iterator[int]:
        """Return the next epoch's order."""
        return iter(next(self._orders).tolist())

    def __len__(self) -> int:
        """Return how many examples an epoch has."""
        return self._n


def book_loop(task: LinearTask | NetTask, epochs: int, every: int, orders: Orders = None) -> Any:
    """Return what replicas end with that are trained one after the other, as the book's code does.

    A DataLoader over a TensorDataset, a loss without reduction, an optimizer, running sums of loss
    and accuracy in each epoch, and both losses measured every `every` epochs; nn.Dropout draws
    from torch's own generator.
    """
    return _gathered(task, [_book(task, r, epochs, every, orders) for r in range(len(task.X))])


def _book(task: LinearTask | NetTask, r: int, epochs: int, every: int, orders: Orders) -> nn.Module:
    net = task.net(r)
    trainer = task.trainer(net)
    (x, y), held = ((x[r], y[r]) for x, y in task.tensors())
    seen = TensorDataset(x, y)
    if orders is None:
        shuffle: dict[str, Any] = {"shuffle": True, "generator": generator(r)}
    else:
        shuffle = {"sampler": Given(orders[r])}
    batches = DataLoader(seen, task.batch_size, **shuffle)
    for epoch in range(epochs):
        net.train()
        sums = [0.0, 0.0, 0.0]
        for features, labels in batches:
            predicted = net(features)
            losses = task.loss(predicted, labels, "none")
            trainer.zero_grad()
            losses.mean().backward()
            trainer.step()
            values = (float(losses.detach().sum()), _right(predicted, labels), labels.numel())
            for place, value in enumerate(values):
                sums[place] += value
        if (epoch + 1) % every == 0:
            if isinstance(task, NetTask):
                _measure(task, net, (x, y), held)
                continue
            for data in (seen, TensorDataset(*held)):
                total = [0.0, 0]
                for features, labels in DataLoader(data, task.batch_size):
                    losses = task.loss(net(features), labels, "none")
                    total[0] += float(losses.detach().sum())
                    total[1] += losses.numel()
    return net


def _right(predicted: Tensor, y: Tensor) -> float:
    """How many are right, as the book counts them."""
    if predicted.shape[-1] > 1:
        predicted = predicted.argmax(dim=1)
    return float((predicted.type(y.dtype) == y).sum())


def lean_loop(task: LinearTask | NetTask, epochs: int, every: int, orders: Orders = None) -> Any:
    """Return what the same loop ends with, without a DataLoader and running sums."""
    return _gathered(task, [_lean(task, r, epochs, every, orders) for r in range(len(task.X))])


def _lean(task: LinearTask | NetTask, r: int, epochs: int, every: int, orders: Orders) -> nn.Module:
    net = task.net(r)
    trainer = task.trainer(net)
    (x, y), held = ((x[r], y[r]) for x, y in task.tensors())
    draws = generator(r)
    for epoch in range(epochs):
        if orders is None:
            order = torch.randperm(len(y), generator=draws)
        else:
            order = torch.from_numpy(orders[r, epoch].astype(np.int64))
        parts = (x[order].split(task.batch_size), y[order].split(task.batch_size))
        for features, labels in zip(*parts, strict=True):
            trainer.zero_grad()
            task.loss(net(features), labels).backward()
            trainer.step()
        if (epoch + 1) % every == 0:
            _measure(task, net, (x, y), held)
            net.train()
    return net


def _measure(task: LinearTask | NetTask, net: nn.Module, *data: Pair) -> None:
    net.eval()
    with torch.no_grad():
        for x, y in data:
            predicted = net(x)
            float(task.loss(predicted, y))
            if isinstance(task, NetTask):
                _right(predicted, y)


def _gathered(task: LinearTask | NetTask, nets: list[nn.Module]) -> Any:
    each = [dict(net.named_parameters()) for net in nets]
    stacked = {name: torch.stack([one[name].detach() for one in each]) for name in each[0]}
    return task.result(stacked)


def stacked(task: LinearTask | NetTask, epochs: int, every: int, orders: Orders = None) -> Any:
    """Return what all replicas end with, side by side by vmap(grad(functional_call))."""
    net, parameters = task.net(0), task.parameters()
    (x, y), held = task.tensors()
    draws = generator(0)
    replicas = torch.arange(len(x)).unsqueeze(1)

    def loss(parameters: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return task.loss(torch.func.functional_call(net, parameters, (x,)), y)

    gradient = torch.func.vmap(torch.func.grad(loss), randomness="different")
    measure = torch.func.vmap(loss)
    for epoch in range(epochs):
        net.train()
        if orders is None:
            order = torch.rand(y.shape[:2], generator=draws).argsort(dim=1)
        else:
            order = torch.from_numpy(orders[:, epoch].astype(np.int64))
        for batch in order.split(task.batch_size, dim=1):
            grads = gradient(parameters, x[replicas, batch], y[replicas, batch])
            for name, value in parameters.items():
                left = task.shrinkage(name)
                kept = value if left == 1 else left * value
                parameters[name] = kept - task.lr * grads[name]
        if (epoch + 1) % every == 0:
            net.eval()
            measure(parameters, x, y), measure(parameters, *held)
    return task.result(parameters)


def losses_of(parameters: Any, task: NetTask) -> Array:
    """Return the mean training loss (R,) of nets with the given parameters, without dropout."""
    h = task.X
    layers = len(parameters) // 2
    for layer in range(layers):
        W, b = (torch.from_numpy(np.array(p)) for p in parameters[2 * layer : 2 * layer + 2])
        h = torch.baddbmm(b.unsqueeze(1), h, W.mT)
        h = h.relu() if layer < layers - 1 else h
    losses = nn.functional.cross_entropy(h.flatten(0, 1), task.y.flatten(), reduction="none")
    means: Array = losses.reshape(task.y.shape).double().mean(dim=1).numpy()
    return means
