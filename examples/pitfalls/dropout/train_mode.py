"""Accuracy under masks beside accuracy without."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from examples.pitfalls.pitfall import Array, Figure, Judged, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.metrics import nets
from harness.primitives.dropout import dropout
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.nets.mlp import train_mlp
from harness.training.solver import Solver, Split


def train_accuracy_is_higher(train_mode: float, test: float) -> bool:
    """The training curve, logged as it comes out of the training step, beside the test curve."""
    return train_mode > test


def _train_mode(stream: Stream, replicates: int) -> Measurement:
    task = nets.clouds(replicates, 100, stream.child("data").numpy())
    solver = Solver(lr=0.1, epochs=100, batch_size=10)
    figures: list[Figure] = []
    ours: list[Judged] = []
    for p in (0.5, 0.7):
        net = nets.train(train_mlp, task, solver, stream, hidden=(32, 32), dropout_rates=(p, p))
        masked = _under_masks(net.parameters, task, p, stream)
        test = net.test_accuracy[:, -1]
        passed = np.array(
            [train_accuracy_is_higher(a, b) for a, b in zip(masked, test, strict=True)]
        )
        figures.append(
            Figure(f"training accuracy is not above test accuracy, p = {p}", ~passed, "78 to 100 %")
        )
        above = net.train_accuracy[:, -1] > test
        ours.append(
            judged(
                f"both without masks: training is above test, p = {p}",
                BernoulliTest(0.5, 0.9),
                above,
            )
        )
    return Measurement(tuple(figures), tuple(ours))


def _under_masks(parameters: list[Tensor], task: Split[Tensor], p: float, stream: Stream) -> Array:
    generator = stream.child("masks").torch()
    return nets.accuracy(
        nets.logits(parameters, task.X, lambda _, h: dropout(h, p, generator)), task.y
    )


PITFALL = Pitfall(
    name="train-mode",
    heading="Training accuracy under masks beside test accuracy without",
    row="train accuracy in train mode vs test accuracy",
    shown=(train_accuracy_is_higher,),
    measure=_train_mode,
    replicates=48,
    quick=3,
    why="The training figure is that of a net that lacks half its units, the test figure that of "
    "the whole net: the gap has the wrong sign, and reads as if there were no overfitting.",
    ours="Both figures in evaluation mode, after the epoch. What training mode does to the figure "
    "is a claim of its own.",
    claims=("do-eval.recorded", "do-raises-train.mode", "do-controls"),
    disagreement="At p = 0.5 it fails in two runs of three here, against 78 % and more in "
    "the catalogue: the rate depends on the task, which is ten Gaussian clouds here and was digits "
    "or one-dimensional signals there.",
)
