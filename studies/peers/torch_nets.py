"""Perceptrons with dropout in torch: as the book writes it, without its overhead, by torch.func."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from studies.peers.net_task import NetTask
from studies.peers.seeds import generator
from studies.peers.torch_linear import Given


def book_loop(task: NetTask, epochs: int, orders: Any = None) -> list[Tensor]:
    """Return the parameters of nets trained one after the other, as the book's code does.

    nn.Sequential with nn.Dropout, a DataLoader, an optimizer, and running sums of loss and
    accuracy in each epoch; nn.Dropout draws from torch's own generator.
    """
    return _stack([_book(task, r, epochs, orders) for r in range(len(task.x))])


def _book(task: NetTask, r: int, epochs: int, orders: Any) -> list[Tensor]:
    net = _net(task, r)
    loss = nn.CrossEntropyLoss(reduction="none")
    trainer = torch.optim.SGD(net.parameters(), lr=task.lr)
    dataset = TensorDataset(task.x[r], task.y[r])
    if orders is None:
        shuffle: dict[str, Any] = {"shuffle": True, "generator": generator(r)}
    else:
        shuffle = {"sampler": Given(orders[r])}
    batches = DataLoader(dataset, task.batch_size, **shuffle)
    for _ in range(epochs):
        net.train()
        sums = [0.0, 0.0, 0.0]
        for x, y in batches:
            logits = net(x)
            losses = loss(logits, y)
            trainer.zero_grad()
            losses.mean().backward()
            trainer.step()
            right = float((logits.argmax(dim=1).type(y.dtype) == y).sum())
            for place, value in enumerate((float(losses.detach().sum()), right, y.numel())):
                sums[place] += value
    _measure(net, task, r)
    return [p.detach() for p in net.parameters()]


def lean_loop(task: NetTask, epochs: int, orders: Any = None) -> list[Tensor]:
    """Return the parameters of the same loop without a DataLoader and running sums."""
    return _stack([_lean(task, r, epochs, orders) for r in range(len(task.x))])


def _lean(task: NetTask, r: int, epochs: int, orders: Any) -> list[Tensor]:
    net = _net(task, r)
    net.train()
    trainer = torch.optim.SGD(net.parameters(), lr=task.lr)
    draws = generator(r)
    for epoch in range(epochs):
        if orders is None:
            order = torch.randperm(len(task.y[r]), generator=draws)
        else:
            order = torch.from_numpy(orders[r, epoch].astype(np.int64))
        x, y = task.x[r][order], task.y[r][order]
        for features, labels in zip(
            x.split(task.batch_size), y.split(task.batch_size), strict=True
        ):
            trainer.zero_grad()
            nn.functional.cross_entropy(net(features), labels).backward()
            trainer.step()
    _measure(net, task, r)
    return [p.detach() for p in net.parameters()]


def stacked(task: NetTask, epochs: int, orders: Any = None) -> list[Tensor]:
    """Return the parameters of all nets trained side by side by vmap(grad(functional_call))."""
    net = _net(task, 0)
    names = [name for name, _ in net.named_parameters()]
    parameters = {name: p.clone() for name, p in zip(names, task.initial, strict=True)}
    draws = generator(0)
    replicas = torch.arange(len(task.x)).unsqueeze(1)

    def loss(parameters: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return nn.functional.cross_entropy(torch.func.functional_call(net, parameters, (x,)), y)

    gradient = torch.func.vmap(torch.func.grad(loss), randomness="different")
    net.train()
    for epoch in range(epochs):
        if orders is None:
            order = torch.rand(task.y.shape, generator=draws).argsort(dim=1)
        else:
            order = torch.from_numpy(orders[:, epoch].astype(np.int64))
        for batch in order.split(task.batch_size, dim=1):
            grads = gradient(parameters, task.x[replicas, batch], task.y[replicas, batch])
            parameters = {name: p - task.lr * grads[name] for name, p in parameters.items()}
    net.eval()
    measure = torch.func.vmap(loss)
    measure(parameters, task.x, task.y), measure(parameters, task.x_test, task.y_test)
    return [parameters[name] for name in names]


def losses_of(parameters: Any, task: NetTask) -> npt.NDArray[np.float64]:
    """Return the mean training loss (R,) of nets with the given parameters, without dropout."""
    h = task.x
    layers = len(parameters) // 2
    for layer in range(layers):
        W, b = (torch.from_numpy(np.array(p)) for p in parameters[2 * layer : 2 * layer + 2])
        h = torch.baddbmm(b.unsqueeze(1), h, W.mT)
        h = h.relu() if layer < layers - 1 else h
    losses = nn.functional.cross_entropy(h.flatten(0, 1), task.y.flatten(), reduction="none")
    means: npt.NDArray[np.float64] = losses.reshape(task.y.shape).double().mean(dim=1).numpy()
    return means


def _net(task: NetTask, r: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for place, (fan_in, fan_out) in enumerate(itertools.pairwise(task.sizes)):
        # skip_init: the default initialisation would draw from the generator of the whole process.
        linear: nn.Linear = nn.utils.skip_init(nn.Linear, fan_in, fan_out)
        with torch.no_grad():
            linear.weight.copy_(task.initial[2 * place][r])
            linear.bias.copy_(task.initial[2 * place + 1][r])
        layers.append(linear)
        if place < len(task.rates):
            layers.append(nn.ReLU())
            layers += [nn.Dropout(task.rates[place])] if task.rates[place] else []
    return nn.Sequential(*layers)


def _measure(net: nn.Module, task: NetTask, r: int) -> None:
    net.eval()
    with torch.no_grad():
        for x, y in ((task.x[r], task.y[r]), (task.x_test[r], task.y_test[r])):
            logits = net(x)
            float(nn.functional.cross_entropy(logits, y)), float((logits.argmax(1) == y).sum())


def _stack(nets: list[list[Tensor]]) -> list[Tensor]:
    return [torch.stack(parts) for parts in zip(*nets, strict=True)]
