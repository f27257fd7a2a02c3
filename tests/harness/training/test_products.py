"""Products by the faster library against torch's own, in every layout that the engine uses."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from harness.training import products


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    "turn", [lambda a: a, lambda a: a.T.contiguous().T], ids=["rows", "turned"]
)
@pytest.mark.parametrize("m", [3, 200], ids=["small", "large"])
def test_a_product_is_torchs(m: int, turn: Callable[[Tensor], Tensor], bias: bool) -> None:
    x, W = turn(normal(m, 90)), turn(normal(70, 90))
    b = normal(70) if bias else None

    found = products.linear(x, W, b)

    expected = x.double() @ W.double().T + (0.0 if b is None else b.double())
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-4)


def test_without_the_library_the_product_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x, W = normal(200, 90), normal(70, 90)
    with_it = products.linear(x, W)
    monkeypatch.setattr(products, "_by_onednn", lambda: False)

    torch.testing.assert_close(products.linear(x, W), with_it, rtol=1e-5, atol=1e-4)


def test_float64_stays_float64() -> None:
    assert products.linear(normal(200, 90).double(), normal(70, 90).double()).dtype == torch.float64


@pytest.mark.parametrize(("first", "second"), [(1, 1), (3, 3), (1, 3), (3, 1)])
@pytest.mark.parametrize("by_numpy", [False, True])
def test_stacked_products_are_torchs(
    first: int, second: int, by_numpy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "_by_numpy", lambda: by_numpy)
    a, b = normal(first, 200, 90), normal(second, 70, 90).mT
    out = torch.full((max(first, second), 200, 70), torch.nan)

    products.multiply(a.numpy(), b.numpy(), out.numpy())

    torch.testing.assert_close(out.double(), a.double() @ b.double(), rtol=1e-5, atol=1e-4)


def test_a_narrower_kind_of_kernels_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, wide in (("Haswell", False), ("SkylakeX", True), ("", True)):
        monkeypatch.setenv("OPENBLAS_CORETYPE", kind)
        products._by_numpy.cache_clear()
        assert products._by_numpy() is wide
    products._by_numpy.cache_clear()
