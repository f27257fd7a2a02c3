"""Steps in a series over runs: found where they are, seldom where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from harness.statistics.steps import LONGEST, change_points


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
