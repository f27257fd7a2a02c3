"""Faults of kernels' fans, of AdamW, of losses in parts and of stratified folds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.primitives import convolutions, folds, optimizers

Indices = npt.NDArray[np.int64]
Window = Sequence[int]
Gen = torch.Generator


def _rescaled(ratio: float, *arguments: Any) -> Tensor:
    return convolutions.he_kernel(*arguments) * math.sqrt(ratio)


def misses_the_window(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """I05: the receptive field is missing from the fan of a convolution."""
    ratio = math.prod(window) if kind == "convolution" else 1
    return _rescaled(ratio, kind, inputs, outputs, window, groups, generator, replicates, device)


def swaps_the_fans_of_transposed_kernels(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """I07: in and out are read as in a convolution where the kernel is transposed."""
    ratio = inputs / outputs if kind == "transposed" else 1
    return _rescaled(ratio, kind, inputs, outputs, window, groups, generator, replicates, device)


def takes_heads_for_a_window(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """I09: a kernel of rank 3 is read as a convolution's, (window, inputs, outputs)."""
    ratio = inputs / (inputs * window[0]) if kind == "heads" else 1
    return _rescaled(ratio, kind, inputs, outputs, window, groups, generator, replicates, device)


def ignores_the_groups(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """All inputs are counted, though an output sees only those of its group."""
    return _rescaled(
        1 / groups, kind, inputs, outputs, window, groups, generator, replicates, device
    )


def counts_the_packed_outputs(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """Query, key and value packed in one matrix, read the wrong way round."""
    ratio = inputs / (outputs * window[0]) if kind == "packed" else 1
    return _rescaled(ratio, kind, inputs, outputs, window, groups, generator, replicates, device)


def averages_the_means(parts: Sequence[Tensor]) -> Tensor:
    """L01: a mean of the parts' means, which is right for equal parts only."""
    return torch.stack([part.mean(dim=-1) for part in parts]).mean(dim=0)


def adds_the_means(parts: Sequence[Tensor]) -> Tensor:
    """L03: the loss grows with the number of parts."""
    return torch.stack([part.mean(dim=-1) for part in parts]).sum(dim=0)


def divides_by_the_first_part(parts: Sequence[Tensor]) -> Tensor:
    """L05, in spirit: the denominator counts other rows than the numerator."""
    total = torch.stack([part.sum(dim=-1) for part in parts]).sum(dim=0)
    return total / (parts[0].shape[-1] * len(parts))


def keeps_what_adamw_should_remove(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.01,
    decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """W01: w becomes lr wd w, where it should lose that much."""
    plain, state = optimizers.adamw(params, grads, state, lr, betas, eps, 0.0)
    if not weight_decay:
        return plain, state
    flags = [True] * len(plain) if decays is None else decays
    return [
        p - w + lr * weight_decay * w if flag else p
        for p, w, flag in zip(plain, params, flags, strict=True)
    ], state


def decays_adamw_at_the_first_rate(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.01,
    decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """W05: the decay's rate is kept from step 1."""
    inner, first = (None, lr) if state is None else state
    stepped, inner = optimizers.adamw(
        params, grads, inner, lr, betas, eps, weight_decay * first / lr, decays
    )
    return stepped, (inner, first)


def freezes_what_adamw_does_not_decay(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.01,
    decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """W15: parameters without decay are not stepped at all."""
    stepped, state = optimizers.adamw(params, grads, state, lr, betas, eps, weight_decay, decays)
    flags = [True] * len(stepped) if decays is None else decays
    kept = zip(stepped, params, flags, strict=True)
    return [s if flag else w.clone() for s, w, flag in kept], state


def couples_adamw(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.01,
    decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """Adam under AdamW's name: the decay joins the gradient."""
    return optimizers.adam(params, grads, state, lr, betas, eps, weight_decay, False, decays)


def decays_adamw_without_the_rate(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.01,
    decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], Any]:  # fmt: skip
    """The decay is not scaled by the learning rate."""
    return optimizers.adamw(params, grads, state, lr, betas, eps, weight_decay / lr, decays)


def drops_the_remainder_of_strata(
    labels: Indices, k: int, rng: np.random.Generator | None = None
) -> list[tuple[Indices, Indices]]:
    """K01: n mod k examples are never validated."""
    kept = len(labels) // k * k
    everyone = np.arange(len(labels))
    found = folds.stratified_k_fold(labels[:kept], k, rng)
    return [(np.setdiff1d(everyone, valid), valid) for _, valid in found]


def ignores_the_labels(
    labels: Indices, k: int, rng: np.random.Generator | None = None
) -> list[tuple[Indices, Indices]]:
    """Plain folds under the stratified name."""
    return folds.k_fold(len(labels), k, rng)


def validates_on_what_it_trained_on(
    labels: Indices, k: int, rng: np.random.Generator | None = None
) -> list[tuple[Indices, Indices]]:
    """The training part is everyone: validation leaks."""
    found = folds.stratified_k_fold(labels, k, rng)
    return [(np.arange(len(labels)), valid) for _, valid in found]
