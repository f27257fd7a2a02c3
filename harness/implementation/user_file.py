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
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

if TYPE_CHECKING:
    from harness.declaration.claim import Claim, Untestable

Form = TypeVar("Form", bound=Struct)
Said = Annotated[str, Meta(min_length=1)]


class UserFileError(ValueError):
    """The file cannot be used; the message names the file and what to write instead."""


class KnownFailure(Struct, frozen=True, forbid_unknown_fields=True):
    """A claim that is known not to end as expected with the user's role, why, and until when."""

    id: Said
    role: Said
    reason: Said
    expiry: datetime.date

    def as_dict(self) -> dict[str, str]:
        """The entry as a record keeps it."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]


class UserFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The file's two parts, checked for form; whether they fit the suite is checked later."""

    implementation: dict[str, Any] = {}
    known_failure: tuple[KnownFailure, ...] = ()


def read_user_file(path: Path) -> UserFile:
    """The file's content; raises UserFileError in one sentence for a wrong one."""
    return read_toml(
        path,
        UserFile,
        "write the table [implementation] and entries [[known_failure]] with id, role and reason "
        "as strings and expiry as a date like 2027-06-30",
    )


def read_toml(path: Path, form: type[Form], cure: str) -> Form:
    """The content of a TOML file in its form; raises UserFileError, with the cure for a misfit."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), form)
    except OSError as error:
        raise UserFileError(
            f"{str(path)!r} cannot be read ({error.strerror}); give the path of a TOML file"
        ) from error
    except msgspec.ValidationError as error:
        raise UserFileError(f"{str(path)!r} does not fit ({error}); {cure}") from error
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, too deep, too long a number
        raise UserFileError(f"{str(path)!r} is not TOML ({error}); correct that line") from error


def check_expiry(entries: Iterable[KnownFailure], today: datetime.date) -> None:
    """Raise UserFileError for an entry whose day has passed."""
    for entry in entries:
        if entry.expiry < today:
            raise UserFileError(
                f"the known failure {entry.id!r} of {entry.role!r} expired on {entry.expiry} "
                f"({entry.reason}); repair it, or renew the entry with a reason"
            )


def check_known_failures(entries: Iterable[KnownFailure], claims: Sequence[Claim]) -> None:
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
    claim: Claim | Untestable, entries: Iterable[KnownFailure], roles: tuple[str, ...]
) -> KnownFailure | None:
    """The entry for the claim with one of the roles that are on trial."""
    return next((e for e in entries if e.id == claim.id and e.role in roles), None)
