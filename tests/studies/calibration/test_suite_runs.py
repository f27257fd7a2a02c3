"""The runs at fresh salts: what is kept of one, which come next, and what all of them come to."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.declaration.texts import salt_of_the_texts
from harness.run.suite import whole_suite
from harness.statistics.evidence import Verdict
from harness.text import Text
from studies.calibration import suite_process, suite_runs
from studies.calibration.suite_runs import SuiteRun, next_salts, read_runs, summary_of, write_down
from studies.calibration.suite_table import disagreements, table, unexplained
from studies.calibration.truths import KINDS, Cause, causes, is_wrong, truths
from studies.power.salts import Run, cases

CLEAN = SuiteRun(
    salt="texts-abc-1", date="2026-01-01", commit="0123456789", profile="dev", claims=3,
    confirmed=2, weaker=0, refuted=1, undecided=0, errors=0, unlike=0, known=2, known_wrong=0,
    planted=5, planted_wrong=0, seconds=7, digest="d", remarks="",
)  # fmt: skip


def record(claim: str, verdict: str, expected: str = "CONFIRMED") -> dict[str, Any]:
    return {"claim": claim, "device": "cpu", "verdict": verdict, "digest": claim * 3,
            "as_expected": verdict == expected}  # fmt: skip


def planted(claim: str, verdict: str) -> dict[str, Any]:
    return {"claim": claim, "fault": "relu=m:f", "verdict": verdict}


def test_a_run_counts_by_verdict_and_what_is_not_as_expected() -> None:
    records = [record("a", "CONFIRMED"), record("b", "REFUTED"), record("c", "UNDECIDED"),
               record("d", "ERROR"), record("e", "REFUTED", "REFUTED"), record("f", "WEAKER"),
               record("g", "NOT APPLICABLE"), record("h", "NOT TESTABLE")]  # fmt: skip

    run = summary_of(records, [], "texts-abc-1", "abc", 3.4)

    assert (run.claims, run.confirmed, run.weaker, run.refuted) == (6, 1, 1, 2)
    assert (run.undecided, run.errors, run.unlike) == (1, 1, 2)
    assert run.remarks == "b=REFUTED c=UNDECIDED d=ERROR f=WEAKER"
    assert run.digest == summary_of(records[::-1], [], "texts-abc-1", "abc", 9.9).digest
    assert (run.decided, run.texts) == (4, "texts-abc")


def test_a_verdict_whose_truth_is_known_is_held_against_it() -> None:
    true = next(t.claim for t in truths().values() if t.holds)
    false = next(t.claim for t in truths().values() if not t.holds)

    run = summary_of(
        [record(true, "WEAKER"), record(false, "REFUTED", "REFUTED"), record(true, "UNDECIDED")],
        [planted("a", "REFUTED"), planted("b", "CONFIRMED"), planted("c", "UNDECIDED")],
        "texts-abc-1", "abc", 1.0,
    )  # fmt: skip

    assert (run.known, run.known_wrong) == (2, 1)
    assert (run.planted, run.planted_wrong) == (2, 1)
    assert "b[relu=m:f]=CONFIRMED" in run.remarks.split()


@pytest.mark.parametrize(
    ("verdict", "holds", "wrong"),
    [
        (Verdict.CONFIRMED, True, False),
        (Verdict.WEAKER, True, True),
        (Verdict.REFUTED, True, True),
        (Verdict.CONFIRMED, False, True),
        (Verdict.WEAKER, False, True),
        (Verdict.REFUTED, False, False),
    ],
)
def test_what_contradicts_the_truth_is_wrong(verdict: Verdict, holds: bool, wrong: bool) -> None:
    assert is_wrong(verdict, holds) == wrong


def test_known_truths_are_of_claims_and_agree_with_what_is_expected() -> None:
    expected = {claim.id: claim.expected for claim in whole_suite()}

    assert len(truths()) > 80
    for truth in truths().values():
        assert expected[truth.claim] is (Verdict.CONFIRMED if truth.holds else Verdict.REFUTED)
        assert truth.why


def test_runs_are_written_down_and_the_next_salts_are_fresh(tmp_path: Path) -> None:
    file = tmp_path / "runs.tsv"
    second = dataclasses.replace(CLEAN, salt="texts-abc-2", remarks="a=ERROR")
    write_down(second, file)
    write_down(dataclasses.replace(CLEAN, salt="texts-abc-3"), file)

    assert read_runs(file)[0] == second
    found = next_salts(read_runs(file), 3, "texts-abc")
    assert found == ["texts-abc-1", "texts-abc-4", "texts-abc-5"]
    assert next_salts([], 1) == [f"{salt_of_the_texts()}-1"]


def test_other_claims_begin_the_table_anew(tmp_path: Path) -> None:
    file = tmp_path / "runs.tsv"
    write_down(CLEAN, file)
    other = dataclasses.replace(CLEAN, salt="texts-def-1")

    write_down(other, file)

    assert read_runs(file) == [other]


def test_runs_side_by_side_are_all_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, asked = tmp_path / "runs.tsv", []
    monkeypatch.setattr(suite_runs, "read_runs", lambda _=None: read_runs(file))
    monkeypatch.setattr(suite_runs, "write_down", lambda run: write_down(run, file))

    def run_suites(salts: Sequence[str], seconds: float | None = None) -> Iterator[SuiteRun]:
        asked.append((list(salts), seconds))
        for salt in salts:
            yield dataclasses.replace(CLEAN, salt=salt)

    monkeypatch.setattr(suite_runs, "run_suites", run_suites)
    found = {run.salt for run in suite_runs.add_runs(5, processes=2)}
    more = [run.salt for run in suite_runs.add_runs(2)]

    texts = salt_of_the_texts()
    assert found == {f"{texts}-{n}" for n in range(1, 6)}
    assert more == [f"{texts}-6", f"{texts}-7"]
    assert {run.salt for run in read_runs(file)} == {*found, *more}
    assert [len(salts) for salts, _ in asked] == [3, 2, 2]
    assert list(suite_runs.add_runs(1, seconds=0.0)) == []


def test_what_goes_wrong_beside_the_runs_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_suites(salts: Sequence[str], seconds: float | None = None) -> Iterator[SuiteRun]:
        raise FileNotFoundError(salts[0])

    monkeypatch.setattr(suite_runs, "run_suites", run_suites)

    with pytest.raises(FileNotFoundError, match="texts-"):
        list(suite_runs.add_runs(1))


def test_ten_runs_examine_every_planted_fault_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []

    def examined(claim: Any, fault: str, salt: str) -> Run:
        seen.append((claim.id, fault))
        return Run(claim.id, fault, salt, "REFUTED", 0.0)

    monkeypatch.setattr(suite_process, "examined", examined)
    monkeypatch.setattr(suite_process, "planted_file", lambda salt: tmp_path / f"{salt}.jsonl")

    for number in range(1, 11):
        suite_process.examine_planted(f"texts-abc-{number}")
    suite_process.examine_planted("texts-abc-3")  # what is kept is not examined again

    assert sorted(seen) == sorted((claim.id, fault) for claim, fault in cases())


WHY = Cause("texts-abc-1", "a", "claim", Text("it was too wide", "范围过大"))
UNLIKE = dataclasses.replace(CLEAN, unlike=1, errors=1, remarks="a=REFUTED b=ERROR c=UNDECIDED")


def test_what_is_not_as_expected_is_counted_by_cause() -> None:
    why = {("texts-abc-1", "a"): WHY, ("texts-abc-1", "b"): dataclasses.replace(WHY, claim="b")}

    found = table([UNLIKE], why)

    assert found.rows == ((KINDS["claim"], 2, "a (1), b (1)", WHY.found),)
    assert found.holds
    assert not any("NOT EXPLAINED" in text.en for text in found.text)


def test_what_is_not_explained_is_named_and_the_table_does_not_hold() -> None:
    found = table([UNLIKE], {("texts-abc-1", "a"): WHY})

    assert not found.holds
    assert "NOT EXPLAINED: texts-abc-1 b=ERROR." in {text.en for text in found.text}
    more = dataclasses.replace(UNLIKE, unlike=3)
    assert unexplained([more], {("texts-abc-1", "a"): WHY})[1] == "texts-abc-1 and 2 more"
    assert disagreements([UNLIKE]) == [
        ("texts-abc-1", "a", "REFUTED"),
        ("texts-abc-1", "b", "ERROR"),
    ]


def test_a_verdict_against_a_known_truth_never_holds() -> None:
    assert table([CLEAN], {}).holds
    assert not table([dataclasses.replace(CLEAN, known_wrong=1)], {}).holds
    assert not table([dataclasses.replace(CLEAN, planted_wrong=1)], {}).holds


def test_a_planted_fault_that_left_its_sentence_true_is_told_and_contradicts_nothing() -> None:
    seen = dataclasses.replace(CLEAN, planted_wrong=1, remarks="a[relu=faults:f]=CONFIRMED")
    why = dataclasses.replace(WHY, claim="a[relu=faults:f]", kind="fault")

    found = table([seen], {(why.salt, why.claim): why})

    assert found.holds
    assert found.rows == ((KINDS["fault"], 1, "a[relu=faults:f] (1)", WHY.found),)
    assert "0 of 4 verdicts wrong" in " ".join(text.en for text in found.text)


def test_agreement_and_correctness_have_bounds_of_their_own() -> None:
    # Clopper and Pearson for none in n: 1 - 0.05^(1/n).
    said = " ".join(text.en for text in table([CLEAN], {}).text)

    assert "of 3 decided verdicts 0 were not as expected" in said
    assert f"a rate below {1 - 0.05 ** (1 / 3):.1e} (95 %" in said
    assert f"0 of 2 verdicts wrong, a rate below {1 - 0.05 ** (1 / 2):.1e}" in said
    assert f"0 of 5 verdicts wrong, a rate below {1 - 0.05 ** (1 / 5):.1e}" in said


def test_what_is_written_down_is_of_one_state_of_the_claims_and_explained() -> None:
    runs = read_runs()

    assert len({run.texts for run in runs}) <= 1
    assert unexplained(runs) == []
    assert {cause.kind for cause in causes().values()} <= set(KINDS)
