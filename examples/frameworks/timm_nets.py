"""timm's initialization of vision transformers, by its own functions, on another net."""

from __future__ import annotations

import math
from typing import Any

from torch import nn

from examples.frameworks.pypi import torchvision_kernels  # noqa: F401  # before timm
from harness.adapters.adapter import adapter

from timm.layers import trunc_normal_  # isort: skip
from timm.models import named_apply  # isort: skip
from timm.models.vision_transformer import init_weights_vit_timm  # isort: skip


def _vit(net: Any, layers: int) -> None:
    """Its rules for linear layers and positions, and BEiT's division of what joins the stream."""
    named_apply(init_weights_vit_timm, net)
    for module in net.modules():
        if isinstance(module, nn.Embedding):
            trunc_normal_(module.weight, std=0.02)
            if module.padding_idx is not None:
                module.weight.data[module.padding_idx] = 0.0
    for block in net.transformer["h"]:
        for module in (block["attn"].c_proj, block["mlp"].c_proj):
            module.weight.data.div_(math.sqrt(2.0 * layers))


vit = adapter("module_init", _vit)
