"""Initial weights against their stated laws and torch's own initialisers."""

import math
from collections.abc import Callable

import pytest
import torch
from scipy import stats
from torch import Tensor

from harness.primitives import initialization

UNIFORM: dict[str, Callable[[int, int], float]] = {
    "xavier_uniform": lambda i, o: math.sqrt(6 / (i + o)),
    "he_uniform": lambda i, o: math.sqrt(6 / i),
    "default_uniform": lambda i, o: 1 / math.sqrt(i),
}
NORMAL: dict[str, Callable[[int, int], float]] = {
    "xavier_normal": lambda i, o: math.sqrt(2 / (i + o)),
    "he_normal": lambda i, o: math.sqrt(2 / i),
    "plain_normal": lambda i, o: 0.01,
}
FANS = [(64, 256), (256, 64), (1, 3000)]


def drawn(name: str, fans: tuple[int, int], seed: int = 0, **law: object) -> Tensor:
    draw: Callable[..., Tensor] = getattr(initialization, name)
    return draw(*fans, torch.Generator().manual_seed(seed), **law)


@pytest.mark.parametrize("name", [*UNIFORM, *NORMAL])
def test_shapes_put_the_outputs_before_the_inputs(name: str) -> None:
    W = drawn(name, (3, 5), replicates=2, dtype=torch.float64)
    assert (W.shape, W.dtype) == ((2, 5, 3), torch.float64)
    assert not torch.equal(W[0], W[1])


@pytest.mark.parametrize("fans", FANS, ids=str)
@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_weights_fill_their_interval(name: str, fans: tuple[int, int]) -> None:
    a = UNIFORM[name](*fans)

    w = drawn(name, fans, replicates=4).flatten().double() / a

    assert float(w.abs().max()) <= 1.0
    assert stats.kstest(w.numpy(), stats.uniform(-1, 2).cdf).pvalue > 1e-6


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_rounding_never_leaves_the_interval(dtype: torch.dtype) -> None:
    for fan in range(1, 40):
        w = drawn("xavier_uniform", (fan, 50), replicates=20, dtype=dtype)

        assert float(w.double().abs().max()) <= math.sqrt(6 / (fan + 50))


@pytest.mark.parametrize("fans", FANS, ids=str)
@pytest.mark.parametrize("name", NORMAL)
def test_normal_weights_have_their_standard_deviation(name: str, fans: tuple[int, int]) -> None:
    w = drawn(name, fans, replicates=4).flatten().double() / NORMAL[name](*fans)

    total = float(w.square().sum())
    assert 1e-6 < stats.chi2(w.numel()).cdf(total) < 1 - 1e-6
    assert stats.kstest(w.numpy(), stats.norm.cdf).pvalue > 1e-6


@pytest.mark.parametrize(("name", "fill"), [
    ("xavier_uniform", torch.nn.init.xavier_uniform_),
    ("xavier_normal", torch.nn.init.xavier_normal_),
    ("he_uniform", lambda w: torch.nn.init.kaiming_uniform_(w, nonlinearity="relu")),
    ("he_normal", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
    ("default_uniform", lambda w: torch.nn.init.kaiming_uniform_(w, a=math.sqrt(5))),
])  # fmt: skip
def test_the_law_is_torchs(name: str, fill: Callable[[Tensor], Tensor]) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        theirs = fill(torch.empty(64, 256)).flatten().numpy()

    ours = drawn(name, (256, 64)).flatten().numpy()

    assert stats.ks_2samp(ours, theirs).pvalue > 1e-6


def test_plain_normal_takes_a_standard_deviation() -> None:
    w = drawn("plain_normal", (100, 100), std=3.0)
    assert float(w.std()) == pytest.approx(3.0, rel=0.05)


def test_default_biases_have_one_number_an_output() -> None:
    b = drawn("default_bias", (16, 5000))
    assert b.shape == (1, 5000)
    assert stats.kstest(4 * b[0].numpy(), stats.uniform(-1, 2).cdf).pvalue > 1e-6
