"""python -m studies.peers.net_parts [workload ...]: where the engine's time goes.

Every named part of the engine is timed inside whole runs, without the parts within it; what the
timer itself takes, about a microsecond a call, is taken off.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

REPEATS = 15


class Parts:
    """Processor time by part; a part's own time is without the parts that it calls."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open: list[float] = []  # what the parts within each open one took
        self.own: dict[str, list[float]] = {}
        self.cost = self._timer_cost()

    @contextmanager
    def watched(self, holder: Any, name: str, label: str, opaque: bool = False) -> Iterator[None]:
        """Time `holder.name` as `label`; an opaque part keeps the time of those within it."""
        wanted = getattr(holder, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            if self._opaque:
                return wanted(*arguments, **options)
            self._opaque = opaque
            self._open.append(0.0)
            start = self._clock()
            try:
                return wanted(*arguments, **options)
            finally:
                whole = self._clock() - start
                self._opaque = False
                self.own.setdefault(label, []).append(whole - self._open.pop() - self.cost)
                if self._open:
                    self._open[-1] += whole + self.cost

        with mock.patch.object(holder, name, timed):
            yield

    _opaque = False

    def _timer_cost(self) -> float:
        start = self._clock()
        for _ in range(1000):
            self._clock()
        return (self._clock() - start) / 1000


def net_parts() -> list[tuple[Any, str, str, bool]]:
    """Return the parts of a net's run."""
    import numpy as np

    from harness.training import orders
    from harness.training.nets import masks, stacked, stacked_block

    return [
        (stacked, "multiply", "products", False),
        (masks.Masks, "_filled", "masks: random words, compared", False),
        (np, "take", "batches gathered", False),
        (stacked.Stack, "_up", "bias, activation and mask", False),
        (stacked.Stack, "_through", "signals through mask and activation", False),
        (stacked.Stack, "_update", "updates", False),
        (stacked.Stack, "step", "softmax, targets, and calls", False),
        (orders.OwnOrders, "draw", "orders", False),
        (stacked_block.StackedBlock, "measure", "both losses and accuracies at the end", True),
    ]


def chain_parts() -> list[tuple[Any, str, str, bool]]:
    """Return the parts of a chain's run."""
    from harness.training.chains import block, law

    return [
        (block, "multiply", "products up and down", False),
        (block, "_product_squares", "norms of the weights' gradients", True),
        (law.UniformWeights, "fill", "weights: random words, made floats", False),
        (block._Coded, "again", "weights made floats again", False),
        (block, "_activated", "activation", False),
        (block, "_dot", "moments", False),
        (block.Block, "_scale", "scaling", False),
    ]


def report(name: str) -> list[str]:
    """Return the lines for one workload."""
    import numpy as np

    from studies.peers import table
    from studies.peers.forms import CLOCK

    workload = table.WORKLOADS[name]()
    ours = next(form for form in workload.forms if form.name.startswith("ours"))
    ours.call()
    parts, wholes = Parts(CLOCK), []
    runs: dict[str, list[float]] = {}
    for _ in range(REPEATS):
        parts.own.clear()
        with ExitStack() as watching:
            for part in chain_parts() if name == "chain" else net_parts():
                watching.enter_context(parts.watched(*part))
            start = CLOCK()
            ours.call()
            whole = CLOCK() - start
        calls = sum(map(len, parts.own.values()))
        wholes.append(whole - 2 * calls * parts.cost)
        for label, times in parts.own.items():
            runs.setdefault(label, []).append(sum(times))
    whole = float(np.median(wholes)) / ours.work * 1e6
    found = {label: float(np.median(t)) / ours.work * 1e6 for label, t in runs.items()}
    found["the rest: set-up and Python"] = whole - sum(found.values())
    lines = [f"{workload.title}: {whole:.4g} us per {workload.unit}"]
    for label, cost in sorted(found.items(), key=lambda part: -part[1]):
        lines.append(f"  {cost:8.3g} us  {cost / whole:4.0%}  {label}")
    return lines


def main() -> int:
    """Print the parts of every workload that is asked for."""
    from studies.peers.__main__ import _one_core

    known = ("net-chapter", "net-small-16", "net-small-32", "net-small-64", "chain")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", choices=[*known, []], default=list(known))
    given = parser.parse_args()
    _one_core()
    for name in given.workloads:
        print("\n".join(report(name)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
