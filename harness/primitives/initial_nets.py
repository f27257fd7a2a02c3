"""The initialization of a whole net, module by module."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import init


def module_init(net: nn.Module, layers: int, generator: torch.Generator) -> None:
    """Initialise a whole net of torch in place, as nanoGPT and transformers do GPT-2.

    The net comes as torch's constructors leave it, with GPT-2's names of modules.
    Weights of linear layers and of embeddings are N(0, 0.02^2); those of the linear layers called
    `c_proj`, whose outputs join the residual stream, are N(0, 0.02^2 / (2 layers)), for `layers`
    blocks have two each (Radford et al. 2019, section 2.3).
    Biases are 0, gains of normalisation 1, and an embedding's row of padding_idx is 0, exactly;
    a weight that is tied to an embedding has that row as well.
    No two parameters share draws, nor do two nets that one generator initialises in turn.
    The draws follow from the generator's state, whatever the net held; another state, another net.
    Parameters stay the objects that they were, so that what is tied stays tied and an optimiser
    has them still; they are trained or frozen as before, and buffers keep their numbers.
    Whether a frozen parameter is drawn anew is left open.
    """
    with torch.no_grad():
        for name, module in net.named_modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                joins = name.endswith("c_proj")
                std = 0.02 / math.sqrt(2 * layers) if joins else 0.02
                init.normal_(module.weight, 0.0, std, generator)
            elif isinstance(module, nn.LayerNorm):
                init.ones_(module.weight)
            if isinstance(getattr(module, "bias", None), nn.Parameter):
                init.zeros_(module.bias)
        for module in net.modules():  # after all draws: a tied weight has been drawn twice by now
            if isinstance(module, nn.Embedding) and module.padding_idx is not None:
                module.weight[module.padding_idx] = 0.0
