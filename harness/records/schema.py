"""Writes the JSON Schema of a record, for other readers: python -m harness.records.schema."""

import inspect
import json
from pathlib import Path

import msgspec

from harness.records.record import Record

FILE = Path(__file__).resolve().parents[2] / "reports" / "record.schema.json"


def text() -> str:
    """The schema as the file holds it."""
    schema = msgspec.json.schema(Record)
    for described in schema["$defs"].values():
        if "description" in described:  # which Python dedents from 3.13 on
            described["description"] = inspect.cleandoc(described["description"])
    schema["$defs"]["Record"]["required"].append("schema_version")  # written, whatever it is
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**dialect, **schema}, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
