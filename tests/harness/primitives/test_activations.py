"""Activations and losses against torch's own."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import special
from torch import Tensor

from harness.primitives import activations
from harness.primitives.losses import cross_entropy, mean_loss, squared_loss

GRID = torch.cat([torch.linspace(-800, 800, 401), torch.linspace(-3, 3, 601)]).double()


@pytest.mark.parametrize(("activation", "oracle"), [
    (activations.relu, lambda x: np.maximum(x, 0)), (activations.sigmoid, special.expit),
    (activations.tanh, np.tanh), (activations.scaled_sigmoid, lambda x: 2 * np.tanh(x / 2)),
])  # fmt: skip
def test_values_agree_with_numpy(
    activation: Callable[[Tensor], Tensor], oracle: Callable[[object], object]
) -> None:
    expected = torch.as_tensor(oracle(GRID.numpy()))
    torch.testing.assert_close(activation(GRID), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("activation", "slope_at_zero"), [
    (activations.relu, 0.0), (activations.sigmoid, 0.25), (activations.tanh, 1.0),
    (activations.scaled_sigmoid, 1.0),
])  # fmt: skip
def test_slopes_are_finite_and_right_at_zero(
    activation: Callable[[Tensor], Tensor], slope_at_zero: float
) -> None:
    x = torch.tensor([0.0, 1e4, -1e4], dtype=torch.float64, requires_grad=True)

    (slope,) = torch.autograd.grad(activation(x).sum(), x)

    assert float(slope[0]) == slope_at_zero
    assert slope.isfinite().all()


def test_relu_keeps_nan_and_infinity() -> None:
    y = activations.relu(torch.tensor([math.nan, math.inf, -math.inf, -0.0]))
    assert y[0].isnan()
    assert y[1:].tolist() == [math.inf, 0.0, 0.0]


def test_cross_entropy_is_torchs_for_every_example() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = 30 * torch.randn(3, 7, 5, generator=generator, dtype=torch.float64)
    logits.requires_grad_()
    y = torch.randint(5, (3, 7), generator=generator)

    ours = cross_entropy(logits, y)
    theirs = torch.nn.functional.cross_entropy(logits.mT, y, reduction="none")

    torch.testing.assert_close(ours, theirs)
    slopes = [torch.autograd.grad(losses.sum(), logits)[0] for losses in (ours, theirs)]
    torch.testing.assert_close(*slopes)


def test_cross_entropy_of_huge_logits_is_finite() -> None:
    logits = torch.tensor([[1e30, -1e30], [1e4, 0.0]])
    assert cross_entropy(logits, torch.tensor([0, 0])).tolist() == [0.0, 0.0]


def test_squared_loss_has_the_half_and_does_not_broadcast() -> None:
    y_hat = torch.tensor([[1.0], [4.0]])
    losses = squared_loss(y_hat, torch.tensor([0.0, 2.0]))
    assert losses.tolist() == [[0.5], [2.0]]


def test_the_mean_loss_is_over_examples_only() -> None:
    assert mean_loss(torch.tensor([[1.0, 2.0], [3.0, 5.0]])).tolist() == [1.5, 4.0]
