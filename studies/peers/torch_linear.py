"""Linear regression in torch: as the book writes it, without its overhead, and by torch.func."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Sampler, TensorDataset

from studies.peers.linear_task import Array, LinearTask
from studies.peers.seeds import generator


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


def book_loop(task: LinearTask, epochs: int, every: int, orders: Array | None = None) -> Array:
    """Return the weights (R, d) of replicas trained one after the other, as the book's code does.

    A DataLoader over a TensorDataset, nn.Linear, MSELoss without reduction, an optimizer, running
    sums of loss and accuracy in each epoch, and both losses measured every `every` epochs.
    """
    replicas = range(len(task.X))
    return np.stack([_book(task, r, epochs, every, orders) for r in replicas])


def _book(task: LinearTask, r: int, epochs: int, every: int, orders: Array | None) -> Array:
    net, train, test = _net(task, r), _tensors(task.X[r], task.y[r]), None
    test = _tensors(task.X_test[r], task.y_test[r])
    n = len(train[0])
    loss = nn.MSELoss(reduction="none")
    trainer = _trainer(net, task)
    dataset = TensorDataset(train[0], train[1].reshape(-1, 1))
    if orders is None:
        shuffle: dict[str, Any] = {"shuffle": True, "generator": generator(r)}
    else:
        shuffle = {"sampler": Given(orders[r])}
    batches = DataLoader(dataset, task.batch_size, **shuffle)
    held = DataLoader(TensorDataset(test[0], test[1].reshape(-1, 1)), task.batch_size)
    seen = DataLoader(dataset, task.batch_size)
    for epoch in range(epochs):
        net.train()
        sums = [0.0, 0.0, 0.0]
        for X, y in batches:
            predicted = net(X)
            losses = loss(predicted, y)
            trainer.zero_grad()
            losses.mean().backward()
            trainer.step()
            right = float((predicted.type(y.dtype) == y).sum())
            for place, value in enumerate((float(losses.detach().sum()), right, y.numel())):
                sums[place] += value
        if (epoch + 1) % every == 0:
            for data in (seen, held):
                total = [0.0, 0]
                for X, y in data:
                    losses = loss(net(X), y)
                    total[0] += float(losses.detach().sum())
                    total[1] += losses.numel()
    assert n == len(dataset)
    return _weights(net)


def lean_loop(task: LinearTask, epochs: int, every: int, orders: Array | None = None) -> Array:
    """Return the weights of the same loop without a DataLoader and running sums."""
    replicas = range(len(task.X))
    return np.stack([_lean(task, r, epochs, every, orders) for r in replicas])


def _lean(task: LinearTask, r: int, epochs: int, every: int, orders: Array | None) -> Array:
    net = _net(task, r)
    (X, y), (X_test, y_test) = (
        _tensors(task.X[r], task.y[r]),
        _tensors(task.X_test[r], task.y_test[r]),
    )
    trainer = _trainer(net, task)
    draws = generator(r)
    for epoch in range(epochs):
        if orders is None:
            order = torch.randperm(len(y), generator=draws)
        else:
            order = torch.from_numpy(orders[r, epoch].astype(np.int64))
        shuffled = zip(
            X[order].split(task.batch_size), y[order].split(task.batch_size), strict=True
        )
        for features, labels in shuffled:
            trainer.zero_grad()
            nn.functional.mse_loss(net(features).squeeze(1), labels).backward()
            trainer.step()
        if (epoch + 1) % every == 0:
            with torch.no_grad():
                for features, labels in ((X, y), (X_test, y_test)):
                    float(nn.functional.mse_loss(net(features).squeeze(1), labels))
    return _weights(net)


def stacked(task: LinearTask, epochs: int, every: int, orders: Array | None = None) -> Array:
    """Return the weights of all replicas trained side by side by vmap(grad(functional_call))."""
    net = _net(task, 0)
    parameters = {"weight": torch.from_numpy(task.initial.copy()).unsqueeze(1)}
    if task.bias:
        parameters["bias"] = torch.zeros(len(task.X), 1)
    X, y = _tensors(task.X, task.y)
    tested = _tensors(task.X_test, task.y_test)
    draws = generator(0)
    replicas = torch.arange(len(X)).unsqueeze(1)

    def loss(parameters: dict[str, Tensor], X: Tensor, y: Tensor) -> Tensor:
        predicted = torch.func.functional_call(net, parameters, (X,)).squeeze(1)
        return nn.functional.mse_loss(predicted, y)

    gradient = torch.func.vmap(torch.func.grad(loss))
    measure = torch.func.vmap(loss)
    for epoch in range(epochs):
        if orders is None:
            order = torch.rand(y.shape, generator=draws).argsort(dim=1)
        else:
            order = torch.from_numpy(orders[:, epoch].astype(np.int64))
        for batch in order.split(task.batch_size, dim=1):
            grads = gradient(parameters, X[replicas, batch], y[replicas, batch])
            for name, value in parameters.items():
                decay = task.weight_decay if name == "weight" else 0.0
                parameters[name] = (1 - task.lr * decay) * value - task.lr * grads[name]
        if (epoch + 1) % every == 0:
            measure(parameters, X, y), measure(parameters, *tested)
    final: Array = parameters["weight"].squeeze(1).numpy()
    return final


def _net(task: LinearTask, r: int) -> nn.Linear:
    # skip_init: the default initialisation would draw from the generator of the whole process.
    features = task.X.shape[2]
    net: nn.Linear = nn.utils.skip_init(nn.Linear, features, 1, bias=task.bias)
    with torch.no_grad():
        net.weight.copy_(torch.from_numpy(task.initial[r]))
        if task.bias:
            net.bias.zero_()
    return net


def _trainer(net: nn.Linear, task: LinearTask) -> torch.optim.SGD:
    groups: list[dict[str, Any]] = [{"params": [net.weight], "weight_decay": task.weight_decay}]
    if task.bias:
        groups.append({"params": [net.bias]})
    return torch.optim.SGD(groups, lr=task.lr)


def _weights(net: nn.Linear) -> Array:
    final: Array = net.weight.detach().numpy()[0].copy()
    return final


def _tensors(X: Array, y: Array) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(np.ascontiguousarray(X)), torch.from_numpy(np.ascontiguousarray(y))
