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
