"""The four explorables of the chapter, and which sections of a page have them."""

import functools
from collections.abc import Iterable, Mapping, Sequence

from reports.explored import read
from reports.html.explorables.explorable import Explorable
from reports.html.explorables.nets import depth, drop
from reports.html.explorables.regressions import decay, degree

MADE = {"degree": degree, "decay": decay, "drop": drop, "depth": depth}


@functools.cache
def explorables() -> Sequence[Explorable]:
    """All of them, in the chapter's order."""
    return tuple(made(read(name)) for name, made in MADE.items())


def placed(sections: Iterable[str]) -> Mapping[str, Explorable]:
    """Those that have a section on the page, by the section's key."""
    there = set(sections)
    found = {}
    for one in explorables():
        key = next((key for key in one.sections if key in there), None)
        if key is not None:
            found[key] = one
    return found
