"""Replicated training of linear models by minibatch SGD: numpy, closed-form gradients.

Replicas run in blocks that fit the cache; which kernel steps a block is a matter of its shape and
never changes a replica's data, order or (up to rounding) result.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.training.accelerators import chosen
from harness.training.history import LinearHistory, recorded_epochs
from harness.training.linear.kernels.dual import Dual
from harness.training.linear.kernels.planes import Planes
from harness.training.linear.kernels.rows import Rows
from harness.training.linear.kernels.task import Array, Kernel, Task
from harness.training.orders import GROUP, Order, groups_of, seeds_for, source_for

_ROWS_FROM = 11  # measured: from here a row of features is cheaper than its planes
_DUAL_TO = 64  # examples; beyond it the n x n products of a block leave the cache
_CACHE = 4_500_000  # bytes that a block of planes may work on; beyond it falls out of the cache
_KERNELS: dict[str, Callable[[Task], Kernel]] = {"planes": Planes, "rows": Rows, "dual": Dual}


def train_linear(
    X: npt.NDArray[Any],
    y: npt.NDArray[Any],
    X_test: npt.NDArray[Any],
    y_test: npt.NDArray[Any],
    *,
    lr: float,
    epochs: int,
    batch_size: int,
    weight_decay: float = 0.0,
    initial: npt.NDArray[Any] | None = None,
    initial_bias: npt.NDArray[Any] | float | None = None,
    rng: np.random.Generator | None = None,
    orders: Order | None = None,
    record_every: int | None = None,
    half: bool = True,
    sgd: Callable[..., Any] | None = None,
    l2_penalty: Callable[..., Any] | None = None,
    kernel: str = "auto",
    dtype: npt.DTypeLike = np.float32,
    accelerator: str | None = None,
) -> LinearHistory:
    """Train R linear models side by side and return their losses and final parameters.

    X is (R, n, d) or (n, d), y (R, n) or (n,), the test data likewise with their own number of
    examples; what lacks the replicate axis is shared.
    The loss of an example is (Xw + b - y)^2 / 2, without the half if `half` is False (then it is
    torch's MSELoss); a batch's loss is its mean over the batch's own size, plus
    weight_decay ||w||^2 / 2. The bias is trained if `initial_bias` is given, and never decays.
    Every epoch has a fresh order from `rng`, independent over replicas, or the given `orders`,
    (epochs, n) or (R, epochs, n). Losses are recorded after every `record_every`-th epoch and
    after the last.
    A given `sgd` step or `l2_penalty` (roles, torch) takes every update in place of the kernels;
    the reference's own are known to the kernels and do so only if `kernel` is "given".
    `accelerator` is "numpy" or "numba"; left out, the fastest that is installed (see
    `accelerators`): it changes no sample, and results in their last digits only.
    """
    replicas = _replicas(X, y, X_test, y_test, initial)
    task = Task(
        X=_block(X, (replicas, *X.shape[-2:]), dtype),
        y=_block(y, (replicas, y.shape[-1]), dtype),
        X_test=_block(X_test, (replicas, *X_test.shape[-2:]), dtype),
        y_test=_block(y_test, (replicas, y_test.shape[-1]), dtype),
        w=_block(0.0 if initial is None else initial, (replicas, X.shape[-1]), dtype),
        b=None if initial_bias is None else _block(initial_bias, (replicas,), dtype),
        lr=lr,
        weight_decay=weight_decay,
        batch_size=batch_size,
        scale=0.5 if half else 1.0,
    )
    name, build, size = _chosen(task, kernel, sgd, l2_penalty, accelerator)
    recorded = recorded_epochs(epochs, record_every)
    seeds = seeds_for(replicas, rng) if rng is not None and orders is None else None
    parts = []
    for start in range(0, replicas, size):
        cut = slice(start, min(start + size, replicas))
        source = _source(seeds, orders, cut, X.shape[-2], name)
        parts.append(_run(build(_part(task, cut)), source, recorded))
    return _joined(parts, recorded, name)


def _chosen(
    task: Task,
    kernel: str,
    sgd: Callable[..., Any] | None,
    l2_penalty: Callable[..., Any] | None,
    accelerator: str | None,
) -> tuple[str, Callable[[Task], Kernel], int]:
    """Return the kernel's name, its constructor and the replicas of a block (whole groups)."""
    _, n, d = task.X.shape
    foreign = not (_is_reference(sgd, "optimizers") and _is_reference(l2_penalty, "penalty"))
    if foreign or kernel == "given":
        from harness.training.linear.kernels.given_step import GivenStep

        return "given", lambda part: GivenStep(part, sgd, l2_penalty), 8 * GROUP
    if kernel == "auto":
        kernel = "rows" if d >= _ROWS_FROM else "planes"
        kernel = "dual" if n < d and n <= _DUAL_TO else kernel
        if chosen(accelerator) == "numba":
            kernel = "numba dual" if kernel == "dual" else "numba"
    if kernel in ("numba", "numba dual"):
        from harness.training.linear.compiled.dual import CompiledDual
        from harness.training.linear.compiled.rows import Compiled

        return kernel, Compiled if kernel == "numba" else CompiledDual, 8 * GROUP
    if kernel == "reference":
        from harness.training.linear.kernels.reference import Reference

        return kernel, Reference, GROUP
    if kernel not in _KERNELS:
        known = ", ".join(["auto", *_KERNELS, "numba", "numba dual", "given", "reference"])
        raise ValueError(f"kernel={kernel!r} is not a kernel of the engine; there are: {known}")
    columns = n + 1 if kernel == "dual" else d + 1
    groups = _CACHE // (3 * columns * n * task.X.itemsize) // GROUP
    if kernel == "rows":  # their calls work on one replica at a time: the cache matters less
        groups = min(8, 4 * groups)
    return kernel, _KERNELS[kernel], GROUP * max(1, min(16, groups))


def _source(
    seeds: npt.NDArray[np.uint64] | None, orders: Order | None, cut: slice, n: int, kernel: str
) -> Any:
    """Return the orders of a block, as its kernel takes them: compiled loops draw the same ones."""
    if seeds is None or not kernel.startswith("numba"):
        return source_for(seeds, orders, cut, n)
    from harness.training.linear.compiled.orders import CompiledOrders

    return CompiledOrders(groups_of(seeds, cut), cut.stop - cut.start, n)


def _is_reference(role: Callable[..., Any] | None, room: str) -> bool:
    """Return whether a role is left out or the reference's own, without loading torch."""
    if role is None:
        return True
    module = sys.modules.get(f"harness.primitives.{room}")
    return module is not None and role is getattr(module, getattr(role, "__name__", ""), None)


def _run(
    kernel: Kernel, orders: Any, recorded: npt.NDArray[np.int64]
) -> tuple[list[tuple[Array, Array]], tuple[Array, Array | None]]:
    """Train one block and return its recorded losses and its parameters."""
    losses = []
    epoch = 0
    # A diverging replica overflows on its way to NaN; it is flagged at the end, not warned about.
    with np.errstate(all="ignore"):
        for record in recorded.tolist():
            while epoch < record:
                epochs = min(orders.chunk, record - epoch)
                kernel.train(orders.draw(epochs))
                epoch += epochs
            losses.append(kernel.losses())
        return losses, kernel.parameters()


def _joined(
    parts: list[tuple[list[tuple[Array, Array]], tuple[Array, Array | None]]],
    recorded: npt.NDArray[np.int64],
    kernel: str,
) -> LinearHistory:
    """Return the history of all blocks."""
    losses = [np.stack([np.stack(pair) for pair in part], axis=2) for part, _ in parts]
    train, test = np.concatenate(losses, axis=1).astype(np.float64)
    w = np.concatenate([weights for _, (weights, _) in parts])
    biases = [bias for _, (_, bias) in parts if bias is not None]
    b = np.concatenate(biases) if biases else None
    finite = np.isfinite(w).all(axis=1) & np.isfinite(train).all(axis=1)
    finite &= np.isfinite(test).all(axis=1)
    if b is not None:
        finite &= np.isfinite(b)
    return LinearHistory(recorded, train, test, w, b, ~finite, kernel)


def _replicas(*arrays: npt.NDArray[Any] | None) -> int:
    """Return R, the longest leading axis among (X, y, X_test, y_test, initial)."""
    single = (2, 1, 2, 1, 1)  # ranks without the replicate axis
    sizes = {
        len(array)
        for array, rank in zip(arrays, single, strict=True)
        if array is not None and array.ndim > rank
    } - {1}
    if len(sizes) > 1:
        raise ValueError(f"the arrays have {sorted(sizes)} replicates; give one number or 1")
    return sizes.pop() if sizes else 1


def _block(array: Any, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    return np.broadcast_to(np.asarray(array, dtype=dtype), shape)


def _part(task: Task, cut: slice) -> Task:
    """Return the replicas of `cut`."""
    return replace(
        task,
        X=task.X[cut],
        y=task.y[cut],
        X_test=task.X_test[cut],
        y_test=task.y_test[cut],
        w=task.w[cut],
        b=None if task.b is None else task.b[cut],
    )
