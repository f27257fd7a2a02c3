"""Propagation against autograd and against the laws of Gaussian chains."""

import itertools
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from harness.primitives import activations, initialization
from harness.training.chains import propagation
from harness.training.chains.law import UniformWeights
from harness.training.chains.propagation import propagate
from tests.draws import generator


@pytest.mark.parametrize("examples", [2, 6], ids=["by Gram matrices", "by the product"])
def test_moments_and_gradients_agree_with_autograd(examples: int) -> None:
    widths, drawn = [5, 7, 3, 4], []

    def initializer(fan_in: int, fan_out: int, stream: torch.Generator, **law: object) -> Tensor:
        drawn.append(initialization.he_normal(fan_in, fan_out, stream, **law))  # type: ignore[arg-type]
        return drawn[-1]

    stream = generator()
    x = torch.randn(1, examples, 5, generator=stream, dtype=torch.float64)
    moments = propagate(widths, initializer, activations.tanh, 1, generator(), examples=examples)

    stream = generator()
    torch.randn(1, examples, 5, generator=stream, dtype=torch.float64)
    for i, o in itertools.pairwise(widths):
        initialization.he_normal(i, o, stream)  # in single precision, as nets are drawn
    cotangent = torch.randn(1, examples, 4, generator=stream, dtype=torch.float64)
    weights = [W[0].double().requires_grad_() for W in drawn]
    signals = [x[0].requires_grad_()]
    for W in weights:
        signals.append(torch.tanh(signals[-1] @ W.T))
    pulled = torch.autograd.grad(signals[-1], [*signals, *weights], cotangent[0])

    forward = [h.square().mean().item() for h in signals]
    backward = [g.square().mean().item() for g in pulled[:4]]
    np.testing.assert_allclose(moments.forward[0], forward, rtol=1e-12)
    np.testing.assert_allclose(moments.backward[0], backward, rtol=1e-12)
    norms = [g.norm().item() / examples for g in pulled[4:]]
    np.testing.assert_allclose(moments.weight_gradient[0], norms, rtol=1e-12)


@pytest.mark.parametrize("activation", [None, activations.tanh, activations.relu, torch.sin])
@pytest.mark.parametrize("law", [None, initialization.he_normal], ids=["own", "given"])
@pytest.mark.parametrize(
    ("widths", "examples"), [([9, 7, 12], 3), ([70, 90, 5], 4)], ids=["together", "one at a time"]
)
def test_the_block_equals_plain_torch(
    widths: list[int], examples: int, law: Any, activation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same draws, in reused memory and in new: moments of 5 chains, up to rounding."""

    def run(native: bool, dtype: torch.dtype) -> Any:
        monkeypatch.setattr(propagation, "_native", lambda chain: native)
        options: dict[str, Any] = {"examples": examples, "dtype": dtype}
        return propagate(widths, law, activation, 5, generator(), **options)

    for dtype, rtol in ((torch.float64, 1e-12), (torch.float32, 2e-5)):
        block, plain = run(True, dtype), run(False, dtype)
        for name in ("forward", "backward", "weight_gradient"):
            np.testing.assert_allclose(getattr(block, name), getattr(plain, name), rtol=rtol)


def test_ratios_of_an_identity_chain_follow_chi_squared() -> None:
    """With one example and N(0, 1 / n) weights |h_l|^2 / |h_(l-1)|^2 is chi2_n / n, i.i.d."""
    n = 16
    moments = propagate([n] * 21, initialization.xavier_normal, None, 100, generator(), examples=1)

    for path in (moments.forward, moments.backward[:, ::-1]):
        ratios = (path[:, 1:] / path[:, :-1]).ravel()
        assert stats.kstest(n * ratios, stats.chi2(n).cdf).pvalue > 1e-6


def test_he_weights_keep_the_second_moment_through_relu() -> None:
    law, phi = initialization.he_normal, activations.relu
    moments = propagate([64] * 11, law, phi, 50, generator(), examples=1)

    # From the second layer on the ratio's mean is 1 and its variance 5 / n.
    ratios = (moments.forward[:, 2:] / moments.forward[:, 1:-1]).ravel()
    assert abs(ratios.mean() - 1) < 6 * np.sqrt(5 / 64 / len(ratios))


def test_depth_fifty_of_standard_normal_weights_stays_within_float64() -> None:
    wild = partial(initialization.plain_normal, std=1.0)

    moments = propagate([256] * 51, wild, None, 1, generator(), examples=4)

    # E log10 of chi2_256 a layer: 2.4 decades, 50 times.
    assert np.log10(moments.forward[0, -1] / moments.forward[0, 0]) == pytest.approx(120, abs=2)


@pytest.mark.parametrize("width", [16, 80], ids=["together", "one at a time"])
def test_every_replica_has_its_own_weights(width: int) -> None:
    moments = propagate([width] * 4, None, None, 5, generator())

    assert moments.forward.shape == moments.backward.shape == (5, 4)
    assert moments.weight_gradient.shape == (5, 3)
    assert len(np.unique(moments.forward[:, 1])) == 5


def test_the_engines_own_weights_are_xaviers_uniform_law() -> None:
    draw = UniformWeights(generator(4))

    W = draw(60, 40, generator(), 3)

    a = np.sqrt(6 / 100)
    assert W.shape == (3, 40, 60)
    assert stats.kstest(W.flatten().numpy(), stats.uniform(-a, 2 * a).cdf).pvalue > 1e-6
    # The square's mean is a^2 / 3 and its standard deviation a^2 sqrt(4 / 45).
    assert abs(W.square().mean() - a**2 / 3) < 6 * a**2 * np.sqrt(4 / 45 / W.numel())
    assert not torch.equal(W, draw(60, 40, generator(), 3))
    assert torch.equal(W, UniformWeights(generator(4))(60, 40, generator(), 3))


@pytest.mark.parametrize("size", [1.0, 1e-25, 1e25], ids=["plain", "tiny", "huge"])
def test_float32_agrees_with_float64(size: float) -> None:
    """Squares of 1e25 overflow float32, those of 1e-25 vanish in it."""

    def scaled(shape: tuple[int, ...], **options: Any) -> Tensor:
        return torch.randn(shape, generator=generator(9)).to(options["dtype"]) * size

    def initializer(i: int, o: int, stream: torch.Generator, **law: Any) -> Tensor:
        drawn = initialization.xavier_normal(i, o, stream)
        return drawn.to(law["dtype"])

    run, oracle = (
        propagate([80] * 3, initializer, None, 1, generator(), inputs=scaled, dtype=dtype)
        for dtype in (torch.float32, torch.float64)
    )

    assert np.isfinite(run.weight_gradient).all()
    np.testing.assert_allclose(run.forward, oracle.forward, rtol=1e-5)
    # The cotangents are other draws in another format: their sizes agree, not their digits.
    np.testing.assert_allclose(run.weight_gradient, oracle.weight_gradient, rtol=0.5)
