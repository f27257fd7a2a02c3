"""diffusers behind the adapters: schedules, norms and averages."""

from __future__ import annotations

import copy
from typing import Any

from diffusers import optimization
from diffusers.models.normalization import FP32LayerNorm, RMSNorm
from diffusers.training_utils import EMAModel
from torch import nn

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError

IN_FLOAT32 = ("float32", "bfloat16", "float16")  # what computes in float32 whatever it is given
rms_norm = adapter(
    "rms_norm",
    lambda width, eps, device, dtype: RMSNorm(width, eps).to(device=device, dtype=dtype),
    dtypes=IN_FLOAT32,
)
layer_norm = adapter("layer_norm", FP32LayerNorm, dtypes=IN_FLOAT32)


def _cosine(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
    if floor:
        raise NotApplicableError("it falls to 0")
    return optimization.get_cosine_schedule_with_warmup(optimizer, warmup, total)


cosine_schedule = adapter("lr_schedule", _cosine)


class Averaged:
    """An EMAModel and the net that its averages go into; it knows parameters alone."""

    def __init__(self, net: nn.Module, decay: float | None) -> None:
        if decay is None:
            raise NotApplicableError("EMAModel has a decay")
        self.module = copy.deepcopy(net)
        self.average = EMAModel(net.parameters(), decay=decay, min_decay=decay)

    def update(self, net: nn.Module) -> None:
        """A step of the average, after one of the optimiser."""
        self.average.step(net.parameters())
        self.average.copy_to(self.module.parameters())
        for mine, theirs in zip(self.module.buffers(), net.buffers(), strict=True):
            mine.copy_(theirs)


averages = adapter("average_weights", Averaged)
