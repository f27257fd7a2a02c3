"""Two runs at one salt compared: python -m studies.portability THIS.jsonl OTHER.jsonl ...

Verdicts must be equal whatever the versions. Samples, and so digests, are equal where the
generators and what is made of their numbers are; the records say which library is another, and
a change of a library that is known to touch samples is named.
"""

from __future__ import annotations

import math
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.records import continuation
from harness.text import Text
from reports.tables import Table, keep, texts
from studies.calibration.page import DATA, write_pages
from studies.words import translated

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
    return bool(record["relation"]["kind"] == "identity")


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
    runs = [continuation.read_finished(file) for file in files]
    rows = tuple(compared(runs[0], run) for run in runs[1:])
    here = ", ".join(f"{name} {version}" for name, version in _versions(runs[0]).items())
    return Table(
        title=Text("The same salt on other versions", "同一盐在其他版本上的结果"),
        command="python -m studies.portability out/records.jsonl OTHER/records.jsonl",
        text=(
            Text(
                f"Each row is a run of claims at one salt, beside a run with {here}.",
                f"每行是同一盐下论断的一次运行，与使用 {here} 的运行相比。",
            ),
            Text(
                "Another run is one of an environment of tox (`lowest`, `newest`, `py312`"
                ", `py313`), or one with `OPENBLAS_CORETYPE` or `ATEN_CPU_CAPABILITY` "
                "set: `python -m pytest claims --claims-profile=ci --claims-data=slice`. "
                "An environment for Python 3.14 was made by hand.",
                "另一次运行来自 tox 的某个环境（`lowest`, `newest`, `py312`, `py313`），或设"
                "置了 `OPENBLAS_CORETYPE` 或 `ATEN_CPU_CAPABILITY`："
                "`python -m pytest claims --claims-profile=ci --claims-data=slice`。Python "
                "3.14 的环境是手工建立的。",
            ),
            Text(
                "Verdicts must be equal. Other versions of Hypothesis may draw other "
                "settings: digests are compared where the settings are the same.",
                "判定必须相同。其他版本的 Hypothesis 可能抽到别的设置：设置相同时才比较摘要。",
            ),
            Text(
                "A digest is of every bit of a sample. Where digests differ, the samples "
                "are the same numbers but for their last bits if every trial has as many "
                f"observations and estimates within {LAST_BITS:g} of each other; further "
                "apart, the largest relative difference is shown. An identity's estimate "
                "is a rounding error itself and is not compared.",
                "摘要取自样本的每一位。摘要不同时，若每次检验的观测数相同且估计值相差不超过 "
                f"{LAST_BITS:g}，则样本除末尾几位外是相同的数；相差更大时，列出最大的相对差。"
                "恒等式的估计值本身就是舍入误差，不作比较。",
            ),
        ),
        columns=texts(
            "versions | other than here | claims | equal verdicts | equal settings | equal "
            "digests | digests that differ | how they differ | verdicts that differ | holds",
            "版本 | 与此处不同 | 论断数 | 判定相同 | 设置相同 | 摘要相同 | 不同的摘要 | 如何不同"
            " | 不同的判定 | 达标",
        ),
        rows=translated(rows),
        holds=all(row[-1] for row in rows),
        seconds=time.process_time() - started,
    )


if __name__ == "__main__":
    made = table([Path(word) for word in sys.argv[1:]])
    keep(DATA, "portability", made)
    write_pages()
    for row in made.rows:
        print(*row, sep=" | ")
    sys.exit(0 if made.holds else 1)
