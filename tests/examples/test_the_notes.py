"""The notes' code runs, and comes to what is said of it."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from examples.the_notes import dropout, polynomial, weight_decay


@pytest.fixture(autouse=True)
def _own_generator() -> None:
    torch.manual_seed(4)


def test_the_first_block_as_printed_swallows_a_line() -> None:
    with pytest.raises(NameError, match="features"):
        polynomial.run_as_printed()


def test_the_shuffle_of_independent_draws_changes_their_order_alone() -> None:
    plain, shuffled = (polynomial.data(np.random.default_rng(1), one)[0] for one in (False, True))

    assert not torch.equal(plain, shuffled)
    assert torch.equal(plain[:, 1].sort().values, shuffled[:, 1].sort().values)


def test_the_cubic_is_learnt_and_recorded_at_the_first_and_every_twentieth_epoch() -> None:
    features, labels = polynomial.data(np.random.default_rng(2))

    net, batch_size, losses = polynomial.train(features[:, :4], labels, 60)

    assert batch_size == 10
    assert list(losses) == [1, 20, 40, 60]
    assert losses[60][0] < losses[1][0]
    assert net.bias is None


@pytest.mark.parametrize("n", [3, 10, 25])
def test_a_batch_is_no_larger_than_ten_examples_or_the_data(n: int) -> None:
    features, labels = polynomial.data(np.random.default_rng(3))

    _, batch_size, _ = polynomial.train(features[:n, :2], labels[:n], 1)

    assert batch_size == min(10, n)


def test_a_loss_without_eval_is_the_polynomials_and_not_that_of_a_net_with_dropout() -> None:
    features, labels = polynomial.data(np.random.default_rng(5))
    linear = polynomial.train(features[:, :4], labels, 1)[0]
    net, X = dropout.Net(32), torch.randn(8, 784)

    assert torch.equal(linear.train()(features[:, :4]), linear.eval()(features[:, :4]))
    assert not torch.equal(net.train()(X), net.eval()(X))


def test_weight_decay_leaves_what_is_left_of_the_start() -> None:
    data = weight_decay.synthetic_data(weight_decay.N_TRAIN)

    norms = {lambd: float(weight_decay.train(data, lambd)[0].norm()) for lambd in (0, 3)}

    # The norms' laws have the deviations 0.70 and 0.02: six of them are allowed.
    assert norms[0] == pytest.approx(13.4, abs=4.2)
    assert norms[3] == pytest.approx(0.365, abs=0.12)


def test_the_concise_decay_is_another_problem() -> None:
    data = weight_decay.synthetic_data(weight_decay.N_TRAIN)

    net = weight_decay.train_concise(data, 3)

    # Its law has the deviation 0.06 about 0.39.
    assert float(net.weight.detach().norm()) == pytest.approx(0.39, abs=0.36)


def test_is_training_is_overwritten_by_train_and_eval() -> None:
    net = dropout.Net(8, is_training=False)

    assert not net.training
    assert net.train().training
    assert not net.eval().training


def test_the_drop_probabilities_are_those_of_all_nets_that_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net, X = dropout.Net(8), torch.randn(4, 784)
    monkeypatch.setattr(dropout, "DROPOUT2", 1.0)

    assert torch.equal(net(X), net.lin3.bias.expand(4, 10))


def test_the_layers_mask_has_a_dtype_and_a_device_of_its_own() -> None:
    X = torch.ones(16)

    assert dropout.dropout_layer(X.half(), 0.5).dtype is torch.float32
    with pytest.raises(RuntimeError, match="device"):
        dropout.dropout_layer(X.to("meta"), 0.5)


@pytest.mark.parametrize("concise", [False, True])
def test_both_dropout_nets_learn(concise: bool) -> None:
    X, y = torch.randn(256, 784), torch.arange(256) % 10
    net: nn.Module = dropout.concise(32) if concise else dropout.Net(32)

    losses = dropout.train(net, X, y, 20, lr=0.5, batch_size=32)

    assert losses[-1] < losses[0]


def test_the_concise_net_as_printed_does_not() -> None:
    X, y = torch.randn(512, 784), torch.arange(512) % 10
    net = dropout.concise().apply(dropout.init_weights)

    losses = dropout.train(net, X, y, 1)

    assert not losses[0] < 1e3  # NaN or astronomical, where a guess has 2.3


def test_the_layer_drops_and_doubles() -> None:
    X = torch.arange(1, 17, dtype=torch.float32)

    kept = dropout.dropout_layer(X, 0.5)

    assert torch.equal(dropout.dropout_layer(X, 0.0), X)
    assert not dropout.dropout_layer(X, 1.0).any()
    assert all(after in (0.0, 2 * before) for before, after in itertools.zip_longest(X, kept))
    assert 0 < int((kept == 0).sum()) < 16
