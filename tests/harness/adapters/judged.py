"""What the adapters' tests share: judge a role's object, and say what was not as expected."""

from __future__ import annotations

from typing import Any

from harness.declaration.profiles import DEFAULT_SALT
from harness.run.api import check_implementation


def surprises(
    role: str, thing: Any, salt: str = DEFAULT_SALT, block_limit: float = 120.0
) -> dict[str, str]:
    """{claim: verdict} of the claims that did not end as expected, in the quick profile."""
    records = check_implementation(salt=salt, block_limit=block_limit, **{role: thing})
    assert records
    assert any(record.verdict in ("CONFIRMED", "REFUTED") for record in records)
    return {record.claim: record.verdict for record in records if not record.as_expected}


def as_documented(found: dict[str, str], findings: dict[str, str]) -> bool:
    """True if a documented finding showed, and nothing that is not documented.

    Which of a finding's claims show it is a matter of the settings that the salt draws.
    """
    return found.items() <= findings.items() and bool(found) == bool(findings)
