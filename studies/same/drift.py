"""A drift that turns golden values red, and errors of a training loop, on a net that is trained."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from harness.blocks.limits import one_thread
from harness.data.fashion_mnist import load_images
from harness.same.comparison import Values, same
from harness.same.sides import Function
from harness.statistics.comparison.sameness import Answer
from harness.training.nets.mlp import init_mlp, train_mlp
from harness.training.solver import MLP, Solver, Split

NET = MLP((784, 64, 10))
SOLVER = Solver(lr=0.1, epochs=5, batch_size=32)
WITHIN = {"test_loss": "5%", "accuracy": "1 point"}  # the margins of the docs' first example
GOLDEN = 1e-6  # the relative difference that pytest.approx allows
EXAMPLES = 1000

Numbers = dict[str, float]


def trained(
    seed: int, solver: Solver = SOLVER, dtype: torch.dtype = torch.float32, weights: float = 1.0
) -> Numbers:
    """Test loss, in nats, and test accuracy of one perceptron on Fashion-MNIST's slice."""
    generator = torch.Generator().manual_seed(seed)
    images = load_images("slice")
    x, x_test = (torch.tensor(one, dtype=dtype) for one in (images.train_x, images.test_x))
    y, y_test = torch.tensor(images.train_y), torch.tensor(images.test_y)
    data = Split(x[:EXAMPLES], y[:EXAMPLES], x_test, y_test)
    initial = [weights * one.to(dtype) for one in init_mlp(NET.sizes, 1, generator)]
    history = train_mlp(data, NET, solver, generator, np.random.default_rng(seed), initial=initial)
    return {
        "test_loss": float(history.test_loss[0, -1]),
        "accuracy": float(history.test_accuracy[0, -1]),
    }


# What changed, the answer that was expected before the first run, and the function with the change.
Change = tuple[str, Answer, Function]
CHANGES: tuple[Change, ...] = (
    ("nothing", Answer.SAME, trained),
    (
        "learning rate times 1.0001",
        Answer.SAME,
        functools.partial(trained, solver=replace(SOLVER, lr=0.1 * 1.0001)),
    ),
    ("initial weights times 1.0001", Answer.SAME, functools.partial(trained, weights=1.0001)),
    ("64 bits in place of 32", Answer.SAME, functools.partial(trained, dtype=torch.float64)),
    (
        "learning rate halved",
        Answer.CHANGED,
        functools.partial(trained, solver=replace(SOLVER, lr=0.05)),
    ),
    (
        "loss summed in place of averaged",
        Answer.CHANGED,
        functools.partial(trained, solver=replace(SOLVER, lr=0.1 * 32)),
    ),
)


def drift_rows(changes: Sequence[Change] = CHANGES) -> Iterator[tuple[Any, ...]]:
    """Change, runs that golden values call red, pairs, answer, the expected one, median changes.

    The last two are of the test loss, in percent, and of the accuracy, in points. Golden values
    are compared as pytest.approx does by default.
    """
    for change, expected, function in changes:
        with one_thread():
            found = same(trained, function, WITHIN, salt="drift")
        wrong = sum(red(*pair) for pair in found.runs)
        moved = [100 * part.margin.shown(part.estimate or 0.0) for part in found.found.parts]
        yield change, wrong, len(found.runs), str(found.answer), str(expected), *moved


def red(before: Values, after: Values) -> bool:
    """Whether golden values call a run red: some number differs by more than pytest.approx has."""
    pairs = [[np.array(side[name], dtype=float) for side in (after, before)] for name in before]
    close = (np.isclose(a, b, rtol=GOLDEN, atol=0, equal_nan=True) for a, b in pairs)
    return not all(one.all() for one in close)
