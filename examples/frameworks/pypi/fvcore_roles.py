"""fvcore behind the adapters: schedules as functions of the share of a run."""

from __future__ import annotations

from typing import Any

from fvcore.common.param_scheduler import (
    CompositeParamScheduler,
    CosineParamScheduler,
    LinearParamScheduler,
)
from fvcore.nn.weight_init import c2_msra_fill
from torch import nn

from harness.adapters.adapter import adapter


def _cosine(total: int, warmup: int, peak: float, floor: float) -> Any:
    down: Any = CosineParamScheduler(peak, floor)
    if warmup:
        up = LinearParamScheduler(peak / (warmup + 1), peak)
        share = warmup / total
        down = CompositeParamScheduler([up, down], [share, 1 - share], ["rescaled"] * 2)
    return lambda step: down(min(1.0, step / total))


cosine = adapter("lr_schedule", _cosine, arrays="jax")


def _fill(w: Any) -> None:
    layer = nn.Linear(1, 1)
    layer.weight = nn.Parameter(w, requires_grad=False)
    c2_msra_fill(layer)


he_normal_of_outputs = adapter("he_normal", _fill, layout="in, out")
