"""Timings of the chapter's primitives, on every device, from one replica to thousands.

Nothing is asserted about time: a shared machine would cry wolf.
"""

import importlib
from typing import Any

import numpy as np
import pytest

from benchmarks.timing import Benchmark, every_device, timed

DEVICES = every_device()
REPLICATES = (1, 32, 1024)
UNITS = 4096  # numbers in one replica, 16 KiB
FANS = (256, 128)

on_every_device = pytest.mark.parametrize("device", DEVICES)
from_one_to_thousands = pytest.mark.parametrize("replicates", REPLICATES)


def primitive(module: str, name: str) -> Any:
    """The primitive, looked up late so that collecting does not load torch."""
    return getattr(importlib.import_module(f"harness.primitives.{module}"), name)


def generator(device: str) -> Any:
    import torch

    return torch.Generator(device)


def normal(device: str, *shape: int) -> Any:
    import torch

    return torch.randn(shape, generator=generator(device), device=device)


@on_every_device
@from_one_to_thousands
@pytest.mark.parametrize("p", [0.2, 0.5])
def test_dropout(benchmark: Benchmark, device: str, replicates: int, p: float) -> None:
    dropout = primitive("dropout", "dropout")
    h, draws = normal(device, replicates, UNITS), generator(device)

    timed(
        benchmark, device, lambda: dropout(h, p, draws), replica_steps=replicates,
        moved=2 * h.nbytes,
    )  # fmt: skip


@on_every_device
@from_one_to_thousands
@pytest.mark.parametrize(
    "name", ["xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "plain_normal"]
)
def test_initialization(benchmark: Benchmark, device: str, replicates: int, name: str) -> None:
    initializer = primitive("initialization", name)
    draws, (fan_in, fan_out) = generator(device), FANS

    timed(
        benchmark,
        device,
        lambda: initializer(fan_in, fan_out, draws, replicates=replicates, device=device),
        replica_steps=replicates,
        moved=4 * replicates * fan_in * fan_out,
    )


@on_every_device
@from_one_to_thousands
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "scaled_sigmoid"])
def test_activation(benchmark: Benchmark, device: str, replicates: int, name: str) -> None:
    activation = primitive("activations", name)
    x = normal(device, replicates, UNITS)

    timed(
        benchmark, device, lambda: activation(x), replica_steps=replicates, moved=2 * x.nbytes,
    )  # fmt: skip


@on_every_device
@from_one_to_thousands
def test_l2_penalty(benchmark: Benchmark, device: str, replicates: int) -> None:
    l2_penalty = primitive("penalty", "l2_penalty")
    w = normal(device, replicates, UNITS)

    timed(
        benchmark, device, lambda: l2_penalty(w), replica_steps=replicates, flop=2 * w.numel(),
        moved=w.nbytes,
    )  # fmt: skip


@on_every_device
@from_one_to_thousands
@pytest.mark.parametrize("decoupled", [False, True], ids=["coupled", "decoupled"])
def test_sgd(benchmark: Benchmark, device: str, replicates: int, decoupled: bool) -> None:
    sgd = primitive("optimizers", "sgd")
    w, g = normal(device, replicates, UNITS), normal(device, replicates, UNITS)

    timed(
        benchmark, device, lambda: sgd([w], [g], 0.01, weight_decay=3.0, decoupled=decoupled),
        replica_steps=replicates, flop=4 * w.numel(), moved=3 * w.nbytes,
    )  # fmt: skip


@on_every_device
@from_one_to_thousands
def test_clip_gradient_norm(benchmark: Benchmark, device: str, replicates: int) -> None:
    clip_gradient_norm = primitive("clipping", "clip_gradient_norm")
    g = normal(device, replicates, UNITS)

    timed(
        benchmark, device, lambda: clip_gradient_norm([g], 1.0), replica_steps=replicates,
        flop=3 * g.numel(), moved=3 * g.nbytes,
    )  # fmt: skip


@on_every_device
@from_one_to_thousands
def test_squared_loss(benchmark: Benchmark, device: str, replicates: int) -> None:
    squared_loss, mean_loss = primitive("losses", "squared_loss"), primitive("losses", "mean_loss")
    y_hat, y = normal(device, replicates, UNITS), normal(device, replicates, UNITS)

    timed(
        benchmark, device, lambda: mean_loss(squared_loss(y_hat, y)), replica_steps=replicates,
        flop=4 * y.numel(), moved=2 * y.nbytes,
    )  # fmt: skip


@on_every_device
@from_one_to_thousands
def test_cross_entropy(benchmark: Benchmark, device: str, replicates: int) -> None:
    cross_entropy = primitive("losses", "cross_entropy")
    logits = normal(device, replicates, 256, 10)
    y = logits.argmax(dim=-1)

    timed(
        benchmark, device, lambda: cross_entropy(logits, y), replica_steps=replicates,
        moved=logits.nbytes + y.nbytes,
    )  # fmt: skip


@from_one_to_thousands
@pytest.mark.parametrize("degree", [4, 20])
def test_polynomial_features(benchmark: Benchmark, replicates: int, degree: int) -> None:
    polynomial_features = primitive("polynomials", "polynomial_features")
    x = np.random.default_rng(0).standard_normal((replicates, 100))

    timed(
        benchmark, "cpu", lambda: polynomial_features(x, degree), replica_steps=replicates,
        flop=2 * x.size * degree, moved=x.nbytes * (degree + 2),
    )  # fmt: skip


@pytest.mark.parametrize("n", [100, 60000])
def test_minibatches(benchmark: Benchmark, n: int) -> None:
    minibatches = primitive("batches", "minibatches")
    rng = np.random.default_rng(0)

    timed(benchmark, "cpu", lambda: minibatches(n, 10, rng), replica_steps=1, moved=8 * n)


@pytest.mark.parametrize("n", [100, 60000])
def test_k_fold(benchmark: Benchmark, n: int) -> None:
    k_fold = primitive("folds", "k_fold")
    rng = np.random.default_rng(0)

    timed(benchmark, "cpu", lambda: k_fold(n, 5, rng), replica_steps=1, moved=8 * 6 * n)


@from_one_to_thousands
@pytest.mark.parametrize(
    ("name", "nbytes"), [("noisy_cubic", 2 * 100 * 8), ("linear_200", 100 * 201 * 4)]
)
def test_synthetic_data(benchmark: Benchmark, replicates: int, name: str, nbytes: int) -> None:
    draw = getattr(importlib.import_module("harness.data.synthetic"), name)
    rng = np.random.default_rng(0)

    timed(
        benchmark, "cpu", lambda: draw(replicates, 100, rng), replica_steps=replicates,
        moved=replicates * nbytes,
    )  # fmt: skip
