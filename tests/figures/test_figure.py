"""Estimators against laws that are known, and the rule by which two figures agree."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from harness.figures import __main__ as command
from harness.figures import figure
from harness.figures.figure import Figure
from tests.house import ROOT

RUNS = 400


@pytest.mark.parametrize(
    ("estimator", "sample", "truth"),
    [
        (figure.mean, lambda rng: rng.exponential(size=300), 1.0),
        (figure.deviation, lambda rng: rng.standard_normal(300), 1.0),
        (figure.root_mean_square, lambda rng: 1 + rng.standard_normal(300), math.sqrt(2)),
        (figure.median, lambda rng: rng.exponential(size=300), math.log(2)),
        (figure.quantile(0.95), lambda rng: rng.random(600), 0.95),
        (figure.share, lambda rng: rng.random(300) < 0.02, 0.02),
        (
            figure.variance_ratio,
            lambda rng: rng.standard_normal((300, 2)) * [2.0, 1.0],
            4.0,
        ),
        (
            figure.correlation,
            lambda rng: rng.standard_normal((300, 1)) + rng.standard_normal((300, 3)),
            0.5,
        ),
    ],
)
def test_intervals_hold_the_truth(estimator: Any, sample: Any, truth: float) -> None:
    rng = np.random.Generator(np.random.SFC64(20))

    missed = 0
    for _ in range(RUNS):
        _, (low, high) = estimator(sample(rng))
        missed += not low <= truth <= high

    # One in a thousand is nominal; nine in 400 has a chance below 1e-6 at 1 in 250.
    assert missed < 9


def test_a_diverged_replicate_counts_above_every_quantile() -> None:
    estimate, (_, high) = figure.median([1.0, 2.0, 3.0, math.nan, math.nan, math.inf, math.nan])

    assert math.isinf(high)
    assert math.isinf(estimate)


@pytest.mark.parametrize(
    ("printed", "value", "half_unit"),
    [(".0625", 0.0625, 5e-5), ("-.019", -0.019, 5e-4), ("1.6e5", 1.6e5, 5e3), ("881", 881.0, 0.5)],
)
def test_a_printed_number_carries_its_rounding(
    printed: str, value: float, half_unit: float
) -> None:
    assert figure.value_of(printed) == pytest.approx((value, half_unit))


@pytest.mark.parametrize(
    ("shown", "estimate", "interval", "agrees"),
    [
        (Figure("", "", "1.00", figure.mean), 1.02, (0.9, 1.1), True),
        (Figure("", "", "1.00", figure.mean), 1.2, (1.15, 1.25), False),
        (Figure("", "", "1.00", figure.mean, error=0.1), 1.2, (1.15, 1.25), True),
        (Figure("", "", "1.2", figure.exact), 1.24, (1.24, 1.24), True),
        (Figure("", "", "1.20", figure.exact), 1.24, (1.24, 1.24), False),
        (Figure("", "", "1.00", figure.share, out_of=24), 0.93, (0.9, 0.96), True),
        (Figure("", "", ".50", figure.share, out_of=2000), 0.6, (0.58, 0.62), False),
        (Figure("", "", "", figure.mean), 1.0, (0.0, 2.0), None),
    ],
)
def test_two_figures_agree_within_both_errors(
    shown: Figure, estimate: float, interval: tuple[float, float], agrees: bool | None
) -> None:
    assert shown.agrees(estimate, interval) is agrees


def test_a_row_is_measured_again_bit_for_bit() -> None:
    (spurious,) = (one for one in command.measurements() if one.row == "ms-spurious")

    first, second = (command.measured(spurious, "salt") for _ in range(2))

    assert first == second != command.measured(spurious, "other salt")
    assert [line["agrees"] for line in first] == [True, True, True]


def test_the_file_of_the_docs_holds_every_figure_as_it_is_declared() -> None:
    page = json.loads((ROOT / "docs" / "figures.json").read_text(encoding="utf-8"))

    written = [(one["row"], one["name"]["en"], one["printed"]) for one in page["figures"]]
    declared = [
        (one.row, shown.en, shown.printed)
        for one in command.measurements()
        for shown in one.figures
    ]
    assert written == declared
