"""Haiku behind the adapters."""

from __future__ import annotations

from typing import Any

import haiku

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError


def _drop(key: Any, x: Any, rate: float, training: bool = True) -> Any:
    if rate == 1:
        raise NotApplicableError("its dropout takes no rate of 1")
    return haiku.dropout(key, rate, x) if training else x


dropout = adapter("dropout", _drop, arrays="jax")


def _drawn(*told: Any) -> Any:
    def draw(key: Any, shape: Any, dtype: Any) -> Any:
        made = haiku.initializers.VarianceScaling(*told)
        return haiku.transform(lambda: made(shape, dtype)).apply({}, key)

    return draw


xavier_uniform = adapter("xavier_uniform", _drawn(1.0, "fan_avg", "uniform"), arrays="jax")
he_uniform = adapter("he_uniform", _drawn(2.0, "fan_in", "uniform"), arrays="jax")
truncated_he = adapter("he_normal", _drawn(2.0, "fan_in", "truncated_normal"), arrays="jax")
