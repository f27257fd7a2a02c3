"""Objects of many packages beside each other under the claims of their roles.

`python -m studies.scoreboard run [PACKAGE ...]` judges what is installed and keeps the records;
`python -m studies.scoreboard page` writes the page from them.
"""

import argparse
import os
import re
import sys
import warnings
from pathlib import Path

import msgspec

from reports.atomic import write_whole
from reports.html.scoreboard import scoreboard_page
from studies.scoreboard import judging
from studies.scoreboard.listing import listing
from studies.scoreboard.objects import chosen, listed
from studies.tables import ROOT

RECORDS = ROOT / "docs" / "scoreboard" / "records.jsonl"
PAGE = RECORDS.with_name("index.html")
FINDINGS = ROOT / "docs" / "findings.md"
ADDRESS = "../findings.md"
COMMAND = "python -m studies.scoreboard page"
SALTS = ("board-1", "board-2", "board-3")


def anchors(text: str) -> dict[str, str]:
    """The headings of a page of Markdown, and the anchor that its readers make of each."""
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    return {
        heading: re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings
    }


def pages(records: Path) -> tuple[str, str]:
    """The page of the records in the file, and its listing in Markdown. Raises BoardError."""
    known = anchors(FINDINGS.read_text(encoding="utf-8"))
    found = {(one.role, one.target): list(one.findings) for one in listed()}
    entries = [  # a finding may be written after the record was
        msgspec.structs.replace(one, findings=found.get((one.role, one.target), one.findings))
        for one in judging.read(records)
    ]
    html = scoreboard_page(entries, ADDRESS, known, COMMAND)
    return html, listing(entries, known, ADDRESS)


def main(arguments: list[str] | None = None) -> int:
    """Judge, or write the page; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m studies.scoreboard", description=__doc__)
    parser.add_argument("--records", type=Path, default=RECORDS, help="a line an object")
    commands = parser.add_subparsers(dest="command", required=True)
    judged = commands.add_parser("run", help="judge objects and keep their records")
    judged.add_argument("packages", nargs="*", metavar="PACKAGE", help="by default all")
    judged.add_argument("--role", action="append", help="only objects of this role")
    judged.add_argument("--salts", type=int, default=1, choices=range(1, len(SALTS) + 1))
    judged.add_argument("--new", action="store_true", help="only what has no record yet")
    written = commands.add_parser("page", help="write the page, and README.md beside it")
    written.add_argument("--output", type=Path, default=PAGE)
    told = parser.parse_args(arguments)
    try:
        if told.command == "page":
            html, markdown = pages(told.records)
            write_whole(told.output, html)
            write_whole(told.output.with_name("README.md"), markdown)
            return 0
        return _run(told)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


def _run(told: argparse.Namespace) -> int:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    warnings.simplefilter("ignore")  # those of the packages are theirs to mend
    known = {(one.role, one.target) for one in judging.read(told.records)} if told.new else set()
    objects = [
        one
        for one in chosen(told.packages)
        if (one.role, one.target) not in known and (not told.role or one.role in told.role)
    ]
    count = judging.run(
        objects, SALTS[: told.salts], told.records, lambda line: print(line, flush=True)
    )
    return 0 if count or not objects else 2


if __name__ == "__main__":
    sys.exit(main())
