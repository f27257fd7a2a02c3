"""MONAI behind the adapters."""

from __future__ import annotations

from typing import Any

from monai.networks.layers import Act, Dropout
from monai.optimizers import WarmupCosineSchedule

from harness.adapters.adapter import adapter

dropout = adapter("dropout", Dropout[Dropout.DROPOUT, 1])
relu = adapter("relu", Act["relu"])


def _cosine(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
    return WarmupCosineSchedule(
        optimizer, warmup, total, end_lr=floor, warmup_multiplier=1 / (warmup + 1)
    )


cosine_schedule = adapter("lr_schedule", _cosine)
