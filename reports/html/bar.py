"""One bar: the sentences by verdict, in proportion."""

from markupsafe import Markup

from harness.text import Text
from reports.svg.element import frame, rectangle
from reports.tally import ORDER, Tally, token

WIDTH, HEIGHT = 1000, 12
GAP = 3


def verdict_bar(tally: Tally) -> Markup:
    """The shares side by side; the headline says the same in words."""
    parts, left = [], 0.0
    for verdict in ORDER:
        width = WIDTH * tally.counts[verdict] / max(sum(tally.counts.values()), 1)
        if width:
            right = left + width
            end = round(right) - (GAP if right < WIDTH - 1 else 0)
            parts.append(
                rectangle(round(left), 0, max(end, round(left) + 2), HEIGHT, token(verdict))
            )
            left = right
    title = Text("Sentences by verdict", "按判定统计")
    return frame(WIDTH, HEIGHT, parts, title, tally.headline(), "bar", stretch=True)
