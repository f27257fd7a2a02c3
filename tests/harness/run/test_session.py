"""What a session decides before anything is measured: workers, shares, and which claims."""

from typing import Any

import pytest
from hypothesis import strategies as st

from examples import toys
from harness.declaration.claim import Claim, ClaimError, claim
from harness.declaration.relations import more_often_than_not
from harness.run import suite
from harness.text import Text
from tests.harness.scripted import costing, examined
from tests.harness.sessions import SUITE, session_of


@pytest.fixture(autouse=True)
def suite_of_coins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "whole_suite", lambda: SUITE)
    monkeypatch.setattr(suite, "chapter_order", lambda: {"heads": 4, "heads.again": 7})


@pytest.mark.parametrize(
    ("claims", "seconds"),
    [
        ([(costing(1.0), "cpu")], 4.0),  # four blocks of it take four seconds
        ([(costing(0.5, settings=2), "cpu")], 4.0),
        ([(costing(0.5), "cpu"), (costing(0.25), "cpu")], 3.0),
        ([(costing(100.0), "cuda:0")], 0.0),  # an accelerator takes no second process
        ([], 0.0),
    ],
)
def test_workers_are_told_what_the_run_costs(
    monkeypatch: pytest.MonkeyPatch, claims: list[tuple[Claim, str]], seconds: float
) -> None:
    session = session_of()
    told: list[float] = []
    monkeypatch.setattr(session.workers, "expect", lambda cost, **_: told.append(cost))

    session.expect(claims, has_siblings=False)

    assert told == [seconds]


def test_a_claim_s_share_is_that_of_the_whole_suite_and_a_foreign_one_s_is_fixed() -> None:
    session = session_of()
    foreign = [toys.coin(0.9, "mine", seconds=5.0), toys.coin(0.9, "mine.too", seconds=5.0)]

    session.collected([SUITE[0], foreign[0], foreign[0], foreign[1]])

    claims = (*SUITE, *foreign)
    shares = {claim.id: session.examiner.shares(claim).alpha for claim in claims}
    unit = 1e-6  # on one device
    assert shares == pytest.approx(
        {"heads": 3 / 4 * unit, "heads.again": unit / 4, "mine": 1e-9, "mine.too": 1e-9}, rel=1e-9
    )
    orders = [session.examiner.record_of(examined(claim)).order for claim in claims]
    assert orders == [4, 7, 2, 3]


def test_without_claims_nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_of()
    monkeypatch.setattr(suite, "whole_suite", lambda: pytest.fail("nobody asked"))

    session.collected([])

    assert session._examiner is None


def test_drawn_settings_are_held_against_the_condition_at_collection() -> None:
    seen: list[int] = []

    def bounded(least: int) -> Claim:
        def inside(p: int) -> bool:
            seen.append(p)
            return p >= least

        @claim(
            "mine", "p is large", "p 大", source="a test", holds=more_often_than_not(),
            given={"p": st.integers(0, 10**9)}, inside=inside,
            condition=Text("p is large enough", "p 足够大"),
        )  # fmt: skip
        def p_is_large(relu: Any, p: int, replicates: int, stream: Any) -> Any:
            raise AssertionError("nothing is measured at collection")

        return p_is_large

    session_of().collected([bounded(0), toys.bits(draws=1)])

    assert len(seen) == 3
    with pytest.raises(ClaimError, match="outside its condition"):
        session_of().collected([bounded(10**9 + 1)])
