"""The explorables as a page shows them: at a section, beside the claims that try what they show."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.text import Text
from reports.html.claim_view import ClaimView
from reports.html.explorables.chapter import explorables, placed
from reports.html.explorables.explorable import Explorable
from reports.html.explorables.figures import packed, pictures
from reports.svg.element import Picture


class Section(Protocol):
    """A section of the page with its claims."""

    @property
    def key(self) -> str:
        """The key that explorables know it by."""

    @property
    def views(self) -> Sequence[ClaimView]:
        """Its claims."""


@dataclass(frozen=True)
class Drawn:
    """What is the same on every page: pictures and sentence of the first setting, and the rest."""

    pictures: Sequence[Picture]
    told: Text
    packed: str


@dataclass(frozen=True)
class Shown:
    """An explorable on a page; `tried` are those of its claims that are on the page."""

    explorable: Explorable
    drawn: Drawn
    tried: Sequence[ClaimView]


def explored_on(sections: Sequence[Section]) -> Mapping[str, Shown]:
    """Each explorable by the key of the section that has it."""
    first: dict[str, ClaimView] = {}
    for section in sections:
        for view in section.views:
            first.setdefault(view.record.claim, view)
    return {
        key: Shown(one, _drawn(one.name), [first[claim] for claim in one.claims if claim in first])
        for key, one in placed(section.key for section in sections).items()
    }


@functools.cache
def _drawn(name: str) -> Drawn:
    one = next(found for found in explorables() if found.name == name)
    return Drawn(pictures(one), one.told(), packed(one))
