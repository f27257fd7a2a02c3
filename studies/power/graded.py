"""Faults of a chosen size: how small a fault each claim still refutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from harness.primitives import dropout, initialization, optimizers


@dataclass(frozen=True)
class Graded:
    """A fault by size: the role and claim that it is shown on, and the claim's own margin."""

    name: str
    role: str
    claim: str
    margin: float
    unit: str
    fault: Callable[[float], Callable[..., Any]]


def drop_rate(eps: float) -> Callable[..., Tensor]:
    """The rate is p + eps sqrt(p (1 - p)); the scale is right for that rate."""

    def faulty(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        rate = min(max(p + eps * (p * (1 - p)) ** 0.5, 0.0), 1.0)
        return dropout.dropout(h, rate, generator, training)

    return faulty


def scale(eps: float) -> Callable[..., Tensor]:
    """Survivors are scaled by (1 + eps) / (1 - p)."""

    def faulty(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        dropped = dropout.dropout(h, p, generator, training)
        return dropped * (1 + eps) if training and eps else dropped

    return faulty


def gain(eps: float) -> Callable[..., Tensor]:
    """Weights are 1 + eps times as large."""

    def faulty(
        fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
        dtype: torch.dtype = torch.float32, device: str = "cpu",
    ) -> Tensor:  # fmt: skip
        weights = initialization.he_normal(fan_in, fan_out, generator, replicates, dtype, device)
        return weights * (1 + eps)

    return faulty


def decay(eps: float) -> Callable[..., list[Tensor]]:
    """The decay is 1 + eps times as strong."""

    def faulty(
        params: Sequence[Tensor], grads: Sequence[Tensor], lr: float, weight_decay: float = 0.0,
        decoupled: bool = False, decays: Sequence[bool] | None = None,
    ) -> list[Tensor]:  # fmt: skip
        return optimizers.sgd(params, grads, lr, weight_decay * (1 + eps), decoupled, decays)

    return faulty


GRADED = (
    Graded("drop rate", "dropout", "do-keep-rule", 0.01, "of sqrt(p (1 - p))", drop_rate),
    Graded("scale", "dropout", "do-unbiased", 2.0**-23, "relative", scale),
    Graded("gain", "he_normal", "ac-relu.he-normal", 1.05**0.5 - 1, "relative", gain),
    Graded("decay", "sgd", "wd-update", 2.0**-23, "relative", decay),
)
