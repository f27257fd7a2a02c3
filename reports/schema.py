"""Checks a value against the record's JSON Schema: the part of draft 2020-12 that it uses.

One schema file serves the report, other people's tools and the tests; the tests compare this
reading of it with the reference implementation.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).with_name("record.schema.json")
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int, float),
}
SHOWN = 60  # characters of a wrong value that a message quotes


@functools.cache
def record_schema() -> Mapping[str, Any]:
    """The schema of one line of records.jsonl."""
    loaded: Mapping[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return loaded


def first_violation(value: Any, schema: Mapping[str, Any] | None = None) -> str | None:
    """What is wrong with a value first, as 'settings[2].verdict is 7, not a string'; or None."""
    root = record_schema()
    return next(_violations(value, root if schema is None else schema, "", root), None)


def _violations(
    value: Any, schema: Mapping[str, Any], at: str, root: Mapping[str, Any]
) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from _violations(value, root["$defs"][name], at, root)
    wanted = schema.get("type")
    if wanted is not None:
        names = [wanted] if isinstance(wanted, str) else wanted
        if not any(_is(value, name) for name in names):
            yield f"{at or 'the line'} is {_quoted(value)}, not {' or '.join(names)}"
            return
    if "const" in schema and not _same(value, schema["const"]):
        yield f"{at} is {_quoted(value)}, not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {_quoted(value)}, not one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, dict):
        yield from _object_violations(value, schema, at, root)
    elif isinstance(value, list):
        yield from _array_violations(value, schema, at, root)
    elif isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield f"{at} is empty"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        if not low <= value <= high:
            yield f"{at} is {_quoted(value)}, outside [{low}, {high}]"


def _object_violations(
    value: dict[str, Any], schema: Mapping[str, Any], at: str, root: Mapping[str, Any]
) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{_path(at, name)} is missing"
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for name, item in value.items():
        inner = properties.get(name, others)
        if isinstance(inner, Mapping):
            yield from _violations(item, inner, _path(at, name), root)


def _array_violations(
    value: list[Any], schema: Mapping[str, Any], at: str, root: Mapping[str, Any]
) -> Iterator[str]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    if not least <= len(value) <= most:
        yield f"{at} has {len(value)} items, not {least if len(value) < least else most}"
    inner = schema.get("items")
    if inner is not None and not _plain_numbers(value, inner):
        for index, item in enumerate(value):
            yield from _violations(item, inner, f"{at}[{index}]", root)


def _plain_numbers(value: list[Any], inner: Mapping[str, Any]) -> bool:
    """The short way for what fills most of a large file: long arrays of numbers and nulls."""
    if inner.keys() != {"type"}:
        return False
    names = [inner["type"]] if isinstance(inner["type"], str) else inner["type"]
    allowed: set[type] = set()
    if "number" in names:
        allowed |= {int, float}
    if "null" in names:
        allowed.add(type(None))
    return set(map(type, value)) <= allowed


def _is(value: Any, name: str) -> bool:
    if name in ("number", "integer") and isinstance(value, bool):
        return False
    if name == "integer" and isinstance(value, float):
        return value.is_integer()  # JSON Schema counts 1.0 as an integer
    return isinstance(value, TYPES[name])


def _same(value: Any, constant: Any) -> bool:
    return bool(value == constant) and not isinstance(value, bool)


def _path(at: str, name: str) -> str:
    return f"{at}.{name}" if at else _quoted(name).strip("'\"")


def _quoted(value: Any) -> str:
    text = ascii(value) if isinstance(value, str | int | float | bool) else type(value).__name__
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."
