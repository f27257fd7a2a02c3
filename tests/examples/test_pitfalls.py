"""The page on naive tests holds every row, names claims that exist, and is what its code writes."""

import numpy as np
import pytest

from examples.pitfalls.__main__ import PAGE
from examples.pitfalls.catalogue import PITFALLS
from examples.pitfalls.page import fixed_parts, page
from examples.pitfalls.pitfall import Figure, Measurement, Pitfall, judged
from harness.run.suite import whole_suite
from harness.statistics.evidence import Verdict
from harness.statistics.tests.bernoulli import BernoulliTest
from tests.checkout import global_randomness, sources

# The first cells of the catalogue's table of naive tests, in its order.
ROWS = (
    "one seed, `assert test19 > test3`", "t-test on mean test loss, polynomials",
    "t/z at tiny α on skewed data", "`train < val` for every seed",
    "risk formula σ²(1+p/(n-p-1)) by mean", "nested ERM monotonicity with lstsq on x^i/i!",
    "E q_L=q_0 after 50 layers", "backward variance through a real loss",
    "mean-field numbers as oracle for saturated nets", "`allclose(4σ(x)-2, 2tanh(x/2), rtol)`",
    "dropout mean by z-test for all p∈[0,1]", "batch-gradient zero for dropped units",
    "train accuracy in train mode vs test accuracy", "peak-over-epochs minus final accuracy",
    "scratch vs concise by comparing losses", "counting ∣w∣<ε as sparsity", 'wall-clock "no cost"',
    "fold s.e. as s/√K", "digits replicas treated as i.i.d. from nature",
    "raw features (no i!) at lr .01", "lasso by subgradient SGD to show zeros",
    "optimism with real models without control",
)  # fmt: skip


def test_every_row_of_the_catalogue_is_a_pitfall() -> None:
    assert tuple(one.row for one in PITFALLS if one.row) == ROWS
    assert len({one.name for one in PITFALLS}) == len(PITFALLS)


def test_every_claim_that_a_pitfall_names_exists() -> None:
    there = {claim.id for claim in whole_suite()}

    named = {claim for one in PITFALLS for claim in one.claims}

    assert named - there == set()
    assert all(one.claims for one in PITFALLS)


def test_the_page_is_what_the_code_writes() -> None:
    assert fixed_parts(PAGE.read_text(encoding="utf-8")) == fixed_parts(page(PITFALLS, {}))


def test_no_pitfall_draws_from_a_generator_of_the_whole_process() -> None:
    texts = sources(["examples/pitfalls"])
    assert len(texts) > len(PITFALLS)
    assert global_randomness(texts) == []


def test_a_changed_page_is_seen() -> None:
    text = PAGE.read_text(encoding="utf-8").replace("degree_19_is_worse", "degree_19_is_better")
    assert fixed_parts(text) != fixed_parts(page(PITFALLS, {}))


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda one: one.name)
def test_a_few_replicates_give_figures_and_verdicts(pitfall: Pitfall) -> None:
    measured = pitfall.run(pitfall.quick)

    assert measured.naive
    assert measured.ours
    assert all(np.isfinite(one.estimate) for one in measured.naive)
    assert all(one.verdict is not Verdict.ERROR for one in measured.ours)
    assert f"## {pitfall.heading}" in page([pitfall], {pitfall.name: measured})


def test_a_pitfall_repeats_itself() -> None:
    (pitfall,) = [one for one in PITFALLS if one.name == "fold-bars"]
    first, second = pitfall.run(pitfall.quick), pitfall.run(pitfall.quick)
    assert _estimates(first) == _estimates(second)


def test_a_rate_has_its_binomial_standard_error() -> None:
    figure = Figure("", np.array([True, False, False, False]))

    assert figure.is_rate
    assert figure.estimate == 0.25
    assert figure.standard_error == pytest.approx(np.sqrt(0.25 * 0.75 / 4))


def test_a_median_has_the_normal_laws_standard_error() -> None:
    values = np.random.Generator(np.random.SFC64(1)).standard_normal(100_000)

    error = Figure("", values, middle=True).standard_error

    # sqrt(pi / 2) / sqrt(n); the estimate itself is good to a few parts in a hundred.
    assert error == pytest.approx(np.sqrt(np.pi / 2 / values.size), rel=0.2)


@pytest.mark.parametrize(
    ("successes", "verdict"),
    [(100, Verdict.CONFIRMED), (0, Verdict.REFUTED), (70, Verdict.UNDECIDED)],
)
def test_ours_ends_with_a_verdict(successes: int, verdict: Verdict) -> None:
    observed = np.arange(100) < successes
    assert judged("", BernoulliTest(0.5, 0.9), observed).verdict is verdict


def _estimates(measured: Measurement) -> list[float]:
    naive = [one.estimate for one in measured.naive]
    return naive + [one.estimate for one in measured.ours]
