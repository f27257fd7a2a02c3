"""Two runs at one salt compared: python -m studies.portability THIS.jsonl OTHER.jsonl ...

Verdicts must be equal whatever the versions. Samples, and so digests, are equal where the
generators and what is made of their numbers are; the records say which library is another, and
a change of a library that is known to touch samples is named.
"""

import math
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.records import continuation
from reports.tables import Table, keep
from studies.tables import CALIBRATION, made, pages, write

Records = Mapping[tuple[str, str], Mapping[str, Any]]
LAST_BITS = 1e-12  # two estimates that differ by less, relatively, differ by rounding


@dataclass(frozen=True)
class Change:
    """What a release of a library changed in the numbers of a sample."""

    library: str
    since: tuple[int, ...]
    what: str


CHANGES = (
    Change(
        "numpy",
        (2, 3),
        "`sum` of more than 8192 numbers adds them in one pairwise tree; before, in parts of 8192, "
        "one after the other (numpy#27883)",
    ),
    Change(
        "numpy",
        (2, 5),
        "NumPy's wheels have OpenBLAS 0.3.34 in 2.5.5, 0.3.31 in 2.4.6: QR, SVD and eigenvectors "
        "(products and solutions stay the same)",
    ),
)
"""The first is held against the library that is installed; the second is what a wheel carries."""
KERNELS = ("blis", "mkl", "openblas", "torch kernels")
COMPILED = "Numba's compiled loops train the linear models, and add in another order than NumPy"


def compared(one: Records, other: Records) -> tuple[Any, ...]:
    """A row: what the other run was made with, claims, verdicts and digests that differ."""
    both = sorted(set(one) & set(other))
    verdicts = [claim for claim, device in both
                if one[claim, device]["verdict"] != other[claim, device]["verdict"]]  # fmt: skip
    settings = [key for key in both if _settings(one[key]) == _settings(other[key])]
    samples = [key[0] for key in settings if one[key]["digest"] != other[key]["digest"]]
    made_with = ", ".join(f"{name} {version}" for name, version in _versions(other).items())
    changed = sorted(
        name for name, version in _versions(other).items() if _versions(one).get(name) != version
    )
    return (
        made_with, ", ".join(changed) or "nothing", len(both), len(both) - len(verdicts),
        len(settings), len(settings) - len(samples), " ".join(samples) or "none",
        _how(one, other, [key for key in settings if key[0] in samples]),
        " ".join(verdicts) or "none", not verdicts and bool(both),
    )  # fmt: skip


def changes_between(one: str, other: str, library: str) -> list[Change]:
    """The known changes that one release has and the other has not."""
    return [
        change
        for change in CHANGES
        if change.library == library
        and (_parts(one) < change.since) != (_parts(other) < change.since)
    ]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version.partition("+")[0])[:3]))


def _how(one: Records, other: Records, keys: Sequence[tuple[str, str]]) -> str:
    """How the samples of two runs differ: in the last bits, by a change that is known, or more."""
    if not keys:
        return ""
    names = [name for name in _versions(one) if name in _versions(other)]
    known = [
        change.what
        for name in names
        for change in changes_between(_versions(one)[name], _versions(other)[name], name)
    ]
    if ("numba" in _versions(one)) != ("numba" in _versions(other)):
        known.append(COMPILED)
    known += [
        f"{name} is {_versions(other)[name]}, not {_versions(one)[name]}"
        for name in names
        if name in KERNELS and _versions(other)[name] != _versions(one)[name]
    ]
    cause = "; ".join(known) or "by a change that is not known"
    apart = [_apart(one[key], other[key]) for key in keys if not _is_identity(one[key])]
    blind = len(keys) - len(apart)
    rest = f"; {blind} identities, of which it cannot be told" if blind else ""
    if not apart:
        return f"in identities only, of which it cannot be told: {cause}"
    if max(apart) > LAST_BITS:
        return (
            "other samples, or rounding made larger: estimates are up to "
            f"{max(apart):.1e} apart: {cause}{rest}"
        )
    return f"last bits: {cause}{rest}"


def _is_identity(record: Mapping[str, Any]) -> bool:
    """Whether what the claim estimates is its rounding error, of which nothing need stay."""
    return bool(record["relation"]["test"] == "identity")


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """The largest relative difference of two estimates; infinite for other numbers of samples."""
    largest = 0.0
    for mine, theirs in zip(one["settings"], other["settings"], strict=True):
        if mine["observations"] != theirs["observations"]:
            return math.inf
        a, b = mine["estimate"], theirs["estimate"]
        if a != b:
            if a is None or b is None:
                return math.inf
            largest = max(largest, abs(a - b) / max(abs(a), abs(b)))
    return largest


def _versions(records: Records) -> Mapping[str, str]:
    versions: Mapping[str, str] = next(iter(records.values()))["versions"]
    return versions


def _settings(record: Mapping[str, Any]) -> list[Any]:
    return [trial["setting"] for trial in record["settings"]]


def table(files: Sequence[Path]) -> Table:
    """The first file's run beside each other one."""
    started = time.process_time()
    runs = [
        {key: record.as_dict() for key, record in continuation.read_finished(file).items()}
        for file in files
    ]
    rows = tuple(compared(runs[0], run) for run in runs[1:])
    here = ", ".join(f"{name} {version}" for name, version in _versions(runs[0]).items())
    return made(
        "portability", rows, {"here": here, "last_bits": LAST_BITS},
        holds=all(row[-1] for row in rows), seconds=time.process_time() - started,
    )  # fmt: skip


if __name__ == "__main__":
    found = table([Path(word) for word in sys.argv[1:]])
    keep(CALIBRATION, "portability", found)
    write(pages(["calibration"]))
    for row in found.rows:
        print(*row, sep=" | ")
    sys.exit(0 if found.holds else 1)
