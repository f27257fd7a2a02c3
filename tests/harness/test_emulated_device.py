"""Primitives, and torch's layers behind their adapters, stay on the device that they are given.

On a GPU that is emulated, so that a machine without one walks these paths. Training cuts tensors
into parts, which takes a torch that is built for the device.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from harness.adapters import from_torch
from harness.adapters.adapter import adapter
from harness.primitives import (
    activations,
    clipping,
    convolutions,
    dropout,
    initialization,
    losses,
    optimizers,
    penalty,
    shared_dropout,
)  # fmt: skip
from harness.training.nets import mlp
from tests.harness.emulated import DEVICE, Generator, devices_of, emulated

FANS = (3, 4)


def there(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.ones(shape, dtype=dtype, device=DEVICE)


def labels(*shape: int) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch.long, device=DEVICE)


def drawn(initializer: Callable[..., Any]) -> Callable[[Generator], Any]:
    return lambda generator: initializer(*FANS, generator, 2, device=DEVICE)


def kernels(kernel: Callable[..., Any]) -> Callable[[Generator], Any]:
    return lambda generator: [
        kernel(kind, 4, 8, window, 1, generator, 2, DEVICE)
        for kind, window in (("convolution", (3, 3)), ("heads", (2,)), ("packed", (3,)))
    ]


def on_tensors(function: Callable[..., Any], *shape: int) -> Callable[[Generator], Any]:
    return lambda _: function(there(*(shape or (2, 5, 4))))


def stepped(step: Callable[..., Any], *state: Any, **options: Any) -> Callable[[Generator], Any]:
    """Two parameters and a step of them."""

    def call(_: Generator) -> Any:
        w = [there(2, 5, 4), there(2, 3)]
        return step(w, w, *state, 0.1, **options)

    return call


def masked(layer: Callable[..., Any]) -> Callable[[Generator], Any]:
    return lambda generator: layer(there(4, 5, 6), 0.5, generator)


WALKS: dict[str, Callable[[Generator], Any]] = {
    "dropout": masked(dropout.dropout),
    "channel_dropout": masked(shared_dropout.channel_dropout),
    "path_dropout": masked(shared_dropout.path_dropout),
    "xavier_uniform": drawn(initialization.xavier_uniform),
    "xavier_normal": drawn(initialization.xavier_normal),
    "he_uniform": drawn(initialization.he_uniform),
    "he_normal": drawn(initialization.he_normal),
    "plain_normal": drawn(initialization.plain_normal),
    "he_kernel": kernels(convolutions.he_kernel),
    "xavier_kernel": kernels(convolutions.xavier_kernel),
    "sgd": stepped(optimizers.sgd, weight_decay=0.1, decays=[True, False]),
    "momentum_sgd": stepped(optimizers.momentum_sgd, None, weight_decay=0.1),
    "nesterov_sgd": stepped(optimizers.nesterov_sgd, None, weight_decay=0.1),
    "adam": stepped(optimizers.adam, None, weight_decay=0.1),
    "adamw": stepped(optimizers.adamw, None),
    "clipped_sgd": stepped(clipping.clipped_sgd, max_norm=1.0),
    "clip_gradient_norm": lambda _: clipping.clip_gradient_norm([there(2, 5)], 1.0),
    "l2_penalty": on_tensors(penalty.l2_penalty),
    "relu": on_tensors(activations.relu),
    "sigmoid": on_tensors(activations.sigmoid),
    "tanh": on_tensors(activations.tanh),
    "scaled_sigmoid": on_tensors(activations.scaled_sigmoid),
    "mean_loss": on_tensors(losses.mean_loss),
    "squared_loss": lambda _: losses.squared_loss(there(2, 5), there(2, 5)),
    "mean_over_microbatches": lambda _: losses.mean_over_microbatches([there(2, 5), there(2, 3)]),
    "smoothed_cross_entropy": lambda _: losses.smoothed_cross_entropy(
        there(2, 5, 3), labels(2, 5), 0.1
    ),
    "init_mlp": lambda generator: mlp.init_mlp((3, 4, 2), 2, generator, device=DEVICE),
}


@pytest.mark.parametrize("role", WALKS)
def test_a_primitive_stays_on_the_device(role: str) -> None:
    with emulated() as generator:
        assert devices_of(WALKS[role](generator)) == {DEVICE}


@pytest.fixture
def unseeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No number can be read off an emulated device, that of torch's own generator included."""

    @contextlib.contextmanager
    def stream(generator: torch.Generator) -> Iterator[int]:
        yield 0

    monkeypatch.setattr(from_torch, "global_stream", stream)


@pytest.mark.usefixtures("unseeded")
@pytest.mark.parametrize(
    ("role", "thing"),
    [
        ("dropout", torch.nn.Dropout),
        ("channel_dropout", torch.nn.Dropout1d),
        ("relu", torch.nn.ReLU),
    ],
)
def test_an_object_of_torch_stays_on_the_device(role: str, thing: Any) -> None:
    fitted = adapter(role, thing)
    walk: Any = on_tensors if role == "relu" else masked

    with emulated() as generator:
        assert devices_of(walk(fitted)(generator)) == {DEVICE}


def test_a_tensor_on_another_device_is_seen() -> None:
    with emulated(), pytest.raises(RuntimeError, match=r"two different devices|found .*devices"):
        there(4, 5) * torch.ones(4, 5)


def test_a_generator_on_another_device_is_seen() -> None:
    with emulated() as generator, pytest.raises(RuntimeError, match=r"rand draws for cpu from a"):
        torch.rand(4, 5, generator=generator)
