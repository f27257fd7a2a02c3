"""Replicated training of multilayer perceptrons by minibatch SGD on the cross-entropy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.primitives import activations, initialization
from harness.primitives.dropout import dropout as reference_dropout
from harness.primitives.optimizers import sgd as reference_sgd
from harness.primitives.penalty import l2_penalty as reference_penalty
from harness.training import accelerators
from harness.training.history import NetHistory, recorded_epochs
from harness.training.nets import masks
from harness.training.nets.backprop import SLOPES, Activation, fused
from harness.training.nets.block import Array, Block, Examples, Settings
from harness.training.nets.masks import Masks
from harness.training.nets.stacked import Room
from harness.training.nets.stacked_block import StackedBlock
from harness.training.orders import GROUP, Order, Orders, Shuffles
from harness.training.solver import MLP, Solver, Split

if TYPE_CHECKING:
    from harness.training.nets.compiled.block import CompiledBlock

    OneBlock = Block | StackedBlock | CompiledBlock

_SHARED = 1 << 21  # numbers that a step of a block may touch: few calls count more than caches
_STACKED = 64  # up to this width replicas share a stream of masks
_SMALL = 1 << 13  # weights; up to here, and up to that width, replicas share products too: a larger
# net fills the cache alone


def init_mlp(
    sizes: Sequence[int], replicates: int, generator: torch.Generator,
    initializer: Callable[..., Tensor] | None = None, *, zero_bias: bool | None = None,
    dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
) -> list[Tensor]:  # fmt: skip
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
    data: Split[Tensor], net: MLP, solver: Solver, generator: torch.Generator,
    orders: np.random.Generator | Order, *, replicates: int | None = None,
    initial: Sequence[Tensor] | None = None,
) -> NetHistory:  # fmt: skip
    """Train R perceptrons side by side and return losses, accuracies and final parameters.

    Labels are integers, the loss is the cross-entropy. Examples that the replicas share leave R
    open: `replicates` says how many. Weights come from `initial`, or from `init_mlp`; they and the
    masks of dropout are drawn from `generator`.
    `orders` is a generator of fresh orders for every epoch, independent over replicas, or the
    orders themselves, (epochs, n) or (R, epochs, n).
    Losses and accuracies are measured in evaluation mode, whenever the solver records.
    The roles `dropout`, `sgd`, `l2_penalty` and `activation`, when they are not the reference's
    own, take their part of every step; kernels are "auto", "manual" and "autograd".
    On CUDA "auto" records the steps of a net without dropout as a graph.
    """
    R = _replicas(data, initial, replicates)
    settings = _settings(net, solver, generator, data.X.device)
    X = data.X
    if initial is None:
        initial = init_mlp(net.sizes, R, generator, net.initializer, dtype=X.dtype, device=X.device)
    blocks = _Blocks(data, [p.detach().to(X) for p in initial], net.sizes, settings)
    shuffles = Shuffles.of(orders, R, X.shape[-2])
    recorded = recorded_epochs(solver.epochs, solver.record_every)
    runs = []
    size = _together(net.sizes, solver.batch_size)
    for start in range(0, R, size):
        cut = slice(start, min(start + size, R))
        runs.append(_run(blocks.of(cut), shuffles.part(cut), recorded))
    return _joined(runs, recorded, "numba" if blocks.compiled else settings.kernel)


class _Blocks:
    """What blocks of replicas train with; those of one run take turns in the same memory."""

    def __init__(
        self, data: Split[Tensor], parameters: Sequence[Tensor], sizes: Sequence[int],
        settings: Settings,
    ) -> None:  # fmt: skip
        self._train, self._test = Examples(data.X, data.y), Examples(data.X_test, data.y_test)
        self._parameters, self._settings = parameters, settings
        # Replicas that always train side by side share a stream of masks.
        self._group = GROUP if max(sizes[1:-1], default=1) <= _STACKED else 1
        streams = -(-len(parameters[0]) // self._group)
        self._seeds = masks.seeds_for(streams, settings.generator)
        self._rooms: dict[Any, Room] = {}
        weights = sum(i * o for i, o in itertools.pairwise(sizes))
        self._together = self._group > 1 or weights <= _SMALL or not settings.manual
        native = data.X.device.type == "cpu" and data.X.dtype in (torch.float32, torch.float64)
        self._stacked = native and settings.manual and fused(settings.solver)
        # Wider layers' products are the library's to take.
        self.compiled = (
            self._stacked
            and self._group > 1
            and data.X.dtype == torch.float32
            and accelerators.chosen() == "numba"
        )

    def of(self, cut: slice) -> list[OneBlock]:
        """Return one block of the replicas, or one of each where one replica fills the cache."""
        if self._together:
            return [self._block(cut)]
        return [self._block(slice(r, r + 1)) for r in range(cut.start, cut.stop)]

    def _block(self, part: slice) -> OneBlock:
        settings, group = self._settings, self._group
        seeds = self._seeds[part.start // group : -(-part.stop // group)]
        rates = settings.rates if settings.dropout is None else [0.0] * len(settings.rates)
        own = [p[part] for p in self._parameters]
        drop = Masks(seeds, rates, own[0].dtype, part.stop - part.start, group)
        train, test = self._train.part(part), self._test.part(part)
        if self.compiled:
            from harness.training.nets.compiled.block import CompiledBlock

            return CompiledBlock(own, train, test, settings, drop)
        if self._stacked:
            return StackedBlock(own, train, test, settings, drop, self._rooms)
        return Block([p.clone() for p in own], train, test, settings, drop)


def _run(
    blocks: Sequence[OneBlock],
    source: Orders,
    recorded: npt.NDArray[np.int64],
) -> tuple[Array, list[list[Tensor]]]:
    """Train the blocks of one group; return their measurements (4, R, K) and parameters."""
    measured = []
    for epoch, order in enumerate(_epochs(source, int(recorded[-1])), 1):
        done = 0
        for block in blocks:
            block.train_epoch(order[done : done + block.replicas])
            done += block.replicas
        if epoch in recorded:
            measured.append(np.concatenate([block.measure() for block in blocks], axis=1))
    return np.stack(measured, axis=2), [block.parameters for block in blocks]


def _epochs(source: Orders, epochs: int) -> Iterator[Order]:
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
        epochs=recorded, train_loss=train_loss, test_loss=test_loss, train_accuracy=train_accuracy,
        test_accuracy=test_accuracy, parameters=parameters, diverged=~finite, kernel=kernel,
    )  # fmt: skip


def _replicas(data: Split[Tensor], initial: Sequence[Tensor] | None, given: int | None) -> int:
    """Return R: the data's own, the initial weights', or the number given for shared data."""
    own = data.X.dim() == 3
    sizes = {given} - {None}
    sizes |= {len(data.X)} if own else set()
    sizes |= set() if initial is None else {len(initial[0])}
    if own != (data.y.dim() == 2):
        shapes = tuple(data.X.shape), tuple(data.y.shape)
        raise ValueError(f"X has shape {shapes[0]} but y {shapes[1]}; replicate both")
    if len(sizes) > 1:
        raise ValueError(f"the run is given {sorted(map(str, sizes))} replicas; give one number")
    return next(iter(sizes), None) or 1


def _settings(
    net: MLP, solver: Solver, generator: torch.Generator, device: torch.device
) -> Settings:
    """Return how every replica trains; what is the reference's own the engine does itself."""
    hidden = len(net.sizes) - 2
    rates = tuple(net.dropout_rates) or (0.0,) * hidden
    if len(rates) != hidden:
        raise ValueError(f"dropout_rates={rates!r} for {hidden} hidden layers; give one each")
    dropout = net.dropout if any(rates) else None
    if dropout is reference_dropout or (dropout is None and any(rates)):
        # The engine's masks have the same law, on the CPU.
        dropout = None if device.type == "cpu" else reference_dropout
    activation = activations.relu if net.activation is None else net.activation
    solver = replace(
        solver,
        sgd=None if solver.sgd is reference_sgd else solver.sgd,
        l2_penalty=None if solver.l2_penalty is reference_penalty else solver.l2_penalty,
    )
    manual = _manual(solver.kernel, dropout, activation)
    graph = solver.kernel == "auto" and device.type == "cuda" and manual and fused(solver)
    graph = graph and not any(rates)
    return Settings(rates, activation, dropout, solver, generator, manual, graph)


def _manual(kernel: str, dropout: object, activation: Activation) -> bool:
    """Return whether gradients are written out, not autograd's."""
    possible = dropout is None and activation in SLOPES
    if kernel not in ("auto", "manual", "autograd"):
        raise ValueError(f"kernel={kernel!r} is not known; there are: auto, manual, autograd")
    if kernel == "manual" and not possible:
        raise ValueError("kernel='manual' knows only the reference's roles; use 'auto'")
    return possible and kernel != "autograd"


def _together(sizes: Sequence[int], batch_size: int) -> int:
    """Return how many replicas (whole groups) share a call: few numbers a step, many replicas."""
    numbers = sum(i * o for i, o in itertools.pairwise(sizes)) + batch_size * 3 * sum(sizes)
    return GROUP * max(1, min(8, _SHARED // numbers // GROUP))
