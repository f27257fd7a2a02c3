"""Perceptrons with dropout by the engine and its peers: the chapter's width, and small ones."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from harness.training import accelerators
from harness.training.nets.mlp import init_mlp, train_mlp
from harness.training.solver import MLP, Solver
from studies.peers import jax_nets
from studies.peers.forms import Check, Form, Target, Workload, deviation, largest
from studies.peers.tasks import NetTask, drawn_orders, generator
from studies.peers.torch_loops import book_loop, lean_loop, losses_of, stacked

EPOCHS, BATCHES = 5, 4


@dataclass(frozen=True)
class Shape:
    """A net's sizes and drop rates, the batch size, and how many replicas each form trains."""

    sizes: tuple[int, ...]
    rates: tuple[float, ...]
    batch_size: int
    replicas: int
    vmap: int
    by_one: bool  # JAX runs replicas one after the other (lax.map), its best for wide nets


def task(shape: Shape, replicas: int) -> NetTask:
    """Return N(0, 1) features with labels from a random linear rule, and the first weights."""
    draws = generator(3)
    n = BATCHES * shape.batch_size
    x = torch.randn(replicas, 2 * n, shape.sizes[0], generator=draws)
    rule = torch.randn(shape.sizes[0], shape.sizes[-1], generator=draws)
    y = (x @ rule).argmax(dim=2)
    initial = init_mlp(shape.sizes, replicas, draws)
    held = slice(n, n + shape.batch_size)
    parts = (x[:, :n], y[:, :n], x[:, held], y[:, held])
    x, y, x_test, y_test = (part.contiguous() for part in parts)
    return NetTask(x, y, x_test, y_test, initial, 0.1, shape.batch_size, shape.rates)


def ours(
    data: NetTask, epochs: int, orders: Any = None, accelerator: str = "numpy"
) -> list[torch.Tensor]:
    """Return the engine's final parameters; both losses are measured at the end."""
    os.environ[accelerators.VARIABLE] = accelerator
    return train_mlp(
        data,
        MLP(data.sizes, dropout_rates=data.rates),
        Solver(data.lr, epochs, data.batch_size),
        generator(4),
        np.random.Generator(np.random.SFC64(1)) if orders is None else orders,
        initial=data.initial,
    ).parameters


def workload(shape: Shape, targets: list[Target]) -> Workload:
    """Return all forms; a unit of work is one step of one replica."""
    data = task(shape, shape.replicas)
    one, few = data.part(1), data.part(shape.vmap)
    steps = EPOCHS * BATCHES
    own = jax_nets.Trainer(data, by_one=shape.by_one)
    given = jax_nets.Trainer(data, by_one=shape.by_one, given=True)
    R = shape.replicas
    forms = [
        Form("d2l-style loop", steps, partial(book_loop, one, EPOCHS, EPOCHS), "1 replica"),
        Form("lean torch loop", steps, partial(lean_loop, one, EPOCHS, EPOCHS), "1 replica"),
        Form(
            "torch.func vmap", shape.vmap * steps, partial(stacked, few, EPOCHS, EPOCHS),
            f"{shape.vmap} replicas",
        ),
        Form("JAX, own shuffles", R * steps, partial(own, EPOCHS)),
        Form("JAX, given orders", R * steps, partial(given, EPOCHS)),
        *(
            Form(f"ours, {name}", R * steps, partial(ours, data, EPOCHS, accelerator=name))
            for name in _accelerators(shape)
        ),
    ]  # fmt: skip
    weights = [i * o for i, o in itertools.pairwise(shape.sizes)]
    name = "-".join(map(str, shape.sizes))
    return Workload(
        key=f"net-{name}", title=f"dropout net {name}, B = {shape.batch_size}, {R} replicas",
        unit="replica-step", forms=forms, checks=lambda: _checks(shape), targets=targets,
        flop=2.0 * (3 * sum(weights) - weights[0]) * shape.batch_size,
    )  # fmt: skip


def _accelerators(shape: Shape) -> Sequence[str]:
    """What can train the net; the compiled loops are for narrow layers."""
    return accelerators.installed() if max(shape.sizes) <= 64 else accelerators.ACCELERATORS[:1]


def _checks(shape: Shape) -> list[Check]:
    """Without dropout equal weights; with it equal mean losses, for every form draws its masks."""
    few = task(shape, 2).without_dropout()
    orders = drawn_orders(2, EPOCHS, few.X.shape[1])
    book = book_loop(few, EPOCHS, EPOCHS, orders)
    same = {
        "lean torch loop": lean_loop(few, EPOCHS, EPOCHS, orders),
        "torch.func vmap": stacked(few, EPOCHS, EPOCHS, orders),
        "JAX, given orders": jax_nets.Trainer(few, by_one=True, given=True)(EPOCHS, orders),
    } | {
        f"ours, {name}": ours(few, EPOCHS, orders, name) for name in _accelerators(shape)
    }  # fmt: skip
    found = [
        Check(
            name,
            "no dropout, same orders: max |W - W_loop| / max |W_loop|, all layers",
            max(largest(p, q) for p, q in zip(ends, book, strict=True)),
            1e-4,
        )
        for name, ends in same.items()
    ]
    many = task(shape, 48)
    losses = losses_of(ours(many, EPOCHS), many)
    others = {
        "JAX, own shuffles": jax_nets.Trainer(many, by_one=shape.by_one)(EPOCHS),
        "torch.func vmap": stacked(many, EPOCHS, EPOCHS),
        "lean torch loop": lean_loop(many, EPOCHS, EPOCHS),
    }
    found += [
        Check(
            name,
            "with dropout: mean training loss - engine's, in standard errors",
            deviation(losses, losses_of(ends, many)),
            4.5,
        )
        for name, ends in others.items()
    ]
    return found
