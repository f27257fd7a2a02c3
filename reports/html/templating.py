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
