"""Replicated training of multilayer perceptrons by minibatch SGD on the cross-entropy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.primitives import activations, initialization
from harness.primitives.dropout import dropout as reference_dropout
from harness.primitives.losses import cross_entropy, mean_loss
from harness.primitives.optimizers import sgd as reference_sgd
from harness.primitives.penalty import l2_penalty as reference_penalty
from harness.training import orders as shuffles
from harness.training.history import NetHistory, recorded_epochs
from harness.training.nets import masks
from harness.training.nets.backprop import Activation, Update, by_hand, forward
from harness.training.nets.block import Array, Block, Examples, Settings
from harness.training.nets.masks import Masks
from harness.training.nets.stacked import Room
from harness.training.nets.stacked_block import StackedBlock

CHAPTER = (784, 256, 256, 10)  # the chapter's net, with dropout rates 0.2 and 0.5
_SHARED = 1 << 21  # numbers that a step of a block may touch: few calls count more than caches
_STACKED = 64  # up to this width replicas share products; a wider one fills the cache alone


def init_mlp(
    sizes: Sequence[int],
    replicates: int,
    generator: torch.Generator,
    initializer: Callable[..., Tensor] | None = None,
    *,
    zero_bias: bool | None = None,
    dtype: torch.dtype = torch.float32,
    device: str | torch.device = "cpu",
) -> list[Tensor]:
    """Return weights (R, out, in) and biases (R, out), layer after layer, [W1, b1, W2, b2, ...].

    Without an `initializer` weights and biases are U(+-1 / sqrt(fan_in)), as torch.nn.Linear
    makes them; with one the biases are 0, unless `zero_bias` says otherwise.
    """
    law = {"replicates": replicates, "dtype": dtype, "device": device}
    standard: Callable[..., Tensor] = initialization.default_uniform
    draw = standard if initializer is None else initializer
    zero = initializer is not None if zero_bias is None else zero_bias
    parameters = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        parameters.append(draw(fan_in, fan_out, generator, **law))
        if zero:
            parameters.append(torch.zeros(replicates, fan_out, dtype=dtype, device=device))
        else:
            bias: Callable[..., Tensor] = initialization.default_bias
            parameters.append(bias(fan_in, fan_out, generator, **law))
    return parameters


def train_mlp(
    x: Tensor,
    y: Tensor,
    x_test: Tensor,
    y_test: Tensor,
    *,
    sizes: Sequence[int],
    lr: float,
    epochs: int,
    batch_size: int,
    generator: torch.Generator,
    rng: np.random.Generator | None = None,
    replicates: int | None = None,
    dropout_rates: Sequence[float] = (),
    weight_decay: float = 0.0,
    initial: Sequence[Tensor] | None = None,
    initializer: Callable[..., Tensor] | None = None,
    orders: shuffles.Order | None = None,
    record_every: int | None = 1,
    dropout: Callable[..., Tensor] | None = None,
    sgd: Callable[..., Any] | None = None,
    l2_penalty: Callable[..., Any] | None = None,
    activation: Activation | None = None,
    kernel: str = "auto",
) -> NetHistory:
    """Train R perceptrons side by side and return losses, accuracies and final parameters.

    x is (R, n, d), or (n, d) shared by all (then `replicates` says how many), y (R, n) or (n,)
    integer labels, the test data likewise. A batch's loss is its mean cross-entropy over the
    batch's own size plus weight_decay ||W||^2 / 2 over the weights, not the biases.
    `dropout_rates` has one drop probability a hidden layer, after the activation (default ReLU).
    Every epoch has a fresh order from `rng`, independent over replicas, or the given `orders`,
    (epochs, n) or (R, epochs, n). Weights come from `initial`, or `init_mlp`.
    Losses and accuracies are measured in evaluation mode after every `record_every`-th epoch and
    after the last.
    The roles `dropout`, `sgd`, `l2_penalty` and `activation`, when they are not the reference's
    own, take their part of every step; kernels are "auto", "manual" and "autograd".
    On CUDA "auto" records the steps of a net without dropout as a graph.
    """
    R = _replicas(x, y, initial, replicates)
    foreign = _foreign(dropout, x.device) if any(dropout_rates) else None
    rates = _rates(dropout_rates, len(sizes) - 2)
    settings = Settings(
        rates=rates,
        batch_size=batch_size,
        update=Update(
            lr,
            weight_decay,
            None if sgd is reference_sgd else sgd,
            None if l2_penalty is reference_penalty else l2_penalty,
        ),
        activation=activations.relu if activation is None else activation,
        dropout=foreign,
        generator=generator,
        manual=_manual(kernel, foreign, activation),
    )
    if kernel == "auto" and x.is_cuda and settings.manual and settings.update.fused:
        settings = replace(settings, graph=not any(rates))
    if initial is None:
        initial = init_mlp(sizes, R, generator, initializer, dtype=x.dtype, device=x.device)
    parameters = [p.detach().to(x) for p in initial]
    group = _group(sizes)
    mask_seeds = masks.seeds_for(-(-R // group), generator)
    order_seeds = shuffles.seeds_for(R, rng) if rng is not None and orders is None else None
    recorded = recorded_epochs(epochs, record_every)
    runs = []
    size = _together(sizes, batch_size)
    rooms: dict[Any, Room] = {}
    for start in range(0, R, size):
        cut = slice(start, min(start + size, R))
        blocks: list[Block | StackedBlock] = []
        for part in _cuts(cut, group, settings.manual):
            seeds = mask_seeds[part.start // group : -(-part.stop // group)]
            own_rates = rates if foreign is None else [0.0] * len(rates)
            drop = Masks(seeds, own_rates, x.dtype, part.stop - part.start, group)
            own = [p[part] for p in parameters]
            examples = Examples(x, y).part(part), Examples(x_test, y_test).part(part)
            if _stacked(settings, x):
                blocks.append(StackedBlock(own, *examples, settings, drop, rooms))
            else:
                blocks.append(Block([p.clone() for p in own], *examples, settings, drop))
        source = shuffles.source_for(order_seeds, orders, cut, x.shape[-2])
        runs.append(_run(blocks, source, epochs, recorded))
    return _joined(runs, recorded, _name(settings))


def gradient_norms(
    parameters: Sequence[Tensor], x: Tensor, y: Tensor, activation: Activation | None = None
) -> Tensor:
    """Return the Frobenius norm (R, L) of every layer's weight gradient of the mean cross-entropy.

    x is (R, n, d) and y (R, n), in evaluation mode.
    """
    leaves = [p.detach().requires_grad_() for p in parameters]
    act = activations.relu if activation is None else activation
    loss = mean_loss(cross_entropy(forward(leaves, x, act), y)).sum()
    grads = torch.autograd.grad(loss, leaves[::2])
    return torch.stack([g.flatten(1).norm(dim=1) for g in grads], dim=1)


def _run(
    blocks: Sequence[Block | StackedBlock],
    source: shuffles.Orders,
    epochs: int,
    recorded: npt.NDArray[np.int64],
) -> tuple[Array, list[list[Tensor]]]:
    """Train the blocks of one group; return their measurements (4, R, K) and parameters."""
    measured = []
    for epoch, order in enumerate(_epochs(source, epochs), 1):
        done = 0
        for block in blocks:
            block.train_epoch(order[done : done + block.replicas])
            done += block.replicas
        if epoch in recorded:
            measured.append(np.concatenate([block.measure() for block in blocks], axis=1))
    return np.stack(measured, axis=2), [block.parameters for block in blocks]


def _epochs(source: shuffles.Orders, epochs: int) -> Iterator[shuffles.Order]:
    """Yield the order (R, n) of every epoch, drawn in chunks."""
    for start in range(0, epochs, source.chunk):
        yield from source.draw(min(source.chunk, epochs - start))


def _joined(
    runs: list[tuple[Array, list[list[Tensor]]]], recorded: npt.NDArray[np.int64], kernel: str
) -> NetHistory:
    """Return the history of all groups."""
    measured = np.concatenate([part for part, _ in runs], axis=1)
    blocks = [block for _, blocks in runs for block in blocks]
    parameters = [torch.cat(p) for p in zip(*blocks, strict=True)] if len(blocks) > 1 else blocks[0]
    finite = np.isfinite(measured).all(axis=(0, 2))
    for p in parameters:
        finite &= np.isfinite(p.cpu().numpy()).reshape(len(p), -1).all(axis=1)
    train_loss, test_loss, train_accuracy, test_accuracy = measured
    return NetHistory(
        epochs=recorded,
        train_loss=train_loss,
        test_loss=test_loss,
        train_accuracy=train_accuracy,
        test_accuracy=test_accuracy,
        parameters=parameters,
        diverged=~finite,
        kernel=kernel,
    )


def _replicas(x: Tensor, y: Tensor, initial: Sequence[Tensor] | None, given: int | None) -> int:
    """Return R: the data's own, the initial weights', or the number given for shared data."""
    sizes = {given} - {None}
    sizes |= {len(x)} if x.dim() == 3 else set()
    sizes |= set() if initial is None else {len(initial[0])}
    if (x.dim() == 3) != (y.dim() == 2):
        raise ValueError(f"x has shape {tuple(x.shape)} but y {tuple(y.shape)}; replicate both")
    if len(sizes) > 1:
        raise ValueError(f"the run is given {sorted(map(str, sizes))} replicas; give one number")
    return next(iter(sizes), None) or 1


def _rates(rates: Sequence[float], hidden: int) -> tuple[float, ...]:
    if not rates:
        return (0.0,) * hidden
    if len(rates) != hidden:
        raise ValueError(f"dropout_rates={rates!r} for {hidden} hidden layers; give one each")
    return tuple(rates)


def _foreign(
    dropout: Callable[..., Tensor] | None, device: torch.device
) -> Callable[..., Tensor] | None:
    """Return the dropout that must be called; None where the engine's masks have the same law."""
    if dropout is None or dropout is reference_dropout:
        return None if device.type == "cpu" else reference_dropout
    return dropout


