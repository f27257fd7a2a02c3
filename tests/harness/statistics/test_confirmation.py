"""Screen and confirmation: exact levels within strata, and who shares the false alarms."""

import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from harness.statistics.comparison.confirmation import (
    CAUTION,
    LOOKS,
    SCREEN_SHARE,
    SCREENINGS,
    Row,
    Strata,
    compared,
    let_go,
    look_sizes,
    orders,
    paces,
    smallest_first,
)
from harness.statistics.comparison.slowdown import Margins, Pace
from harness.statistics.comparison.stratified import (
    Stratum,
    differences,
    log_p_above,
    shift_interval,
    stratified_law,
)

MARGINS = Margins()
STARTS = 3


def sides(rng: np.random.Generator, size: int, noise: float, slower: float = 1.0) -> Stratum:
    base, head = rng.normal(0, noise, (2, size))
    return base, head + math.log(slower)


def row(rng: np.random.Generator, noise: float, slower: float = 1.0, looks: int = 0) -> Row:
    strata = tuple(look(rng, noise, slower) for _ in range(looks))
    return Row((sides(rng, 6, noise, slower),), strata)


def look(rng: np.random.Generator, noise: float, slower: float = 1.0) -> Strata:
    return tuple(sides(rng, 3, noise, slower) for _ in range(STARTS))


def alike(base: npt.ArrayLike, head: npt.ArrayLike) -> Stratum:
    return np.asarray(base, dtype=np.float64), np.asarray(head, dtype=np.float64)


def test_one_stratum_is_the_rank_test_of_scipy() -> None:
    x, y = sides(np.random.default_rng(3), 6, 1.0, 1.8)

    p = math.exp(log_p_above([(x, y)]))

    exact = stats.mannwhitneyu(y, x, alternative="greater", method="exact")
    assert p == pytest.approx(exact.pvalue)


def test_the_law_over_strata_counts_every_order() -> None:
    counts = np.zeros(2 * 2 + 3 * 1 + 1)
    for first in itertools.combinations(range(4), 2):
        for second in itertools.combinations(range(4), 3):
            wins = sum(i < j for i in first for j in set(range(4)) - set(first))
            wins += sum(i < j for i in second for j in set(range(4)) - set(second))
            counts[wins] += 1

    assert stratified_law(((2, 2), (3, 1))) == pytest.approx(counts / counts.sum())


def test_what_differs_between_strata_is_not_compared() -> None:
    rng = np.random.default_rng(1)
    strata = [sides(rng, 5, 0.01, 1.1) for _ in range(3)]
    drifted = [(x + 10 * i, y + 10 * i) for i, (x, y) in enumerate(strata)]

    assert log_p_above(drifted) == pytest.approx(log_p_above(strata))
    assert differences(drifted) == pytest.approx(differences(strata))
    low, high = shift_interval(drifted, 0.05)
    assert low <= math.log(1.1) <= high


@pytest.mark.parametrize(("slower", "gone"), [(1.0, True), (1.10, False)])
def test_the_screen_lets_go_what_is_not_slower(slower: float, gone: bool) -> None:
    assert let_go(row(np.random.default_rng(1), 0.01, slower), MARGINS) is gone


def test_a_row_that_waits_for_its_look_is_undecided() -> None:
    rows = {"slow": row(np.random.default_rng(1), 0.01, 1.10)}
    assert paces(rows, MARGINS) == {"slow": Pace.UNDECIDED}


@pytest.mark.parametrize(("slower", "pace"), [(1.0, Pace.OK), (1.10, Pace.REGRESSION)])
def test_one_look_decides_a_quiet_row_among_noisy_ones(slower: float, pace: Pace) -> None:
    rng = np.random.default_rng(2)
    rows = {f"fine {i}": row(rng, 0.01) for i in range(60)}
    rows |= {f"noisy {i}": row(rng, 0.4, looks=1) for i in range(4)}
    rows["changed"] = Row((sides(rng, 6, 0.2, slower),), (look(rng, 0.01, slower),))

    assert paces(rows, MARGINS)["changed"] is pace


def ranked(losses: int, slowdown: float) -> Strata:
    """Eight processes a side; a head slower by `slowdown` would lose so many of the 64 pairs."""
    base = np.arange(8) / 1e3
    head = np.full(8, -1.0)
    head[7] = base[losses - 1] + math.log1p(slowdown) + 5e-4
    return (alike(base, head),)


def slow_screen() -> Strata:
    """A screen that cannot let go."""
    return (alike(np.arange(8) / 1e3, np.arange(8) / 1e3 + 0.2),)


def test_misses_are_shared_by_all_screenings_and_looks() -> None:
    # At most 7 lost pairs have P = 45 / 12870, at most 8 have 67: about a quarter of the misses.
    screening = SCREEN_SHARE * MARGINS.misses / SCREENINGS
    assert 45 / 12870 < screening < 67 / 12870
    # At most 5 have P = 19 / 12870, at most 6 have 30: about a twelfth.
    look = (1 - SCREEN_SHARE) * MARGINS.misses / LOOKS
    assert 19 / 12870 < look < 30 / 12870

    assert let_go(Row(ranked(7, 0.8 * MARGINS.slowdown)), MARGINS)
    assert not let_go(Row(ranked(8, 0.8 * MARGINS.slowdown)), MARGINS)
    rows = {str(n): Row(slow_screen(), (ranked(n, MARGINS.slowdown),)) for n in (5, 6)}
    assert paces(rows, MARGINS) == {"5": Pace.OK, "6": Pace.UNDECIDED}


