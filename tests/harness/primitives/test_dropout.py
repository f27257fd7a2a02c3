"""Dropout against its own definition, torch's layer, and the binomial law."""

import math

import pytest
import torch
from scipy import stats
from torch import Tensor

from harness.primitives.dropout import dropout
from tests.draws import generator

DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16]


def distinct(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return values of both signs, none of them 0."""
    n = math.prod(shape)
    return (
        (torch.arange(1, n + 1, dtype=torch.float64) / 7 * (-1) ** torch.arange(n))
        .reshape(shape)
        .to(dtype)
    )


LAYOUTS = {
    "scalar": distinct(1).squeeze(), "empty": torch.empty(0, 3), "rank 1": distinct(37),
    "rank 6": distinct(2, 1, 3, 2, 5, 3), "transposed": distinct(13, 8).mT,
    "permuted": distinct(4, 5, 6).permute(2, 0, 1), "strided": distinct(10, 12)[::2, 1::3],
    "expanded": distinct(5, 1).expand(5, 9),
    "channels last": distinct(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
    "channels last 3d": distinct(2, 3, 2, 2, 5).contiguous(memory_format=torch.channels_last_3d),
}  # fmt: skip


def matches(h: Tensor, dropped: Tensor, p: float) -> Tensor:
    """Return where an element is 0 or one of the two honest roundings of h / (1 - p)."""
    exact = (h.double() / (1 - p)).to(h.dtype)
    as_torch = h * torch.tensor(1 / (1 - p), dtype=h.dtype)
    return (dropped == 0) | (dropped == exact) | (dropped == as_torch)


@pytest.mark.parametrize("p", [1e-3, 0.1, 0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_element_is_zero_or_rescaled_in_the_same_layout(layout: str, p: float) -> None:
    h = LAYOUTS[layout]
    like = torch.empty_like(h)

    dropped = dropout(h, p, generator())

    assert matches(h, dropped, p).all()
    assert (dropped.shape, dropped.dtype, dropped.stride()) == (h.shape, h.dtype, like.stride())


@pytest.mark.parametrize("p", [0.01, 0.1, 0.2, 0.3, 0.7, 0.99])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_kept_values_are_honestly_rounded(dtype: torch.dtype, p: float) -> None:
    h = torch.linspace(-3, 3, 4001, dtype=torch.float64).to(dtype)

    dropped = dropout(h, p, generator())

    assert matches(h, dropped, p).all()
    assert dropped.any()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("p", [2.0**-12, 0.001, 0.1, 0.3, 0.9, 0.99, 1 - 2.0**-12])
def test_the_number_kept_is_binomial(p: float, dtype: torch.dtype) -> None:
    n = 200_000
    kept = int((dropout(torch.ones(n, dtype=dtype), p, generator(1)) != 0).sum())
    assert stats.binomtest(kept, n, 1 - p).pvalue > 1e-6


def test_a_probability_within_a_hair_of_one_still_keeps() -> None:
    p, n = 1 - 2.0**-20, 4_000_000
    kept = int((dropout(torch.ones(n), p, generator(2)) != 0).sum())
    assert stats.binomtest(kept, n, 1 - p).pvalue > 1e-6


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_p_zero_is_the_identity_and_p_one_is_zero(dtype: torch.dtype) -> None:
    h = torch.tensor([math.inf, -math.inf, math.nan, 0.0, -2.0], dtype=dtype)

    assert torch.equal(dropout(h, 0.0, generator())[:2], h[:2])
    assert not dropout(torch.ones(100_000, dtype=dtype), 0.0, generator()).eq(0).any()
    assert torch.equal(dropout(h, 1.0, generator()), torch.zeros_like(h))


def test_infinities_are_dropped_or_kept_and_never_turn_into_nan() -> None:
    h = torch.full((1000,), math.inf)
    dropped = dropout(h, 0.5, generator())
    assert set(dropped.tolist()) == {0.0, math.inf}


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("layout", ["rank 1", "transposed", "channels last"])
def test_the_gradient_is_the_mask_over_one_minus_p(layout: str, p: float) -> None:
    h = torch.where(torch.rand(LAYOUTS[layout].shape, generator=generator(5)) < 0.3, 0.0, 1.0)
    h = torch.empty_like(LAYOUTS[layout]).copy_(h).requires_grad_()

    (slope,) = torch.autograd.grad(dropout(h, p, generator(3)).sum(), h)

    # The same stream tells what was kept, at zeros of h too.
    kept = dropout(torch.ones_like(h), p, generator(3)) != 0
    expected = kept * (0.0 if p == 1.0 else 1 / (1 - p))
    torch.testing.assert_close(slope, expected.to(slope.dtype), rtol=1e-6, atol=0)


def test_the_gradient_at_infinity_is_finite() -> None:
    h = torch.full((100,), math.inf, requires_grad=True)
    (slope,) = torch.autograd.grad(dropout(h, 0.5, generator()).sum(), h)
    assert set(slope.tolist()) == {0.0, 2.0}


def test_evaluation_returns_the_input() -> None:
    h = distinct(4, 4)
    assert dropout(h, 0.5, generator(), training=False) is h


def test_the_mask_is_a_function_of_the_generator_and_not_of_the_layout() -> None:
    h = distinct(6, 10)

    row_major = dropout(h, 0.4, generator(7))
    column_major = dropout(h.mT.contiguous().mT, 0.4, generator(7))

    assert torch.equal(row_major, column_major)


def test_calls_differ_and_equal_generators_agree() -> None:
    h, stream = distinct(200), generator(11)

    first, second = dropout(h, 0.5, stream), dropout(h, 0.5, stream)

    assert not torch.equal(first, second)
    assert torch.equal(first, dropout(h, 0.5, generator(11)))


def test_the_mean_and_variance_agree_with_torch() -> None:
    n, p = 400_000, 0.3

    ours = dropout(torch.ones(n, dtype=torch.float64), p, generator(13))
    with torch.random.fork_rng():
        torch.manual_seed(13)
        theirs = torch.nn.functional.dropout(torch.ones(n, dtype=torch.float64), p)

    # Both means have standard deviation sqrt(p / (1 - p) / n) = 0.00104; 6 of the difference's.
    assert abs(float(ours.mean() - theirs.mean())) < 6 * math.sqrt(2 * p / (1 - p) / n)
    assert float(ours.var()) == pytest.approx(p / (1 - p), rel=0.02)


@pytest.mark.parametrize("lag", range(1, 9))
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_neighbours_are_kept_independently(axis: int, lag: int) -> None:
    h = torch.ones(16, 64, 128).mT
    kept = dropout(h, 0.3, generator(17)) != 0

    n = kept.shape[axis] - lag
    agreements = kept.narrow(axis, 0, n) == kept.narrow(axis, lag, n)

    # Overlapping pairs are only uncorrelated, so 6 standard deviations instead of a binomial test.
    rate = 0.3**2 + 0.7**2
    error = math.sqrt(2 * rate * (1 - rate) / agreements.numel())
    assert abs(float(agreements.double().mean()) - rate) < 6 * error


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_a_number_that_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="no drop probability"):
        dropout(torch.ones(3), p, generator())
