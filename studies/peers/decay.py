"""Weight decay (d = 200, n = 20, B = 5, 100 epochs) by the engine and its peers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data.synthetic import linear_200
from harness.training.accelerators import installed
from harness.training.linear.linear import train_linear
from harness.training.solver import Solver
from studies.peers import jax_linear, torch_linear
from studies.peers.forms import Check, Form, Target, Workload, deviation, largest
from studies.peers.linear_task import LinearTask, drawn_orders

N, TESTS, BATCH, LR, DECAY, EPOCHS = 20, 100, 5, 0.0015, 6.0, 100
BLOCK = 256


def task(replicas: int) -> LinearTask:
    """Return the book's data, N(0, 1) first weights, and lr and decay for MSELoss (no 1/2)."""
    rng = np.random.Generator(np.random.SFC64(2))
    X, y = linear_200(replicas, N + TESTS, rng)
    first = rng.standard_normal((replicas, X.shape[2]), dtype=np.float32)
    return LinearTask(X[:, :N], y[:, :N], X[:, N:], y[:, N:], first, LR, BATCH, DECAY, True)


def ours(data: LinearTask, orders: Any = None, accelerator: str = "numpy") -> npt.NDArray[Any]:
    """Return the engine's final weights; both losses are measured at the end."""
    return train_linear(
        data,
        Solver(data.lr, EPOCHS, data.batch_size, data.weight_decay),
        np.random.Generator(np.random.SFC64(1)) if orders is None else orders,
        initial=data.initial,
        initial_bias=0.0,
        half=False,
        accelerator=accelerator,
    ).w


def workload(replicas: int, targets: list[Target]) -> Workload:
    """Return all forms; a unit of work is one replica's whole run of 400 steps."""
    data = task(replicas)
    one = data.part(1)
    natural = jax_linear.Natural(data, EPOCHS)
    given, dual = (jax_linear.Given(data, EPOCHS, dual=dual) for dual in (False, True))
    some = min(replicas, 256)
    few = data.part(some)
    forms = [
        Form("d2l-style loop", 1, lambda: torch_linear.book_loop(one, EPOCHS, EPOCHS), "1 replica"),
        Form(
            "lean torch loop", 1, lambda: torch_linear.lean_loop(one, EPOCHS, EPOCHS), "1 replica"
        ),
        Form(
            "torch.func vmap",
            some,
            lambda: torch_linear.stacked(few, EPOCHS, EPOCHS),
            f"{some} replicas",
        ),
        Form("JAX, own shuffles", replicas, lambda: natural(EPOCHS)),
        Form("JAX, given orders", replicas, lambda: given(EPOCHS, BLOCK)),
        Form("JAX, the same dual", replicas, lambda: dual(EPOCHS, BLOCK)),
    ]
    forms += [Form(f"ours, {name}", replicas, _call(data, name)) for name in installed()]
    return Workload(
        key=f"decay-{replicas}",
        title=f"weight decay, d = 200, n = {N}, {replicas} replicas",
        unit="replica (400 steps)",
        forms=forms,
        checks=_checks,
        targets=targets,
    )


def _call(data: LinearTask, accelerator: str) -> Any:
    return lambda: ours(data, accelerator=accelerator)


def _checks() -> list[Check]:
    few = task(3)
    orders = drawn_orders(3, EPOCHS, N)
    book = torch_linear.book_loop(few, EPOCHS, EPOCHS, orders)
    same = {
        "lean torch loop": torch_linear.lean_loop(few, EPOCHS, EPOCHS, orders),
        "torch.func vmap": torch_linear.stacked(few, EPOCHS, EPOCHS, orders),
        "JAX, given orders": jax_linear.Given(few, EPOCHS)(EPOCHS, 3, orders),
        "JAX, the same dual": jax_linear.Given(few, EPOCHS, dual=True)(EPOCHS, 3, orders),
    }
    same |= {f"ours, {name}": ours(few, orders, name) for name in installed()}
    found = [
        Check(name, "same orders: max |w - w_loop| / max |w_loop|", largest(w, book), 1e-5)
        for name, w in same.items()
    ]
    many = task(256)
    lengths = [
        np.linalg.norm(w, axis=1)
        for w in (np.asarray(jax_linear.Natural(many, EPOCHS)(EPOCHS)), ours(many))
    ]
    found.append(
        Check(
            "JAX, own shuffles",
            "own shuffles: mean of ||w|| - engine's, in standard errors",
            deviation(*lengths),
            4.5,
        )
    )
    return found
