"""A record: everything that one claim's trial on one device leaves behind, as plain data.

One JSON object a line in `records.jsonl`; `reports/record.schema.json` is its schema.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 1

Text = Mapping[str, str]  # {"en": ..., "zh": ...}


@dataclass(frozen=True)
class Record:
    """The fields in the order in which they are written; see the schema for their meaning."""

    claim: str
    name: str
    topic: str
    section: Mapping[str, Any]
    order: int
    row: str
    sentence: Text
    source: str
    formula: str | None
    why: Text | None
    condition: Text | None
    twin: str | None
    expected: str
    verdict: str
    as_expected: bool
    relation: Mapping[str, Any]
    estimate: float | None
    interval: tuple[float, float] | None
    confirm: Mapping[str, float | None]
    refute: Mapping[str, float | None]
    alpha: float
    beta: float
    replicates: int
    cap: int
    detectable: float | None
    settings: tuple[Mapping[str, Any], ...]
    deciding: int | None
    smallest_refuting: Mapping[str, Any] | None
    salt: str
    digest: str
    implementation: Mapping[str, str]
    device: str
    device_name: str
    versions: Mapping[str, str]
    profile: str
    seconds: float
    curves: tuple[Mapping[str, Any], ...]
    histograms: tuple[Mapping[str, Any], ...]
    rerun: str
    error: Mapping[str, str] | None
    mutants: tuple[str, ...]
    code: str
    file: str
    line: int
    started: str
    block: int | None = None
    statistics: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    grids: tuple[Mapping[str, Any], ...] = ()
    known_failure: Mapping[str, str] | None = None
    schema_version: int = field(default=SCHEMA_VERSION)

    def as_dict(self) -> dict[str, Any]:
        """The record as plain JSON data: infinities and NaN are null, never a bare token."""
        plain = plain_json(dataclasses.asdict(self))
        return {"schema_version": plain.pop("schema_version"), **plain}

    def as_line(self) -> str:
        """The record as one line of JSON, with its newline."""
        return json.dumps(self.as_dict(), ensure_ascii=False, allow_nan=False) + "\n"


def plain_json(value: Any) -> Any:
    """The value as JSON data: mappings with string keys, lists, finite numbers, strings, null."""
    if isinstance(value, Mapping):
        return {str(name): plain_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    if isinstance(value, str):
        # A lone surrogate cannot be written as UTF-8; a reader must not lose the whole file to it.
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    number = float(value)
    return number if math.isfinite(number) else None