def _manual(kernel: str, dropout: object, activation: Activation | None) -> bool:
    possible = dropout is None and by_hand(activations.relu if activation is None else activation)
    if kernel not in ("auto", "manual", "autograd"):
        raise ValueError(f"kernel={kernel!r} is not known; there are: auto, manual, autograd")
    if kernel == "manual" and not possible:
        raise ValueError("kernel='manual' knows only the reference's roles; use 'auto'")
    return possible and kernel != "autograd"


def _name(settings: Settings) -> str:
    if settings.graph:
        return "graph"
    return "manual" if settings.manual else "autograd"


def _stacked(settings: Settings, x: Tensor) -> bool:
    """Return whether the engine's own block on the CPU can take the steps."""
    native = x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)
    return native and settings.manual and settings.update.fused


def _together(sizes: Sequence[int], batch_size: int) -> int:
    """Return how many replicas (whole groups) share a call: few numbers a step, many replicas."""
    numbers = sum(i * o for i, o in itertools.pairwise(sizes)) + batch_size * 3 * sum(sizes)
    return shuffles.GROUP * max(1, min(8, _SHARED // numbers // shuffles.GROUP))


def _group(sizes: Sequence[int]) -> int:
    """Return how many replicas share a stream of masks: those that always train side by side."""
    return shuffles.GROUP if max(sizes[1:-1], default=1) <= _STACKED else 1


def _cuts(cut: slice, group: int, manual: bool) -> list[slice]:
    """Return the group whole, or one replica at a time where one fills the cache."""
    if group > 1 or not manual:
        return [cut]
    return [slice(r, r + 1) for r in range(cut.start, cut.stop)]
