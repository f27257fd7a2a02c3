"""Sizes measured on after the decision: nothing decided changes, and the precision is reached."""

from typing import Any

import numpy as np
import pytest

from examples import toys
from harness.declaration.claim import Claim
from harness.declaration.exhibits import Sides
from harness.declaration.profiles import PROFILES
from harness.declaration.relations import (
    all_hold,
    exactly_equal,
    more_often_than_not,
    pairwise_independent,
    rate_equals,
)
from harness.metrics import arrays
from harness.text import Text
from harness.trial.conditions import Conditions, Shares
from harness.trial.effects import FREE, PART_OF_THE_TRIAL
from harness.trial.examination import Examination, examine

SHARES = Shares(1e-6, 1e-6)
SIDES = Sides(Text("first", "甲"), Text("second", "乙"), Text("points", "分"))


def measured_on(claim: Claim, **conditions: Any) -> Examination:
    return examine(claim, Conditions(measures_on=True, **conditions), SHARES)


def decided(examination: Examination) -> list[Any]:
    return [
        (one.verdict, one.evidence, one.blocks, one.digest, one.trail) for one in examination.trials
    ]


def scores(**options: Any) -> Claim:
    """A claim that compares: the first score is three times the second, in the median."""

    @toys.toy("toy", "The first scores more", "甲得分更多", **options)
    def the_first_scores_more(relu: Any, replicates: int, stream: Any) -> Any:
        draws = stream.numpy().lognormal(size=(2, replicates), sigma=0.2)
        return arrays.exceeds(3 * draws[0], draws[1])

    return the_first_scores_more


@pytest.mark.parametrize(
    "claim",
    [toys.coin(0.97, seconds=1e-3), toys.coin(0.2), toys.bits(), scores()],
    ids=["true", "false", "fixed sample", "compared"],
)
def test_nothing_that_is_decided_changes(claim: Claim) -> None:
    plain = examine(claim, Conditions(), SHARES)
    sized = measured_on(claim)

    assert sized.effects.found
    assert not plain.effects.found
    assert decided(sized) == decided(plain)


def test_a_cheap_probability_is_known_to_five_hundredths() -> None:
    (share,) = measured_on(toys.coin(0.9, seconds=1e-4)).effects.found

    assert share.more == 0
    assert share.interval[1] - share.interval[0] <= 0.1
    assert share.interval[0] < 0.9 < share.interval[1]


def test_the_size_of_what_is_compared_is_known_in_its_own_units() -> None:
    share, ratio = measured_on(scores(seconds=1e-4, compares=(SIDES,))).effects.found

    assert share.kind == "share"
    assert ratio.kind == "ratio"
    assert ratio.sides == SIDES
    assert ratio.interval[0] < 3 < ratio.interval[1]
    assert ratio.more == 0


def test_an_arm_that_always_diverges_has_no_size_and_leaves_the_verdict() -> None:
    @toys.toy("toy", "The first diverges", "甲发散", seconds=1e-4, compares=(SIDES,))
    def the_first_diverges(relu: Any, replicates: int, stream: Any) -> Any:
        return arrays.exceeds(np.full(replicates, np.inf), stream.numpy().random(replicates))

    examination = measured_on(the_first_diverges)
    assert examination.verdict.value == "CONFIRMED"
    assert [one.kind for one in examination.effects.found] == ["share", "level"]


def test_a_test_of_many_labels_has_one_size() -> None:
    @toys.toy(
        "toy", "Pairs agree", "成对一致", seconds=1e-4,
        holds=pairwise_independent(0.5, within=0.1, labels=("near", "far")),
    )  # fmt: skip
    def pairs_agree(relu: Any, replicates: int, stream: Any) -> Any:
        counts = stream.numpy().binomial(replicates, 0.5, 2)
        return {name: (int(n), replicates) for name, n in zip(("near", "far"), counts, strict=True)}

    (size,) = measured_on(pairs_agree).effects.found
    assert size.kind == "value"


def test_a_costly_claim_measures_on_for_a_part_of_its_trial_and_says_what_is_missing() -> None:
    examination = measured_on(toys.coin(0.7, holds=more_often_than_not(margin=0.1), seconds=1e3))
    (share,) = examination.effects.found

    assert examination.effects.blocks == examination.trials[0].blocks // PART_OF_THE_TRIAL
    assert share.more is not None
    assert share.more > 0


def test_a_short_trial_measures_on_for_as_long_as_is_free_by_its_declared_cost() -> None:
    examination = measured_on(toys.coin(0.2, seconds=FREE / 5))
    assert examination.trials[0].blocks < 5 * PART_OF_THE_TRIAL
    assert examination.effects.blocks == 5


def test_what_raises_while_measuring_on_leaves_what_was_known() -> None:
    blocks = examine(toys.coin(0.97), Conditions(), SHARES).trials[0].blocks
    calls: list[int] = []

    @toys.toy("toy", "A coin shows heads", "硬币出正面", seconds=1e-3)
    def a_coin_shows_heads(relu: Any, replicates: int, stream: Any) -> Any:
        calls.append(1)
        if len(calls) > blocks:
            raise RuntimeError("broken")
        return stream.numpy().random(replicates) < 0.97

    examination = measured_on(a_coin_shows_heads)
    assert len(calls) == blocks + 1
    assert examination.verdict.judged
    assert examination.effects.found[0].observations == 4 * blocks


def test_a_fixed_sample_and_each_part_are_read_again_and_an_identity_has_no_size() -> None:
    @toys.toy(
        "toy",
        "Bits are fair, and equal themselves",
        "比特是公平的，且等于自身",
        holds=all_hold(rate=rate_equals(0.5, within=0.05), same=exactly_equal()),
        block=1024,
    )
    def bits(relu: Any, replicates: int, stream: Any) -> Any:
        values = stream.numpy().random(replicates) < 0.5
        return {"rate": values, "same": np.zeros(1)}

    (rate,) = measured_on(bits).effects.found
    assert rate.part == "rate"
    assert rate.more == 0


def test_only_the_profiles_of_the_gate_and_of_the_night_measure_on() -> None:
    assert {name for name, one in PROFILES.items() if one.measures_on} == {"ci", "deep"}
