"""The linear engine against the literal loop, and its promises about samples."""

from dataclasses import fields
from typing import Any
from unittest import mock

import numpy as np
import pytest

from harness.data.synthetic import linear_200, noisy_cubic
from harness.primitives.optimizers import sgd
from harness.primitives.penalty import l2_penalty
from harness.primitives.polynomials import polynomial_features
from harness.training.history import LinearHistory
from harness.training.linear import linear
from harness.training.linear.linear import train_linear
from harness.training.solver import Solver, Split
from tests.draws import rng
from tests.harness.training.linear.literal_loop import LiteralLoop
from tests.processes import printed

Data = tuple[Any, Any, Any, Any]
SOLVERS = [field.name for field in fields(Solver)]


def polynomial(degree: int, replicas: int = 3, n: int = 100) -> Data:
    stream = rng(1)
    x, y = noisy_cubic(replicas, n, stream)
    x_test, y_test = noisy_cubic(replicas, 50, stream)
    return polynomial_features(x, degree), y, polynomial_features(x_test, degree), y_test


def wide(replicas: int = 3) -> Data:
    stream = rng(2)
    return *linear_200(replicas, 20, stream), *linear_200(replicas, 30, stream)


def first_weights(data: Data, seed: int = 3) -> Any:
    replicas, _, d = data[0].shape
    return rng(seed).uniform(-0.5, 0.5, (replicas, d))


def assert_equal(ours: LinearHistory, oracle: LinearHistory, rtol: float = 1e-5) -> None:
    """Tolerances of float32 loops: rtol on weights relative to the largest, 10 rtol on losses."""
    assert np.abs(ours.w - oracle.w).max() <= rtol * np.abs(oracle.w).max()
    np.testing.assert_allclose(ours.train_loss, oracle.train_loss, rtol=10 * rtol)
    np.testing.assert_allclose(ours.test_loss, oracle.test_loss, rtol=10 * rtol)
    assert (ours.b is None) == (oracle.b is None)
    if ours.b is not None and oracle.b is not None:
        np.testing.assert_allclose(ours.b, oracle.b, rtol=10 * rtol, atol=rtol)


SETTINGS: dict[str, tuple[Data, dict[str, Any]]] = {
    "cubic, no half": (polynomial(3), {"lr": 0.01, "batch_size": 10, "half": False}),
    "line": (polynomial(1), {"lr": 0.05, "batch_size": 10}),
    "degree 19": (polynomial(19), {"lr": 0.01, "batch_size": 10}),
    "ragged batch": (polynomial(3, n=23), {"lr": 0.01, "batch_size": 10, "weight_decay": 0.1}),
    "one batch": (polynomial(3, n=20), {"lr": 0.01, "batch_size": 64}),
    "many examples": (polynomial(2, n=300), {"lr": 0.01, "batch_size": 50}),
    "bias": (polynomial(4), {"lr": 0.01, "batch_size": 10, "initial_bias": 0.5}),
    "wide": (wide(), {"lr": 0.003, "batch_size": 5}),
    "wide, decay": (wide(), {"lr": 0.003, "batch_size": 5, "weight_decay": 3.0}),
    "wide, bias": (
        wide(),
        {"lr": 0.003, "batch_size": 6, "weight_decay": 3.0, "initial_bias": 0.0},
    ),
    "still": (polynomial(3), {"lr": 0.0, "batch_size": 10}),
}


def trained(data: Data, kernel: str = "auto", **settings: Any) -> LinearHistory:
    """Settings of the solver and of the run, side by side."""
    settings = {"epochs": 4, "initial": first_weights(data), "record_every": 2} | settings
    orders = settings.pop("orders", rng(4))
    own = {name: settings.pop(name) for name in [*settings] if name in SOLVERS}
    with mock.patch.dict(linear.KERNELS, {"literal loop": LiteralLoop}):
        return train_linear(Split(*data), Solver(kernel=kernel, **own), orders, **settings)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_kernel_equals_the_literal_loop(name: str) -> None:
    data, settings = SETTINGS[name]
    oracle = trained(data, "literal loop", **settings)

    for kernel in ("auto", "planes", "rows", "dual"):
        assert_equal(trained(data, kernel, **settings), oracle)


@pytest.mark.parametrize("name", ["cubic, no half", "wide, bias"])
def test_in_float64_the_kernels_agree_to_the_last_digits(name: str) -> None:
    data, settings = SETTINGS[name]
    oracle = trained(data, "literal loop", dtype=np.float64, **settings)

    for kernel in ("planes", "rows", "dual"):
        ours = trained(data, kernel, dtype=np.float64, **settings)
        assert ours.w.dtype == np.float64
        assert_equal(ours, oracle, rtol=1e-12)


