"""Reads a page as a browser's parser would, as far as the tests need it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str | None]


@dataclass
class Element:
    """A start tag with its attributes and the text directly inside it."""

    tag: str
    attributes: Attributes
    text: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """All elements of a page in order; what is inside <noscript> is read as markup too."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element."""
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close what is open up to this tag."""
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Text belongs to the innermost open element."""
        if self._open:
            self._open[-1].text.append(data)

    def all(self, tag: str) -> list[Element]:
        """The elements of a tag."""
        return [element for element in self.elements if element.tag == tag]

    def words(self) -> str:
        """All text but that of scripts and styles."""
        skipped = ("script", "style")
        return "".join(
            "".join(element.text) for element in self.elements if element.tag not in skipped
        )
