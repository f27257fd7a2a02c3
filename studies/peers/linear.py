"""Linear models by the engine and its peers: the chapter's polynomials, and its weight decay."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from harness.data.synthetic import linear_200, noisy_cubic
from harness.primitives.polynomials import polynomial_features
from harness.training.accelerators import installed
from harness.training.linear.linear import train_linear
from harness.training.solver import Solver
from studies.peers import jax_linear, torch_loops
from studies.peers.forms import Check, Form, Target, Workload, deviation, largest
from studies.peers.tasks import Array, LinearTask, drawn_orders

N, BATCH, EVERY = 100, 10, 20  # of the polynomials
STEPS = N // BATCH
DECAY_N, DECAY_EPOCHS = 20, 100
NATURAL = "JAX, own shuffles"
BLOCK = 256  # replicas that JAX takes at once where it is given orders: its best
Trainer = Callable[[LinearTask, int], Callable[..., Any]]
Lengths = Mapping[str, tuple[int, int]]  # of each form: how many replicas, and epochs, a call takes


def polynomial_task(d: int, replicas: int) -> LinearTask:
    """Return data with features x^i / i! and first weights as torch.nn.Linear has them."""
    rng = np.random.Generator(np.random.SFC64(d))
    x, y = noisy_cubic(replicas, 2 * N, rng)
    X, y = polynomial_features(x, d - 1).astype(np.float32), y.astype(np.float32)
    first = rng.uniform(-(d**-0.5), d**-0.5, (replicas, d)).astype(np.float32)
    return LinearTask(X[:, :N], y[:, :N], X[:, N:], y[:, N:], first, 0.01, BATCH)


def decay_task(replicas: int) -> LinearTask:
    """Return the book's data, N(0, 1) first weights, and lr and decay for MSELoss (no 1/2)."""
    rng, n = np.random.Generator(np.random.SFC64(2)), DECAY_N
    X, y = linear_200(replicas, n + 100, rng)
    first = rng.standard_normal((replicas, X.shape[2]), dtype=np.float32)
    return LinearTask(X[:, :n], y[:, :n], X[:, n:], y[:, n:], first, 0.0015, 5, 6.0, True)


def ours(
    data: LinearTask, epochs: int, every: int, orders: Any = None, accelerator: str = "numpy"
) -> Array:
    """Return the engine's final weights."""
    return train_linear(
        data,
        Solver(
            data.lr, epochs, data.batch_size, data.weight_decay,
            record_every=None if every == epochs else every,
        ),
        np.random.Generator(np.random.SFC64(1)) if orders is None else orders,
        initial=data.initial, initial_bias=0.0 if data.bias else None, half=False,
        accelerator=accelerator,
    ).w  # fmt: skip


def _jax(data: LinearTask, every: int, dual: bool) -> Callable[..., Array]:
    given = jax_linear.Given(data, every, dual)
    return lambda epochs, orders=None: given(epochs, BLOCK, orders)


# What trains the replicas of a task: built from it and from how often losses are measured, then
# called with the epochs and, where it can take them, the orders.
PEERS: dict[str, Trainer] = {
    "d2l-style loop": lambda data, every: partial(torch_loops.book_loop, data, every=every),
    "lean torch loop": lambda data, every: partial(torch_loops.lean_loop, data, every=every),
    "torch.func vmap": lambda data, every: partial(torch_loops.stacked, data, every=every),
    NATURAL: jax_linear.Natural,
    "JAX, given orders": partial(_jax, dual=False),
    "JAX, the same dual": partial(_jax, dual=True),
}
OURS: dict[str, Trainer] = {
    f"ours, {name}": lambda data, every, name=name: partial(  # type: ignore[misc]
        ours, data, every=every, accelerator=name
    )
    for name in installed()
}


def polynomial(d: int, lengths: Lengths, targets: list[Target], compiled: bool = False) -> Workload:
    """Return the forms for d features; `compiled` counts JAX's compilation into the verdict."""
    R, epochs = lengths[NATURAL][0], 1500 if d == 20 else 400
    make = partial(polynomial_task, d)
    return Workload(
        key=f"polynomial-{d}-{R}",
        title=f"polynomial, d = {d}, B = {BATCH}, own shuffles, {R} replicas",
        unit="replica-step",
        forms=_forms(make(R), lengths, EVERY, epochs, STEPS),
        checks=lambda: _checks(make, lengths, EVERY, 40, ("w_1", lambda w: w[:, 1], 512, 20)),
        targets=targets,
        flop=4.0 * d * BATCH,
        compile_counts=float(R * epochs * STEPS) if compiled else None,
    )


def decay(replicas: int, targets: list[Target]) -> Workload:
    """Return all forms; a unit of work is one replica's whole run of 400 steps."""
    few = {"d2l-style loop": 1, "lean torch loop": 1, "torch.func vmap": min(replicas, 256)}
    lengths = {name: (few.get(name, replicas), DECAY_EPOCHS) for name in (*PEERS, "ours")}
    own = ("||w||", lambda w: np.linalg.norm(w, axis=1), 256, DECAY_EPOCHS)
    return Workload(
        key=f"decay-{replicas}",
        title=f"weight decay, d = 200, n = {DECAY_N}, {replicas} replicas",
        unit="replica (400 steps)",
        forms=_forms(decay_task(replicas), lengths, DECAY_EPOCHS, DECAY_EPOCHS, 1 / DECAY_EPOCHS),
        checks=lambda: _checks(decay_task, lengths, DECAY_EPOCHS, DECAY_EPOCHS, own),
        targets=targets,
    )


def _forms(
    data: LinearTask, lengths: Lengths, every: int, whole: int, per_epoch: float
) -> list[Form]:
    """The forms of a task; `whole` is the epochs of all the work, `per_epoch` its units."""
    forms = []
    for name, build in (PEERS | OURS).items():
        if (length := lengths.get("ours" if name in OURS else name)) is None:
            continue
        replicas, epochs = length
        parts = [f"{replicas} replica" + "s" * (replicas > 1)] if replicas < len(data.X) else []
        parts += [f"{epochs} of {whole} epochs"] if per_epoch > 1 else []
        run = partial(build(data.part(replicas), every), epochs)
        forms.append(Form(name, replicas * epochs * per_epoch, run, ", ".join(parts)))
    return forms


def _checks(
    make: Callable[[int], LinearTask], lengths: Lengths, every: int, epochs: int,
    own: tuple[str, Callable[[Array], Any], int, int],
) -> list[Check]:  # fmt: skip
    """Equal weights with equal orders; with own shuffles an equal mean of a number of the weights.

    `own` is that number's name and function, of how many replicas, after how many epochs.
    """
    few = make(3)
    orders = drawn_orders(3, epochs, few.X.shape[1])
    book, *others = (name for name in PEERS if name in lengths and name != NATURAL)
    expected = PEERS[book](few, every)(epochs, orders=orders)
    found = [
        Check(
            name,
            "same orders: max |w - w_loop| / max |w_loop|",
            largest(build(few, every)(epochs, orders=orders), expected),
            1e-5,
        )
        for name, build in (PEERS | OURS).items()
        if name in others or name in OURS
    ]
    what, number, replicas, epochs = own
    many = make(replicas)
    natural = np.asarray(jax_linear.Natural(many, every)(epochs))
    found.append(
        Check(
            NATURAL,
            f"own shuffles: mean of {what} - engine's, in standard errors",
            deviation(number(natural), number(ours(many, epochs, every))),
            4.5,
        )
    )
    return found
