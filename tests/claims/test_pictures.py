"""Who reads a sentence sees what happened: the runs, each replicate, or every setting."""

from collections.abc import Iterator

from harness.blocks.settings import largest_number_of_settings
from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.run.suite import whole_suite
from harness.statistics.evidence import Verdict
from reports.words import all_words
from tests.checkout import ROOT, sources

LEAST = 300  # claims with a picture of data
# One number at one setting, which the zones show; its experiment draws its signal.
ONE_NUMBER = {"ac-identity-only"}


def pictures(claim: Claim) -> Iterator[str]:
    """The kinds of pictures of data that the claim's record has, whatever comes out."""
    if "Measured(" in claim.code:
        yield "its own"
    if claim.compares:
        yield "each replicate's two sides"
    if claim.holds.kind.startswith("probability"):
        yield "what came of each replicate"
    if largest_number_of_settings(claim, PROFILES["ci"].draws) > 1:
        yield "each setting"


def test_every_sentence_that_is_false_has_a_picture() -> None:
    refuted = [claim for claim in whole_suite() if claim.expected is Verdict.REFUTED]
    assert {claim.id for claim in refuted if not any(pictures(claim))} == ONE_NUMBER


def test_most_sentences_have_a_picture() -> None:
    assert sum(any(pictures(claim)) for claim in whole_suite()) >= LEAST


def test_every_axis_that_the_reports_name_is_one_that_a_claim_draws() -> None:
    drawn = (ROOT / "claims/compared.tsv").read_text(encoding="utf-8")
    drawn += "".join(sources(["claims"]).values())
    names = [key.removeprefix("axis ") for key in all_words() if key.startswith("axis ")]
    assert names
    assert [name for name in names if name not in drawn] == []


def test_what_is_compared_is_named_in_both_languages() -> None:
    for claim in whole_suite():
        for sides in claim.compares:
            for name in (sides.above, sides.below, sides.unit):
                assert name.en, claim.id
                assert name.zh, claim.id


def test_every_mean_and_variance_says_what_it_is_of() -> None:
    known = {key for key in all_words() if " of " in key and key.startswith("unit ")}
    used = set()
    for claim in whole_suite():
        parts = claim.holds.parts or {"": claim.holds}
        for name, relation in parts.items():
            if relation.unit in ("mean", "variance ratio"):
                own = f"unit {relation.unit} of {claim.id}"
                found = {own, f"{own} {name}"} & known
                assert found, (claim.id, name)
                used |= found
    assert known == used
