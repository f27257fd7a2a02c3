"""Whole nets initialised as people write it in plain torch."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError


def _nanogpt(net: Any, layers: int) -> None:
    """apply, and the projections again by the end of their names; its embeddings pad nothing."""
    if net.transformer["wte"].padding_idx is not None:
        raise NotApplicableError("its embeddings have no padding")

    def init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)

    net.apply(init_weights)
    for name, w in net.named_parameters():
        if name.endswith("c_proj.weight"):
            nn.init.normal_(w, mean=0.0, std=0.02 / math.sqrt(2 * layers))


nanogpt_init = adapter("module_init", _nanogpt)


class Pretrained:
    """In the manner of transformers: a method of modules, which knows what it has done."""

    initializer_range = 0.02

    def __init__(self, layers: int) -> None:
        """For a net of so many blocks."""
        self.layers = layers
        self.done: set[Tensor] = set()

    def _init_weights(self, name: str, module: Any) -> None:
        if isinstance(module, nn.Linear):
            scaled = name.rpartition(".")[2] == "c_proj"
            std = self.initializer_range / (math.sqrt(2 * self.layers) if scaled else 1.0)
            module.weight.data.normal_(mean=0.0, std=std)
            if module.bias is not None:
                module.bias.data.zero_()
        elif isinstance(module, nn.Embedding):
            module.weight.data.normal_(mean=0.0, std=self.initializer_range)
            if module.padding_idx is not None:
                module.weight.data[module.padding_idx].zero_()
        elif isinstance(module, nn.LayerNorm):
            module.weight.data.fill_(1.0)
            if module.bias is not None:
                module.bias.data.zero_()

    def post_init(self, net: nn.Module) -> None:
        """Each module once, and what is tied once."""
        for name, module in net.named_modules():
            weight = getattr(module, "weight", None)
            if weight is not None and weight not in self.done:
                self._init_weights(name, module)
                self.done.add(weight)


pretrained_init = adapter("module_init", lambda net, layers: Pretrained(layers).post_init(net))


def by_kind(net: nn.Module, layers: int, generator: torch.Generator) -> None:
    """A table of parameters by the kind of name, drawn in the order of names."""
    shaped = sorted(net.named_parameters(), key=lambda pair: pair[0])
    with torch.no_grad():
        for name, w in shaped:
            if w.dim() < 2:
                w.fill_(0.0 if name.endswith("bias") else 1.0)
                continue
            std = 0.02 * (2 * layers) ** (-0.5 if "c_proj" in name else 0.0)
            noise = torch.randn(w.shape, generator=generator, dtype=w.dtype, device=w.device)
            w.copy_(noise * std)
        for module in filter(lambda one: isinstance(one, nn.Embedding), net.modules()):
            module._fill_padding_idx_with_zero()  # type: ignore[operator]


def _timm(net: Any, layers: int) -> None:
    """trunc_normal_ with bounds at ±2, as timm has it, and a division for the residual stream."""
    normal = partial(nn.init.trunc_normal_, std=0.02)
    for name, module in net.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            normal(module.weight)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if name.endswith("c_proj"):
            module.weight.data.div_(math.sqrt(2.0 * layers))
    words = net.transformer["wte"]
    if words.padding_idx is not None:
        words.weight.data[words.padding_idx] = 0.0


timm_init = adapter("module_init", _timm)
