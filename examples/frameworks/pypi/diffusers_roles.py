"""diffusers behind the adapters: schedules and norms."""

from __future__ import annotations

from typing import Any

from diffusers import optimization
from diffusers.models.normalization import FP32LayerNorm, RMSNorm

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
