"""What a run did not judge: a run, or a role on trial, about which nothing was found is no pass."""

from __future__ import annotations

from collections.abc import Sequence

from harness.declaration.profiles import Profile
from harness.implementation.named import Implementation
from harness.records.record import Record
from harness.run import suite

NEXT = (
    "give the object what it lacks, or declare what it is for "
    "(docs/your_own_implementation.md says how)"
)


class NothingJudgedError(ValueError):
    """Nothing was judged, or nothing about one of the roles; the message says why.

    `records` are those of the claims that were asked.
    """

    def __init__(self, said: str, records: Sequence[Record]) -> None:
        super().__init__(said)
        self.records = tuple(records)


def unjudged(
    records: Sequence[Record], implementation: Implementation, profile: Profile
) -> str | None:
    """The sentence that says that nothing was judged, or nothing about a role; None if all was.

    A role that has claims, none of which is among the records, was left out by whoever ran them.
    """
    on_trial = implementation.on_trial(tuple(implementation.replaced))
    silent = [role for role in on_trial if _is_silent(role, records, profile)]
    if not any(record.verdict.judged for record in records):
        silent = list(on_trial)
    elif not silent:
        return None
    about = f" about {' or '.join(silent)}" if silent else ""
    asked = [r for r in records if not silent or set(silent) & set(r.calls)]
    if not asked:
        return (
            f"nothing{about} was judged: no claim was left to examine; name other claims, files or "
            "devices, or a profile that has more of them (--claims-profile=deep)"
        )
    why = next((r.error.message for r in asked if r.error), "no experiment settles them")
    said = "NOT APPLICABLE" if silent else "NOT APPLICABLE or NOT TESTABLE"
    following = NEXT if silent else "name claims that can be examined"
    count = f"{len(asked)} claims, all" if len(asked) > 1 else "one claim,"
    return f"nothing{about} was judged: {count} {said} ({why}); {following}"


def _is_silent(role: str, records: Sequence[Record], profile: Profile) -> bool:
    found = [record.verdict.judged for record in records if role in record.calls]
    if found:
        return not any(found)
    return not any(suite.judges(claim, (role,), profile) for claim in suite.whole_suite())
