"""A setting and its values as text."""

import json
from collections.abc import Mapping
from typing import Any

from harness.text import Text, named
from reports import numbers
from reports.cleaning import one_line

LENGTH = 200  # characters of one setting


def setting_text(setting: Mapping[str, Any]) -> Text:
    """A setting on one line: 'p = 0.5, shape = (3, 4)'."""
    told = [(named(name), value_text(value)) for name, value in setting.items()]
    return cut(
        Text(
            ", ".join(f"{name.en} = {value.en}" for name, value in told) or "–",
            "，".join(f"{name.zh} = {value.zh}" for name, value in told) or "–",
        )
    )


def value_text(value: Any) -> Text:
    """A value of a setting, a list in parentheses."""
    if isinstance(value, float):
        return _same(numbers.number(value))
    if isinstance(value, str):
        return named(one_line(value))
    if isinstance(value, list):
        inner, comma = [value_text(item) for item in value], "," * (len(value) == 1)
        return Text(
            f"({', '.join(item.en for item in inner)}{comma})",
            f"({', '.join(item.zh for item in inner)}{comma})",
        )
    return named(one_line(json.dumps(value, ensure_ascii=False)))


def cut(shown: Text) -> Text:
    """The text, or as much of it as a line holds."""
    return Text(
        *(one if len(one) <= LENGTH else one[:LENGTH] + "…" for one in (shown.en, shown.zh))
    )


def _same(shown: str) -> Text:
    return Text(shown, shown)
