"""torch-optimizer behind the adapters."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch_optimizer

from harness.adapters.adapter import adapter

sgdw = adapter("sgd", torch_optimizer.SGDW, decay="decoupled")
nesterov_sgdw = adapter(
    "nesterov_sgd", partial(torch_optimizer.SGDW, momentum=0.9, nesterov=True), decay="decoupled"
)


def _aggmo(groups: Any, lr: float, momentum: float = 0.9) -> Any:
    """AggMo with a single velocity, which is that of SGD."""
    return torch_optimizer.AggMo(groups, lr, betas=(momentum,))


aggmo = adapter("momentum_sgd", _aggmo)
