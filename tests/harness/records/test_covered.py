"""What a verdict covers is said in words, and no larger than what was examined."""

from typing import Any

import pytest
from msgspec.structs import replace

from harness.records.covered import covered
from harness.records.record import Record, Sweep, Trial
from harness.statistics.evidence import Verdict
from studies.report.records import records, typed
from tests.harness.records.examined import NATS, record_of

CLEAN = Sweep(0.01, 2103, 2062, None, 0)


def made(*settings: Trial, sweep: Sweep | None = None, verdict: str = "CONFIRMED") -> Record:
    (record,) = typed(records(1))
    return replace(
        record, settings=list(settings), deciding=None, sweep=sweep, verdict=Verdict(verdict)
    )


def at(p: float, drawn: bool = True, verdict: str = "CONFIRMED") -> Trial:
    (record,) = typed(records(1))
    lacks = "it has no float64" if verdict == "NOT APPLICABLE" else None
    changes = {"setting": {"p": p}, "drawn": drawn, "verdict": Verdict(verdict), "lacks": lacks}
    return replace(record.settings[0], **changes)


NOWHERE = replace(at(0, drawn=False), setting={})


def words(record: Record) -> str:
    found = covered(record)
    return found.en if found else ""


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (
            made(at(1), sweep=CLEAN),
            "in all but at most 1 % of such settings and generator states "
            "(2,103 drawn, none failed)",
        ),
        (
            made(NOWHERE, sweep=CLEAN),
            "in all but at most 1 % of generator states (2,103 drawn, none failed)",
        ),
        (
            made(at(1), sweep=Sweep(0.2, 96, 93, None, 1311)),
            "in all but at most 20 % of such settings and generator states "
            "(96 drawn, none failed, 1,311 more not applicable)",
        ),
        (
            made(at(1), sweep=Sweep(0.01, 64, 2062, None, 0), verdict="UNDECIDED"),
            "64 settings and generator states drawn, none failed, of 2,062 that are needed",
        ),
        (
            made(at(1), sweep=Sweep(0.01, 311, 2062, {"p": 1}, 0), verdict="REFUTED"),
            "it fails at one of 312 drawn settings and generator states",
        ),
        (
            made(*(at(p) for p in range(11))),
            "examined at 11 settings; up to 24 % of such settings could still fail (95 %)",
        ),
        (
            made(at(-1, drawn=False), *(at(p) for p in range(11))),
            "examined at 12 settings, 11 of them drawn; up to 24 % of such settings could still "
            "fail (95 %)",
        ),
        (made(at(1, drawn=False), at(2, drawn=False)), "at the 2 listed settings and at no others"),
        (made(at(1, drawn=False)), "at the one listed setting and at no other"),
        (made(NOWHERE), ""),
        (made(at(1, verdict="REFUTED"), verdict="REFUTED"), ""),
        (
            made(at(1), at(2), *(at(p, verdict="NOT APPLICABLE") for p in range(3, 8))),
            "at 2 of 7 settings (the others are not applicable: it has no float64); examined at 2 "
            "settings; up to 78 % of such settings could still fail (95 %)",
        ),
        (made(at(1, verdict="NOT APPLICABLE"), verdict="NOT APPLICABLE"), ""),
    ],
)
def test_a_verdict_says_what_it_covers(record: Record, said: str) -> None:
    assert words(record) == said
    found = covered(record)
    assert found is None or (found.zh and found.zh != found.en and " %" not in found.zh)


@pytest.mark.parametrize("given", [True, False])
def test_a_setting_that_the_claim_does_not_list_was_drawn(given: bool) -> None:
    from dataclasses import replace as changed

    from hypothesis import strategies

    ranges: dict[str, Any] = {"p": strategies.integers(10, 1000)} if given else {}
    record = record_of(changed(NATS, given=ranges))

    drawn = {trial.setting["p"] for trial in record.settings if trial.drawn}
    assert {1, 2, 3}.isdisjoint(drawn)
    assert bool(drawn) == given
