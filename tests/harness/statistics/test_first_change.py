"""The search for the first change: wrong at most at its rate, and few pairs."""

import math

import numpy as np
import pytest

from harness.statistics.comparison.first_change import Search
from harness.statistics.comparison.margins import margin
from harness.statistics.comparison.sameness import Answer, Found, Rates, compared

LOSS = margin("loss", 1.0)


def found(beyond: list[bool], share: float) -> Found:
    after = [2.0 if one else 0.0 for one in beyond]
    return compared({LOSS: ([0.0] * len(after), after)}, Rates(share, share))


def searched(search: Search, first: int, noise: float, rng: np.random.Generator) -> int:
    """Pairs until nothing is left to tell; a pair contradicts its commit as often as `noise`."""
    seen: dict[int, list[bool]] = {}
    while (at := search.next()) is not None:
        beyond = seen.setdefault(at, [])
        beyond.append(bool((at >= first) ^ (rng.random() < noise)))
        search.learn(at, found(beyond, search.looked[at].share))
    return sum(map(len, seen.values()))


@pytest.mark.parametrize("first", [1, 2, 7, 63, 64, 65])
def test_without_noise_each_place_is_found_within_twice_halving_and_two_confirmations(
    first: int,
) -> None:
    search = Search(64, 1e-3)

    pairs = searched(search, first, 0.0, np.random.default_rng(0))

    assert search.between == (first - 1, first)
    assert pairs <= 2 * (math.log2(64) + 2 * math.log2(1e3))


def test_shares_never_exceed_the_rate_and_are_taken_before_the_first_pair() -> None:
    search = Search(256, 0.05)
    searched(search, 99, 0.2, np.random.default_rng(1))

    assert search.left > 0
    assert sum(one.share for one in search.looked.values()) + search.left == pytest.approx(0.05)
    fresh = Search(256, 0.05)
    at = fresh.next()
    assert at is not None
    assert fresh.looked[at].share > 0
    assert fresh.looked[at].pairs == 0


def test_wrong_searches_are_as_rare_as_stated_where_signs_are_fair_coins() -> None:
    """Before the change every sign is a fair coin: the worst that still is no change."""
    wrong, rate, runs = 0, 0.1, 100
    for run in range(runs):
        rng, search = np.random.default_rng(run), Search(16, rate)
        seen: dict[int, list[bool]] = {}
        for _ in range(120):
            if (at := search.next()) is None:
                break
            beyond = seen.setdefault(at, [])
            beyond.append(bool(at >= 9 or rng.random() < 0.5))
            search.learn(at, found(beyond, search.looked[at].share))
        wrong += search.between[1] < 9
    assert wrong <= 22  # a right rate of 10 % exceeds it once in ten thousand


def test_a_commit_that_cannot_be_run_is_passed_over() -> None:
    search = Search(8, 1e-3)
    search.unusable |= {4, 5}

    searched(search, 5, 0.0, np.random.default_rng(0))

    assert search.between == (3, 6)
    assert search.looked[3].answer is Answer.SAME
    assert search.looked[6].answer is Answer.CHANGED


def test_what_changed_and_changed_back_ends_at_a_true_border() -> None:
    search, seen = Search(64, 1e-3), dict[int, list[bool]]()
    while (at := search.next()) is not None:
        seen.setdefault(at, []).append(20 <= at < 30 or at >= 50)
        search.learn(at, found(seen[at], search.looked[at].share))

    assert search.between in [(19, 20), (49, 50)]
