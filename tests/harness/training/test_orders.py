"""Shuffles: permutations, uniform, and independent of how they are cut."""

import itertools

import numpy as np
import pytest
from scipy import stats

from harness.training.orders import GROUP, GivenOrders, OwnOrders, seeds_for


def own(replicas: int, n: int, seed: int = 0) -> OwnOrders:
    rng = np.random.Generator(np.random.SFC64(seed))
    return OwnOrders(seeds_for(replicas, rng), replicas, n)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 100, 128, 129, 256, 257, 1000])
def test_every_order_is_a_permutation(n: int) -> None:
    orders = own(GROUP + 3, n).draw(4)
    assert orders.shape == (4, GROUP + 3, n)
    assert (np.sort(orders, axis=2) == np.arange(n)).all()


@pytest.mark.parametrize("n", [99, 101, 300])
def test_epochs_may_be_drawn_in_any_cut(n: int) -> None:
    whole, cut = own(40, n), own(40, n)
    expected = whole.draw(5)
    np.testing.assert_array_equal(np.concatenate([cut.draw(2), cut.draw(3)]), expected)


def test_all_orders_of_four_are_equally_likely() -> None:
    orders = own(2000, 4).draw(20).reshape(-1, 4)
    codes = orders @ 4 ** np.arange(4)

    counts = [
        np.sum(codes == np.array(o) @ 4 ** np.arange(4)) for o in itertools.permutations(range(4))
    ]

    assert stats.chisquare(counts).pvalue > 1e-6


def test_places_are_uniform_and_epochs_independent() -> None:
    orders = own(1000, 50).draw(8)

    place_of_first = np.argmax(orders == 0, axis=2)

    assert stats.chisquare(np.bincount(place_of_first.ravel(), minlength=50)).pvalue > 1e-6
    correlation = np.corrcoef(place_of_first[0], place_of_first[1])[0, 1]
    assert abs(correlation) < 6 / np.sqrt(1000)


def test_replicas_and_groups_have_their_own_orders() -> None:
    (orders,) = own(100, 30).draw(1)
    assert len(np.unique(orders, axis=0)) == 100


def test_given_orders_come_back_epoch_by_epoch() -> None:
    given = np.arange(2 * 3 * 4).reshape(2, 3, 4)  # replicas, epochs, n
    source = GivenOrders(given, 2)

    np.testing.assert_array_equal(source.draw(1)[0], given[:, 0])
    np.testing.assert_array_equal(source.draw(2)[1], given[:, 2])
