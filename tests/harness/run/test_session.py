"""What a session decides before anything is measured: workers, shares, and which claims."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st

from examples import toys
from harness.declaration.claim import Claim, ClaimError, claim
from harness.declaration.profiles import PROFILES
from harness.declaration.relations import more_often_than_not
from harness.implementation.named import Implementation
from harness.run import suite
from harness.run.options import SessionError
from harness.text import Text
from harness.workers import executors
from harness.workers.executors import Place
from tests.harness.measured_blocks import measured_by
from tests.harness.scripted import saying
from tests.harness.sessions import MINE, SUITE, listed, session_of


@pytest.fixture(autouse=True)
def suite_of_coins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "whole_suite", lambda: SUITE)
    monkeypatch.setattr(suite, "chapter_order", lambda: {"heads": 4, "heads.again": 7})


def one_block(cost: float, settings: int = 1) -> Claim:
    """A claim with so many settings, whose blocks cost so many seconds."""
    always = tuple({"p": p} for p in range(settings))
    return saying(lambda p: (0.0, 0.0), always=always, seconds=cost)


@pytest.mark.parametrize(("cores", "place"), [(1, Place("serial", 1)), (2, Place("processes", 2))])
def test_without_an_executor_there_is_a_process_per_core(
    monkeypatch: pytest.MonkeyPatch, cores: int, place: Place
) -> None:
    monkeypatch.setattr(executors, "cores", lambda: cores)

    assert session_of(executor=None)._place == place
    assert session_of(executor="processes:5")._place == Place("processes", 5)


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ([(one_block(1.0), "cpu")], "processes"),  # four blocks of it take four seconds
        ([(one_block(0.99), "cpu")], "serial"),
        ([(one_block(0.5, settings=2), "cpu")], "processes"),
        ([(one_block(0.5), "cpu"), (one_block(0.5), "cpu")], "processes"),
        ([(one_block(100.0), "cuda:0")], "serial"),  # an accelerator takes no second process
        ([], "serial"),
    ],
)
def test_a_run_of_under_four_seconds_is_measured_here(
    monkeypatch: pytest.MonkeyPatch, claims: list[tuple[Claim, str]], kind: str
) -> None:
    monkeypatch.setattr(executors, "cores", lambda: 3)
    session = session_of(executor=None)

    session.expect(claims, has_siblings=False)

    assert session._place == Place(kind, {"serial": 1, "processes": 3}[kind])


def test_siblings_share_the_machine_and_an_executor_that_was_asked_for_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(executors, "cores", lambda: 3)
    costly = [(one_block(100.0), "cpu")]
    beside, asked = session_of(executor=None), session_of(executor="processes:2")

    beside.expect(costly, has_siblings=True)
    asked.expect([], has_siblings=True)

    assert beside._place == Place("serial", 1)
    assert asked._place == Place("processes", 2)
    with pytest.raises(TypeError, match="positional"):
        asked.expect([], True)  # type: ignore[call-arg]


BUDGET = (
    "claims: error budget of the whole suite 1e-06 false confirmations, 1e-06 false refutations "
    "per run"
)
ROLES = "claims: only those that take relu"
ALL = " (all of them with --claims-all)"
COSTLY = "claims: dev leaves the costly claims of a run of whole folders to ci" + ALL


@pytest.mark.parametrize(
    ("options", "narrowed"),
    [
        ({}, []),
        ({"profile": "dev"}, [COSTLY]),
        ({"profile": "dev", "all_claims": True}, []),
        ({"profile": "dev", "only": ("heads",)}, []),
        ({"implementation": MINE}, [ROLES + ALL]),
        ({"implementation": MINE, "profile": "quick"}, [f"{ROLES} and train nothing{ALL}"]),
        ({"implementation": MINE, "all_claims": True}, []),
        ({"implementation": MINE, "only": ("heads",)}, []),
    ],
)
def test_the_header_says_what_is_on_trial_and_what_is_left_out(
    options: dict[str, Any], narrowed: list[str]
) -> None:
    header = session_of(**options).header()

    shown = "relu=tests.harness.toy_faults:nothing" if "implementation" in options else "reference"
    assert header[0].startswith(f"claims: implementation {shown}; devices cpu; profile ")
    assert header[1:] == [*narrowed, BUDGET]


def test_devices_are_those_of_the_claim_and_deep_claims_wait_for_their_profile() -> None:
    both = ("cpu", "cuda:0")
    session, deep = session_of(devices=both), session_of(devices=both, profile="deep")

    on_tensors = measured_by(lambda relu, device, replicates: None)
    assert session.devices_for(on_tensors) == both
    assert session.devices_for(toys.coin(0.9)) == ("cpu",)
    assert session.devices_for(replace(on_tensors, deep_only=True)) == ()
    assert deep.devices_for(replace(on_tensors, deep_only=True)) == both


def test_a_claim_s_share_is_that_of_the_whole_suite_and_a_foreign_one_s_of_its_own() -> None:
    session = session_of()
    foreign = [toys.coin(0.9, "mine", seconds=5.0), toys.coin(0.9, "mine.too", seconds=5.0)]

    session.collected([SUITE[0], foreign[0], foreign[0], foreign[1]])

    shares = {name: ledger.alpha(name) for name, ledger in session._ledgers.items()}
    unit = 1e-6 / 2  # of one device
    assert shares == pytest.approx(
        {"heads": 3 / 4 * unit, "heads.again": unit / 4, "mine": unit / 2, "mine.too": unit / 2},
        rel=1e-9,
    )
    assert session._order == {"heads": 4, "heads.again": 7, "mine": 2, "mine.too": 3}


def test_without_claims_nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_of()
    monkeypatch.setattr(suite, "whole_suite", lambda: pytest.fail("nobody asked"))

    session.collected([])

    assert session._ledgers == {}


def test_drawn_settings_are_held_against_the_condition_at_collection() -> None:
    seen: list[int] = []

    def bounded(least: int) -> Claim:
        def inside(p: int) -> bool:
            seen.append(p)
            return p >= least

        @claim(
            "mine",
            "p is large",
            "p 大",
            source="a test",
            holds=more_often_than_not(),
            given={"p": st.integers(0, 10**9)},
            inside=inside,
            condition=Text("p is large enough", "p 足够大"),
        )
        def p_is_large(relu: Any, p: int, replicates: int, stream: Any) -> Any:
            raise AssertionError("nothing is measured at collection")

        return p_is_large

    session_of().collected([bounded(0), toys.bits(draws=1)])

    assert len(seen) == 3
    with pytest.raises(ClaimError, match="outside its condition"):
        session_of().collected([bounded(10**9 + 1)])


def test_only_names_claims_that_are_there_by_id_or_row(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = toys.coin(0.9, "mine.too")

    for only in ("heads", "heads.again", "mine.too", "mine"):
        session_of(only=(only,)).collected([foreign])

    many = ("a1", "a2", "a3", "a4", "mean", "mean.x", "mean.xy", "mean.xyz", "heads")
    monkeypatch.setattr(suite, "whole_suite", lambda: tuple(toys.coin(0.9, x) for x in many))
    with pytest.raises(SessionError, match=r"'zzz' names no claim; .*: a1, a2, a3$"):
        session_of(only=("heads", "zzz")).collected([])
    with pytest.raises(SessionError, match=r": mean, mean.x, mean.xy$"):
        session_of(only=("means",)).collected([])


def test_wanted_is_what_was_asked_for() -> None:
    named, plain = session_of(only=("heads", "toy-listed")), session_of()

    assert named.wanted(SUITE[0])
    assert named.wanted(SUITE[1])  # by its row
    assert named.wanted(listed())
    assert not named.wanted(toys.coin(0.9))
    assert plain.wanted(SUITE[0])
    assert plain.wanted(listed())


def test_a_role_on_trial_wants_the_claims_that_take_it() -> None:
    session = session_of(implementation=MINE)

    assert session.wanted(toys.coin(0.9))
    assert not session.wanted(listed())
    assert not session_of(implementation=Implementation({"dropout": "a:b"})).wanted(toys.coin(0.9))


@pytest.mark.parametrize(
    ("options", "cost", "settings", "too_costly"),
    [
        ({}, 0.15, 1, False),
        ({}, 0.151, 1, True),
        ({}, 0.1, 1, False),
        ({}, 0.1, 2, True),
        ({"all_claims": True}, 9.0, 1, False),
        ({"only": ("toy",)}, 9.0, 1, False),
        ({"implementation": MINE}, 9.0, 1, False),
        ({"profile": "ci"}, 1e9, 1, False),
    ],
)
def test_dev_leaves_out_what_costs_more_than_it_has(
    options: dict[str, Any], cost: float, settings: int, too_costly: bool
) -> None:
    session = session_of(**{"profile": "dev", **options})

    assert PROFILES["dev"].costliest == 0.15
    assert session.is_too_costly(one_block(cost, settings)) is too_costly
    assert session.is_too_costly(listed()) is False
