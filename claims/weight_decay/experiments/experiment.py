"""The chapter's experiment on weight decay as it is run: its protocol, paired runs, its picture.

20 examples in 200 dimensions, y = 0.05 + sum 0.01 x_j + N(0, 0.01^2); w ~ N(0, 1) at the start and
b = 0; SGD in batches of 5 with eta = 0.003 for 100 epochs; the loss has its half.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.declaration.exhibits import Curve, Line
from harness.metrics.arrays import Array
from harness.text import Text
from harness.training.history import LinearHistory, NetHistory
from harness.training.solver import Solver, Split

Role = Callable[..., Any]

N, D, BATCH, RATE, EPOCHS = 20, 200, 5, 0.003, 100
STEPS = EPOCHS * N // BATCH
INTERCEPT = 0.05  # of the true model: what a constant predictor says
SOLVER = Solver(lr=RATE, epochs=EPOCHS, batch_size=BATCH)


class Runs:
    """The chapter's experiment on data, start and order that all runs of a block share.

    X (R, 20, 200) and y (R, 20) with `tests` examples beside them, `initial` and `zero` weights
    (R, 200) and a N(0, 1) `bias` (R,); replicates are independent.
    """

    def __init__(
        self, train_linear: Role, linear_200: Role, replicates: int, stream: Stream,
        sgd: Role | None = None, tests: int = 100,
    ) -> None:  # fmt: skip
        data = stream.child("data").numpy()
        self.X, self.y = linear_200(replicates, N, data)
        self.X_test, self.y_test = linear_200(replicates, tests, data)
        self.initial: Array = stream.child("init").numpy().standard_normal((replicates, D))
        self.zero = np.zeros_like(self.initial)
        self.bias: Array = stream.child("bias").numpy().standard_normal(replicates)
        self._train, self._sgd, self._stream = train_linear, sgd, stream

    def train(
        self, weight_decay: float, initial: Any = None, initial_bias: Any = 0.0,
        epochs: int = EPOCHS, record_every: int | None = None, **options: Any,
    ) -> Any:  # fmt: skip
        """The history of a run from N(0, 1) weights, or the given ones, in float32."""
        return self._train(
            Split(self.X, self.y, self.X_test, self.y_test),
            Solver(RATE, epochs, BATCH, weight_decay, record_every, self._sgd),
            self._stream.child("order").numpy(),
            initial=self.initial if initial is None else initial,
            initial_bias=initial_bias,
            **options,
        )


def loss_curve(history: LinearHistory | NetHistory, case: str) -> Curve:
    """The chapter's picture: training and test loss over the epochs, on a logarithmic scale."""
    return Curve(
        Text(f"Loss over the epochs, {case}", f"损失随轮数的变化，{case}"),
        history.epochs,
        (
            Line(Text("training", "训练"), history.train_loss),
            Line(Text("test", "测试"), history.test_loss),
        ),
        x_label=Text("epoch", "轮数"),
        y_label=Text("loss", "损失"),
        log_y=True,
    )
