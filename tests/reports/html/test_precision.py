"""The list of sizes that are known less precisely than is asked for, with what the rest takes."""

import re

import msgspec

from harness.records.record import Record, Size
from harness.text import Text
from reports.html.render import Pages
from reports.records import Reading
from studies.report.records import records, typed

(BASE,) = typed([row for row in records() if row["claim"] == "do-unbiased"])
NAME = Text("the mean", "均值")


def sized(claim: str, *more: int | None) -> Record:
    """A record of 1000 observations in 2 s, with a size for each number of missing ones."""
    sizes = [Size(NAME, 0.5, (0.4, 0.6), 1000, 0.05, one) for one in more]
    return msgspec.structs.replace(BASE, claim=claim, sizes=sizes, replicates=1000, seconds=2.0)


def rows(*found: Record) -> list[list[str]]:
    """The cells of the list on the page."""
    page = Pages(Reading(found)).statistics()
    if "id=ui-short>" not in page:
        return []
    table = page.split("id=ui-short>")[1].split("</table>")[0]
    lines = table.split("<tbody>")[1].split("<tr>")[1:]
    cells = [re.split("<t[hd][^>]*>", line)[1:] for line in lines]
    return [[" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_what_misses_its_precision_is_listed_the_cheapest_first() -> None:
    found = rows(sized("c", None), sized("b", 500_000, 0), sized("a", 3000))

    assert [row[0] for row in found] == ["a", "b", "c"]
    assert found[0][2:5] == ["0.5", "[0.4, 0.6]", "1 000"]
    assert "would take 3 000 more" in found[0][5]
    assert "6.0 s" in found[0][6] or "6 s" in found[0][6]
    assert "not known" in found[2][6]


def test_there_is_no_list_where_every_precision_is_reached() -> None:
    assert rows(sized("a", 0), sized("b")) == []
