"""One bar: the chapter's sentences by how they stand, in proportion."""

from markupsafe import Markup

from harness.text import Text
from reports.svg.element import frame, rectangle
from reports.tally import Tally

WIDTH, HEIGHT = 1000, 12
GAP = 3


def standing_bar(tally: Tally) -> Markup:
    """The shares side by side; the headline says the same in words."""
    parts, left = [], 0.0
    for standing in tally.standings():
        width = WIDTH * len(standing.sentences) / max(len(tally.sentences), 1)
        if width:
            right = left + width
            end = round(right) - (GAP if right < WIDTH - 1 else 0)
            parts.append(
                rectangle(round(left), 0, max(end, round(left) + 2), HEIGHT, standing.name)
            )
            left = right
    title = Text("Sentences by how they stand", "按成立情况统计")
    return frame(WIDTH, HEIGHT, parts, title, tally.headline(), "bar", stretch=True)
