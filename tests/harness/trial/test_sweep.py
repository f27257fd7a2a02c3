"""Sweeps: a sentence that is false in its share of instances passes as rarely as computed."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy import stats

from examples import toys
from harness.declaration.claim import Claim, ClaimError, Verdict
from harness.declaration.not_applicable import NotApplicableError
from harness.declaration.profiles import PROFILES
from harness.declaration.relations import (
    Relation,
    all_hold,
    always_true,
    distribution_equals,
    exactly_equal,
    mean_equals,
    more_often_than_not,
    pairwise_independent,
    rate_equals,
    uniform_variance_equals,
    variance_equals,
)
from harness.implementation.named import of_objects
from harness.statistics.instances import instances_for
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import examine
from harness.trial.sweep import check, plan_of, sweep

LEVEL, RUNS, SHARE = 0.05, 2000, 0.2
SHARES = Shares(LEVEL, LEVEL)
PAIRS = ("one", "two")
Values = Callable[[np.random.Generator, int, bool], Any]

KINDS: dict[str, tuple[Relation, Values]] = {
    "identity": (exactly_equal(), lambda rng, n, bad: 2.0 if bad else rng.random(n)),
    "always": (always_true(), lambda rng, n, bad: [math.inf, 0.5] if bad else [0.0, 0.5]),
    "rate": (rate_equals(0.3, within=0.05), lambda rng, n, bad: (rng.random(n) < 0.3) & (not bad)),
    "mean": (
        mean_equals(0.5, within=0.05, low=0.0, high=1.0),
        lambda rng, n, bad: np.zeros(n) if bad else rng.random(n),
    ),
    "variance": (variance_equals(), lambda rng, n, bad: (0.0 if bad else rng.chisquare(n), n)),
    "uniform variance": (
        uniform_variance_equals(),
        lambda rng, n, bad: np.full(n, 1.1) if bad else rng.uniform(-1, 1, n),
    ),
    "law": (
        distribution_equals("uniform"),
        lambda rng, n, bad: np.zeros(n) if bad else rng.random(n),
    ),
    "pairs": (
        pairwise_independent(0.5, within=0.05, labels=PAIRS),
        lambda rng, n, bad: {one: (n if bad else rng.binomial(n, 0.5), n) for one in PAIRS},
    ),
    "several": (
        all_hold(often=more_often_than_not(), equal=exactly_equal()),
        lambda rng, n, bad: {"often": np.ones(n), "equal": [2.0 if bad else 0.0]},
    ),
}
SETTINGS = {"place": st.integers(0, 9999)}


def swept(kind: str, failing: float, at: str = "generator state", **options: Any) -> Claim:
    """A claim that is grossly false in a part `failing` of settings or of generator states."""
    holds, values = KINDS[kind]

    @toys.toy("toy", "It holds", "成立", holds=holds, given=SETTINGS, share=SHARE, **options)
    def it_holds(relu: Any, place: int, replicates: int, stream: Any) -> Any:
        state = place if at == "setting" else stream.seed() % 10_000
        return values(stream.numpy(), replicates, state < 10_000 * failing)

    return it_holds


def verdicts(claim: Claim, runs: int) -> list[Verdict]:
    plan = plan_of(claim, Conditions(), SHARES, SHARES)
    assert plan is not None
    return [
        sweep(claim, Conditions(salt=str(run)), plan, SHARES.alpha).verdict for run in range(runs)
    ]


@pytest.mark.parametrize("multiple", [0.25, 1, 4])
@pytest.mark.parametrize("at", ["setting", "generator state"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_fails_in_part_is_confirmed_as_computed(kind: str, at: str, multiple: float) -> None:
    runs = RUNS if (multiple, at) == (1, "generator state") else RUNS // 8
    passes = (1 - SHARE * multiple) ** instances_for(SHARE, LEVEL)

    found = verdicts(swept(kind, SHARE * multiple, at), runs)

    confirmed = found.count(Verdict.CONFIRMED)
    assert confirmed + found.count(Verdict.REFUTED) == runs
    assert stats.binom.ppf(1e-6, runs, passes) <= confirmed <= stats.binom.isf(1e-6, runs, passes)
    assert multiple < 1 or passes <= LEVEL


@pytest.mark.parametrize("kind", KINDS)
def test_what_holds_everywhere_is_refuted_at_most_at_the_rate(kind: str) -> None:
    refuted = verdicts(swept(kind, 0.0), RUNS // 4).count(Verdict.REFUTED)
    assert refuted <= stats.binom.isf(1e-6, RUNS // 4, LEVEL)


def test_one_per_cent_of_instances_never_passes_at_the_shares_of_the_suite() -> None:
    # One clean block of 18 comparisons passes in .99^18 = 83 % of runs; 59 of 120 did.
    claim = swept("identity", 0.01)
    shares = Shares(1e-9, 1e-9)
    plan = plan_of(replace(claim, spends=replace(claim.spends, share=0.01)), Conditions(), shares,
                   shares)  # fmt: skip
    assert plan is not None

    found = [sweep(claim, Conditions(salt=str(run)), plan, 1e-9).verdict for run in range(RUNS)]

    assert plan.needed == 2062
    assert found.count(Verdict.CONFIRMED) == 0


def test_no_less_is_excluded_than_the_object_on_trial_says() -> None:
    def double(x: Any) -> Any:
        return 2 * x

    def shares(given: dict[str, Any]) -> float:
        conditions = Conditions(implementation=of_objects(given))
        plan = plan_of(swept("identity", 0.0), conditions, SHARES, SHARES)
        assert plan is not None
        return plan.share

    assert shares({}) == shares({"relu": double}) == SHARE
    double.least_share = 0.5  # type: ignore[attr-defined]
    assert shares({"relu": double}) == 0.5
    assert shares({"tanh": double}) == SHARE


def test_a_failing_instance_decides_the_examination_and_is_on_its_record() -> None:
    found = examine(swept("identity", 0.3, "setting"), Conditions(), SHARES)
    assert found.verdict is Verdict.REFUTED
    assert found.trials[found.deciding].setting["place"] < 3000


def test_a_clean_sweep_confirms_with_the_settings() -> None:
    found = examine(swept("rate", 0.0), Conditions(), SHARES)

    assert (found.verdict, found.parts) == (Verdict.CONFIRMED, PROFILES["ci"].draws + 1)
    assert found.sweep is not None
    assert found.sweep.clean >= found.sweep.plan.needed == instances_for(SHARE, LEVEL)
    assert found.sweep.evidence.interval[1] <= SHARE


def test_an_error_of_an_instance_names_its_setting() -> None:
    @toys.toy("toy", "It holds", "成立", holds=exactly_equal(), given=SETTINGS, share=0.01)
    def it_holds(relu: Any, place: int) -> Any:
        if place > 9000:
            raise ZeroDivisionError("beyond")
        return 0.0

    found = examine(it_holds, Conditions(salt="3"), Shares(1e-9, 1e-9))

    assert found.verdict is Verdict.ERROR
    assert found.trials[found.deciding].setting["place"] > 9000


def test_settings_that_do_not_apply_are_drawn_again() -> None:
    @toys.toy("toy", "It holds", "成立", holds=exactly_equal(), given=SETTINGS, share=SHARE)
    def it_holds(relu: Any, place: int) -> Any:
        if place % 2:
            raise NotApplicableError("odd places")
        return 0.0

    found = examine(it_holds, Conditions(), SHARES)

    assert found.verdict is Verdict.CONFIRMED
    assert found.sweep is not None
    assert found.sweep.clean >= found.sweep.plan.needed
    assert found.sweep.skipped > 0


def test_a_sentence_of_a_probability_or_without_instances_has_no_share() -> None:
    @toys.toy("toy", "It holds", "成立", holds=exactly_equal(), always=({"n": 1}, {"n": 2}))
    def it_holds(relu: Any, n: int) -> Any:
        return 0.0

    assert toys.coin(0.9).share is None
    assert it_holds.share is None
    assert examine(it_holds, Conditions(), SHARES).sweep is None
    assert swept("rate", 0.0).share == SHARE


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_share_that_is_no_part_is_an_error_at_the_declaration(share: float) -> None:
    with pytest.raises(ClaimError, match=r"toys\.py:\d+: claim 'toy' has a share of"):
        toys.coin(0.9, share=share)


def test_a_share_that_takes_too_many_and_settings_without_a_law_are_errors() -> None:
    claim = swept("identity", 0.0)
    costly = replace(claim, spends=replace(claim.spends, share=1e-8))
    lawless = replace(claim, given={"place": st.text()})

    with pytest.raises(ClaimError, match=r"sweep\.py:\d+: claim 'toy': share=1e-08 takes"):
        check(costly, 1e-9)
    with pytest.raises(ClaimError, match=r"sweep\.py:\d+: claim 'toy' draws from text\(\)"):
        check(lawless, 1e-9)
