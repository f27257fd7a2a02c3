"""A claim is about the objects on trial that it calls, at the settings where it calls them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from examples import toys
from harness.declaration.claim import Claim
from harness.declaration.not_applicable import NotApplicableError
from harness.declaration.relations import exactly_equal, more_often_than_not
from harness.implementation.calls import counted_calls, note_call
from harness.implementation.named import Implementation, of_objects
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Stored
from harness.trial.examination import Examination, examine
from tests.harness.records.examined import record_of
from tests.harness.scripted import SHARES, examined, refuted_option

BOTH: dict[str, Any] = {"always": ({"ask": "relu"}, {"ask": "tanh"})}


def mine(x: Any) -> Any:
    return x


def lacks(x: Any) -> Any:
    raise NotApplicableError("no such kernel")


def breaks(x: Any) -> Any:
    raise ValueError("never works")


def asking(bias: float = 0.97, **options: Any) -> Claim:
    """A coin that asks relu or tanh before every toss, as the setting says."""
    exact = "given" in options

    @toys.toy("toy", "A coin shows heads", "硬币出正面", **BOTH | options)
    def a_coin_shows_heads(relu: Any, tanh: Any, ask: str, replicates: int, stream: Any) -> Any:
        for _ in range(replicates):
            {"relu": relu, "tanh": tanh, "neither": mine}[ask](torch.zeros(1))
        heads = stream.numpy().random(replicates) < bias
        return np.zeros(replicates) if exact else heads

    return a_coin_shows_heads


def judged(claim: Claim, **objects: Any) -> Examination:
    return examined(claim, implementation=of_objects(objects))


def verdicts(found: Examination) -> list[str]:
    return [str(found.verdict), *(str(trial.verdict) for trial in found.trials)]


def test_calls_are_counted_by_role_in_the_trial_and_in_the_record() -> None:
    record = record_of(asking(), implementation=of_objects({"relu": mine, "tanh": mine}))

    first, second = record.settings
    assert record.verdict is Verdict.CONFIRMED
    assert (first.calls, second.calls) == (
        {"relu": first.observations},
        {"tanh": second.observations},
    )
    assert record.calls == {"relu": first.observations, "tanh": second.observations}


def test_a_setting_that_asks_for_another_role_is_set_aside() -> None:
    found = judged(asking(), relu=mine)

    assert verdicts(found) == ["CONFIRMED", "CONFIRMED", "NOT APPLICABLE"]
    assert str(found.trials[1].error) == "relu never called there"
    assert found.trials[1].evidence is None


def test_an_object_that_no_setting_calls_ends_in_an_error() -> None:
    record = record_of(
        asking(always=({"ask": "neither"}, {"ask": "tanh"})),
        implementation=of_objects({"relu": mine}),
    )

    assert record.verdict is Verdict.ERROR
    assert not record.as_expected
    assert record.calls == {"relu": 0}
    assert record.error is not None
    assert "the object of role 'relu' (tests.harness.trial.test_calls:mine)" in record.error.message
    assert "never called by this claim at any of its 2 settings" in record.error.message
    assert "--claims-profile=deep" in record.error.message


@pytest.mark.parametrize(
    ("bias", "expected"), [(0.97, {}), (0.03, refuted_option()), (0.03, {}), (0.5, {})]
)
def test_no_verdict_of_the_reference_is_given_to_an_object(bias: float, expected: Any) -> None:
    claim = asking(bias, always=({"ask": "neither"},), holds=more_often_than_not(), **expected)
    assert verdicts(judged(claim, relu=mine)) == ["ERROR", "ERROR"]


def test_what_an_object_lacks_where_it_is_asked_for_is_not_applicable() -> None:
    found = judged(asking(), relu=lacks)
    assert verdicts(found) == ["NOT APPLICABLE"] * 3
    assert str(found.trials[found.deciding].error) == "no such kernel"


def test_no_claim_is_confirmed_for_one_of_two_objects() -> None:
    never = judged(asking(always=({"ask": "relu"},)), relu=mine, tanh=mine)
    lacking = judged(asking(), relu=mine, tanh=lacks)

    assert never.verdict is Verdict.ERROR
    assert "the object of role 'tanh'" in str(never.trials[0].error)
    assert verdicts(lacking) == ["NOT APPLICABLE"] * 3


def test_a_sweep_confirms_no_claim_whose_settings_are_set_aside() -> None:
    given = {"ask": st.sampled_from(["relu", "tanh"])}
    claim = asking(holds=exactly_equal(), given=given, share=0.05)

    assert judged(claim, relu=mine).sweep is not None
    found = judged(claim, relu=mine, tanh=lacks)
    assert (found.verdict, found.sweep) == (Verdict.NOT_APPLICABLE, None)


def test_what_is_refuted_is_blamed_on_what_was_called() -> None:
    found = judged(asking(0.03), relu=mine, tanh=lacks)
    assert found.verdict is Verdict.REFUTED


def test_an_object_that_raises_was_called() -> None:
    record = record_of(asking(), implementation=of_objects({"relu": breaks}))

    assert record.error is not None
    assert record.error.type == "ContractError"
    assert record.calls == {"relu": 1}


def test_the_reference_is_not_counted() -> None:
    record = record_of(asking(always=({"ask": "neither"},)))

    assert record.verdict is Verdict.CONFIRMED
    assert record.calls == {}
    assert b'"calls":{}' in record.as_line()


def test_an_object_of_no_role_of_the_claim_is_not_missed() -> None:
    record = record_of(toys.coin(0.97), implementation=of_objects({"tanh": mine}))
    assert (record.verdict, record.calls) == (Verdict.CONFIRMED, {})


def test_a_trial_that_goes_on_adds_to_its_calls() -> None:
    before = Stored(3, np.array([12.0, 12.0]), b"", (), {"relu": 12})
    claim = asking(always=({"ask": "relu"},))
    options: dict[str, Any] = {"implementation": of_objects({"relu": mine})}

    first = examined(claim, **options).trials[0]
    again = examined(claim, **options, stored={'{"ask":"relu"}': before}).trials[0]

    assert first.evidence is not None
    assert again.calls["relu"] == first.calls["relu"] == first.evidence.observations


def test_a_sweep_counts_only_settings_that_call_an_object_on_trial() -> None:
    record = record_of(
        asking(
            given={"ask": st.sampled_from(["relu", "tanh", "neither"])},
            holds=exactly_equal(),
            share=0.05,
        ),
        implementation=of_objects({"relu": mine}),
    )

    called = [trial for trial in record.settings if trial.calls]
    assert record.verdict is Verdict.CONFIRMED
    assert record.sweep is not None
    assert record.sweep.instances >= record.sweep.needed
    assert record.sweep.skipped > record.sweep.instances  # two of three settings
    assert record.calls["relu"] == (
        record.sweep.instances + sum(trial.observations for trial in called)
    )


def test_threads_count_their_own_calls() -> None:
    def called(times: int) -> Sequence[int]:
        with counted_calls() as calls:
            for _ in range(times):
                note_call("relu", (), {})
        return [calls["relu"]]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(called, range(40))) == [[times] for times in range(40)]
    note_call("relu", (), {})  # of no block


def test_an_examination_of_the_reference_has_no_roles_on_trial() -> None:
    assert Implementation().on_trial(("relu",)) == ()
    assert Implementation({"tanh": "mine:tanh"}).on_trial(("relu", "tanh")) == ("tanh",)
    assert examine(toys.coin(0.97), examined(toys.coin(0.97)).conditions, SHARES).verdict == (
        Verdict.CONFIRMED
    )
