"""pytorch_warmup behind the adapter of schedules."""

from __future__ import annotations

from typing import Any

import pytorch_warmup
import torch

from harness.adapters.adapter import adapter


class Damped:
    """A cosine whose rate is dampened, stepped as the package's readme has it."""

    def __init__(self, optimizer: Any, total: int, warmup: int, floor: float) -> None:
        constant = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: 1.0)
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, max(1, total - warmup), floor
        )
        self.after = torch.optim.lr_scheduler.SequentialLR(
            optimizer, [constant, cosine], [warmup]
        ) if warmup else cosine  # fmt: skip
        self.warmup = pytorch_warmup.LinearWarmup(optimizer, warmup_period=warmup + 1)
        self.left = total

    def step(self) -> None:
        """The next rate; at the end of the run the rate stays."""
        self.left -= 1
        with self.warmup.dampening():
            if self.left >= 0:
                self.after.step()

    def state_dict(self) -> Any:
        """Both states."""
        return {
            "after": self.after.state_dict(), "warmup": self.warmup.state_dict(),
            "left": self.left,
        }  # fmt: skip

    def load_state_dict(self, state: Any) -> None:
        """Both states."""
        self.after.load_state_dict(state["after"])
        self.warmup.load_state_dict(state["warmup"])
        self.left = state["left"]


cosine = adapter("lr_schedule", Damped)
