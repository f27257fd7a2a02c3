"""One optimiser step: gradients of any loss by autograd, operations that a call takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.blocks.streams import Stream
from harness.metrics import arrays
from harness.metrics.arrays import Array
from harness.statistics.float_error import gamma

if TYPE_CHECKING:
    from torch import Tensor

LOSSES = ("squared", "absolute", "huber", "cross-entropy", "logistic")


def normal(stream: Stream, shape: Sequence[int], dtype: str, device: str) -> Tensor:
    """N(0, 1) numbers of that dtype from the start of a stream, drawn in double precision."""
    import torch

    # On the processor: not every device has double precision.
    values = torch.randn(tuple(shape), generator=stream.torch(), dtype=torch.float64)
    return values.to(getattr(torch, dtype)).to(device)


def regression(
    n: int, d: int, dtype: str, replicates: int, stream: Stream, device: str
) -> tuple[Tensor, Tensor, Tensor]:
    """X (R, n, d), y (R, n) and w (R, d), all N(0, 1)."""
    X = normal(stream.child("X"), (replicates, n, d), dtype, device)
    y = normal(stream.child("y"), (replicates, n), dtype, device)
    return X, y, normal(stream.child("w"), (replicates, d), dtype, device)


def gradients(loss: Callable[..., Tensor], params: Sequence[Tensor]) -> list[Tensor]:
    """The gradient of the sum of `loss(*params)` with respect to each parameter."""
    import torch

    leaves = [p.detach().clone().requires_grad_() for p in params]
    return list(torch.autograd.grad(loss(*leaves).sum(), leaves))


def loss_of(name: str, X: Tensor, y: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """The mean loss (R,) of a linear layer W (R, k, d), b (R, k) on X (R, n, d), y (R, n, k)."""
    import torch
    from torch.nn import functional

    def loss(W: Tensor, b: Tensor) -> Tensor:
        out = X @ W.transpose(1, 2) + b.unsqueeze(1)
        if name == "squared":
            each = (out - y).square() / 2
        elif name == "absolute":
            each = (out - y).abs()
        elif name == "huber":
            each = functional.huber_loss(out, y, reduction="none")
        elif name == "cross-entropy":
            each = -(torch.log_softmax(out, 2) * torch.softmax(y, 2))
        else:
            each = functional.softplus(-torch.sign(y) * out)
        return each.flatten(1).mean(dim=1)

    return loss


def mean_ratios(
    mean: Tensor, gradient: Tensor, losses: Tensor, operations: int, dtype: str
) -> Array:
    """Ratios of a mean over the last axis and of its gradient, 1 / n, to what rounding may make.

    What is not finite has to be the same; a mean of another shape is none.
    """
    values, n = wide(losses), losses.shape[-1]
    exact, scale = values.mean(axis=-1), np.abs(values).mean(axis=-1)
    finite = np.isfinite(exact)
    found = wide(mean) if mean.shape == losses.shape[:-1] else np.full(exact.shape, np.nan)
    return np.concatenate(
        [
            arrays.mismatch(found[~finite], exact[~finite]),
            arrays.rounding_ratio(found[finite], exact[finite], scale[finite], operations, dtype),
            arrays.rounding_ratio(wide(gradient), 1 / n, 1 / n, operations, dtype).ravel(),
        ]
    )


def wide(tensor: Tensor) -> npt.NDArray[np.float64]:
    """The values as float64 on the host."""
    array: npt.NDArray[np.float64] = tensor.detach().to("cpu").double().numpy()
    return array


def element_operations(call: Callable[[], Any]) -> int:
    """How many floating-point elements all tensor operations of a call write together."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    written = 0

    class Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            nonlocal written
            result = func(*args, **(kwargs or {}))
            for one in result if isinstance(result, list | tuple) else (result,):
                if isinstance(one, torch.Tensor) and one.is_floating_point():
                    written += one.numel()
            return result

    with Counter():  # type: ignore[no-untyped-call]
        call()
    return written


def rounding_bound(
    scale: npt.NDArray[np.float64], operations: int, dtype: str = "float64"
) -> npt.NDArray[np.float64]:
    """What `operations` roundings may make of terms of size `scale` (Higham 2002, Lemma 3.1)."""
    return np.asarray(gamma(operations, dtype) * scale)


def adam_step_error(
    lr: float, sizes: npt.NDArray[np.float64], slopes: npt.NDArray[np.float64], dtype: str
) -> npt.NDArray[np.float64]:
    """How far rounded gradients move Adam's first four steps, for the usual betas.

    sizes (t, ...) are the sums of the absolute terms of each gradient, slopes (t, ...) their sums.
    With G the largest |g| so far sqrt(v) >= 0.9 G / sqrt(t) and |m| <= 4 sqrt(v) (Kingma and Ba
    2015, section 2.1), so a relative error e of G moves m / sqrt(v) by less than 16 e for t <= 4.
    """
    largest, steepest = sizes.max(axis=0), np.abs(slopes).max(axis=0)
    with np.errstate(divide="ignore"):  # a gradient that cancels leaves no digit to compare
        return np.asarray(16 * lr * gamma(6, dtype) * (largest / steepest))
