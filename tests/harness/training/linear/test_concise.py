"""The concise form against the linear engine."""

from typing import Any

import numpy as np
import pytest

from harness.data.synthetic import linear_200
from harness.training.linear.concise import train_concise
from harness.training.linear.linear import train_linear
from harness.training.solver import Solver, Split
from tests.draws import rng


@pytest.mark.parametrize("batch_size", [5, 7])
def test_the_concise_form_is_the_engine_without_the_half(batch_size: int) -> None:
    draw = rng()
    X, y = linear_200(2, 20, draw, d=30)
    initial, bias = draw.standard_normal((2, 30)), draw.standard_normal(2)
    orders = np.array([[draw.permutation(20) for _ in range(4)] for _ in range(2)])
    run = Split(X, y, X, y), Solver(0.01, 4, batch_size, weight_decay=0.7, record_every=2), orders
    start: dict[str, Any] = {"initial": initial, "initial_bias": bias, "dtype": np.float64}

    found = train_concise(*run, **start)
    expected = train_linear(*run, half=False, **start)

    np.testing.assert_allclose(found.w, expected.w, rtol=1e-12, atol=1e-13)
    assert found.b is not None
    assert expected.b is not None
    np.testing.assert_allclose(found.b, expected.b, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(found.train_loss, expected.train_loss, rtol=1e-10)
    np.testing.assert_allclose(found.test_loss, expected.test_loss, rtol=1e-10)
    assert not found.diverged.any()
