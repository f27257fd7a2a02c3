"""The objects of the scoreboard: objects.tsv, a line an object."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from examples.frameworks.cases import FOLDER

TABLE = Path(__file__).with_name("objects.tsv")


@dataclass(frozen=True)
class Listed:
    """An object: the distribution that has it, its role, where it is behind the adapter.

    `target` is MODULE:ATTR, `shown` what its own library calls it. `findings` are headings of
    docs/findings.md, one for each thing that is known to make claims fail.
    """

    package: str
    role: str
    target: str
    shown: str
    findings: tuple[str, ...]


@cache
def listed() -> tuple[Listed, ...]:
    """Every line of the table, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            Listed(
                package=row["package"],
                role=row["role"],
                target=f"{FOLDER}.{row['object']}",
                shown=row["shown"],
                findings=tuple(filter(None, row["findings"].split("; "))),
            )
            for row in rows
        )


def chosen(packages: Iterable[str]) -> list[Listed]:
    """The objects of these packages, all of them if none is named.

    Raises ValueError in one sentence for a name that has no object.
    """
    wanted = {name.lower() for name in packages}
    known = {one.package.lower() for one in listed()}
    if unknown := sorted(wanted - known):
        raise ValueError(f"no object of {unknown[0]!r}; there are: {', '.join(sorted(known))}")
    return [one for one in listed() if not wanted or one.package.lower() in wanted]


def version(package: str) -> str | None:
    """The version that is installed, None if there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
