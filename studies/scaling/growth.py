"""How the cost of a block grows: replicas, degree, depth, width; measured on one core."""

import statistics
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 3
Rows = list[dict[str, Any]]


def seconds_of(work: Callable[[], object]) -> float:
    """The median processor time of a few calls, after one to warm up.

    Processor time, so that other work on the machine does not count; waiting is not in it.
    """
    work()
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def polynomial(replicas: int, degree: int, epochs: int = 100) -> Callable[[], object]:
    """Training polynomials of a degree by the chapter's protocol."""
    from claims.polynomial_regression.experiments import protocol
    from harness.blocks.streams import Stream
    from harness.data.synthetic import noisy_cubic
    from harness.primitives.polynomials import polynomial_features
    from harness.training.linear.linear import train_linear

    stream = Stream(b"growth")
    data = protocol.drawn(noisy_cubic, replicas, stream)
    return lambda: protocol.trained(
        train_linear, polynomial_features, data, degree, epochs, stream, every=None
    )


def net(width: int, replicas: int = 8, epochs: int = 4) -> Callable[[], object]:
    """Training perceptrons 64-width-width-10 with dropout on 256 examples in batches of 32."""
    import torch

    from harness.blocks.streams import Stream
    from harness.training.nets.mlp import train_mlp
    from harness.training.solver import MLP, Solver, Split

    stream = Stream(b"growth")
    generator = stream.torch()
    x = torch.randn(replicas, 256, 64, generator=generator)
    y = torch.randint(10, (replicas, 256), generator=generator)
    return lambda: train_mlp(
        Split(x, y, x[:, :64], y[:, :64]),
        MLP((64, width, width, 10), dropout_rates=(0.2, 0.5)),
        Solver(lr=0.1, epochs=epochs, batch_size=32),
        stream.child("net").torch(),
        stream.child("orders").numpy(),
    )


def chain(depth: int, width: int = 64, replicas: int = 8) -> Callable[[], object]:
    """Forward and backward variances through tanh layers with Xavier's weights."""
    import torch

    from harness.blocks.streams import Stream
    from harness.primitives.initialization import xavier_uniform
    from harness.training.chains.propagation import propagate

    generator = Stream(b"growth").torch()
    return lambda: propagate(
        [width] * (depth + 1), xavier_uniform, torch.tanh, replicas, generator, dtype=torch.float32
    )


def tables() -> dict[str, Rows]:
    """Each table: what grows, seconds of the block, and of one replica."""
    found: dict[str, Rows] = {"replicas": [], "degree": [], "width": [], "depth": []}
    for replicas in (8, 32, 128, 512, 2048):
        taken = seconds_of(polynomial(replicas, 3))
        found["replicas"].append({"value": replicas, "block": taken, "replica": taken / replicas})
    for degree in (1, 3, 8, 13, 19):
        taken = seconds_of(polynomial(128, degree))
        found["degree"].append({"value": degree, "block": taken, "replica": taken / 128})
    for width in (16, 32, 64, 128, 256):
        taken = seconds_of(net(width))
        found["width"].append({"value": width, "block": taken, "replica": taken / 8})
    for depth in (5, 10, 20, 50, 100):
        taken = seconds_of(chain(depth))
        found["depth"].append({"value": depth, "block": taken, "replica": taken / 8})
    return found
