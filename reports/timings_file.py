"""The raw logs of a comparison as a file: a line a row, to be judged or drawn later."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np

from harness.statistics.comparison.confirmation import Row, Strata
from reports.atomic import write_whole
from reports.benchmark_json import TimingsError
from reports.cleaning import clean

NAME = "chapter-and-verse timings"
SCHEMA_VERSION = 3
LARGEST = 64 * 2**20  # bytes
DIGITS = 6

Numbers = Annotated[tuple[float, ...], msgspec.Meta(min_length=1)]
Starts = Annotated[tuple[tuple[Numbers, Numbers], ...], msgspec.Meta(min_length=1)]


@dataclass(frozen=True)
class Timed:
    """What a comparison measured: the rows of both sides, and those that only one side has."""

    rows: Mapping[str, Row]
    only_base: Sequence[str] = ()
    only_head: Sequence[str] = ()


@dataclass(frozen=True)
class _Line:
    screen: Starts
    looks: tuple[Starts, ...]


@dataclass(frozen=True)
class _Content:
    timings: Literal["chapter-and-verse timings"]
    schema_version: Literal[3]
    only_base: tuple[str, ...]
    only_head: tuple[str, ...]
    rows: dict[str, _Line]


def write_timings(path: Path, timed: Timed) -> None:
    """Write screen and looks of every row. Raises OSError."""
    lines = [
        f"{json.dumps(name)}: "
        + json.dumps({"screen": _plain(row.screen), "looks": [_plain(one) for one in row.looks]})
        for name, row in sorted(timed.rows.items())
    ]
    head = {
        "timings": NAME,
        "schema_version": SCHEMA_VERSION,
        "only_base": timed.only_base,
        "only_head": timed.only_head,
    }
    body = ",\n".join(lines)
    write_whole(path, json.dumps(head)[:-1] + f', "rows": {{\n{body}\n}}}}\n')


def read_timings(path: Path) -> Timed:
    """What `write_timings` wrote. Raises TimingsError for anything else."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
        content = msgspec.json.decode(path.read_bytes(), type=_Content)
    except OSError as error:
        raise TimingsError(
            f"{path} cannot be read ({error.strerror}); "
            "write it with `python -m reports compare-timings BASE HEAD`"
        ) from error
    except (ValueError, RecursionError) as error:
        raise TimingsError(
            f"{path} holds no timings of compare-timings ({clean(str(error), 120)}); write it again"
        ) from error
    rows = {
        clean(name): Row(_strata(line.screen), tuple(map(_strata, line.looks)))
        for name, line in content.rows.items()
    }
    one_sided = [tuple(map(clean, names)) for names in (content.only_base, content.only_head)]
    return Timed(rows, *one_sided)


def _plain(strata: Strata) -> list[list[list[float]]]:
    return [[[round(float(v), DIGITS) for v in side] for side in one] for one in strata]


def _strata(starts: Starts) -> Strata:
    return tuple((np.array(base), np.array(head)) for base, head in starts)
