"""Timings of the chapter's training protocols, on every device, from one replica to thousands.

A row times one whole call of the engine, shuffles and the last evaluation included; data and
initial weights are made beforehand. Divide by `replica_steps` for the cost of a step.
Floating-point operations are those of the products: 2 forward, 2 for the gradient of the weights
and, except at the input, 2 for the gradient of the signal, per weight and example.
A chain needs the norm of a weight's gradient and not the gradient: 4 products of examples with
examples and units, which are fewer.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.timing import Benchmark, every_device, timed

if TYPE_CHECKING:
    from harness.training.solver import MLP, Solver

on_every_device = pytest.mark.parametrize("device", every_device())
on_gpus = pytest.mark.parametrize("device", every_device()[1:])

# sizes, dropout rates, batch size, replicates; one epoch of four batches
NETS = {
    "small-64-16-10": ((64, 16, 10), (0.5,), 16, (1, 32, 1024)),
    "small-64-64-10": ((64, 64, 10), (0.5,), 64, (1, 32, 256)),
    "chapter-64-256-256-10": ((64, 256, 256, 10), (0.2, 0.5), 256, (1, 8)),
    "chapter-784-256-256-10": ((784, 256, 256, 10), (0.2, 0.5), 256, (1, 8)),
}
BATCHES = 4


@pytest.mark.parametrize("replicates", [1, 32, 1024, 4096])
@pytest.mark.parametrize("d", [4, 20])
def test_polynomial_regression(benchmark: Benchmark, replicates: int, d: int) -> None:
    from harness.data.synthetic import noisy_cubic
    from harness.primitives.polynomials import polynomial_features
    from harness.training.linear.linear import train_linear
    from harness.training.solver import Solver, Split

    n, batch_size, epochs = 100, 10, 10
    rng = np.random.default_rng(0)
    x, y = noisy_cubic(replicates, 2 * n, rng)
    X = polynomial_features(x, d - 1).astype(np.float32)
    steps = epochs * n // batch_size

    timed(
        benchmark,
        "cpu",
        lambda: train_linear(
            Split(X[:, :n], y[:, :n], X[:, n:], y[:, n:]),
            Solver(lr=0.01, epochs=epochs, batch_size=batch_size),
            rng,
        ),
        replica_steps=replicates * steps,
        flop=4.0 * d * batch_size * replicates * steps,
    )


@pytest.mark.parametrize("replicates", [1, 32, 1024])
@pytest.mark.parametrize("weight_decay", [0.0, 3.0])
def test_weight_decay(benchmark: Benchmark, replicates: int, weight_decay: float) -> None:
    from harness.data.synthetic import linear_200
    from harness.training.linear.linear import train_linear
    from harness.training.solver import Solver, Split

    n, batch_size, epochs, d = 20, 5, 100, 200
    rng = np.random.default_rng(0)
    X, y = linear_200(replicates, n + 100, rng)
    initial = rng.standard_normal((replicates, d), dtype=np.float32)
    steps = epochs * n // batch_size

    timed(
        benchmark,
        "cpu",
        lambda: train_linear(
            Split(X[:, :n], y[:, :n], X[:, n:], y[:, n:]),
            Solver(0.003, epochs, batch_size, weight_decay),
            rng,
            initial=initial,
            initial_bias=0.0,
        ),
        replica_steps=replicates * steps,
        flop=4.0 * d * batch_size * replicates * steps,
    )


@on_every_device
@pytest.mark.parametrize(
    ("net", "replicates"),
    [(net, replicates) for net, (_, _, _, counts) in NETS.items() for replicates in counts],
)
def test_dropout_net(benchmark: Benchmark, device: str, net: str, replicates: int) -> None:
    from harness.training.solver import MLP, Solver

    sizes, rates, batch_size, _ = NETS[net]
    solver = Solver(lr=0.1, epochs=1, batch_size=batch_size)
    _time_net(benchmark, device, MLP(sizes, dropout_rates=rates), solver, replicates)


@on_gpus
@pytest.mark.parametrize("replicates", [1, 32, 1024])
@pytest.mark.parametrize("kernel", ["graph", "manual"])
def test_net_without_dropout(
    benchmark: Benchmark, device: str, kernel: str, replicates: int
) -> None:
    """A launch-bound loop: its steps recorded as a CUDA graph, and launched one by one."""
    from harness.training.solver import MLP, Solver

    chosen = "auto" if kernel == "graph" else kernel
    solver = Solver(lr=0.1, epochs=25, batch_size=16, kernel=chosen)
    _time_net(benchmark, device, MLP((64, 16, 10)), solver, replicates)


def _time_net(benchmark: Benchmark, device: str, net: MLP, solver: Solver, replicates: int) -> None:
    import torch

    from harness.training.nets.mlp import init_mlp, train_mlp
    from harness.training.solver import Split

    generator, rng = torch.Generator(device), np.random.default_rng(0)
    sizes, n = net.sizes, BATCHES * solver.batch_size
    x = torch.rand(replicates, n, sizes[0], generator=generator, device=device)
    y = torch.randint(sizes[-1], (replicates, n), generator=generator, device=device)
    initial = init_mlp(sizes, replicates, generator, device=device)
    weights = [fan_in * fan_out for fan_in, fan_out in itertools.pairwise(sizes)]

    timed(
        benchmark,
        device,
        lambda: train_mlp(
            Split(x, y, x[:, : solver.batch_size], y[:, : solver.batch_size]),
            net,
            solver,
            generator,
            rng,
            initial=initial,
        ),
        replica_steps=replicates * BATCHES * solver.epochs,
        flop=2.0 * (3 * sum(weights) - weights[0]) * n * replicates * solver.epochs,
    )


@on_every_device
@pytest.mark.parametrize("replicates", [1, 8])
def test_deep_chain(benchmark: Benchmark, device: str, replicates: int) -> None:
    import torch

    from harness.primitives.activations import tanh
    from harness.primitives.initialization import xavier_uniform
    from harness.training.chains.propagation import propagate

    depth, width, examples = 50, 256, 64
    generator = torch.Generator(device)

    timed(
        benchmark,
        device,
        lambda: propagate(
            [width] * (depth + 1),
            xavier_uniform,
            tanh,
            replicates,
            generator,
            examples=examples,
            dtype=torch.float32,
        ),
        replica_steps=replicates,
        flop=4.0 * examples * width * (width + examples) * depth * replicates,
    )


@pytest.mark.parametrize("replicates", [1, 32, 1024])
@pytest.mark.parametrize("degree", [3, 19])
def test_least_squares(benchmark: Benchmark, replicates: int, degree: int) -> None:
    from harness.data.synthetic import noisy_cubic
    from harness.training.exact.least_squares import fit_least_squares

    n, columns = 100, degree + 1
    x, y = noisy_cubic(replicates, n, np.random.default_rng(0))

    timed(
        benchmark,
        "cpu",
        lambda: fit_least_squares(x, y, degree),
        replica_steps=replicates,
        # Householder's R and Q, elimination in R, and the columns themselves with Q'y.
        flop=replicates * (4 * n * columns**2 - 2 / 3 * columns**3 + 5 * n * columns),
    )