@pytest.mark.parametrize("name", ["ragged batch", "wide, bias"])
def test_a_given_step_takes_every_update(name: str) -> None:
    data, settings = SETTINGS[name]
    calls = []

    def step(params: Any, grads: Any, lr: float, **options: Any) -> Any:
        calls.append((len(params), options["decays"]))
        return sgd(params, grads, lr, **options)

    ours = trained(data, sgd=step, **settings)

    batches = -(-data[0].shape[1] // settings["batch_size"])
    count = 1 + ("initial_bias" in settings)
    assert calls == [(count, [True, False][:count])] * (4 * batches)
    assert_equal(ours, trained(data, "literal loop", **settings))


def test_the_references_own_roles_leave_the_kernels_in_place() -> None:
    data, settings = SETTINGS["wide, bias"]

    fused = trained(data, sgd=sgd, l2_penalty=l2_penalty, accelerator="numpy", **settings)
    called = trained(data, "given", sgd=sgd, l2_penalty=l2_penalty, **settings)

    assert (fused.kernel, called.kernel) == ("dual", "given")
    assert_equal(called, fused)


def test_a_given_penalty_decays_instead_of_the_step() -> None:
    data, settings = SETTINGS["wide, bias"]
    doubled = trained(data, l2_penalty=lambda w: 2 * l2_penalty(w), **settings)
    assert_equal(doubled, trained(data, "literal loop", **settings | {"weight_decay": 6.0}))


@pytest.mark.parametrize("n", [100, 300], ids=["narrow keys", "wide keys"])
def test_a_replica_does_not_depend_on_kernel_or_block(n: int) -> None:
    data = polynomial(3, replicas=70, n=n)

    planes, rows = (trained(data, kernel, lr=0.01, batch_size=10) for kernel in ("planes", "rows"))

    np.testing.assert_allclose(planes.w, rows.w, rtol=0, atol=1e-5)
    # The first group of 32 replicas has its own stream: the same if nobody follows it.
    first = tuple(part[:32] for part in data)
    alone = trained(first, lr=0.01, batch_size=10, initial=first_weights(data)[:32])
    np.testing.assert_allclose(alone.w, planes.w[:32], rtol=0, atol=1e-5)


def test_given_orders_are_followed() -> None:
    data, settings = SETTINGS["cubic, no half"]
    shared = np.stack([rng(e).permutation(100) for e in range(4)])
    own = np.broadcast_to(shared, (3, 4, 100))

    forms = [trained(data, orders=orders, **settings) for orders in (shared, own)]
    by_hand = trained(data, "literal loop", orders=shared, **settings)

    np.testing.assert_array_equal(forms[0].w, forms[1].w)
    assert_equal(forms[0], by_hand)


@pytest.mark.parametrize("orders", [[[0, 1, 2]], [[*range(1, 101)]], [[*range(-1, 99)]]])
def test_an_order_of_other_examples_is_refused(orders: Any) -> None:
    data, settings = SETTINGS["cubic, no half"]
    with pytest.raises(ValueError, match="100 places, each from 0 to 99"):
        trained(data, orders=np.array(orders), **settings | {"epochs": 1})


def test_equal_generators_give_equal_runs_and_runs_advance_them() -> None:
    data, settings = SETTINGS["cubic, no half"]
    stream = rng(5)

    first, second = (trained(data, orders=stream, **settings) for _ in range(2))

    np.testing.assert_array_equal(first.w, trained(data, orders=rng(5), **settings).w)
    assert not np.array_equal(first.w, second.w)


def test_shared_data_are_the_same_as_copies() -> None:
    once = Split(*(part[0] for part in polynomial(3)))
    copies = Split(*(np.repeat(part[:1], 5, axis=0) for part in polynomial(3)))
    initial = rng(6).uniform(-0.5, 0.5, (5, 4))
    solver = Solver(lr=0.01, epochs=2, batch_size=10)

    shared, copied = (train_linear(d, solver, rng(), initial=initial) for d in (once, copies))

    np.testing.assert_array_equal(shared.w, copied.w)


@pytest.mark.parametrize("kernel", ["planes", "rows", "dual", "literal loop"])
def test_a_diverging_replica_is_kept_and_flagged_alone(kernel: str) -> None:
    data = polynomial(3)
    data[0][1] *= 1e4

    history = trained(data, kernel, lr=0.1, batch_size=10, epochs=10)

    assert history.diverged.tolist() == [False, True, False]
    assert not np.isfinite(history.train_loss[1, -1])


def test_losses_are_recorded_when_asked_and_at_the_end() -> None:
    data = polynomial(1)
    options: dict[str, Any] = {"lr": 0.01, "batch_size": 10, "epochs": 7}

    assert trained(data, record_every=3, **options).epochs.tolist() == [3, 6, 7]
    assert trained(data, record_every=None, **options).epochs.tolist() == [7]


def test_features_below_float32s_reach_leave_no_trace() -> None:
    """The features x^19 / 19! of small x are subnormal and cost many times a normal number."""
    data = polynomial(19)
    raw = trained(data, "planes", lr=0.01, batch_size=10, epochs=50)

    assert_equal(raw, trained(data, "literal loop", lr=0.01, batch_size=10, epochs=50))


@pytest.mark.parametrize(("options", "words"), [
    ({"kernel": "plane"}, "kernel='plane'"), ({"record_every": 0}, "record_every=0"),
    ({"initial": np.zeros((2, 4))}, "replicates"),
])  # fmt: skip
def test_mistakes_are_named_at_the_door(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        trained(polynomial(3), **{"lr": 0.01, "epochs": 1, "batch_size": 10} | options)


def test_the_engine_does_not_load_torch() -> None:
    code = "import sys, harness.training.linear.linear; print('torch' in sys.modules)"
    assert printed("-c", code) == "False"
