"""Lightning's Trainer.fit as a training function."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.plugins.environments import LightningEnvironment
from torch import nn
from torch.nn import functional

from harness.adapters.adapter import adapter

logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)


class Module(lightning.LightningModule):  # type: ignore[misc]
    """The net with its loss, its optimiser and its schedule."""

    def __init__(self, net: nn.Module, lr: float, parts: int) -> None:
        super().__init__()
        self.net, self.lr, self.parts, self.losses = net, lr, parts, list[float]()

    def training_step(self, batch: Any, index: int) -> Any:
        """A part's share of its batch's mean; Lightning divides what comes back by the parts."""
        X, y, count = batch
        loss = functional.cross_entropy(self.net(X), y, reduction="sum") / count
        self.losses.append(loss.item())
        return loss * self.parts

    def validation_step(self, batch: Any, index: int) -> None:
        """The accuracy on a part."""
        self.log("accuracy", (self.net(batch[0]).argmax(1) == batch[1]).double().mean())

    def configure_optimizers(self) -> Any:
        """AdamW and a rate that falls with every step."""
        optimizer = torch.optim.AdamW((w for w in self.parameters() if w.requires_grad), self.lr)
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]


class Loader(list[Any]):
    """Micro-batches that a checkpoint knows the place in; DataLoader has no such state."""

    place = 0

    def __iter__(self) -> Iterator[Any]:
        """Those that are left, and then all of them again."""
        while self.place < len(self):
            self.place += 1
            yield self[self.place - 1]
        self.place = 0

    def state_dict(self) -> dict[str, int]:
        """How many have been taken."""
        return {"place": self.place}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on after them."""
        self.place = state["place"]


def fit(
    net: nn.Module, batches: Any, lr: float, parts: int = 1, resumed: int | None = None,
    evaluated: bool = False, *, at_the_end: bool = False,
) -> list[float]:  # fmt: skip
    """An epoch; a run to resume is stopped by max_steps, and saved in fit or `at_the_end`."""
    cut = [
        (rows, labels, (y != -100).sum())
        for X, y in batches
        for rows, labels in zip(X.tensor_split(parts), y.tensor_split(parts), strict=True)
    ]
    made = partial(
        lightning.Trainer, accelerator="cpu", max_epochs=1, accumulate_grad_batches=parts,
        gradient_clip_val=1.0, val_check_interval=parts, limit_val_batches=float(evaluated),
        num_sanity_val_steps=0, logger=False, enable_progress_bar=False,
        enable_model_summary=False,
        plugins=LightningEnvironment(),  # else an mpi4py without a library of MPI is an error
    )  # fmt: skip
    module, path, losses = Module(net, lr, parts), None, list[float]()
    with tempfile.TemporaryDirectory() as folder:
        if resumed:
            saved = ModelCheckpoint(folder, every_n_train_steps=resumed)
            first = made(max_steps=resumed, callbacks=[saved])
            first.fit(module, Loader(cut), Loader(cut))
            path = saved.best_model_path
            if at_the_end:
                first.save_checkpoint(path := Path(folder, "last.ckpt"))
            losses, module = module.losses, Module(net, lr, parts)
        made(enable_checkpointing=False).fit(module, Loader(cut), Loader(cut), ckpt_path=path)
    losses += module.losses
    return [sum(losses[i : i + parts]) for i in range(0, len(losses), parts)]


trainer = adapter("trainer", fit)
saved_at_the_end = adapter("trainer", partial(fit, at_the_end=True))
