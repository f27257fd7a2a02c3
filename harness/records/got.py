"""What was got and what is right, in words: for the terminal and for the page."""

import math

from harness.records.record import Mismatch, Number
from harness.text import Text

WORDS = {
    "NaN": Text("NaN", "NaN"),
    "infinity": Text("infinity", "正无穷"),
    "-infinity": Text("minus infinity", "负无穷"),
    None: Text("no finite number", "非有限值"),
}
FALSE = Text("false where true is right", "得到假，应为真")


def got(seen: Mismatch) -> Text:
    """As 0.5 where 1 ± 1e-07 is right, at [0, 3] of [4, 5]; 7 of 20 are off."""
    found, right = (_number(value) for value in (seen.got, seen.right))
    exact = seen.allowed == 0 and isinstance(seen.right, float)
    exactly = Text("exactly ", "恰为 ") if exact else Text("", "为 ")
    room = f" ± {seen.allowed:.2g}" if seen.allowed else ""
    told = (
        FALSE
        if seen.fact
        else Text(
            f"{found.en} where {exactly.en}{right.en}{room} is right",
            f"得到 {found.zh}，应{exactly.zh}{right.zh}{room}",
        )
    )
    size = math.prod(seen.shape)
    if size == 1:
        return told
    return Text(
        f"{told.en}, at {seen.place} of {seen.shape}; {seen.off} of {size} are off",
        f"{told.zh}，位于 {seen.shape} 中的 {seen.place}；{size} 个中有 {seen.off} 个不符",
    )


def _number(value: Number) -> Text:
    if value is None or isinstance(value, str):
        return WORDS[value]
    return Text(shown := f"{value + 0.0:.9g}", shown)
