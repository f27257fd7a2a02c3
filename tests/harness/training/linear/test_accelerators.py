"""Numba's kernels against the literal loop, and the promise that no sample depends on them."""

import hashlib
from typing import Any

import numpy as np
import pytest

from harness.training import accelerators, orders
from harness.training.linear import linear
from harness.training.linear.linear import train_linear
from harness.training.solver import Solver, Split
from tests.draws import rng
from tests.harness.training.linear.test_linear import SETTINGS, assert_equal, polynomial, trained

needs_numba = pytest.mark.skipif(
    "numba" not in accelerators.installed(), reason="numba is not installed (the extra `fast`)"
)


@needs_numba
@pytest.mark.parametrize("name", SETTINGS)
def test_compiled_kernels_equal_the_literal_loop(name: str) -> None:
    data, settings = SETTINGS[name]
    oracle = trained(data, "literal loop", **settings)

    for kernel in ("numba", "numba dual"):
        assert_equal(trained(data, kernel, **settings), oracle)


@needs_numba
@pytest.mark.parametrize("name", ["cubic, no half", "wide, bias"])
def test_in_float64_they_agree_to_the_last_digits(name: str) -> None:
    data, settings = SETTINGS[name]
    oracle = trained(data, "literal loop", dtype=np.float64, **settings)

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
def test_the_fastest_installed_is_chosen(
    name: str, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(accelerators.VARIABLE, raising=False)
    data, settings = SETTINGS[name]

    fastest = trained(data, **settings)

    assert fastest.kernel == kernel
    assert_equal(trained(data, accelerator="numpy", **settings), fastest)


@needs_numba
@pytest.mark.parametrize("degree", [4, 11, 20, 30, 31])
def test_rows_of_any_width_equal_the_literal_loop(degree: int) -> None:
    """One to four vectors a row, and more."""
    settings = {"lr": 0.01, "batch_size": 10}
    data = polynomial(degree)

    assert_equal(trained(data, "numba", **settings), trained(data, "literal loop", **settings))


@pytest.mark.parametrize("replicas", [3, 70, 300])
def test_no_sample_depends_on_accelerators(replicas: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every order that a kernel is given, and what is left of the caller's generator."""
    taken = linear._run

    def samples(accelerator: str) -> str:
        blocks = []

        def noted(kernel: Any, source: Any, recorded: Any) -> Any:
            orders = []
            draw = source.draw

            def drawn(epochs: int) -> Any:
                found = draw(epochs)
                orders.append(in_rows(found))
                return found

            source.draw = drawn
            result = taken(kernel, source, recorded)
            # Blocks may differ in size and epochs in their cut: what counts is each epoch's order.
            blocks.append(np.concatenate(orders))
            return result

        monkeypatch.setattr(linear, "_run", noted)
        stream = rng(7)
        data = polynomial(3, replicas=replicas)
        solver = Solver(lr=0.01, epochs=4, batch_size=10, record_every=3)
        train_linear(Split(*data), solver, stream, accelerator=accelerator)
        whole = np.concatenate(blocks, axis=1).astype(np.int64)
        assert whole.shape == (4, replicas, 100)
        left = stream.integers(2**63, size=4)
        return hashlib.sha256(whole.tobytes() + left.tobytes()).hexdigest()

    assert len({samples(name) for name in accelerators.installed()}) == 1


def in_rows(drawn: Any) -> Any:
    """Return orders (epochs, replicas, n), also those that lie in lanes."""
    if not isinstance(drawn, list):
        return drawn
    count = sum(int((replicas >= 0).sum()) for _, replicas in drawn)
    epochs, _, n, _ = drawn[0][0].shape
    rows = np.full((epochs, count, n), -1)
    for places, replicas in drawn:
        for (s, lane), replica in np.ndenumerate(replicas):
            if replica >= 0:
                rows[:, replica] = places[:, s, :, lane]
    return rows


@needs_numba
@pytest.mark.parametrize("n", [1, 2, 3, 7, 99, 100, 128, 129, 256, 257])
@pytest.mark.parametrize("replicas", [5, 96, 256, 357])
def test_compiled_orders_are_numpys_number_for_number(n: int, replicas: int) -> None:
    from harness.training.linear.compiled.orders import CompiledOrders

    seeds = orders.seeds_for(replicas, rng(n))
    compiled = CompiledOrders(seeds, replicas, n)
    plain = orders.OwnOrders(seeds, replicas, n)

    for epochs in (1, 2):
        np.testing.assert_array_equal(in_rows(compiled.draw(epochs)), plain.draw(epochs))


@needs_numba
@pytest.mark.parametrize("n", [1, 2, 5, 8, 11, 12])
def test_the_network_sorts(n: int) -> None:
    """A network that sorts all keys of 0 and 1 sorts all keys (Knuth 1998, vol. 3, 5.3.4)."""
    from harness.training.linear.compiled.orders import network

    keys = np.arange(2**n)[:, None] >> np.arange(n) & 1
    for low, high in network(n):
        pair = keys[:, [low, high]]
        keys[:, low], keys[:, high] = pair.min(axis=1), pair.max(axis=1)

    assert (np.diff(keys, axis=1) >= 0).all()


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
