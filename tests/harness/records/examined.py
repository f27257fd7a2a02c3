"""Records of claims that are examined here, as a plain run would."""

from pathlib import Path
from typing import Any

from harness.declaration.claim import Claim
from harness.records import from_examination
from harness.records.record import Record
from tests.harness.scripted import examined, saying

ROOT = Path(__file__).resolve().parents[3]
# One setting is decided, two are not.
NATS = saying(lambda p: (9.0 * (p == 1), 0.0), always=({"p": 1}, {"p": 2}, {"p": 3}))


def record_of(claim: Claim, *shares: Any, root: Path = ROOT, **conditions: Any) -> Record:
    """The claim's record, as the first of its book."""
    return from_examination.record_of(examined(claim, *shares, **conditions), 0, root)


def undecided() -> Record:
    """The record of a claim that is decided at one of its three settings."""
    return record_of(NATS)
