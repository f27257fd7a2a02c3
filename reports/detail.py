"""How much of each claim the page tells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Detail:
    """What is shown at most: settings listed, points of a curve, rows of a data table."""

    settings: int
    points: int
    rows: int
    colours: bool = True


FULL = Detail(settings=40, points=48, rows=7)
# A page of thousands must still open at once; the records have the rest.
BRIEF = Detail(settings=3, points=20, rows=3, colours=False)
MANY = 500  # claims, beyond which the page is brief


def detail_for(claims: int) -> Detail:
    """Brief for a page of very many claims."""
    return BRIEF if claims > MANY else FULL
