"""What a record adds to its test case in JUnit XML: properties that other tools can read."""

import json
from typing import Any

import msgspec

from harness.records.record import Record

PREFIX = "claims."
FIELDS = (
    "claim", "verdict", "expected", "as_expected", "estimate", "interval", "replicates", "alpha",
    "beta", "sweep", "device", "profile", "salt", "digest", "seconds", "rerun",
)  # fmt: skip


def properties(record: Record) -> list[tuple[str, str]]:
    """Name and value pairs, as pytest's `record_property` takes them; what is null is left out."""
    values = {field: msgspec.to_builtins(getattr(record, field)) for field in FIELDS}
    return [(PREFIX + name, _text(value)) for name, value in values.items() if value is not None]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
