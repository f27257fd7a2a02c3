"""The catalogue of shipped bugs is covered, and the committed tables say what was measured."""

from collections import Counter
from pathlib import Path

import pytest

from harness.declaration.roles import ROLES
from harness.implementation.named import load
from harness.text import Text
from studies.power import catalogue, tables
from studies.power.rows import Bug, bugs, rows_of
from studies.power.salts import Run, cases, missing, stored
from studies.power.theirs import THEIRS, catches

NONE = Text("none", "无")


@pytest.mark.parametrize("bug", bugs(), ids=[bug.id for bug in bugs()])
def test_every_shipped_bug_has_a_fault_that_a_claim_refutes(bug: Bug) -> None:
    assert catalogue.faults_of(bug.id), f"no claim names a fault of {bug.id} ({bug.fault})"


def test_the_catalogue_is_a_table_of_different_rows() -> None:
    assert len({bug.id for bug in bugs()}) == len(bugs()) == 58
    assert all(bug.part and bug.fault and bug.sample for bug in bugs())


def test_a_fault_stands_for_rows_of_the_catalogue_only() -> None:
    known = {bug.id for bug in bugs()}
    assert {row for _, fault in cases() for row in rows_of(fault)} <= known


def test_the_committed_table_has_every_row_and_no_fault_was_missed_at_any_salt() -> None:
    entries = tables.read()["bugs"].measured

    assert {entry["row"] for entry in entries} == {bug.id for bug in bugs()}
    missed = [e["fault"] for e in entries if e["salts"][0] != e["salts"][1]]
    assert missed == []
    assert all(any(e["salts"][1] for e in entries if e["row"] == bug.id) for bug in bugs())


def test_the_committed_table_has_every_role_and_no_pair_that_missed_at_a_salt() -> None:
    rows = tables.read()["salts"].rows
    pairs = Counter(fault.partition("=")[0] for _, fault in cases())
    assert {row[0]: row[2] for row in rows} == pairs
    assert [row for row in rows if row[4] != row[5] or row[6] != NONE] == []


def test_pairs_that_miss_are_named_and_bounded_by_nothing() -> None:
    (claim, fault), (other, another) = (
        next(case for case in cases() if case[1].startswith(f"{role}=")) for role in ("sgd", "relu")
    )
    runs = [Run(claim.id, fault, salt, "REFUTED", 1.0) for salt in "ab"]
    missed = [Run(other.id, another, salt, said, 1.0) for salt, said in [("a", "ERROR")]]
    gone = Run(claim.id, "sgd=claims.weight_decay.faults.gone:away", "a", "CONFIRMED", 1.0)

    found, whole = catalogue.salts_table([*runs, *missed, gone]), catalogue.salts_table(runs)

    assert found.rows == (("relu", 1, 1, "1", 1, 0, other.id), ("sgd", 1, 1, "2", 2, 2, NONE))
    assert found.text[1].en == "All together: 2 faults, 2 pairs, 3 examinations, 1 misses."
    assert len(found.text) == len(whole.text) - 1
    assert whole.text[-1].en == "So a pair misses at a mean rate below 7.8e-01 (95 %)."  # 1 - .05^½


@pytest.mark.parametrize("role", THEIRS)
def test_the_reference_passes_the_frameworks_own_assertion(role: str) -> None:
    assert not catches(THEIRS[role], load(role, ROLES[role]))


def test_a_fault_without_scale_fails_the_frameworks_assertion_and_a_coarse_mask_passes() -> None:
    target = "claims.dropout.faults.layer:"
    assert catches(THEIRS["dropout"], load("dropout", target + "forgets_to_rescale"))
    assert not catches(THEIRS["dropout"], load("dropout", target + "drops_on_eight_random_bits"))


def test_a_stopped_run_goes_on_and_a_torn_line_is_measured_anew(tmp_path: Path) -> None:
    claim, fault, salt = next(missing(("a",), tmp_path / "none.jsonl"))
    line = f'{{"claim": "{claim.id}", "fault": "{fault}", "salt": "a", '
    whole = line + '"verdict": "REFUTED", "seconds": 1.0}\n'
    (tmp_path / "runs.jsonl").write_text(whole + line)

    found = stored(tmp_path / "runs.jsonl")

    assert found == {(claim.id, fault, "a"): Run(claim.id, fault, "a", "REFUTED", 1.0)}
    left = [(c.id, m, s) for c, m, s in missing(("a",), tmp_path / "runs.jsonl")]
    assert (claim.id, fault, salt) not in left
    assert len(left) == len(cases()) - 1
