"""Steps in a series over runs: found where they are, seldom where there is none."""

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

from harness.statistics.comparison import steps
from harness.statistics.comparison.steps import (
    ENOUGH,
    LONGEST,
    SHUFFLES,
    SMALLEST_SEGMENT,
    change_points,
)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_step_is_found_at_its_run() -> None:
    series = np.concatenate([generator().normal(1, 0.02, 30), generator(1).normal(1.1, 0.02, 25)])

    found = change_points(series, generator())

    assert len(found) == 1
    assert abs(found[0] - 30) <= 1


def test_two_steps_are_found() -> None:
    noise = generator(2).normal(0, 0.1, 60)
    series = noise + np.repeat([0.0, 1.0, 0.2], 20)

    found = change_points(series, generator())

    assert [abs(at - wanted) <= 1 for at, wanted in zip(found, (20, 40), strict=True)] == [True] * 2


@pytest.mark.parametrize(
    "series",
    [[], [1.0], [2.0] * 50, [1.0] * 20 + [900.0] + [1.0] * 20, [1.0, 2.0] * 3],
    ids=["empty", "one", "constant", "one odd run", "short"],
)
def test_no_step(series: list[float]) -> None:
    assert change_points(series, generator()) == []


def test_series_of_one_law_are_seldom_split() -> None:
    """1 % a series: more than 10 of 300 has a chance below 1e-3."""
    split = sum(
        bool(change_points(generator(seed).standard_cauchy(40), generator(seed)))
        for seed in range(300)
    )

    assert split <= 10


def test_only_the_latest_runs_are_looked_at() -> None:
    series = np.concatenate([np.zeros(50), np.ones(LONGEST)]) + generator().normal(0, 0.01, 306)
    assert change_points(series, generator()) == []


def test_the_same_series_has_the_same_steps() -> None:
    series = np.concatenate([generator().random(30), generator().random(30) + 0.5])
    assert change_points(series, generator(5)) == change_points(series, generator(5))


def energy(left: Any, right: Any) -> float:
    """Matteson and James (2014), Equations 5 and 7, exponent 1, pair by pair."""
    m, k = len(left), len(right)
    across = sum(abs(x - y) for x in left for y in right) * 2 / (m * k)
    within = [
        np.mean([abs(x - y) for x, y in itertools.combinations(side, 2)]) for side in (left, right)
    ]
    return float(m * k / (m + k) * (across - sum(within)))


@pytest.mark.parametrize("seed", range(6))
def test_a_split_is_where_the_energy_distance_of_both_sides_is_largest(seed: int) -> None:
    values = generator(seed).normal(size=9 + 2 * seed)
    values[seed % 2 * 5 :] += 1.0
    values[-3:] += 100.0  # the largest distance of all would leave three on the right
    cuts = range(SMALLEST_SEGMENT, len(values) - SMALLEST_SEGMENT + 1)
    heights = {cut: energy(values[:cut], values[cut:]) for cut in cuts}
    best = max(heights, key=lambda cut: heights[cut])

    height, at = steps._best_split(values)

    assert at == best
    assert height == pytest.approx(heights[best], rel=1e-10)


class Shuffler:
    """In place of a generator: a shuffle leaves the step every so often, else takes it away."""

    def __init__(self, every: int) -> None:
        self.every, self.calls = every, 0

    def permutation(self, values: Any) -> Any:
        self.calls += 1
        return values if self.calls % self.every == 0 else np.zeros_like(values)


@pytest.mark.parametrize(
    ("every", "p", "calls"),
    [
        (1, 1.0, ENOUGH),
        (3, 1 / 3, 3 * ENOUGH),
        (49, ENOUGH / 490, 490),
        (50, 10 / 500, SHUFFLES),  # nine of 499 reach as far
        (SHUFFLES, 2 / 500, SHUFFLES),
        (SHUFFLES + 1, 1 / 500, SHUFFLES),
    ],
)
def test_a_p_value_counts_the_shuffles_that_reach_as_far(every: int, p: float, calls: int) -> None:
    # Besag and Clifford (1991): ENOUGH / shuffles where it stops early, else (reached + 1) / 500.
    values = np.repeat([0.0, 1.0], 5)
    shuffler: Any = Shuffler(every)

    found = steps._p_value(values, steps._best_split(values)[0], shuffler)

    assert found == pytest.approx(p, rel=1e-12)
    assert shuffler.calls == calls


@pytest.mark.parametrize("values", [[3.0, 1.0, 2.0], [1.0, 1.0, 0.0, 1.0, 5.0], [2.0] * 4])
def test_ranks_are_those_of_scipy_with_ties_in_the_middle(values: list[float]) -> None:
    assert list(steps._ranks(np.array(values))) == list(stats.rankdata(values) - 0.5)
