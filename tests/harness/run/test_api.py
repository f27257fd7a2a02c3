"""Judging an implementation from Python: objects, records, and the test class."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claims.dropout.faults.training import forgets_dropout
from examples import toy_faults as toy
from harness.implementation.named import ImplementationError
from harness.implementation.user_file import UserFileError
from harness.primitives import dropout as reference
from harness.run import api
from harness.run.api import check_implementation, chosen_claims
from harness.run.unjudged import NothingJudgedError
from harness.training.nets import mlp
from tests.runs import run_here

FAST = ("do-unbiased.variance", "do-printed.count", "do-eval")


def closure() -> Callable[..., Any]:
    def mine(h: Any, p: float, generator: Any, training: bool = True) -> Any:
        return reference.dropout(h, p, generator, training)

    return mine


def test_an_object_without_an_importable_name_is_judged() -> None:
    records = check_implementation(dropout=closure(), claims=FAST)

    assert [record.claim for record in records] == list(FAST)
    assert {record.verdict for record in records} == {"CONFIRMED"}
    assert records[0].implementation == {
        "dropout": "tests.harness.run.test_api:closure.<locals>.mine"
    }


def test_an_object_that_does_otherwise_than_before_is_examined_anew() -> None:
    does: list[Callable[..., Any]] = []

    def mine(*arguments: Any, **options: Any) -> Any:
        return does[-1](*arguments, **options)

    verdicts = []
    for one in (mlp.train_mlp, forgets_dropout):
        does.append(one)
        (record,) = check_implementation(train_mlp=mine, claims="do-raises-train", profile="dev")
        verdicts.append(record.verdict)
    assert verdicts == ["CONFIRMED", "REFUTED"]


def test_a_module_that_is_loaded_again_is_examined_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "from harness.primitives.dropout import dropout as right\ndef mine(*a, **k):\n"
    file = tmp_path / "edited.py"
    monkeypatch.syspath_prepend(tmp_path)

    verdicts = []
    for body in ("    return right(*a, **k)\n", "    return 2 * right(*a, **k)\n"):
        file.write_text(source + body, encoding="utf-8")
        importlib.reload(importlib.import_module("edited"))
        (record,) = check_implementation("dropout=edited:mine", claims="do-eval")
        verdicts.append(record.verdict)
    monkeypatch.delitem(sys.modules, "edited")
    assert verdicts == ["CONFIRMED", "REFUTED"]


def test_a_fault_is_refuted_by_name_and_as_an_object_alike() -> None:
    named = check_implementation(
        "dropout=claims.dropout.faults.layer:forgets_to_rescale", claims=FAST
    )
    from claims.dropout.faults.layer import forgets_to_rescale

    as_object = check_implementation(dropout=forgets_to_rescale, claims=FAST)

    assert named[0].verdict == "REFUTED"
    assert not named[0].as_expected
    assert [r.digest for r in named] == [r.digest for r in as_object]


def test_what_is_lacking_is_not_applicable() -> None:
    other, record = check_implementation(
        dropout=toy.knows_no_mode, claims=("do-eval", "do-unbiased.variance")
    )

    assert (record.verdict, other.verdict) == ("NOT APPLICABLE", "CONFIRMED")
    assert record.error is not None
    assert "takes no argument 'training'" in record.error.message
    assert (record.calls, other.calls["dropout"] > 0) == ({"dropout": 0}, True)


def test_what_is_nowhere_applicable_is_no_answer() -> None:
    with pytest.raises(NothingJudgedError) as found:
        check_implementation(dropout=toy.knows_no_mode, claims=("do-eval",))

    assert "nothing about dropout was judged: one claim, NOT APPLICABLE" in str(found.value)
    assert "takes no argument 'training'" in str(found.value)
    assert [record.verdict for record in found.value.records] == ["NOT APPLICABLE"]


def test_a_role_without_a_claim_in_the_profile_is_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Every role has one today; a suite of one's own need not.
    monkeypatch.setattr(api, "chosen_claims", lambda *roles, **profile: [])

    with pytest.raises(NothingJudgedError, match="no claim was left to examine"):
        check_implementation(relu=lambda x: x)


def test_the_quick_profile_trains_nothing_and_leaves_no_direct_claim_out() -> None:
    quick = {claim.id for claim in chosen_claims(("dropout",))}
    more = {claim.id: claim for claim in chosen_claims(("dropout",), profile="dev")}

    assert quick < set(more)
    assert all("train_mlp" in more[id].roles for id in set(more) - quick)


def test_a_protocol_on_trial_is_examined_even_in_the_quick_profile() -> None:
    assert chosen_claims(("train_mlp",))


@pytest.mark.parametrize(("arguments", "options", "says"), [
    ((), {}, "no role is given"), ((), {"dropuot": closure}, "did you mean 'dropout'?"),
    ((), {"dropout": toy.two_arguments}, "does not take"),
    ((), {"dropout": 3}, "not something to call"),
    ((), {"dropout": closure(), "claims": ("in-uniform",)}, "no claim of that id takes"),
    ((), {"dropout": closure(), "profile": "slow"}, "there are: dev, ci, deep, quick"),
    (("dropout=examples.toy_faults:raises",), {"dropout": closure()}, "given twice"),
])  # fmt: skip
def test_a_wrong_argument_is_told(
    arguments: tuple[str, ...], options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ImplementationError, match=says.replace("?", r"\?")):
        check_implementation(*arguments, **options)


def test_a_known_failure_is_marked_in_its_record(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        '[[known_failure]]\nid = "do-unbiased.variance"\nrole = "dropout"\nreason = "x"\n'
        "expiry = 2999-01-01\n"
    )

    records = check_implementation(
        "dropout=claims.dropout.faults.layer:forgets_to_rescale", claims=FAST, known_failures=file
    )

    assert [bool(record.known_failure) for record in records] == [True, False, False]


def test_a_known_failure_that_names_no_claim_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        '[[known_failure]]\nid = "do-painted"\nrole = "dropout"\nreason = "x"\nexpiry = 2999-01-01'
    )

    with pytest.raises(UserFileError, match="the nearest is 'do-printed'"):
        check_implementation(dropout=closure(), known_failures=file)


def test_the_test_class_gives_one_test_per_claim(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "from harness.run.api import ConformanceTests\n"
        "from examples import toy_faults as toy\n"
        "class TestMine(ConformanceTests):\n"
        "    dropout = toy.knows_no_mode\n"
        f"    claims = {FAST}\n"
        "class TestNowhere(ConformanceTests):\n"
        "    dropout = toy.knows_no_mode\n"
        '    claims = ("do-eval",)\n'
        "class TestFaulty(ConformanceTests):\n"
        '    dropout = "claims.dropout.faults.layer:forgets_to_rescale"\n'
        '    claims = ("do-unbiased.variance",)\n'
    )

    done = run_here("-q", "-rs", "test_mine.py", folder=tmp_path)

    # Beside a test per claim there is one per role: that a claim about it was judged.
    assert "2 failed, 4 passed, 2 " in done.stdout, done.stdout
    assert "nothing about dropout was judged: one claim, NOT APPLICABLE" in done.stdout
    assert "REFUTED, expected CONFIRMED" in done.stdout
    assert "not applicable" in done.stdout
