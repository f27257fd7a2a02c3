"""Who reads a sentence sees what happened: the runs, each replicate, or every setting."""

from collections.abc import Iterator

from harness.declaration.claim import Claim
from harness.run.suite import whole_suite
from harness.statistics.evidence import Verdict

LEAST = 390  # claims with a picture of data


def pictures(claim: Claim) -> Iterator[str]:
    """The kinds of pictures of data that the claim's record has, whatever comes out."""
    if "Measured(" in claim.code:
        yield "its own"
    if claim.compares:
        yield "each replicate's two sides"
    if claim.holds.kind.startswith("probability"):
        yield "what came of each replicate"
    if not claim.holds.kind.startswith("printed"):  # of several parts, of one of them
        yield "each setting"


def test_every_sentence_that_is_false_has_a_picture() -> None:
    refuted = [claim for claim in whole_suite() if claim.expected is Verdict.REFUTED]
    assert [claim.id for claim in refuted if not any(pictures(claim))] == []


def test_most_sentences_have_a_picture() -> None:
    assert sum(any(pictures(claim)) for claim in whole_suite()) >= LEAST


def test_what_is_compared_is_named_in_both_languages() -> None:
    for claim in whole_suite():
        for sides in claim.compares:
            for name in (sides.above, sides.below, sides.unit):
                assert name.en, claim.id
                assert name.zh, claim.id
