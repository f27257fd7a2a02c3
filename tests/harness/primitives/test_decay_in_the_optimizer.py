"""Momentum and Adam with coupled and decoupled decay against torch's own optimisers."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from harness.primitives.optimizers import adam, momentum_sgd

RATES = (0.1, 0.1, 0.01, 0.3)  # a schedule: an lr remembered from the first step shows


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_torch(optimizer: Callable[..., Any], **options: Any) -> list[Tensor]:
    parameters = [torch.nn.Parameter(normal(4, 3)), torch.nn.Parameter(normal(5, seed=1))]
    trainer = optimizer(
        [{"params": parameters[:1]}, {"params": parameters[1:], "weight_decay": 0.0}], **options
    )
    for t, lr in enumerate(RATES):
        for i, (parameter, group) in enumerate(zip(parameters, trainer.param_groups, strict=True)):
            group["lr"] = lr
            parameter.grad = normal(*parameter.shape, seed=10 + 2 * t + i)
        trainer.step()
    return [parameter.detach() for parameter in parameters]


def by_ours(step: Callable[..., Any], **options: Any) -> list[Tensor]:
    parameters = [normal(4, 3), normal(5, seed=1)]
    state = None
    for t, lr in enumerate(RATES):
        grads = [normal(*p.shape, seed=10 + 2 * t + i) for i, p in enumerate(parameters)]
        parameters, state = step(parameters, grads, state, lr, decays=[True, False], **options)
    return parameters


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_momentum_is_torchs(weight_decay: float) -> None:
    found = by_ours(momentum_sgd, weight_decay=weight_decay)
    expected = by_torch(torch.optim.SGD, momentum=0.9, weight_decay=weight_decay)
    torch.testing.assert_close(found, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("decoupled", [False, True])
def test_adam_is_torchs_and_decoupled_it_is_adamw(weight_decay: float, decoupled: bool) -> None:
    found = by_ours(adam, weight_decay=weight_decay, decoupled=decoupled)

    expected = by_torch(
        torch.optim.AdamW if decoupled else torch.optim.Adam, weight_decay=weight_decay
    )
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_decoupled_momentum_decays_the_weights_and_not_the_velocity() -> None:
    w, g = normal(3), normal(3, seed=1)

    (stepped,), (velocity,) = momentum_sgd([w], [g], None, 0.1, weight_decay=0.5, decoupled=True)

    assert torch.equal(velocity, g)
    torch.testing.assert_close(stepped, 0.95 * w - 0.1 * g, rtol=1e-15, atol=1e-15)


def test_torch_refuses_decay_of_sparse_gradients() -> None:
    table = torch.nn.Parameter(normal(10, 3))
    torch.nn.functional.embedding(torch.tensor([1, 4]), table, sparse=True).sum().backward()  # type: ignore[no-untyped-call]

    with pytest.raises(RuntimeError, match="sparse"):
        torch.optim.SGD([table], lr=0.1, weight_decay=0.1).step()
