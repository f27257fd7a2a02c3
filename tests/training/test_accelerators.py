"""Numba's kernels against the literal loop, and the promise that no sample depends on them."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from harness.training import accelerators, orders
from harness.training.linear import train_linear
from tests.training.test_linear import SETTINGS, assert_equal, polynomial, rng, trained

needs_numba = pytest.mark.skipif(
    "numba" not in accelerators.installed(), reason="numba is not installed (the extra `fast`)"
)


@needs_numba
@pytest.mark.parametrize("name", SETTINGS)
def test_compiled_kernels_equal_the_literal_loop(name: str) -> None:
    data, settings = SETTINGS[name]
    oracle = trained(data, "reference", **settings)

    for kernel in ("numba", "numba dual"):
        assert_equal(trained(data, kernel, **settings), oracle)


@needs_numba
@pytest.mark.parametrize("name", ["cubic, no half", "wide, bias"])
def test_in_float64_they_agree_to_the_last_digits(name: str) -> None:
    data, settings = SETTINGS[name]
    oracle = trained(data, "reference", dtype=np.float64, **settings)

    for kernel in ("numba", "numba dual"):
        ours = trained(data, kernel, dtype=np.float64, **settings)
        assert_equal(ours, oracle, rtol=1e-12)


@needs_numba
@pytest.mark.parametrize("kernel", ["numba", "numba dual"])
def test_a_diverging_replica_is_kept_and_flagged_alone(kernel: str) -> None:
    data = polynomial(3)
    data[0][1] *= 1e4

    history = trained(data, kernel, lr=0.1, batch_size=10, epochs=10)

    assert history.diverged.tolist() == [False, True, False]
    assert not np.isfinite(history.train_loss[1, -1])


@needs_numba
@pytest.mark.parametrize(("name", "kernel"), [("bias", "numba"), ("wide, decay", "numba dual")])
def test_the_fastest_that_is_installed_is_chosen(name: str, kernel: str) -> None:
    data, settings = SETTINGS[name]

    fastest = trained(data, **settings)

    assert fastest.kernel == kernel
    assert_equal(trained(data, accelerator="numpy", **settings), fastest)


@pytest.mark.parametrize("replicas", [3, 70])
def test_no_sample_depends_on_the_accelerator(
    replicas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every order that is drawn, and what is left of the caller's generator."""
    drawn = orders.OwnOrders.draw

    def samples(accelerator: str) -> str:
        by_group: dict[int, Any] = {}
        kept = []  # alive, so that no two sources share an id

        def noted(self: orders.OwnOrders, epochs: int) -> orders.Order:
            order = drawn(self, epochs)
            kept.append(self)
            # Blocks may differ in size and epochs in their cut: what counts is each epoch's order.
            by_group.setdefault(id(self), []).append(order)
            return order

        monkeypatch.setattr(orders.OwnOrders, "draw", noted)
        stream = rng(7)
        data = polynomial(3, replicas=replicas)
        train_linear(
            *data,
            lr=0.01,
            epochs=4,
            batch_size=10,
            rng=stream,
            record_every=3,
            accelerator=accelerator,
        )
        whole = np.concatenate([np.concatenate(parts) for parts in by_group.values()], axis=1)
        left = stream.integers(2**63, size=4)
        return hashlib.sha256(whole.tobytes() + left.tobytes()).hexdigest()

    assert len({samples(name) for name in accelerators.installed()}) == 1


def test_the_environment_chooses_and_mistakes_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(accelerators.VARIABLE, "numpy")
    assert accelerators.chosen() == "numpy"
    assert accelerators.chosen("auto") == accelerators.installed()[-1]

    monkeypatch.setenv(accelerators.VARIABLE, "cython")
    with pytest.raises(ValueError, match="'cython' is no accelerator"):
        accelerators.chosen()


def test_an_accelerator_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerators, "installed", lambda: ("numpy",))

    with pytest.raises(ValueError, match="'numba' is not installed"):
        accelerators.chosen("numba")
