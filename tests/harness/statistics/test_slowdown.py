"""Timings compared by ranks of processes: exact levels, and when more are needed."""

import numpy as np
import pytest
from scipy import stats

from harness.statistics.comparison.multiplicity import discoveries
from harness.statistics.comparison.slowdown import (
    Comparison,
    Margins,
    Pace,
    aa_floor,
    compare,
    verdicts,
)

MARGINS = Margins()


def unchanged(rng: np.random.Generator, processes: int, noise: float) -> Comparison:
    """A row of one law on both sides."""
    base, head = rng.normal(0, noise, (2, processes))
    return compare(base, head, MARGINS)


@pytest.mark.parametrize("seed", range(5))
def test_discoveries_are_those_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p_values = np.concatenate([rng.random(40), rng.random(10) / 500])

    found = discoveries(list(p_values), 0.05)

    assert found == list(stats.false_discovery_control(p_values) <= 0.05)


def test_no_question_has_no_discovery() -> None:
    assert discoveries([], 0.05) == []


def test_the_p_value_is_the_exact_rank_test_of_scipy() -> None:
    rng = np.random.default_rng(3)
    base, head = rng.normal(0, 0.02, 9), rng.normal(0.06, 0.02, 8)

    row = compare(base, head, Margins(tolerance=0.5, slowdown=0.6))

    shifted = head - np.log1p(0.5)
    wanted = stats.mannwhitneyu(shifted, base, alternative="greater", method="exact").pvalue
    assert row.p_slower == pytest.approx(wanted)
    assert row.ratio == pytest.approx(np.exp(np.median(head[:, None] - base[None, :])))


def test_the_floor_is_what_the_base_differs_by_from_itself() -> None:
    assert aa_floor(np.log([1.0, 1.1, 1.0, 1.1])) == pytest.approx(0.1)
    assert aa_floor(np.log([1.0])) == 0.0


def test_a_floor_above_the_tolerance_is_not_called_a_regression() -> None:
    base = np.log(np.tile([1.0, 1.2], 8))

    row = compare(base, base + np.log(1.1), MARGINS)

    assert row.floor == pytest.approx(0.2)
    assert verdicts({"row": row}, MARGINS) == {"row": Pace.UNDECIDED}


@pytest.mark.parametrize(
    ("ratio", "pace"), [(1.0, Pace.OK), (0.8, Pace.OK), (1.10, Pace.REGRESSION)]
)
def test_twelve_quiet_processes_decide(ratio: float, pace: Pace) -> None:
    rng = np.random.default_rng(1)
    rows = {f"row {i}": unchanged(rng, 12, 0.01) for i in range(30)}
    base, head = rng.normal(0, 0.01, (2, 12))
    rows["changed"] = compare(base, head + np.log(ratio), MARGINS)

    assert verdicts(rows, MARGINS)["changed"] is pace


def test_too_few_processes_are_undecided() -> None:
    rng = np.random.default_rng(1)
    row = unchanged(rng, 3, 0.01)
    assert verdicts({"row": row}, MARGINS) == {"row": Pace.UNDECIDED}


def test_unchanged_suites_are_red_at_most_one_in_a_hundred() -> None:
    """400 suites of 20 rows; at a rate of 1 % more than 13 has a chance below 1e-4."""
    rng = np.random.default_rng(7)
    red = 0
    for _ in range(400):
        rows = {str(i): unchanged(rng, 10, 0.05) for i in range(20)}
        red += Pace.REGRESSION in verdicts(rows, MARGINS).values()

    assert red <= 13


@pytest.mark.parametrize(("tolerance", "slowdown"), [(0.1, 0.1), (-1.0, 0.1)])
def test_margins_that_state_no_test_are_refused(tolerance: float, slowdown: float) -> None:
    with pytest.raises(ValueError, match="0 <= tolerance < slowdown"):
        Margins(tolerance, slowdown)
