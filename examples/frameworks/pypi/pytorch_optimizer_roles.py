"""pytorch_optimizer behind the adapters."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytorch_optimizer

from harness.adapters.adapter import adapter

sgdw = adapter("sgd", partial(pytorch_optimizer.SGDW, weight_decouple=True), decay="decoupled")
coupled_sgd = adapter("sgd", partial(pytorch_optimizer.SGDW, weight_decouple=False))
momentum_sgd = adapter(
    "momentum_sgd", partial(pytorch_optimizer.SGDW, momentum=0.9, weight_decouple=False)
)
nesterov_sgd = adapter(
    "nesterov_sgd",
    partial(pytorch_optimizer.SGDW, momentum=0.9, nesterov=True, weight_decouple=False),
)


def _falling(of: Any) -> Any:
    """One of its schedules, which are told the first rate."""

    def made(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
        peak = optimizer.param_groups[0]["lr"]
        schedule = of(
            optimizer, t_max=total, max_lr=peak, min_lr=floor, init_lr=peak / (warmup + 1),
            warmup_steps=warmup,
        )  # fmt: skip
        schedule.step()  # they are stepped before each update, so before the first as well
        return schedule

    return made


cosine = adapter("lr_schedule", _falling(pytorch_optimizer.CosineScheduler))
linear = adapter("lr_schedule", _falling(pytorch_optimizer.LinearScheduler))
