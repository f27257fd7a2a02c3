"""The page's own style and script, inlined, and the policy that lets nothing else run."""

import base64
import functools
import hashlib
from pathlib import Path

from markupsafe import Markup

FOLDER = Path(__file__).parents[1] / "static"


@functools.cache
def asset(name: str) -> Markup:
    """The text of a file in reports/static; it is ours, so it is not escaped."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    if "</s" in text.lower():
        raise ValueError(f"reports/static/{name} contains '</s', which could end its own element")
    return Markup(text)


@functools.cache
def policy() -> str:
    """The Content-Security-Policy: no network at all; one style and one script, by their hash."""
    return (
        f"default-src 'none'; style-src {_source('report.css')}; "
        f"script-src {_source('report.js')}; base-uri 'none'; form-action 'none'"
    )


def _source(name: str) -> str:
    digest = hashlib.sha256(asset(name).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
