"""Makes other people's text safe to print: no control, bidi or surrogate character survives."""

import re
from typing import Any

# C0 without tab and newline, DEL, C1; the bidirectional marks, embeddings, overrides and
# isolates (CVE-2021-42574); line and paragraph separators; surrogate halves; noncharacters.
HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
LIMIT = 4_000  # characters of one field; a sentence of the chapter has about 100
CODE_LIMIT = 40_000


def clean(text: str, limit: int = LIMIT) -> str:
    """The text with hostile characters written as escapes, cut at `limit` characters."""
    left_out = len(text) - limit
    kept = text[:limit].replace("\r\n", "\n") if left_out > 0 else text.replace("\r\n", "\n")
    shown = HOSTILE.sub(_escape, kept)
    return f"{shown} … (+{left_out} characters)" if left_out > 0 else shown


def clean_all(value: Any, limit: int = LIMIT) -> Any:
    """The same JSON value with every string and key cleaned; `code` may be longer."""
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, list):
        if set(map(type, value)) <= {int, float}:
            return value
        return [clean_all(item, limit) for item in value]
    if isinstance(value, dict):
        return {
            clean(key, limit): clean_all(item, CODE_LIMIT if key == "code" else limit)
            for key, item in value.items()
        }
    return value


def one_line(text: str) -> str:
    """The text on one line, runs of white space made one space."""
    return " ".join(text.split())


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
