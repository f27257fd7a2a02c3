"""timm behind the adapters."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import nn

from examples.frameworks.pypi import torchvision_kernels  # noqa: F401  # before timm
from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError

from timm.data.distributed_sampler import OrderedDistributedSampler  # isort: skip
from timm.layers import DropPath, LayerNorm, RmsNorm  # isort: skip
from timm.layers.weight_init import variance_scaling_  # isort: skip
from timm.optim import SGDW, param_groups_weight_decay  # isort: skip
from timm.optim.adamw import AdamWLegacy  # isort: skip
from timm.scheduler import CosineLRScheduler, PolyLRScheduler  # isort: skip
from timm.utils import ModelEmaV3  # isort: skip

path_dropout = adapter("path_dropout", DropPath)
layer_norm = adapter("layer_norm", LayerNorm)
rms_norm = adapter("rms_norm", RmsNorm)
sgdw = adapter("sgd", SGDW, decay="decoupled")
nesterov_sgdw = adapter(
    "nesterov_sgd", partial(SGDW, momentum=0.9, nesterov=True), decay="decoupled"
)
adamw = adapter("adamw", AdamWLegacy)
xavier_uniform = adapter(
    "xavier_uniform", partial(variance_scaling_, mode="fan_avg", distribution="uniform")
)
he_normal = adapter("he_normal", partial(variance_scaling_, scale=2.0, distribution="normal"))


def decay_groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """timm's own grouping, by axes and names."""
    groups: list[dict[str, Any]] = param_groups_weight_decay(net, weight_decay)
    return groups


def _rates(made: Any) -> Any:
    """A function of the count from a scheduler of timm's, which is told the count."""

    def of_run(total: int, warmup: int, peak: float, floor: float) -> Any:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
        schedule = made(
            optimizer, total - warmup, lr_min=floor, warmup_t=warmup,
            warmup_lr_init=peak / (warmup + 1), warmup_prefix=True, t_in_epochs=False,
        )  # fmt: skip

        def rate(step: int) -> float:
            schedule.step_update(step)
            return float(optimizer.param_groups[0]["lr"])

        return rate

    return of_run


cosine = adapter("lr_schedule", _rates(CosineLRScheduler), arrays="jax")
poly = adapter("lr_schedule", _rates(PolyLRScheduler), arrays="jax")


def _averaged(net: nn.Module, decay: float | None, **options: Any) -> Any:
    if decay is None:
        raise NotApplicableError("ModelEmaV3 has a decay")
    return ModelEmaV3(net, decay, **options)


model_ema = adapter("average_weights", _averaged)
model_ema_in_float32 = adapter(
    "average_weights",
    partial(_averaged, dtype=torch.float32),
    dtypes=("float32", "bfloat16", "float16"),
)


def ordered_sampler(
    n: int, rank: int, ranks: int, epoch: int, seed: int = 0, shuffle: bool = True,
    drop_last: bool = False,
) -> list[int]:  # fmt: skip
    """The sampler of evaluation, which shuffles nothing and drops nothing."""
    if shuffle or drop_last:
        raise NotApplicableError("OrderedDistributedSampler reads all in their order")
    return list(OrderedDistributedSampler(range(n), ranks, rank))
