"""What of a page could run: its scripts, and attributes that are code or lead to code."""

import re
from html.parser import HTMLParser

HOLDERS = ("iframe", "object", "embed", "base")
LEADING = ("href", "xlink:href", "src", "action", "formaction", "data")
SCHEMES = ("javascript", "vbscript", "data")
_SUSPECT = re.compile(
    rf"<(?:{'|'.join(HOLDERS)})\b"
    r"|<script(?![^>]*application/json)[^>]*>.*?</script>"
    r"|[\s\"'/]on[a-z]+\s*=\s*[\"']?[^\"'>]*"
    rf"|[\s\"'/](?:{'|'.join(LEADING)})\s*=\s*[\"']?\s*(?:{'|'.join(SCHEMES)})\b[^\"'>]*",
    re.IGNORECASE | re.DOTALL,
)


class Running(HTMLParser):
    """A parser that keeps what of a page could run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script" and dict(attrs).get("type") != "application/json"
        if tag in HOLDERS:
            self.found.add(f"<{tag}>")
        for name, value in attrs:
            scheme = (value or "").strip().lower().partition(":")[0]
            if name.startswith("on") or (name in LEADING and scheme in SCHEMES):
                self.found.add(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.found.add(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def running(page: str) -> set[str]:
    """What of the page could run, as an HTML parser reads it."""
    parser = Running()
    parser.feed(page)
    return parser.found


def suspects(page: str) -> set[str]:
    """A superset of what could run, found in a tenth of the time by looking at the bare text.

    Text that is escaped has no `<` and no quotation mark, so that it can be no suspect but by an
    attribute without quotes; a parser must then decide.
    """
    return {found.group().strip() for found in _SUSPECT.finditer(page)}
