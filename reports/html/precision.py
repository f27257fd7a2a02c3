"""Sizes that are known less precisely than is asked for, and what the rest is predicted to take."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.text import Text
from reports import numbers
from reports.html.claim_view import ClaimView, SizeRow


@dataclass(frozen=True)
class ShortRow:
    """A size of a claim that misses its precision, and the predicted seconds until it is reached.

    The seconds are those of an observation of the trial times what is missing; infinite where no
    number of observations is known to do.
    """

    view: ClaimView
    size: SizeRow
    seconds: float

    @property
    def cost(self) -> Text:
        """The predicted seconds in words."""
        if self.seconds == float("inf"):
            return Text("not known", "未知")
        return Text(shown := numbers.seconds(self.seconds), shown)


def short_of_precision(views: Iterable[ClaimView]) -> list[ShortRow]:
    """The sizes that miss their precision, the cheapest to mend first."""
    found = []
    for view in views:
        record = view.record
        each = record.seconds / max(record.replicates, 1)
        for size, row in zip(record.sizes, view.sizes, strict=True):
            if size.more != 0:
                found.append(ShortRow(view, row, each * size.more if size.more else float("inf")))
    return sorted(found, key=lambda row: (row.seconds, row.view.record.claim))
