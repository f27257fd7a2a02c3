"""The committed baseline is this suite's: no claim in it has vanished or changed its meaning."""

import pytest

from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.run.suite import whole_suite
from reports.gate.baseline import DEFAULT, Baseline, read_baseline
from reports.keys import meaning_of, split_key
from tests.checkout import ROOT

AGAIN = (
    "examine it anew with --claims-salt=baseline --claims-only=ID, then "
    "`python -m reports accept --partial`; or all of them with `tox -e baseline`"
)


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return read_baseline(ROOT / DEFAULT)


@pytest.fixture(scope="module")
def claims() -> dict[str, Claim]:
    return {claim.id: claim for claim in whole_suite()}


def test_no_claim_of_the_baseline_vanished(baseline: Baseline, claims: dict[str, Claim]) -> None:
    vanished = {split_key(key)[0] for key in baseline.verdicts} - set(claims)
    assert not vanished, AGAIN


def test_no_claim_of_the_baseline_means_else(baseline: Baseline, claims: dict[str, Claim]) -> None:
    changed = []
    for key, entry in baseline.verdicts.items():
        claim = claims[split_key(key)[0]]
        if entry.meaning != meaning_of(claim.sentence.en, claim.holds.words.en, claim.formula):
            changed.append(claim.id)

    assert not changed, AGAIN


def test_nearly_every_claim_is_in_it(baseline: Baseline, claims: dict[str, Claim]) -> None:
    known = {split_key(key)[0] for key in baseline.verdicts}
    assert len(set(claims) - known) <= len(claims) / 20, AGAIN


def test_it_holds_the_main_jobs_verdicts_and_what_training_came_to(baseline: Baseline) -> None:
    groups = {split_key(key)[1] for key in baseline.verdicts}

    assert groups == {"cpu, ci"}
    assert "ci" in PROFILES
    assert all(entry.verdict == entry.expected for entry in baseline.verdicts.values())
    assert sum(len(entry) for entry in baseline.statistics.values()) > 50
