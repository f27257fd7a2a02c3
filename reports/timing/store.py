"""The raw logs of a comparison as a file: a line a row, to be judged or drawn later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from harness.statistics.comparison.confirmation import Row, Strata
from harness.statistics.comparison.stratified import Stratum
from reports.atomic import write_whole
from reports.text import clean_all
from reports.timing.processes import TimingsError
from reports.timing.rounds import Timed

NAME = "chapter-and-verse timings"
SCHEMA_VERSION = 3
LARGEST = 64 * 2**20  # bytes
DIGITS = 6


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
        content: Any = clean_all(json.loads(path.read_bytes()))
        if content["timings"] != NAME or content["schema_version"] != SCHEMA_VERSION:
            raise ValueError("it has another name or schema_version")
        rows = {
            str(name): Row(_strata(row["screen"]), tuple(_strata(one) for one in row["looks"]))
            for name, row in content["rows"].items()
        }
        one_sided = [[str(name) for name in content[key]] for key in ("only_base", "only_head")]
    except OSError as error:
        raise TimingsError(
            f"{path} cannot be read ({error.strerror}); "
            "write it with `python -m reports compare-timings BASE HEAD`"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TimingsError(
            f"{path} holds no timings of compare-timings ({type(error).__name__}); write it again"
        ) from error
    return Timed(rows, *one_sided)


def _plain(strata: Strata) -> list[list[list[float]]]:
    return [[[round(float(v), DIGITS) for v in side] for side in one] for one in strata]


def _strata(starts: Any) -> Strata:
    if not starts:
        raise ValueError("no start")
    return tuple(_stratum(one) for one in starts)


def _stratum(sides: Any) -> Stratum:
    base, head = (np.array([float(value) for value in side]) for side in sides)
    if not (len(base) and len(head) and np.isfinite(base).all() and np.isfinite(head).all()):
        raise ValueError("a side without numbers")
    return base, head
