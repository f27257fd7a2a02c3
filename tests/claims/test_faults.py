"""Every planted fault is refuted by the claims that it names, through the door that users have.

One salt in CI; `CLAIMS_SALTS=a,b,c python -m pytest tests/claims/test_faults.py` runs those.
"""

import os
import weakref
from dataclasses import replace
from typing import Any

import pytest
import torch

from harness.blocks.streams import block_stream
from harness.declaration.claim import Claim
from harness.declaration.profiles import DEFAULT_SALT, PROFILES
from harness.implementation.named import parse
from harness.run.examiner import of_the_suite
from harness.run.suite import whole_suite
from harness.trial.conditions import Conditions

SALTS = tuple(os.environ.get("CLAIMS_SALTS", DEFAULT_SALT).split(","))


def unshrunk(claim: Claim) -> Claim:
    """The claim without the search for a simpler setting that refutes too."""
    return replace(claim, spends=replace(claim.spends, shrink=False))


# Searching takes a third of the time and says nothing of whether a fault is refuted: a fault each.
CASES = [
    pytest.param(
        claim if fault == claim.faults[0] else unshrunk(claim),
        fault,
        id=f"{claim.id}-{fault.rpartition(':')[2]}",
    )
    for claim in whole_suite()
    if not claim.deep_only
    for fault in claim.faults
]


@pytest.mark.parametrize("salt", SALTS)
@pytest.mark.parametrize(("claim", "fault"), CASES)
def test_the_fault_is_refuted(claim: Claim, fault: str, salt: str) -> None:
    conditions = Conditions(salt=salt, profile=PROFILES["ci"], implementation=parse((fault,)))

    examination = of_the_suite().examine(claim, conditions)

    trial = examination.trials[examination.deciding]
    # Where the fault leaves the sentence at the edge of truth, what it declares is excluded.
    assert examination.rejected, (
        examination.verdict,
        trial.setting,
        trial.evidence,
        trial.error,
    )


@pytest.mark.parametrize("name", ["do-keep-rule.replay", "do-after-act"])
def test_generators_that_should_agree_exist_at_once(name: str) -> None:
    # One made in the place of another would have its address, and hide a mask that is seeded by it.
    (claim,) = (claim for claim in whole_suite() if claim.id == name)
    first: list[weakref.ref[torch.Generator]] = []
    alive = []

    def dropout(h: Any, p: float, generator: torch.Generator, training: bool = True) -> Any:
        first.append(weakref.ref(generator))
        alive.append(first[0]() is not None)
        return h

    roles = {"dropout": dropout} | ({"relu": torch.relu} if name == "do-after-act" else {})
    setting = {"p": 0.5, "shape": [4], "dtype": "float32", "layout": "contiguous"}
    stream = block_stream("a salt", name, "a setting", "cpu", 0)

    claim.measure(**roles, **setting, stream=stream, device="cpu")

    assert len(alive) >= 2
    assert all(alive)
