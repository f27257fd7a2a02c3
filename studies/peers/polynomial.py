"""Polynomial regression (n = 100, B = 10, own data and shuffles) by the engine and its peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data.synthetic import noisy_cubic
from harness.primitives.polynomials import polynomial_features
from harness.training.accelerators import installed
from harness.training.linear.linear import train_linear
from harness.training.solver import Solver
from studies.peers import jax_linear, torch_linear
from studies.peers.forms import Check, Form, Target, Workload, deviation, largest
from studies.peers.linear_task import LinearTask, drawn_orders

N, BATCH, LR, EVERY = 100, 10, 0.01, 20
STEPS = N // BATCH
BLOCK = 256  # replicas that JAX takes at once where it is given orders: its best


@dataclass(frozen=True)
class Lengths:
    """How much of the work one timed call of a form does: replicas and epochs."""

    replicas: int
    natural: int  # epochs of JAX with its own shuffles
    fast: int  # epochs of JAX with given orders, and ours
    loop: int  # epochs of one replica
    lean: int
    vmap: int


def task(d: int, replicas: int) -> LinearTask:
    """Return data with features x^i / i! and first weights as torch.nn.Linear has them."""
    rng = np.random.Generator(np.random.SFC64(d))
    x, y = noisy_cubic(replicas, 2 * N, rng)
    X = polynomial_features(x, d - 1).astype(np.float32)
    y = y.astype(np.float32)
    first = rng.uniform(-(d**-0.5), d**-0.5, (replicas, d)).astype(np.float32)
    return LinearTask(X[:, :N], y[:, :N], X[:, N:], y[:, N:], first, LR, BATCH)


def ours(
    data: LinearTask, epochs: int, orders: Any = None, accelerator: str = "numpy"
) -> npt.NDArray[Any]:
    """Return the engine's final weights."""
    return train_linear(
        data,
        Solver(data.lr, epochs, data.batch_size, record_every=EVERY),
        np.random.Generator(np.random.SFC64(1)) if orders is None else orders,
        initial=data.initial,
        half=False,
        accelerator=accelerator,
    ).w


def workload(d: int, lengths: Lengths, targets: list[Target], compiled: bool = False) -> Workload:
    """Return the forms for d features; `compiled` counts JAX's compilation into the verdict."""
    R, fast = lengths.replicas, lengths.fast
    data = task(d, R)
    one = data.part(1)
    part = f"{{}} of {1500 if d == 20 else 400} epochs"
    natural, given = jax_linear.Natural(data, EVERY), jax_linear.Given(data, EVERY)
    forms = [
        Form(
            "d2l-style loop",
            lengths.loop * STEPS,
            lambda: torch_linear.book_loop(one, lengths.loop, EVERY),
            f"1 replica, {part.format(lengths.loop)}",
        ),
        Form(
            "lean torch loop",
            lengths.lean * STEPS,
            lambda: torch_linear.lean_loop(one, lengths.lean, EVERY),
            f"1 replica, {part.format(lengths.lean)}",
        ),
        Form(
            "torch.func vmap",
            R * lengths.vmap * STEPS,
            lambda: torch_linear.stacked(data, lengths.vmap, EVERY),
            part.format(lengths.vmap),
        ),
        Form(
            "JAX, own shuffles",
            R * lengths.natural * STEPS,
            lambda: natural(lengths.natural),
            part.format(lengths.natural),
        ),
        Form(
            "JAX, given orders",
            R * fast * STEPS,
            lambda: given(fast, BLOCK),
            part.format(fast),
        ),
    ]
    forms += [
        Form(f"ours, {name}", R * fast * STEPS, _call(data, fast, name), part.format(fast))
        for name in installed()
    ]
    return Workload(
        key=f"polynomial-{d}-{R}",
        title=f"polynomial, d = {d}, B = {BATCH}, own shuffles, {R} replicas",
        unit="replica-step",
        forms=forms,
        checks=lambda: _checks(d),
        targets=targets,
        flop=4.0 * d * BATCH,
        compile_counts=float(R * (1500 if d == 20 else 400) * STEPS) if compiled else None,
    )


def _call(data: LinearTask, epochs: int, accelerator: str) -> Any:
    return lambda: ours(data, epochs, accelerator=accelerator)


def _checks(d: int) -> list[Check]:
    """Equal weights with equal orders; with own shuffles equal mean weights of 512 replicas."""
    few, epochs = task(d, 3), 40
    orders = drawn_orders(3, epochs, N)
    book = torch_linear.book_loop(few, epochs, EVERY, orders)
    same = {
        "lean torch loop": torch_linear.lean_loop(few, epochs, EVERY, orders),
        "torch.func vmap": torch_linear.stacked(few, epochs, EVERY, orders),
        "JAX, given orders": jax_linear.Given(few, EVERY)(epochs, 3, orders),
    }
    same |= {f"ours, {name}": ours(few, epochs, orders, name) for name in installed()}
    found = [
        Check(name, "same orders: max |w - w_loop| / max |w_loop|", largest(w, book), 1e-5)
        for name, w in same.items()
    ]
    many = task(d, 512)
    engines = ours(many, 20)
    natural = np.asarray(jax_linear.Natural(many, EVERY)(20))
    found.append(
        Check(
            "JAX, own shuffles",
            "own shuffles: mean of w_1 - engine's, in standard errors",
            deviation(natural[:, 1], engines[:, 1]),
            4.5,
        )
    )
    return found
