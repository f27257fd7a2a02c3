"""Which claims a run examines and on which devices."""

from dataclasses import replace
from typing import Any

import pytest

from examples import toys
from harness.declaration.profiles import PROFILES
from harness.implementation.named import Implementation
from harness.run.choice import Choice
from harness.run.options import SessionError
from tests.harness.measured_blocks import measured_by
from tests.harness.scripted import costing
from tests.harness.sessions import MINE, SUITE, listed, options_of


def choice_of(**options: Any) -> Choice:
    """The choice of plain options but these."""
    return Choice(options_of(**options))


BUDGET = (
    "claims: error budget of the whole suite 1e-06 false confirmations, 1e-06 false refutations "
    "per run"
)
ROLES = "claims: only those that take relu"
ALL = " (all of them with --claims-all)"
COSTLY = "claims: dev leaves the costly claims of a run of whole folders to ci" + ALL


@pytest.mark.parametrize(("options", "narrowed"), [
    ({}, []), ({"profile": "dev"}, [COSTLY]), ({"profile": "dev", "all_claims": True}, []),
    ({"profile": "dev", "only": ("heads",)}, []), ({"implementation": MINE}, [ROLES + ALL]),
    ({"implementation": MINE, "profile": "quick"}, [f"{ROLES} and train nothing{ALL}"]),
    ({"implementation": MINE, "all_claims": True}, []),
    ({"implementation": MINE, "only": ("heads",)}, []),
])  # fmt: skip
def test_the_header_says_what_is_on_trial(options: dict[str, Any], narrowed: list[str]) -> None:
    header = choice_of(**options).header()

    shown = "relu=examples.toy_faults:nothing" if "implementation" in options else "reference"
    assert header[0].startswith(f"claims: implementation {shown}; devices cpu; profile ")
    assert header[1:] == [*narrowed, BUDGET]


def test_devices_are_those_of_the_claim_and_deep_claims_wait_for_their_profile() -> None:
    both = ("cpu", "cuda:0")
    plain, deep = choice_of(devices=both), choice_of(devices=both, profile="deep")

    on_tensors = measured_by(lambda relu, device, replicates: None)
    assert plain.devices_for(on_tensors) == both
    assert plain.devices_for(toys.coin(0.9)) == ("cpu",)
    assert plain.devices_for(replace(on_tensors, deep_only=True)) == ()
    assert deep.devices_for(replace(on_tensors, deep_only=True)) == both


def test_only_names_claims_that_are_there_by_id_or_row() -> None:
    for only in ("heads", "heads.again", "mine.too", "mine"):
        choice_of(only=(only,)).check_names([*SUITE, toys.coin(0.9, "mine.too")])

    names = ("a1", "a2", "a3", "a4", "mean", "mean.x", "mean.xy", "mean.xyz", "heads")
    many = [toys.coin(0.9, name) for name in names]
    with pytest.raises(SessionError, match=r"'zzz' names no claim; .*: a1, a2, a3$"):
        choice_of(only=("heads", "zzz")).check_names(many)
    with pytest.raises(SessionError, match=r": mean, mean.x, mean.xy$"):
        choice_of(only=("means",)).check_names(many)


def test_wanted_is_what_was_asked_for() -> None:
    named, plain = choice_of(only=("heads", "toy-listed")), choice_of()

    assert named.wants(SUITE[0])
    assert named.wants(SUITE[1])  # by its row
    assert not named.wants(SUITE[1], ids={"heads", "heads.again"})  # the name is a claim's own
    assert named.wants(SUITE[0], ids={"heads", "heads.again"})
    assert named.wants(listed())
    assert not named.wants(toys.coin(0.9))
    assert plain.wants(SUITE[0])
    assert plain.wants(listed())


def test_a_role_on_trial_wants_the_claims_that_take_it() -> None:
    choice = choice_of(implementation=MINE)

    assert choice.wants(toys.coin(0.9))
    assert not choice.wants(listed())
    assert not choice_of(implementation=Implementation({"dropout": "a:b"})).wants(toys.coin(0.9))


@pytest.mark.parametrize(("options", "cost", "settings", "too_costly"), [
    ({}, 0.15, 1, False), ({}, 0.151, 1, True), ({}, 0.1, 1, False), ({}, 0.1, 2, True),
    ({"all_claims": True}, 9.0, 1, False), ({"only": ("toy",)}, 9.0, 1, False),
    ({"implementation": MINE}, 9.0, 1, False), ({"profile": "ci"}, 1e9, 1, False),
])  # fmt: skip
def test_dev_leaves_out_what_costs_more_than_it_has(
    options: dict[str, Any], cost: float, settings: int, too_costly: bool
) -> None:
    choice = choice_of(**{"profile": "dev", **options})

    assert PROFILES["dev"].costliest == 0.15
    assert choice.leaves_out(costing(cost, settings)) is too_costly
    assert choice.leaves_out(listed()) is False
