"""A setting and its values as text."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.text import Text, named
from reports import numbers
from reports.cleaning import one_line

LENGTH = 200  # characters of one setting
LISTED = 300  # characters of a list of settings


Naming = Callable[[str], Text]  # what an argument's name is called


def setting_text(setting: Mapping[str, Any], name_of: Naming = named) -> Text:
    """A setting on one line: 'p = 0.5, shape = (3, 4)'."""
    told = [(name_of(name), value_text(value)) for name, value in setting.items()]
    return cut(
        Text(
            ", ".join(f"{name.en} = {value.en}" for name, value in told) or "–",
            "，".join(f"{name.zh} = {value.zh}" for name, value in told) or "–",
        )
    )


def told_apart(
    settings: Sequence[Mapping[str, Any]], name_of: Naming = named
) -> tuple[list[Text], Text]:
    """What sets each setting off from the others, its values alone, and what they are values of."""
    first = settings[0]
    keys = [key for key in first if any(one.get(key) != first[key] for one in settings)]
    values = [[value_text(one.get(key)) for key in keys] for one in settings]
    of = [name_of(key) for key in keys]
    return [
        Text(", ".join(one.en for one in row) or "–", "，".join(one.zh for one in row) or "–")
        for row in values
    ], Text(
        f"setting: {', '.join(one.en for one in of)} (values)",
        f"设置：{'，'.join(one.zh for one in of)}（取值）",
    )


def most_varied(
    settings: Sequence[Mapping[str, Any]], name_of: Naming = named
) -> tuple[Text, list[str]] | None:
    """The argument with the most numbers among its values, and these, setting by setting."""
    keys = [key for key, value in settings[0].items() if type(value) in (int, float)]
    values = {key: [numbers.number(one.get(key)) for one in settings] for key in keys}
    key = max(keys, key=lambda one: len(set(values[one])), default=None)
    return None if key is None or len(set(values[key])) == 1 else (name_of(key), values[key])


def listed(
    names: Sequence[Text], values_of: Text, varied: tuple[Text, list[str]] | None = None
) -> Text:
    """The settings by their numbers, as many as a few lines hold; of the rest, what is `varied`."""
    told = [(f"{i}: {one.en}", f"{i}：{one.zh}") for i, one in enumerate(names, start=1)]
    kept = 0
    while kept < len(told) and sum(len(en) for en, _ in told[: kept + 1]) <= LISTED:
        kept += 1
    more = len(told) - kept
    end = (
        (f"; and {more} more in the table of settings", f"；其余 {more} 个见设置表")
        if more
        else ("", "")
    )
    if more and varied:
        name, rest = varied[0], ", ".join(varied[1][kept:])
        if len(rest) <= LISTED:
            end = f"{end[0]}, with {name.en} = {rest}", f"{end[1]}，其{name.zh} = {rest}"
    of = Text(values_of.en.removesuffix(" (values)"), values_of.zh.removesuffix("（取值）"))
    return Text(
        f"S{of.en[1:]}; {'; '.join(en for en, _ in told[:kept])}{end[0]}.",
        f"{of.zh}；{'；'.join(zh for _, zh in told[:kept])}{end[1]}。",
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
