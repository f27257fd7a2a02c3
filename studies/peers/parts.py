"""python -m studies.peers.parts: what a replica-step of the linear engine consists of.

Polynomials as in `linear` (n = 100, B = 10, losses every 20 epochs), in blocks as the engine
makes them, every part for itself: what they do to each other's caches shows in the last line only.
"""

import os
import sys
from collections.abc import Callable

import numpy as np

from harness.training.accelerators import installed
from harness.training.linear.kernels.planes import Planes
from harness.training.linear.kernels.rows import Rows
from harness.training.linear.kernels.task import Kernel, Task
from harness.training.linear.linear import chosen_kernel
from harness.training.orders import GROUP, OwnOrders, seeds_for, stream_of
from harness.training.solver import Solver
from studies.peers.forms import CLOCK
from studies.peers.linear import BATCH, EVERY, STEPS, N, ours, polynomial_task

REPLICAS, EPOCHS, ROUNDS = 1024, 200, 9
Parts = dict[str, tuple[Callable[[], object], int]]  # calls, and the epochs that each is of


def main() -> int:
    """Print a table for 4 and for 20 features: nanoseconds a replica-step, medians of rounds."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with np.errstate(all="ignore"):  # thousands of steps on one epoch's order may diverge
        for d in (4, 20):
            for accelerator in installed():
                print("\n".join(table(d, accelerator)), flush=True)
    return 0


def table(d: int, accelerator: str) -> list[str]:
    """Return the Markdown lines for d features and an accelerator."""
    data = polynomial_task(d, REPLICAS)
    block = _block(d, REPLICAS)
    name, build, size = chosen_kernel(block, accelerator)
    part = _block(d, size)
    lines = [
        f"### d = {d}, {name}, blocks of {size}",
        "",
        "| part | ns a replica-step |",
        "|---|---|",
    ]
    alone = build(_block(d, 1))
    kernel = build(part)
    parts = _plain(kernel, alone, size) if accelerator == "numpy" else _compiled(kernel, size)
    total = 0.0
    for what, (call, epochs) in parts.items():
        found = _median(call) / (size * epochs * STEPS) * 1e9
        total += 0 if what.startswith("of which") else found
        lines.append(f"| {what} | {found:.1f} |")
    whole = _median(lambda: ours(data, EPOCHS, EVERY, accelerator=accelerator))
    lines.append(f"| the sum of these | {total:.1f} |")
    lines.append(
        f"| all of it, {REPLICAS} replicas, {EPOCHS} epochs, set-up too "
        f"| {whole / (REPLICAS * EPOCHS * STEPS) * 1e9:.1f} |"
    )
    return [*lines, ""]


def _plain(kernel: Kernel, alone: Kernel, size: int) -> Parts:
    """Return the parts of NumPy's kernels; `alone` has one replica."""
    assert isinstance(kernel, Planes | Rows)
    assert isinstance(alone, Planes | Rows)
    seeds = seeds_for(size, np.random.Generator(np.random.SFC64(0)))
    source = OwnOrders(seeds, size, N)
    epochs = source.chunk
    streams = [stream_of(words) for words in seeds]
    keys = source.draw(epochs).view(np.uint32)
    words = streams[0].random_raw(keys.size // 2).view(np.uint32).reshape(keys.shape)
    orders = source.draw(epochs)

    def sort() -> None:
        np.copyto(keys, words)
        keys.sort(axis=2)

    return {
        "orders": (lambda: source.draw(epochs), epochs),
        "of which random words": (
            lambda: [stream.random_raw(epochs * GROUP * N // 2) for stream in streams],
            epochs,
        ),
        "of which the sort": (sort, epochs),
        "bringing the data into order": (lambda: [kernel.gather(o) for o in orders], epochs),
        "steps": (lambda: [kernel.step() for _ in range(epochs)], epochs),
        "of which calls (as many for a block of one)": (alone.step, 1),
        "losses": (kernel.losses, EVERY),
    }


def _compiled(kernel: Kernel, size: int) -> Parts:
    """Return the parts of the compiled kernel."""
    from harness.training.linear.compiled.orders import CompiledOrders
    from harness.training.linear.compiled.rows import Compiled

    assert isinstance(kernel, Compiled)
    seeds = seeds_for(size, np.random.Generator(np.random.SFC64(0)))
    source = CompiledOrders(seeds, size, N)
    orders = source.draw(EVERY)
    return {
        "orders": (lambda: source.draw(EVERY), EVERY),
        "steps": (lambda: kernel.train(orders), EVERY),
        "losses": (kernel.losses, EVERY),
    }


def _block(d: int, replicas: int) -> Task:
    data = polynomial_task(d, replicas)
    return Task(
        data.X, data.y, data.X_test, data.y_test, data.initial, None,
        Solver(data.lr, EPOCHS, BATCH), scale=1.0,
    )  # fmt: skip


def _median(call: Callable[[], object]) -> float:
    """Return the median seconds of processor time of a call, after one that warms up."""
    call()
    found = []
    for _ in range(ROUNDS):
        start, calls = CLOCK(), 0
        while calls == 0 or CLOCK() - start < 0.02:
            call()
            calls += 1
        found.append((CLOCK() - start) / calls)
    return float(np.median(found))


if __name__ == "__main__":
    sys.exit(main())
