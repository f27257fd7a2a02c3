"""Matrix products by whichever of the libraries at hand is the fastest.

Where a CPU has 512-bit vectors NumPy's library and oneDNN use them on every make, MKL on its own
maker's only: half the time for the chapter's layers elsewhere. NumPy's is also the best at small
matrices in stacks, and writes where it is told to.
"""

import os
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = npt.NDArray[np.floating[Any]]

_LARGE = 32 * 64 * 64  # multiplications; a call of oneDNN costs ten microseconds more
_KERNELS = "OPENBLAS_CORETYPE"  # with it NumPy's library may be told to use narrower vectors
_WIDE_KERNELS = ("", "skylakex", "cooperlake", "sapphirerapids")


def multiply(a: Array, b: Array, out: Array) -> None:
    """Write the products of the stacked matrices a (R, m, k) and b (R, k, n) to out (R, m, n).

    A factor that all share may come as a stack of one.
    """
    large = len(out) == 1 and a.size * b.shape[2] > _LARGE and a.dtype == np.float32
    if large and not _by_numpy() and _by_onednn():
        x, W, product = (torch.from_numpy(part[0]) for part in (a, b, out))
        product.copy_(linear(x, W.T))
    else:
        np.matmul(a, b, out=out)


def linear(x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:
    """Return x W' + b for x (m, k), W (n, k) and b (n,), in any strides."""
    large = x.shape[0] * W.shape[0] * W.shape[1] > _LARGE
    if large and x.dtype == torch.float32 and x.device.type == "cpu" and _by_onednn():
        product: Tensor = torch.ops.mkldnn._linear_pointwise(x, W, b, "none", [], "")
        return product
    return torch.mm(x, W.T) if b is None else torch.addmm(b, x, W.T)


@lru_cache(maxsize=1)
def _by_numpy() -> bool:
    """Return whether NumPy's library is left to choose the widest vectors that the CPU has."""
    return os.environ.get(_KERNELS, "").lower() in _WIDE_KERNELS


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
