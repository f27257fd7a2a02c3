"""What the templates of all pages are filled in by: their words, filters and symbols."""

import functools
import re
from pathlib import Path

import jinja2
from markupsafe import Markup

from harness.text import Text, named
from reports import numbers
from reports.glossary import same_words
from reports.tally import MARKS, token
from reports.words import both, say, words

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
KEY_STYLES = {  # of legends: the path that shows each
    "k": "M1 4H25",
    **{f"{kind} s{hue}": "M1 4H25" for kind in "lk" for hue in range(6)},
    "dot s0": "M13 4h0",
    "crs s1": "M10 1l6 6m0-6l-6 6",
    "z": "M1 0H25V8H1z",
}
COLON = Text(": ", "：")
BACKQUOTED = re.compile("`([^`<>]+)`")


@functools.cache
def environment() -> jinja2.Environment:
    """What templates are filled in by: values are escaped, and a missing one is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    made.globals.update(
        say=say,
        both=both,
        named=named,
        words=words,
        marks=MARKS,
        glossary=same_words(),
        colon=both(COLON),
    )
    made.filters.update(
        number=numbers.number,
        count=numbers.count,
        seconds=numbers.seconds,
        token=token,
        codes=_codes,
    )
    return made


def _codes(shown: Markup) -> Markup:
    """What stands between backquotes as code; the markup is escaped already."""
    return Markup(BACKQUOTED.sub(r"<code>\1</code>", shown))
