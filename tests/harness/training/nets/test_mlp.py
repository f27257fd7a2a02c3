"""Stacked perceptrons against autograd, torch modules, and the promises about samples."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.primitives import activations, initialization
from harness.primitives.dropout import dropout
from harness.primitives.optimizers import sgd
from harness.primitives.penalty import l2_penalty
from harness.training import accelerators
from harness.training.history import NetHistory
from harness.training.nets.mlp import init_mlp, train_mlp
from harness.training.solver import MLP, Solver, Split
from tests.draws import generator, rng

Data = tuple[Tensor, Tensor, Tensor, Tensor]


def blobs(replicas: int, n: int = 50, d: int = 6, classes: int = 3, seed: int = 0) -> Data:
    stream = generator(seed)
    x = torch.randn(replicas, n, d, generator=stream)
    y = torch.randint(classes, (replicas, n), generator=stream)
    x_test = torch.randn(replicas, n, d, generator=stream)
    return x, y, x_test, torch.randint(classes, (replicas, n), generator=stream)


SIZES = (6, 8, 7, 3)


def trained(data: Data, **settings: Any) -> NetHistory:
    """Settings of the net, of the solver and of the run, side by side."""
    standard: dict[str, Any] = {
        "sizes": SIZES, "lr": 0.5, "epochs": 3, "batch_size": 16, "record_every": 1,
    }  # fmt: skip
    settings = standard | {"generator": generator(1), "orders": rng(2)} | settings

    def made(kind: Any) -> Any:
        return kind(**{f.name: settings.pop(f.name) for f in fields(kind) if f.name in settings})

    return train_mlp(Split(*data), made(MLP), made(Solver), **settings)


@pytest.fixture(autouse=True, params=accelerators.ACCELERATORS)
def accelerator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything holds of the calls and of the compiled loops."""
    if request.param not in accelerators.installed():
        pytest.skip("numba is not installed (the extra `fast`)")
    monkeypatch.setenv(accelerators.VARIABLE, request.param)
    return str(request.param)


def test_small_nets_are_trained_by_the_accelerator(accelerator: str) -> None:
    kernel = "numba" if accelerator == "numba" else "manual"

    assert trained(blobs(2)).kernel == kernel
    assert trained(blobs(2), sizes=(6, 65, 3)).kernel == "manual"
    assert trained(blobs(2), activation=torch.sin).kernel == "autograd"


