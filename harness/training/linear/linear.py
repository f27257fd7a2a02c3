"""Replicated training of linear models by minibatch SGD: numpy, closed-form gradients.

Replicas run in blocks that fit the cache; which kernel steps a block is a matter of its shape and
never changes a replica's data, order or (up to rounding) result.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.training.accelerators import chosen
from harness.training.history import LinearHistory, recorded_epochs
from harness.training.linear.kernels.dual import Dual
from harness.training.linear.kernels.planes import Planes
from harness.training.linear.kernels.rows import Rows
from harness.training.linear.kernels.task import Array, Kernel, Task
from harness.training.orders import GROUP, Order, Shuffles, groups_of
from harness.training.solver import Solver, Split

_ROWS_FROM = 11  # measured: from here a row of features is cheaper than its planes
_DUAL_TO = 64  # examples; beyond it the n x n products of a block leave the cache
_CACHE = 4_500_000  # bytes that a block of planes may work on; beyond it falls out of the cache
KERNELS: dict[str, Callable[[Task], Kernel]] = {"planes": Planes, "rows": Rows, "dual": Dual}


def train_linear(
    data: Split[npt.NDArray[Any]], solver: Solver, orders: np.random.Generator | Order, *,
    initial: npt.NDArray[Any] | None = None, initial_bias: npt.NDArray[Any] | float | None = None,
    half: bool = True, dtype: npt.DTypeLike = np.float32, accelerator: str | None = None,
) -> LinearHistory:  # fmt: skip
    """Train R linear models side by side and return their losses and final parameters.

    The loss of an example is (Xw + b - y)^2 / 2, without the half if `half` is False (then it is
    torch's MSELoss). Weights start from `initial` (R, d), or 0; the bias is trained if
    `initial_bias` is given, a number or (R,), and never decays.
    `orders` is a generator of fresh orders for every epoch, independent over replicas, or the
    orders themselves, (epochs, n) or (R, epochs, n).
    A given `sgd` step or `l2_penalty` (roles, torch) takes every update in place of the kernels;
    the reference's own are known to the kernels and do so only if the solver's `kernel` is "given".
    `accelerator` is "numpy" or "numba"; left out, the fastest that is installed (see
    `accelerators`): it changes no sample, and results in their last digits only.
    """
    replicas = _replicas(data, initial)
    n, d = data.X.shape[-2:]
    task = Task(
        X=_block(data.X, (replicas, n, d), dtype),
        y=_block(data.y, (replicas, n), dtype),
        X_test=_block(data.X_test, (replicas, *data.X_test.shape[-2:]), dtype),
        y_test=_block(data.y_test, (replicas, data.y_test.shape[-1]), dtype),
        w=_block(0.0 if initial is None else initial, (replicas, d), dtype),
        b=None if initial_bias is None else _block(initial_bias, (replicas,), dtype),
        solver=solver,
        scale=0.5 if half else 1.0,
    )
    name, build, size = chosen_kernel(task, accelerator)
    recorded = recorded_epochs(solver.epochs, solver.record_every)
    shuffles = Shuffles.of(orders, replicas, n)
    parts = []
    for start in range(0, replicas, size):
        cut = slice(start, min(start + size, replicas))
        parts.append(_run(build(task.part(cut)), _source(shuffles, cut, name), recorded))
    return _joined(parts, recorded, name)


def chosen_kernel(task: Task, accelerator: str | None) -> tuple[str, Callable[[Task], Kernel], int]:
    """Return the kernel's name, its constructor and the replicas of a block (whole groups)."""
    n, d = task.X.shape[1:]
    kernel, sgd, l2_penalty = task.solver.kernel, task.solver.sgd, task.solver.l2_penalty
    foreign = not (_is_reference(sgd, "optimizers") and _is_reference(l2_penalty, "penalty"))
    if foreign or kernel == "given":
        from harness.training.linear.kernels.given_step import GivenStep

        return "given", GivenStep, 8 * GROUP
    if kernel == "auto":
        kernel = "rows" if d >= _ROWS_FROM else "planes"
        kernel = "dual" if n < d and n <= _DUAL_TO else kernel
        if chosen(accelerator) == "numba":
            kernel = "numba dual" if kernel == "dual" else "numba"
    if kernel in ("numba", "numba dual"):
        from harness.training.linear.compiled.dual import CompiledDual
        from harness.training.linear.compiled.rows import Compiled

        return kernel, Compiled if kernel == "numba" else CompiledDual, 8 * GROUP
    if kernel not in KERNELS:
        known = ", ".join(["auto", *KERNELS, "numba", "numba dual", "given"])
        raise ValueError(f"kernel={kernel!r} is not a kernel of the engine; there are: {known}")
    columns = n + 1 if kernel == "dual" else d + 1
    groups = _CACHE // (3 * columns * n * task.X.itemsize) // GROUP
    if kernel == "rows":  # their calls work on one replica at a time: the cache matters less
        groups = min(8, 4 * groups)
    return kernel, KERNELS[kernel], GROUP * max(1, min(16, groups))


def _source(shuffles: Shuffles, cut: slice, kernel: str) -> Any:
    """Return the orders of a block, as its kernel takes them: compiled loops draw the same ones."""
    if shuffles.seeds is None or not kernel.startswith("numba"):
        return shuffles.part(cut)
    from harness.training.linear.compiled.orders import CompiledOrders

    return CompiledOrders(groups_of(shuffles.seeds, cut), cut.stop - cut.start, shuffles.n)


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
    return LinearHistory.of(recorded, train, test, w, b, kernel)


def _replicas(data: Split[npt.NDArray[Any]], initial: npt.NDArray[Any] | None) -> int:
    """Return R, the longest leading axis among the data and the first weights."""
    ranked = ((data.X, 2), (data.y, 1), (data.X_test, 2), (data.y_test, 1), (initial, 1))
    sizes = {len(a) for a, rank in ranked if a is not None and a.ndim > rank} - {1}
    if len(sizes) > 1:
        raise ValueError(f"the arrays have {sorted(sizes)} replicates; give one number or 1")
    return sizes.pop() if sizes else 1


def _block(array: Any, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    return np.broadcast_to(np.asarray(array, dtype=dtype), shape)
