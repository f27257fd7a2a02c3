"""Pairs that ought to be SAME, and planted faults of a training loop, with golden values beside."""

import contextlib
import functools
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from harness.primitives.training_steps import train_step
from harness.same.comparison import Asked, Comparison, examined
from harness.same.places import How, opened
from harness.same.sides import Side, side_of
from harness.statistics.comparison.margins import margins
from harness.statistics.comparison.sameness import Answer, Rates
from studies.same.drift import red

FAULTS = "claims.training_loop.faults.steps"
WITHIN = {"logged": "5%", "test_loss": "5%", "accuracy": "1 point"}
INPUTS, HIDDEN, CLASSES, BATCH, STEPS = 16, 32, 4, 32, 96
PARTS = (16, 11, 5)  # rows of the micro-batches of a step
INFINITE_EVERY = 24  # steps, of which one meets a row that is infinite
LAST = 16  # steps whose logged losses are averaged


def trained(
    seed: int,
    step: Callable[..., float] = train_step,
    threads: int = 1,
    dtype: torch.dtype = torch.float32,
    onednn: bool = True,
    reverse: bool = False,
) -> dict[str, float]:
    """Logged loss and test loss, in nats, and accuracy of a perceptron with dropout.

    A step has three ragged micro-batches with padding, a clip, a scaled loss and a linear decay
    of the rate; the second layer's bias is frozen. `reverse` turns the order in which inputs and
    weights of the first layer are summed, and nothing else.
    """
    with _surroundings(threads, onednn):
        torch.manual_seed(seed)
        teacher = torch.randn(INPUTS, CLASSES)
        x, x_test = (torch.randn(n, INPUTS) for n in (BATCH * 16, 1024))
        y, y_test = ((one @ teacher).argmax(1) for one in (x, x_test))
        net = nn.Sequential(
            nn.Linear(INPUTS, HIDDEN), nn.ReLU(), nn.Dropout(0.2), nn.Linear(HIDDEN, CLASSES)
        )
        first, last = net[0], net[3]
        assert isinstance(first, nn.Linear)
        assert isinstance(last, nn.Linear)
        last.bias.requires_grad_(False)
        if reverse:
            x, x_test = x.flip(1), x_test.flip(1)
            first.weight.data = first.weight.data.flip(1)
        net, x, x_test = net.to(dtype), x.to(dtype), x_test.to(dtype)
        logged = _steps(net, x, y, step)
        net.eval()
        with torch.no_grad():
            out = net(x_test)
        return {
            "logged": sum(logged[-LAST:]) / LAST,
            "test_loss": float(nn.functional.cross_entropy(out, y_test)),
            "accuracy": float((out.argmax(1) == y_test).double().mean()),
        }


def _steps(net: nn.Module, x: torch.Tensor, y: torch.Tensor, step: Callable[..., float]) -> Any:
    loss = functools.partial(nn.functional.cross_entropy, reduction="none")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, STEPS)
    logged = []
    for at in range(STEPS):
        rows = torch.randint(len(x), (BATCH,))
        weight = (torch.arange(BATCH) % 4 > 0).to(x.dtype)  # a quarter is padding
        X = x[rows].clone()
        if at % INFINITE_EVERY == INFINITE_EVERY - 1:
            X[1] = torch.inf
        columns = (torch.split(one, list(PARTS)) for one in (X, y[rows], weight))
        parts = list(zip(*columns, strict=True))
        found = step(
            net, optimizer, schedule, parts, loss, max_norm=1.0, scale=256.0, skip_nonfinite=True
        )
        if at % INFINITE_EVERY != INFINITE_EVERY - 1:
            logged.append(found)
    return logged


@contextlib.contextmanager
def _surroundings(threads: int, onednn: bool) -> Iterator[None]:
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]), torch.backends.mkldnn.flags(enabled=onednn):
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


ALIKE: dict[str, dict[str, Any]] = {
    "two threads in place of one": {"threads": 2},
    "without oneDNN": {"onednn": False},
    "64 bits in place of 32": {"dtype": torch.float64},
    "inputs summed in reverse order": {"reverse": True},
}
KERNELS = ("ATEN_CPU_CAPABILITY=default", "MKL_CBWR=COMPATIBLE")  # a process a side


def alike_rows(times: int) -> Iterator[tuple[Any, ...]]:
    """What differs, comparisons, SAME, CHANGED, undecided, pairs, runs red under golden values."""
    for name, change in ALIKE.items():
        other = side_of(functools.partial(trained, **change))
        yield name, *_counted([_compared(side_of(trained), other, f"{i}") for i in range(times)])
    how = How("studies.same.loops:trained", Path.cwd())
    for variables in KERNELS:
        with opened("cpu", how) as one, opened(variables, how) as other:
            yield variables, *_counted([_compared(one, other, f"{i}") for i in range(times)])


def _compared(one: Side, other: Side, salt: str) -> Comparison:
    return examined(one, other, Asked(margins(WITHIN), Rates(), salt=salt))


def _counted(found: list[Comparison]) -> tuple[int, ...]:
    answers = [one.answer for one in found]
    runs = [pair for one in found for pair in one.runs]
    return (
        len(found),
        *(answers.count(one) for one in (Answer.SAME, Answer.CHANGED, Answer.UNDECIDED)),
        len(runs),
        sum(red(*pair) for pair in runs),
    )


def faults() -> dict[str, Callable[..., float]]:
    """The planted faults of a step, by name."""
    return {
        name: found
        for name, found in vars(importlib.import_module(FAULTS)).items()
        if callable(found) and getattr(found, "__module__", "") == FAULTS and name[0] not in "_A"
    }


def fault_rows() -> Iterator[tuple[Any, ...]]:
    """Fault, answer within 64 pairs, pairs, the statistic that changed most surely, its change."""
    for name, step in faults().items():
        found = _compared(side_of(trained), side_of(functools.partial(trained, step=step)), "")
        part = max(found.found.parts, key=lambda one: one.changed)
        moved = None if part.estimate is None else 100 * part.margin.shown(part.estimate)
        yield name, str(found.answer), len(found.runs), part.margin.name, moved
