"""What a run did not judge, in one sentence."""

from typing import Any

import pytest

from examples import toy_faults, toys
from harness.declaration.not_applicable import NotApplicableError
from harness.declaration.profiles import PROFILES
from harness.implementation.named import Implementation, of_objects
from harness.records.record import Record
from harness.run import suite
from harness.run.unjudged import unjudged
from tests.harness.records.examined import record_of
from tests.harness.sessions import SUITE

MINE = of_objects({"relu": toy_faults.nothing})
QUICK = PROFILES["quick"]


def lacks(x: Any) -> Any:
    raise NotApplicableError("it has no float64")


def asked(object: Any) -> Record:
    """The record of a claim that calls the object as relu."""

    @toys.toy("toy", "A coin shows heads", "硬币出正面")
    def a_coin_shows_heads(relu: Any, replicates: int, stream: Any) -> Any:
        relu(replicates)
        return stream.numpy().random(replicates) < 0.97

    return record_of(a_coin_shows_heads, implementation=of_objects({"relu": object}))


@pytest.fixture(autouse=True)
def two_coins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite of two claims, both about relu."""
    monkeypatch.setattr(suite, "whole_suite", lambda: SUITE)


def test_a_role_that_one_claim_judged_is_judged() -> None:
    assert unjudged([asked(lacks), asked(toy_faults.nothing)], MINE, QUICK) is None
    assert unjudged([record_of(toys.coin(0.97))], Implementation(), QUICK) is None


def test_a_role_that_is_nowhere_applicable_is_told_with_the_reason() -> None:
    said = unjudged([asked(lacks)] * 2, MINE, QUICK)

    assert said is not None
    assert said.startswith(
        "nothing about relu was judged: 2 claims, all NOT APPLICABLE (it has no float64); give"
    )


def test_one_of_two_roles_is_told_beside_claims_about_the_other() -> None:
    both = of_objects({"relu": lacks, "tanh": toy_faults.nothing})
    records = [asked(lacks), record_of(toys.coin(0.97), implementation=both)]

    assert "nothing about tanh was judged: no claim was left" in str(
        unjudged([asked(toy_faults.nothing)], both, QUICK)
    )
    assert "nothing about relu or tanh was judged: one claim, NOT" in str(
        unjudged(records[:1], both, QUICK)
    )


def test_a_role_whose_claims_were_left_out_is_not_told_beside_others() -> None:
    other = of_objects({"tanh": toy_faults.nothing, "relu": toy_faults.nothing})
    about_tanh = record_of(toys.coin(0.97), implementation=MINE)
    judged = asked(toy_faults.nothing)

    assert "relu" not in str(unjudged([judged, about_tanh], other, QUICK))


def test_where_no_claim_is_left_nothing_is_judged() -> None:
    assert "nothing about relu was judged: no claim was left" in str(unjudged([], MINE, QUICK))
    assert "nothing was judged: no claim was left" in str(unjudged([], Implementation(), QUICK))


def test_a_role_that_is_the_reference_by_name_is_not_on_trial() -> None:
    named = Implementation({"relu": "harness.primitives.activations:relu"})
    assert unjudged([record_of(toys.coin(0.97))], named, QUICK) is None
