"""Averages beside a net of torch as a role."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from harness.adapters.conventions import Conventions


class _Net(nn.Module):
    """A net of the weights, which it shares; whole numbers are its buffers."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        super().__init__()
        for i, w in enumerate(weights):
            if w.is_floating_point():
                self.register_parameter(f"w{i}", nn.Parameter(w.detach()))
            else:
                self.register_buffer(f"w{i}", w)


def beside_a_net(thing: Any, conventions: Conventions) -> Callable[..., tuple[list[Tensor], Any]]:
    """A function (net, decay) of an object as AveragedModel, or as timm's ModelEmaV3.

    It has update_parameters(net) or update(net), and `module`, the averaged net. The decay is None
    where all weights count alike, which the function may decline with a NotApplicableError.
    """

    def call(
        weights: Sequence[Tensor], state: Any, decay: float | None = None
    ) -> tuple[list[Tensor], Any]:
        net = _Net(weights)
        averager = thing(net, decay) if state is None else copy.deepcopy(state)
        update = getattr(averager, "update_parameters", None) or averager.update
        update(net)
        averages = [getattr(averager.module, f"w{i}") for i in range(len(weights))]
        return [a.detach().clone() for a in averages], averager

    return call
