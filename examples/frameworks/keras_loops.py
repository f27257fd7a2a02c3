"""Keras' fit, on the torch backend, as a training function."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
from torch import nn

from harness.adapters.adapter import adapter


class Parts(keras.callbacks.Callback):  # type: ignore[misc]
    """The loss of every part, `logged` or as exact as it was summed."""

    def __init__(self, logged: bool) -> None:
        super().__init__()
        self.logged, self.losses = logged, list[float]()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Begin the mean again, which would be over the epoch so far."""
        self.model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Keep it."""
        mean = self.model.metrics[0]
        loss = logs["loss"] if self.logged else float(mean.total) / float(mean.count)
        self.losses.append(loss)


def model_of(net: nn.Module, lr: float, parts: int) -> Any:
    """The net as a compiled model; gradients of `parts` micro-batches are averaged."""
    model = keras.Sequential([keras.layers.TorchModuleWrapper(net)])
    accumulated = parts if parts > 1 else None
    model.compile(
        keras.optimizers.AdamW(lr, global_clipnorm=1.0, gradient_accumulation_steps=accumulated),
        keras.losses.SparseCategoricalCrossentropy(True, ignore_class=-100, reduction="sum"),
    )
    return model


@contextmanager
def _in_float64() -> Iterator[None]:
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        yield
    finally:
        keras.config.set_floatx(before)


@_in_float64()
def fit(
    net: nn.Module, batches: Any, lr: float, parts: int = 1, resumed: int | None = None,
    evaluated: bool = False, *, logged: bool = False,
) -> list[float]:  # fmt: skip
    """A batch is an epoch, of `parts` steps: Keras evaluates and saves after epochs."""
    cut = [
        (rows, labels, (labels != -100).double() * parts / (y != -100).sum())
        for X, y in batches
        for rows, labels in zip(X.tensor_split(parts), y.tensor_split(parts), strict=True)
    ]
    kept = Parts(logged)
    with tempfile.TemporaryDirectory() as folder:
        saved = partial(keras.callbacks.BackupAndRestore, folder, delete_checkpoint=False)
        ends = (resumed, len(batches)) if resumed else (len(batches),)
        for start, end in zip((0, resumed or 0), ends, strict=False):
            model_of(net, lr, parts).fit(
                (one for one in cut[start * parts :]), steps_per_epoch=parts, epochs=end,
                validation_data=(one for one in cut) if evaluated else None, validation_steps=1,
                callbacks=[kept, saved()] if resumed else [kept], shuffle=False, verbose=0,
            )  # fmt: skip
    losses = [loss / parts for loss in kept.losses]
    return [sum(losses[i : i + parts]) for i in range(0, len(losses), parts)]


trainer = adapter("trainer", fit)
with_logged_losses = adapter("trainer", partial(fit, logged=True))
