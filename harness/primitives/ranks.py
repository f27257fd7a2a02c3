"""What processes that train one net on parts of a batch make of their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor


def data_parallel_step(
    gradients: Sequence[Sequence[Tensor]], counts: Sequence[int]
) -> list[list[Tensor]]:
    """Return for every rank the gradients that it steps with, a list of tensors as it gave.

    gradients[r] are rank r's own, a tensor for each parameter: those of the mean loss over its
    counts[r] examples or tokens, zeros if it has none.
    Every rank gets sum_r counts[r] g_r / sum_r counts[r], the gradient of the mean loss over all
    examples; the mean over ranks, as torch's DistributedDataParallel takes it, is that only where
    all counts are equal.
    The numbers are the same at every rank, bit for bit, in memory of its own; the order of the
    ranks changes roundings alone.
    16-bit gradients are weighed and added up in float32 or wider and rounded once.
    Where the gradient of one rank is NaN or infinite, so is that of every rank, and nowhere else.
    A gradient may lie in memory in any order of its axes, at each rank in another.
    Here ranks are a list in one process; `adapter` runs what one rank of torch.distributed does.
    """
    total = sum(counts)

    def combined(parts: Sequence[Tensor]) -> Tensor:
        wide = torch.promote_types(parts[0].dtype, torch.float32)
        weighed = [g.to(wide) * (n / total) for g, n in zip(parts, counts, strict=True)]
        return reduce(torch.add, weighed).to(parts[0].dtype)

    found = [combined(parts) for parts in zip(*gradients, strict=True)]
    return [[g.clone() for g in found] for _ in gradients]
