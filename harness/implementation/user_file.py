"""The user's TOML file: which objects fill which roles, and which failures are known.

[implementation]
dropout = "mypackage.layers:dropout"

[[known_failure]]
id = "do-keep-rule"
role = "dropout"
reason = "the mask has 8 random bits; see issue 12"
expiry = 2027-06-30
"""

from __future__ import annotations

import datetime
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.declaration.claim import Claim, Untestable

FIELDS = ("id", "role", "reason", "expiry")


class UserFileError(ValueError):
    """The file cannot be used; the message names the file and what to write instead."""


@dataclass(frozen=True)
class KnownFailure:
    """A claim that is known not to end as expected with the user's role, why, and until when."""

    id: str
    role: str
    reason: str
    expiry: datetime.date

    def as_dict(self) -> dict[str, str]:
        """The entry as a record keeps it."""
        return {name: str(getattr(self, name)) for name in FIELDS}


@dataclass(frozen=True)
class UserFile:
    """The file's two parts, checked for form; whether they fit the suite is checked later."""

    implementation: Mapping[str, str]
    known_failures: tuple[KnownFailure, ...]


def read_user_file(path: Path) -> UserFile:
    """The file's content; raises UserFileError in one sentence for a wrong one."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserFileError(
            f"{str(path)!r} cannot be read ({error.strerror}); give the path of a TOML file"
        ) from error
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, too deep, too long a number
        raise UserFileError(f"{str(path)!r} is not TOML ({error}); correct that line") from error
    unknown = sorted(set(content) - {"implementation", "known_failure"})
    if unknown:
        raise UserFileError(
            f"{str(path)!r} has {unknown[0]!r}; "
            "there are the table [implementation] and the entries [[known_failure]]"
        )
    named = content.get("implementation", {})
    entries = content.get("known_failure", [])
    if not isinstance(named, dict) or not isinstance(entries, list):
        raise UserFileError(
            f"{str(path)!r}: write the table [implementation] and the entries [[known_failure]]"
        )
    return UserFile(named, tuple(_known_failure(path, entry) for entry in entries))


def check_expiry(entries: tuple[KnownFailure, ...], today: datetime.date) -> None:
    """Raise UserFileError for an entry whose day has passed."""
    for entry in entries:
        if entry.expiry < today:
            raise UserFileError(
                f"the known failure {entry.id!r} of {entry.role!r} expired on {entry.expiry} "
                f"({entry.reason}); repair it, or renew the entry with a reason"
            )


def check_known_failures(entries: tuple[KnownFailure, ...], claims: Sequence[Claim]) -> None:
    """Raise UserFileError for an entry that matches no claim, or none that takes its role."""
    by_id = {claim.id: claim for claim in claims}
    for entry in entries:
        if entry.id not in by_id:
            near = difflib.get_close_matches(entry.id, by_id, n=1)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise UserFileError(f"the known failure {entry.id!r} names no claim{hint}")
        if entry.role not in by_id[entry.id].roles:
            raise UserFileError(
                f"the known failure {entry.id!r} names the role {entry.role!r}, which that claim "
                f"does not take; it takes {', '.join(by_id[entry.id].roles)}"
            )


def failure_known_of(
    claim: Claim | Untestable, entries: tuple[KnownFailure, ...], roles: tuple[str, ...]
) -> KnownFailure | None:
    """The entry for the claim with one of the roles that are on trial."""
    return next((e for e in entries if e.id == claim.id and e.role in roles), None)


def _known_failure(path: Path, entry: Any) -> KnownFailure:
    given = entry if isinstance(entry, dict) else {}
    for name in FIELDS:
        wanted = datetime.date if name == "expiry" else str
        value = given.get(name)
        if not isinstance(value, wanted) or isinstance(value, datetime.datetime) or not str(value):
            raise UserFileError(
                f"{str(path)!r}: a known failure {given!r} lacks {name!r}; "
                "give id, role and reason as strings and expiry as a date like 2027-06-30"
            )
    unknown = sorted(set(given) - set(FIELDS))
    if unknown:
        raise UserFileError(
            f"{str(path)!r}: a known failure has {unknown[0]!r}; there are {', '.join(FIELDS)}"
        )
    return KnownFailure(**given)
