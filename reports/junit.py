"""What a record adds to its test case in JUnit XML: properties that other tools can read."""

from __future__ import annotations

import json
from typing import Any

PREFIX = "claims."
PLAIN = (
    "claim",
    "verdict",
    "expected",
    "as_expected",
    "estimate",
    "interval",
    "replicates",
    "alpha",
    "beta",
    "device",
    "profile",
    "salt",
    "digest",
    "seconds",
    "rerun",
)


def properties(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and value pairs, as pytest's `record_property` takes them; what is null is left out."""
    return [
        (PREFIX + field, _text(record[field])) for field in PLAIN if record.get(field) is not None
    ]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
