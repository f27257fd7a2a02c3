"""Matrix products of one replica at a time, by whichever of torch's libraries is the faster.

Where a CPU has 512-bit vectors oneDNN uses them on every make, MKL on its own maker's only:
half the time for the chapter's layers elsewhere, and the same there.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

_LARGE = 32 * 64 * 64  # multiplications; a call of oneDNN costs ten microseconds more


def linear(x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:
    """Return x W' + b for x (m, k), W (n, k) and b (n,), in any strides."""
    large = x.shape[0] * W.shape[0] * W.shape[1] > _LARGE
    if large and x.dtype == torch.float32 and x.device.type == "cpu" and _by_onednn():
        product: Tensor = torch.ops.mkldnn._linear_pointwise(x, W, b, "none", [], "")
        return product
    return torch.mm(x, W.T) if b is None else torch.addmm(b, x, W.T)


@lru_cache(maxsize=1)
def _by_onednn() -> bool:
    """Return whether oneDNN's product can be called here and has 512-bit vectors."""
    there = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not there or not _wide_vectors():
        return False
    a = torch.ones(2, 2)
    try:
        product = torch.ops.mkldnn._linear_pointwise(a, a, None, "none", [], "")
    except (AttributeError, RuntimeError, NotImplementedError):
        return False  # another build or release of torch
    return bool((product == 2).all())


def _wide_vectors() -> bool:
    return torch.backends.cpu.get_cpu_capability() == "AVX512"
