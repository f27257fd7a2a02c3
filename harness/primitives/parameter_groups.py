"""Which parameters of a net decay, as the groups that an optimiser of torch takes."""

from __future__ import annotations

from typing import Any

from torch import nn


def decay_groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return parameter groups {"params": [...], "weight_decay": rate} for a torch optimiser.

    Every parameter that is trained (requires_grad) is in one group and once, one that two modules
    share included; a frozen one is in none. Weights of linear maps and of convolutions decay by
    weight_decay; biases, the gains of normalisation and single numbers by 0, whatever their modules
    are called and wherever they stand. Embeddings, and gains of more than one axis, may do either
    (sources disagree: GPT-2's embeddings do, in others they do not). The net is left as it is.
    (d2l, "Weight Decay", "Concise Implementation": weight_decay for the weight, none for the bias.)
    """
    trained = [w for w in net.parameters() if w.requires_grad]
    return [
        {"params": [w for w in trained if w.dim() >= 2], "weight_decay": weight_decay},
        {"params": [w for w in trained if w.dim() < 2], "weight_decay": 0.0},
    ]
