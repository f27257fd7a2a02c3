"""Screen and confirmation: exact levels within strata, and who shares the false alarms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from harness.statistics.confirmation import (
    LOOKS,
    Row,
    compared,
    let_go,
    look_sizes,
    paces,
    smallest_first,
)
from harness.statistics.slowdown import Margins, Pace
from harness.statistics.stratified import (
    Stratum,
    differences,
    log_p_above,
    shift_interval,
    strata_of,
    stratified_law,
)

MARGINS = Margins()


def sides(rng: np.random.Generator, size: int, noise: float, slower: float = 1.0) -> Stratum:
    base, head = rng.normal(0, noise, (2, size))
    return base, head + math.log(slower)


def row(rng: np.random.Generator, noise: float, slower: float = 1.0, looks: int = 0) -> Row:
    strata = tuple(sides(rng, 7, noise, slower) for _ in range(looks))
    return Row(sides(rng, 6, noise, slower), strata)


def test_one_stratum_is_the_rank_test_of_scipy() -> None:
    x, y = sides(np.random.default_rng(3), 6, 1.0, 1.8)

    p = math.exp(log_p_above([(x, y)]))

    assert p == pytest.approx(
        stats.mannwhitneyu(y, x, alternative="greater", method="exact").pvalue
    )


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


def test_unequal_samples_are_one_stratum() -> None:
    assert len(strata_of(np.zeros(6), np.zeros(6), 2)) == 3
    with pytest.raises(ValueError, match="5 and 6 values"):
        strata_of(np.zeros(5), np.zeros(6), 2)


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
    rows["changed"] = Row(sides(rng, 6, 0.2, slower), (sides(rng, 7, 0.01, slower),))

    assert paces(rows, MARGINS)["changed"] is pace


def ranked(losses: int, slowdown: float) -> Stratum:
    """Eight processes a side; a head slower by `slowdown` would lose so many of the 64 pairs."""
    base = np.arange(8) / 1e3
    head = np.full(8, -1.0)
    head[7] = base[losses - 1] + math.log1p(slowdown) + 5e-4
    return base, head


def slow_screen() -> Stratum:
    """A screen that cannot let go."""
    return np.arange(8) / 1e3, np.arange(8) / 1e3 + 0.2


def test_misses_are_shared_by_all_screenings_and_looks() -> None:
    # At most 6 lost pairs have P = 30 / 12870, between a ninth of the misses and a sixth.
    assert MARGINS.misses / 9 < 30 / 12870 < MARGINS.misses / 6
    look = Row(slow_screen(), (ranked(6, MARGINS.slowdown),))
    # At most 7 have P = 45 / 12870, above a sixth.
    later = Row(slow_screen(), (ranked(7, MARGINS.slowdown),))

    assert let_go(Row(ranked(6, 0.8 * MARGINS.slowdown)), MARGINS)
    assert not let_go(Row(ranked(7, 0.8 * MARGINS.slowdown)), MARGINS)
    assert paces({"a": look, "b": later}, MARGINS) == {"a": Pace.OK, "b": Pace.UNDECIDED}


def test_a_p_value_of_exactly_its_level_is_enough() -> None:
    # Two processes a side: the rarest order has P = 1/6, a sixth of the misses if they are 1.
    margins, pair = Margins(misses=1.0), (np.array([0.0, 1e-3]), np.array([-1.0, -0.9]))

    assert let_go(Row(pair), margins)
    assert paces({"a": Row(slow_screen(), (pair,))}, margins) == {"a": Pace.OK}


def test_each_of_three_looks_counts_and_a_fourth_is_not_read() -> None:
    silent, slow = (np.zeros(2), np.zeros(2)), (np.arange(8) / 1e3, np.arange(8) / 1e3 + 0.2)

    for place in range(LOOKS):
        looks = tuple(slow if look == place else silent for look in range(place + 1))
        assert paces({"a": Row(slow, looks)}, MARGINS) == {"a": Pace.REGRESSION}
    late = Row(slow, (*([silent] * LOOKS), slow))
    assert paces({"a": late}, MARGINS) == {"a": Pace.UNDECIDED}


def test_rows_that_wait_for_their_look_are_in_the_family() -> None:
    # P = 1/924 is enough for one row alone (1 % / 3), and not for one of ten.
    slow = (np.arange(6) / 1e3, np.arange(6) / 1e3 + 0.2)
    waiting = {str(i): Row(slow) for i in range(9)}

    assert paces({"a": Row(slow, (slow,))}, MARGINS)["a"] is Pace.REGRESSION
    assert paces({"a": Row(slow, (slow,)), **waiting}, MARGINS)["a"] is Pace.UNDECIDED


def test_the_first_look_can_tell_and_the_budget_is_spent() -> None:
    for family in (1, 5, 60):
        first = look_sizes(family, MARGINS, 13)[0]
        rare = math.comb(2 * first, first) * MARGINS.false_alarms / LOOKS / family
        assert first == smallest_first(family, MARGINS)
        assert rare >= 2
        assert sum(look_sizes(family, MARGINS, 13)) == 13
    assert look_sizes(1, MARGINS, 4) == [4]


def test_the_ratio_is_that_of_the_fresh_processes() -> None:
    rng = np.random.default_rng(5)

    found = compared(Row(sides(rng, 6, 0.01, 2.0), (sides(rng, 7, 0.01, 1.1),)), MARGINS)

    assert found.ratio == pytest.approx(1.1, abs=0.02)
    assert found.interval[0] < 1.1 < found.interval[1]
    assert found.processes == (7, 7)


def test_unchanged_suites_are_red_at_most_one_in_a_hundred() -> None:
    """400 suites of 20 rows, no screen; at a rate of 1 % more than 13 has a chance below 1e-4."""
    rng = np.random.default_rng(7)
    red = 0
    for _ in range(400):
        rows = {str(i): row(rng, 0.2, looks=LOOKS) for i in range(20)}
        red += Pace.REGRESSION in paces(rows, MARGINS).values()

    assert red <= 13
