"""The page's own style and script, inlined, and the policy that lets nothing else run."""

import base64
import functools
import hashlib
from pathlib import Path

from markupsafe import Markup

FOLDER = Path(__file__).parents[1] / "static"
KEY_STYLES = {  # of legends: the path that shows each
    **dict.fromkeys(("k", "k n"), "M1 4H25"),
    **{f"{kind} s{hue}": "M1 4H25" for kind in "lk" for hue in range(6)},
    **{f"dot s{hue}": "M13 4h0" for hue in (0, 1, 5)},
    "w": "M9 0l9 4-9 4z",
    **dict.fromkeys(("w s0", "w s1", "w o s1"), "M8 8h10l-5-8z"),
    "w s0 lo": "M8 0h10l-5 8z",
    **{f"b s{hue}": "M1 0H17V8H1z" for hue in range(6)},
    **dict.fromkeys(("h", "a"), "M9 0h8v8h-8z"),
    "off": "M13 4h0",
    **dict.fromkeys(("d s0", "d s1", "e"), "M10 4a3 3 0 1 0 6 0a3 3 0 1 0-6 0"),
    **dict.fromkeys(("z", "y", "f", "p s0", "q s1"), "M1 0H25V8H1z"),
    "crs s1": "M10 1l6 6m0-6l-6 6",
    "i": "M1 4H25M1 0V8M25 0V8",
    "i u": "M13 0V8",
}


@functools.cache
def asset(name: str) -> Markup:
    """The text of a file in reports/static; it is ours, so it is not escaped."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    if "</s" in text.lower():
        raise ValueError(f"reports/static/{name} contains '</s', which could end its own element")
    return Markup(text)


def style() -> Markup:
    """The one style of every page."""
    return asset("report.css") + asset("explore.css")


def script() -> Markup:
    """The one script of every page."""
    return asset("report.js") + asset("explore.js")


@functools.cache
def policy() -> str:
    """The Content-Security-Policy: no network at all; one style and one script, by their hash."""
    return (
        f"default-src 'none'; style-src {_source(style())}; "
        f"script-src {_source(script())}; base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