@pytest.mark.parametrize("rates", [(), (0.5, 0.5), (0.3, 0.0), (1.0, 0.2)], ids=str)
@pytest.mark.parametrize("activation", [activations.relu, activations.tanh, activations.sigmoid])
@pytest.mark.parametrize("sizes", [(6, 8, 7, 3), (20, 64, 33, 10)], ids=str)
def test_accelerators_draw_the_same_samples(
    sizes: tuple[int, ...], activation: Callable[[Tensor], Tensor], rates: tuple[float, ...],
    accelerator: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    data = blobs(40, d=sizes[0], classes=sizes[-1])
    net = {"sizes": sizes, "activation": activation, "dropout_rates": rates, "batch_size": 12}
    ours = trained(data, **net)
    monkeypatch.setenv(accelerators.VARIABLE, "numpy")

    oracle = trained(data, **net)

    for p, q in zip(ours.parameters, oracle.parameters, strict=True):
        assert float((p - q).abs().max()) <= 1e-4 * float(q.abs().max())


def assert_equal(ours: NetHistory, oracle: NetHistory, rtol: float = 1e-5) -> None:
    for p, q in zip(ours.parameters, oracle.parameters, strict=True):
        assert float((p - q).abs().max()) <= rtol * float(q.abs().max())
    np.testing.assert_allclose(ours.train_loss, oracle.train_loss, rtol=rtol)
    np.testing.assert_allclose(ours.test_loss, oracle.test_loss, rtol=rtol)
    np.testing.assert_array_equal(ours.test_accuracy, oracle.test_accuracy)


@pytest.mark.parametrize("rates", [(), (0.2, 0.5), (0.0, 0.9), (1.0, 0.3)], ids=str)
@pytest.mark.parametrize(
    "activation",
    [activations.relu, activations.tanh, activations.sigmoid, activations.scaled_sigmoid],
)
def test_gradients_are_autograds(
    activation: Callable[[Tensor], Tensor], rates: tuple[float, ...]
) -> None:
    options = {"activation": activation, "dropout_rates": rates, "weight_decay": 0.01}

    manual = trained(blobs(3), kernel="manual", **options)

    assert manual.kernel in ("manual", "numba")
    assert_equal(manual, trained(blobs(3), kernel="autograd", **options))


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_one_replica_equals_a_torch_module(decay: float) -> None:
    x, y, x_test, y_test = blobs(1)
    initial = init_mlp(SIZES, 1, generator(3))
    orders = np.stack([rng(e).permutation(50) for e in range(3)])
    layers = [torch.nn.Linear(6, 8), torch.nn.Linear(8, 7), torch.nn.Linear(7, 3)]
    for layer, W, b in zip(layers, initial[::2], initial[1::2], strict=True):
        layer.weight.data, layer.bias.data = W[0].clone(), b[0].clone()
    net = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    groups: list[dict[str, Any]] = [
        {"params": [layer.weight for layer in layers], "weight_decay": decay},
        {"params": [layer.bias for layer in layers]},
    ]
    optimizer = torch.optim.SGD(groups, lr=0.5)
    for order in orders:
        for batch in torch.split(torch.from_numpy(order), 16):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(x[0, batch]), y[0, batch]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()

    ours = trained(blobs(1), initial=initial, orders=orders, weight_decay=decay)

    for layer, W, b in zip(layers, ours.parameters[::2], ours.parameters[1::2], strict=True):
        torch.testing.assert_close(W[0], layer.weight.detach(), rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(b[0], layer.bias.detach(), rtol=1e-5, atol=1e-6)
    logits = net(x_test[0])
    loss = torch.nn.functional.cross_entropy(logits, y_test[0])
    assert ours.test_loss[0, -1] == pytest.approx(loss.item(), rel=1e-5)
    assert ours.test_accuracy[0, -1] == (logits.argmax(1) == y_test[0]).double().mean()


def test_a_wide_net_trains_alone_as_it_would_in_company() -> None:
    data = blobs(3, n=40)
    sizes = (6, 70, 65, 3)
    options: dict[str, Any] = {"sizes": sizes, "dropout_rates": (0.2, 0.5), "epochs": 2}

    assert_equal(trained(data, **options), trained(data, kernel="autograd", **options))


def test_replicas_of_the_first_group_do_not_depend_on_those_that_follow() -> None:
    data = blobs(40, n=20)
    options: dict[str, Any] = {"epochs": 2, "dropout_rates": (0.2, 0.5)}
    initial = init_mlp(SIZES, 40, generator(5))

    all_of_them = trained(data, initial=initial, **options)
    first: Any = [part[:32] for part in data]
    alone = trained(first, initial=[p[:32] for p in initial], **options)

    np.testing.assert_allclose(alone.test_loss, all_of_them.test_loss[:32], rtol=1e-5)


def test_a_callers_dropout_takes_part_in_every_step_and_in_no_evaluation() -> None:
    calls = []

    def theirs(h: Tensor, p: float, stream: torch.Generator, training: bool = True) -> Tensor:
        calls.append((tuple(h.shape), p, training))
        return dropout(h, p, stream, training)

    history = trained(blobs(2), dropout=theirs, dropout_rates=(0.2, 0.5), epochs=1)

    sizes = [16, 16, 16, 2]
    assert calls == [((2, b, h), p, True) for b in sizes for h, p in ((8, 0.2), (7, 0.5))]
    assert history.kernel == "autograd"


def test_the_engines_masks_have_the_law_of_the_reference() -> None:
    """Two nets in law: their mean losses agree within 6 standard errors of the difference."""
    data = blobs(200, n=16)
    options = {"dropout_rates": (0.2, 0.5), "epochs": 4}

    masks = trained(data, **options).train_loss[:, -1]
    called = trained(data, dropout=lambda *a, **k: dropout(*a, **k), **options).train_loss[:, -1]

    difference = masks - called
    assert abs(difference.mean()) < 6 * difference.std() / np.sqrt(200)


def test_callers_step_penalty_and_activation_are_used() -> None:
    data = blobs(2)

    stepped = trained(data, sgd=lambda *a, **k: sgd(*a, **k), weight_decay=0.1)
    penalised = trained(data, l2_penalty=lambda w: l2_penalty(w), weight_decay=0.1)
    activated = trained(data, activation=lambda x: activations.tanh(x))

    assert_equal(stepped, trained(data, weight_decay=0.1))
    assert_equal(penalised, trained(data, weight_decay=0.1))
    assert activated.kernel == "autograd"
    assert_equal(activated, trained(data, activation=activations.tanh))


def test_shared_examples_are_the_same_as_copies() -> None:
    x, y, x_test, y_test = (part[0] for part in blobs(1))
    copies: Any = [part.expand(4, *part.shape).clone() for part in (x, y, x_test, y_test)]
    initial = init_mlp(SIZES, 4, generator(6))

    shared = trained((x, y, x_test, y_test), replicates=4, initial=initial)

    assert_equal(shared, trained(copies, initial=initial))


def test_a_net_that_diverges_is_kept_and_flagged_alone() -> None:
    data = blobs(3)
    data[0][1] *= 1e30

    history = trained(data, lr=10.0)

    assert history.diverged.tolist() == [False, True, False]


def test_equal_generators_give_equal_runs() -> None:
    options = {"dropout_rates": (0.2, 0.5)}

    first, second = trained(blobs(2), **options), trained(blobs(2), **options)

    np.testing.assert_array_equal(first.test_loss, second.test_loss)
    other = trained(blobs(2), generator=generator(9), **options)
    assert not np.array_equal(first.test_loss, other.test_loss)


def test_a_net_learns_what_can_be_learnt() -> None:
    x, _, x_test, _ = blobs(4, n=400)
    slopes = torch.randn(6, 3, generator=generator(7))

    history = trained(
        (x, (x @ slopes).argmax(2), x_test, (x_test @ slopes).argmax(2)),
        epochs=30,
        record_every=10,
        lr=0.1,
    )

    assert history.epochs.tolist() == [10, 20, 30]
    assert (history.test_accuracy[:, -1] > 0.9).all()
    assert (history.train_loss[:, -1] < history.train_loss[:, 0]).all()


def test_initial_parameters_have_the_asked_laws() -> None:
    standard = init_mlp((100, 50, 10), 3, generator())
    given = init_mlp((100, 50, 10), 3, generator(), initialization.he_normal)

    assert [tuple(p.shape) for p in standard] == [(3, 50, 100), (3, 50), (3, 10, 50), (3, 10)]
    assert float(standard[1].abs().max()) <= 0.1
    assert standard[1].any()
    assert not given[1].any()
    assert float(given[0].std()) == pytest.approx(np.sqrt(2 / 100), rel=0.05)
    assert init_mlp((4, 2), 1, generator(), initialization.he_normal, zero_bias=False)[1].any()


@pytest.mark.parametrize(("options", "words"), [
    ({"dropout_rates": (0.1,)}, "dropout_rates"), ({"kernel": "fast"}, "kernel='fast'"),
    ({"kernel": "manual", "activation": torch.sin}, "kernel='manual'"),
    ({"replicates": 7}, "replicas"),
])  # fmt: skip
def test_mistakes_are_named_at_the_door(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        trained(blobs(2), **options)


@pytest.mark.parametrize("sizes", [(6, 8, 7, 3), (6, 3), (6, 70, 65, 3)], ids=str)
@pytest.mark.parametrize("activation", [activations.relu, activations.tanh])
def test_in_float64_steps_equal_autograds_to_the_last_digits(
    activation: Callable[[Tensor], Tensor], sizes: tuple[int, ...]
) -> None:
    """More replicas than share a stream of masks, and a last batch of its own size."""
    x, y, x_test, y_test = blobs(35, n=21)
    data = x.double(), y, x_test.double(), y_test
    options: dict[str, Any] = {
        "sizes": sizes, "dropout_rates": (0.2, 0.5)[: len(sizes) - 2], "activation": activation,
        "weight_decay": 0.01, "lr": 0.1,
    }  # fmt: skip

    ours = trained(data, **options)

    assert ours.kernel == "manual"
    assert_equal(ours, trained(data, kernel="autograd", **options), rtol=1e-10)


def test_hits_are_those_of_the_first_largest_logit() -> None:
    """A net of zeros ties all classes: the first is its answer, as argmax says."""
    data = blobs(2)
    zeros = [torch.zeros_like(p) for p in init_mlp(SIZES, 2, generator())]

    history = trained(data, initial=zeros, lr=0.0, epochs=1)

    right = (data[3] == 0).double().mean(dim=1).numpy()
    np.testing.assert_array_equal(history.test_accuracy[:, 0], right)
    np.testing.assert_allclose(history.train_loss, np.log(3), rtol=1e-6)


@pytest.mark.parametrize("activation", [activations.relu, activations.tanh])
@pytest.mark.parametrize("rates", [(), (0.2, 0.5)], ids=str)
def test_a_wide_nets_own_step_equals_autograds(
    activation: Callable[[Tensor], Tensor], rates: tuple[float, ...]
) -> None:
    """Wide enough for the products of the faster library, with decay, in a ragged last batch."""
    options: dict[str, Any] = {
        "sizes": (6, 160, 130, 3), "dropout_rates": rates, "activation": activation,
        "weight_decay": 0.01, "batch_size": 32, "lr": 0.1,
    }  # fmt: skip

    ours = trained(blobs(2), **options)

    assert ours.kernel == "manual"
    assert_equal(ours, trained(blobs(2), kernel="autograd", **options), rtol=2e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_a_recorded_graph_takes_the_steps_that_are_taken_by_hand(decay: float) -> None:
    data: Any = tuple(part.to("cuda") for part in blobs(4))
    start = init_mlp(SIZES, 4, generator(3))
    settings = {"initial": start, "weight_decay": decay, "generator": torch.Generator("cuda")}

    recorded = trained(data, **settings)
    by_hand = trained(data, **settings, kernel="manual")

    assert (recorded.kernel, by_hand.kernel) == ("graph", "manual")
    assert_equal(recorded, by_hand)


def test_no_graph_is_recorded_on_the_cpu() -> None:
    assert trained(blobs(2)).kernel != "graph"