def test_a_p_value_of_exactly_its_level_is_enough() -> None:
    # Two processes a side: the rarest order has P = 1/6.
    pair = (alike([0.0, 1e-3], [-1.0, -0.9]),)
    once = Margins(misses=1 / 6 / SCREEN_SHARE)
    looked = Margins(misses=LOOKS / 6 / (1 - SCREEN_SHARE))

    assert let_go(Row(pair), once)
    assert paces({"a": Row(slow_screen(), (pair,))}, looked) == {"a": Pace.OK}


def test_each_of_three_looks_counts_and_a_fourth_is_not_read() -> None:
    silent = (alike(np.zeros(2), np.zeros(2)),)
    slow = slow_screen()

    for place in range(LOOKS):
        looks = tuple(slow if look == place else silent for look in range(place + 1))
        assert paces({"a": Row(slow, looks)}, MARGINS) == {"a": Pace.REGRESSION}
    late = Row(slow, (*([silent] * LOOKS), slow))
    assert paces({"a": late}, MARGINS) == {"a": Pace.UNDECIDED}


def test_rows_that_wait_for_their_look_are_in_the_family() -> None:
    # P = 1/924 is enough for one row alone (1 % / 3), and not for one of ten.
    slow = (alike(np.arange(6) / 1e3, np.arange(6) / 1e3 + 0.2),)
    waiting = {str(i): Row(slow) for i in range(9)}

    assert paces({"a": Row(slow, (slow,))}, MARGINS)["a"] is Pace.REGRESSION
    assert paces({"a": Row(slow, (slow,)), **waiting}, MARGINS)["a"] is Pace.UNDECIDED


def test_the_first_look_can_tell_and_the_budget_is_spent() -> None:
    for family in (1, 5, 60):
        first = look_sizes(family, MARGINS, 39, STARTS)[0]
        rare = math.comb(2 * first, first) ** STARTS * MARGINS.false_alarms / LOOKS / family
        assert first == smallest_first(family, MARGINS, STARTS)
        assert rare >= 2
        assert sum(look_sizes(family, MARGINS, 39, STARTS)) == 13
    assert look_sizes(1, MARGINS, 6, STARTS) == [2]
    assert look_sizes(1, MARGINS, 1, STARTS) == [1]


def test_a_screen_of_few_processes_is_looked_at_once_for_all_that_it_may_miss() -> None:
    apart = np.array([0.0, 1e-4, 2e-4, 3e-4])
    few, fewer = (alike(apart[:n], apart[:n]) for n in (4, 3))

    assert orders((few,)) == 70
    assert 1 / 70 <= SCREEN_SHARE * MARGINS.misses < 1 / 20
    assert let_go(Row((few,)), MARGINS)
    assert not let_go(Row((fewer,)), MARGINS)


def test_orders_that_just_reach_a_share_share_it() -> None:
    # 4 against 4 have 70 orders: a third of the level is within their reach from 3 / 70 on.
    margins = Margins(misses=SCREENINGS / 70 / SCREEN_SHARE)
    assert SCREEN_SHARE * margins.misses * 70 == SCREENINGS

    one_pair_out = alike([0.0, 1e-3, 2e-3, 3e-3], [-1, -1, -1, math.log1p(0.08) + 0.5e-3])

    assert not let_go(Row((one_pair_out,)), margins)
    assert let_go(Row((one_pair_out,)), Margins(misses=0.999 * margins.misses))


def test_a_screen_of_many_processes_shares_what_it_may_miss_among_its_looks() -> None:
    base = np.arange(6) * 1e-3
    level = SCREEN_SHARE * MARGINS.misses / SCREENINGS
    slower = math.log1p(CAUTION * MARGINS.slowdown)

    # With one pair out of order two orders of 924 are at least as good, with five nineteen.
    for place, count in ((0.5e-3, 2), (4.5e-3, 19)):
        head = np.append(base[1:] - 1, slower + place)
        assert let_go(Row((alike(base, head),)), MARGINS) is (count / 924 <= level)


def test_the_ratio_is_that_of_the_new_starts() -> None:
    rng = np.random.default_rng(5)

    found = compared(Row((sides(rng, 6, 0.01, 2.0),), (look(rng, 0.01, 1.1),)), MARGINS)

    assert found.ratio == pytest.approx(1.1, abs=0.02)
    assert found.interval[0] < 1.1 < found.interval[1]
    assert found.processes == (9, 9)


def test_unchanged_suites_are_red_at_most_one_in_a_hundred() -> None:
    """400 suites of 20 rows, no screen; at a rate of 1 % more than 13 has a chance below 1e-4."""
    rng = np.random.default_rng(7)
    red = 0
    for _ in range(400):
        rows = {str(i): row(rng, 0.2, looks=LOOKS) for i in range(20)}
        red += Pace.REGRESSION in paces(rows, MARGINS).values()

    assert red <= 13
