"""A step of training as a CUDA graph: recorded once, and launched as one from then on."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

_WARM_UP = 3  # calls before the recording, in which libraries choose algorithms and take memory


class Graphed:
    """Calls of `step(*inputs)`, which changes the tensors `state` in place and nothing else.

    A step of a small net is some thirty kernels of microseconds each, whose launches cost more
    than they do. The first inputs fix the shapes; `state` is as it was after the recording.
    """

    def __init__(
        self, step: Callable[..., object], inputs: Sequence[Tensor], state: Sequence[Tensor]
    ) -> None:
        device = inputs[0].device
        self._inputs = [given.clone() for given in inputs]
        kept = [part.clone() for part in state]
        aside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UP):
                step(*self._inputs)
        torch.cuda.current_stream(device).wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(device), torch.cuda.graph(self._graph):
            step(*self._inputs)
        for part, before in zip(state, kept, strict=True):
            part.copy_(before)

    def __call__(self, *inputs: Tensor) -> None:
        """Take the recorded step on inputs of the recorded shapes."""
        for own, given in zip(self._inputs, inputs, strict=True):
            own.copy_(given)
        self._graph.replay()
