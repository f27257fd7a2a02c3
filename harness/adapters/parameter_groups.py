"""Masks of decay as parameter groups."""

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from harness.adapters.conventions import Conventions


def masked(thing: Any, conventions: Conventions) -> Callable[..., list[dict[str, Any]]]:
    """A function of a dictionary of arrays that gives the mask of those that decay, for Optax.

    What is frozen or shared is the net's: the mask is asked about what is trained.
    """

    def call(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
        named = {name: w for name, w in net.named_parameters() if w.requires_grad}
        mask = thing({name: np.zeros(tuple(w.shape), np.float32) for name, w in named.items()})
        return [
            {"params": [w], "weight_decay": weight_decay if mask[name] else 0.0}
            for name, w in named.items()
        ]

    return call
