"""The SGD step, the L2 penalty and gradient clipping against torch and against algebra."""

import math

import pytest
import torch
from torch import Tensor

from harness.primitives.clipping import clip_gradient_norm
from harness.primitives.optimizers import sgd
from harness.primitives.penalty import l2_penalty


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_a_step_is_torchs(weight_decay: float, decoupled: bool) -> None:
    w, g = normal(4, 3), normal(4, 3, seed=1)
    parameter = torch.nn.Parameter(w.clone())
    parameter.grad = g.clone()

    torch.optim.SGD([parameter], lr=0.3, weight_decay=weight_decay).step()
    (stepped,) = sgd([w], [g], 0.3, weight_decay=weight_decay, decoupled=decoupled)

    torch.testing.assert_close(stepped, parameter.detach(), rtol=1e-14, atol=1e-14)


def test_only_the_parameters_that_decay_do() -> None:
    w, b = normal(2, 5), normal(2, 1)
    zeros = [torch.zeros_like(w), torch.zeros_like(b)]

    w_after, b_after = sgd([w, b], zeros, 0.3, weight_decay=0.3, decays=[True, False])

    torch.testing.assert_close(w_after, (1 - 0.09) * w, rtol=1e-15, atol=0)
    assert torch.equal(b_after, b)


def test_a_step_leaves_its_arguments_alone() -> None:
    w, g = normal(3), normal(3, seed=1)
    before = w.clone(), g.clone()

    sgd([w], [g], 0.1, weight_decay=1.0)

    assert torch.equal(w, before[0])
    assert torch.equal(g, before[1])


def test_dtypes_are_kept() -> None:
    w = torch.ones(3, dtype=torch.bfloat16)
    assert sgd([w], [w], 0.1, weight_decay=0.5)[0].dtype == torch.bfloat16


def test_a_gradient_is_wanted_for_every_parameter() -> None:
    with pytest.raises(ValueError, match="zip"):
        sgd([normal(3)], [], 0.1)


@pytest.mark.parametrize("shape", [(3,), (3, 4), (3, 4, 5), (2, 0)])
def test_the_penalty_is_half_the_squared_norm_of_each_replica(shape: tuple[int, ...]) -> None:
    w = normal(*shape).requires_grad_()

    penalty = l2_penalty(w)
    (slope,) = torch.autograd.grad(penalty.sum(), w)

    expected = torch.stack([0.5 * torch.linalg.vector_norm(row) ** 2 for row in w])
    torch.testing.assert_close(penalty, expected)
    assert torch.equal(slope, w)


@pytest.mark.parametrize("max_norm", [0.1, 1.0, 1e6])
def test_clipping_is_torchs_for_every_replica(max_norm: float) -> None:
    grads = [normal(3, 4, 2), normal(3, 5, seed=1)]

    clipped, norm = clip_gradient_norm(grads, max_norm)

    for r in range(3):
        parameters = [torch.nn.Parameter(g[r].clone()) for g in grads]
        for parameter, g in zip(parameters, grads, strict=True):
            parameter.grad = g[r].clone()
        expected = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
        torch.testing.assert_close(norm[r], expected)
        for g, parameter in zip(clipped, parameters, strict=True):
            torch.testing.assert_close(g[r], parameter.grad, rtol=1e-5, atol=0)


def test_a_short_or_zero_gradient_is_not_touched() -> None:
    grads = [torch.tensor([[0.0, 0.0], [0.3, 0.4]])]

    clipped, norm = clip_gradient_norm(grads, 0.5)

    assert torch.equal(clipped[0], grads[0])
    torch.testing.assert_close(norm, torch.tensor([0.0, 0.5]))


def test_a_gradient_that_is_not_finite_is_shown_and_stays_in_its_replica() -> None:
    (clipped,), norm = clip_gradient_norm([torch.tensor([[math.inf, 1.0], [3.0, 4.0]])], 1.0)

    assert clipped[0].isnan().all()
    assert norm[0] == math.inf
    torch.testing.assert_close(clipped[1], torch.tensor([0.6, 0.8]))
