"""The one planted fault that explains what claims said of an object, or none."""

from typing import Any

import msgspec
import pytest

from harness.records.likely import (
    STRANGE,
    Cause,
    Seen,
    Signature,
    as_line,
    likely_causes,
    looks_like,
    merged,
    seen_in,
    signatures,
)  # fmt: skip
from harness.records.record import Part, Record
from harness.statistics.evidence import Verdict
from studies.report.records import records, typed

(BASE,) = typed([row for row in records() if row["claim"] == "do-unbiased"])
AT = seen_in(msgspec.structs.replace(BASE, verdict=Verdict.REFUTED)).at


def refuted(claim: str, low: float, high: float | None, **other: Any) -> Record:
    """A record that refutes, with an estimate in [low, high]."""
    return record(claim, Verdict.REFUTED, low, high, **other)


def record(
    claim: str, verdict: Verdict, low: float = 0.0, high: float | None = 0.0, **other: Any
) -> Record:
    trial = msgspec.structs.replace(
        BASE.settings[BASE.deciding or 0], estimate=low, interval=(low, high), parts=[]
    )
    return msgspec.structs.replace(
        BASE, claim=claim, verdict=verdict, settings=[trial], deciding=0,
        implementation={"dropout": "mine:dropout"}, calls={"dropout": 3}, **other,
    )  # fmt: skip


def fault(name: str, **claims: Seen) -> tuple[str, Signature]:
    return f"dropout=claims.faults:{name}", claims


HOLDS = Seen(".")
HALF, THE_THIRD = Seen("x", AT, ((0.5, 0.5),)), Seen("x", AT, ((0.1, 0.2),))
TABLE = dict([
    fault("halves", a=HALF, b=HOLDS, c=THE_THIRD),
    fault("doubles", a=Seen("x", AT, ((2.0, 2.0),)), b=HOLDS, c=THE_THIRD),
    fault("raises", a=Seen("!"), b=Seen("!")),
])  # fmt: skip
OTHER = record("b", Verdict.CONFIRMED)
THIRD = refuted("c", 0.15, 0.16)


def test_the_fault_that_alone_explains_the_records_is_named() -> None:
    (cause,) = likely_causes([refuted("a", 0.499, 0.501), OTHER, THIRD], TABLE)

    assert cause == Cause("dropout=mine:dropout", "dropout=claims.faults:halves")
    assert looks_like(cause).en.startswith("looks like: halves (its evidence agrees with")


@pytest.mark.parametrize(
    "found",
    [
        pytest.param([refuted("a", 0.7, 0.7), OTHER, THIRD], id="fails by another amount"),
        pytest.param([refuted("a", 0.5, 0.5), refuted("b", 1, 1), THIRD], id="fails more"),
        pytest.param([refuted("a", 0.4, 2.1), OTHER, THIRD], id="two faults explain it"),
        pytest.param([refuted("a", 0.5, 0.5), OTHER], id="one estimate alone"),
        pytest.param([refuted("a", 0.5, None), OTHER, refuted("c", 0.1, None)], id="infinite"),
        pytest.param([record("a", Verdict.CONFIRMED), OTHER], id="holds"),
        pytest.param([record("a", Verdict.ERROR), record("b", Verdict.ERROR)], id="no estimate"),
        pytest.param(
            [refuted("a", 0.5, 0.5, expected=Verdict.REFUTED), OTHER, THIRD], id="expected to fail"
        ),
    ],
)
def test_nothing_is_named_where_no_fault_alone_explains_the_records(found: list[Record]) -> None:
    assert list(likely_causes(found, TABLE)) == []


MANY = {f"same-{i}": HOLDS for i in range(STRANGE)}
SEVERAL = dict([
    fault("halves", a=HALF, c=THE_THIRD, odd=Seen("x"), **MANY),
    fault("doubles", a=Seen("x", AT, ((2.0, 2.0),)), c=HOLDS, **dict.fromkeys(MANY, Seen("x"))),
])  # fmt: skip
HOLDING = [record(claim, Verdict.CONFIRMED) for claim in MANY]


def test_one_claim_of_many_may_say_another_thing_where_no_other_fault_comes_near() -> None:
    found = [refuted("a", 0.499, 0.501), THIRD, record("odd", Verdict.CONFIRMED), *HOLDING]
    near = {**SEVERAL, **dict([fault("near", a=HALF, c=THE_THIRD, **MANY)])}

    (cause,) = likely_causes(found, SEVERAL)

    assert cause.differing == ("odd",)
    assert "agrees with that planted fault but for odd, and no other" in looks_like(cause).en
    assert list(likely_causes(found[:4], SEVERAL)) == []  # too few claims for one to differ
    assert [cause.name for cause in likely_causes(found, near)] == ["near"]


def test_a_claim_about_two_objects_accuses_neither() -> None:
    both = {"dropout": "mine:dropout", "relu": "mine:relu"}
    one = msgspec.structs.replace(
        refuted("a", 0.5, 0.5), implementation=both, calls={"dropout": 1, "relu": 1}
    )

    assert list(likely_causes([one, OTHER, THIRD], TABLE)) == []


def test_what_salts_disagree_about_is_left_open_and_what_they_share_is_spanned() -> None:
    one, other = Seen("x", AT, ((0.4, 0.5),)), Seen("x", AT, ((0.45, None),))

    assert merged(one, HOLDS) == Seen("?")
    assert merged(one, other) == Seen("x", AT, ((0.4, None),))
    assert merged(one, Seen("x", "elsewhere", ((0.4, 0.5),))) == Seen("x")


def test_the_parts_of_a_relation_are_compared_one_by_one() -> None:
    parts = [Part("mean", 0.5, (0.4, 0.6), 0, 9), Part("rate", None, None, 0, 0)]
    trial = msgspec.structs.replace(BASE.settings[0], parts=parts)
    several = msgspec.structs.replace(refuted("a", 1, 1), settings=[trial, *BASE.settings[1:]])

    assert seen_in(several).estimates == ((0.4, 0.6),)


def test_a_signature_is_read_as_it_was_written(tmp_path: Any) -> None:
    file = tmp_path / "table.jsonl"
    file.write_text("".join(as_line(*one) for one in TABLE.items()), encoding="utf-8")

    assert signatures(file) == TABLE
    assert signatures(tmp_path / "none.jsonl") == {}
