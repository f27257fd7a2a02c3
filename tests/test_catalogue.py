"""The catalogue is complete: every row is a claim, a pair of claims or a reasoned exception."""

from __future__ import annotations

import csv
from collections import defaultdict

import pytest

import claims
from harness.statistics.kind import Verdict
from harness.trial.claim import Claim
from harness.trial.settings import draw_settings
from harness.trial.suite import all_untestable, whole_suite

with open(f"{claims.__path__[0]}/catalogue.tsv", encoding="utf-8", newline="") as file:
    CATALOGUE = list(csv.DictReader(file, delimiter="\t"))

BY_ROW: dict[str, list[Claim]] = defaultdict(list)
for _claim in whole_suite():
    BY_ROW[_claim.row].append(_claim)
UNTESTABLE = {sentence.row for sentence in all_untestable()}

# Rows whose truth the experiments put otherwise than the catalogue; each with the finding.
DISAGREEMENTS: dict[str, str] = {}


def test_the_catalogue_has_its_123_rows() -> None:
    assert len(CATALOGUE) == len({row["id"] for row in CATALOGUE}) == 123


@pytest.mark.parametrize("row", CATALOGUE, ids=[row["id"] for row in CATALOGUE])
def test_every_row_is_examined_as_its_truth_asks(row: dict[str, str]) -> None:
    expected = {claim.expected for claim in BY_ROW[row["id"]]}
    if row["id"] in UNTESTABLE and not expected:
        return
    assert expected, f"no claim and no reason for {row['id']}"
    if row["id"] in DISAGREEMENTS:
        return

    if row["truth"] == "true":
        assert Verdict.CONFIRMED in expected
    elif row["truth"] == "false":
        assert Verdict.REFUTED in expected
        assert _twins(row["id"]), "a sentence that is false as printed needs its corrected twin"
    else:
        assert Verdict.REFUTED in expected, "nothing shows that the condition is needed"
        assert Verdict.CONFIRMED in expected or _twins(row["id"])


def test_no_claim_stands_outside_the_catalogue() -> None:
    known = {row["id"] for row in CATALOGUE}
    extra = {claim.row for claim in whole_suite()} - known

    # Sentences of the chapter that the catalogue takes together, examined on their own.
    assert extra <= {"im", "mb"}, sorted(extra)


@pytest.mark.parametrize(
    "claim", [one for one in whole_suite() if one.inside], ids=lambda claim: claim.id
)
def test_no_drawn_setting_leaves_the_condition(claim: Claim) -> None:
    for salt in ("alpha", "beta"):
        assert draw_settings(claim, 40, salt)


def _twins(row: str) -> list[str]:
    return [claim.twin for claim in BY_ROW[row] if claim.twin is not None]
