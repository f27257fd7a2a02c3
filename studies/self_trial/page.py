"""The page of all self-trial, in both languages: prose with the figures as variables."""

from collections.abc import Iterator
from pathlib import Path

import jinja2

from studies.self_trial.figures import figures
from studies.tables import GENERATED, ROOT, filled, pages

FOLDER = Path(__file__).parent
NAMES = ("how_it_is_tested.md", "how_it_is_tested.zh.md")


def self_trial() -> Iterator[tuple[Path, str]]:
    """The page in each language. Raises jinja2.UndefinedError for a figure that there is not."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown of our own tables
    )
    known = figures()
    for name in NAMES:
        text = environment.get_template(f"{name}.jinja").render(known)
        yield ROOT / "docs" / name, f"{GENERATED}\n\n{text}"


def every_page() -> list[tuple[Path, str]]:
    """All pages that are written from kept figures, each with its text."""
    return [*self_trial(), *pages(), filled("performance"), filled("scaling")]
