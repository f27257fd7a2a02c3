"""The run as Markdown, for a job summary: the answer, and what is not as expected."""

import re
from collections.abc import Sequence

from harness.records.covered import covered
from harness.records.record import Record
from harness.text import counted
from reports import numbers
from reports.cleaning import one_line
from reports.error_budget import sentence as budget
from reports.error_budget import spent
from reports.records import Reading
from reports.tally import MARKS, Tally, tally
from reports.words import words

LIMIT = 900_000  # bytes; a job summary may have 1 MiB
LONGEST = 300  # characters of one cell
SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&@$-])")


def render_summary(reading: Reading) -> str:
    """The Markdown text, cut (and said to be cut) below the size that a job summary may have."""
    tallied = tally(reading.records)
    lines = [f"# {_answer(reading, tallied)}", ""]
    if (alarm := tallied.alarm()) and not _replaced(reading):
        lines += [f"**{alarm.en}**", ""]
    lines += [
        f"{tallied.verdicts_expected().en} Error budget: {budget(spent(reading.records)).en}.",
        "",
    ]
    for notice in reading.notices:
        lines += [f"> {plain(notice.en)}", ""]
    surprises = [record for record in reading.records if not record.as_expected]
    if surprises:
        lines += ["## Not as expected", "", *_table(surprises)]
    return _cut(lines)


def _replaced(reading: Reading) -> list[str]:
    """What stands in for the reference, if anything does."""
    return sorted({f"{r}={t}" for one in reading.records for r, t in one.implementation.items()})


def _answer(reading: Reading, tallied: Tally) -> str:
    """How the sentences stand; of an object on trial, how many checks it fails."""
    if not (replaced := _replaced(reading)):
        return tallied.headline().en
    checks = counted(tallied.judged, "check is", "checks are")
    failing = f"{tallied.surprises} of {checks} not as expected"
    return f"{plain(', '.join(replaced))}: {failing}"


def plain(value: str) -> str:
    """Someone's text as Markdown that prints it and does nothing else."""
    shown = one_line(value)
    shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
    escaped = SPECIAL.sub(r"\\\1", shown)
    return escaped.replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")


def _table(records: Sequence[Record]) -> list[str]:
    rows = [
        "| Verdict | Sentence | Id | Covers | Estimate | Replicates | Time |",
        "|---|---|---|---|---|---|---|",
    ]
    for record in records:
        said = f"{MARKS[record.verdict]} {words(record.verdict).en}"
        if not record.as_expected:
            said = f"**{said}** (expected: {words(record.expected).en})"
        cells = [
            said,
            plain(record.sentence.en),
            plain(f"{record.claim} [{record.device}]"),
            plain(reach.en if (reach := covered(record)) else "–"),
            f"{numbers.number(record.estimate)} {numbers.interval(record.interval)}",
            numbers.count(record.replicates),
            numbers.seconds(record.seconds),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _cut(lines: Sequence[str]) -> str:
    kept, size = [], 0
    for index, line in enumerate(lines):
        size += len(line.encode("utf-8")) + 1
        if size > LIMIT:
            kept.append(f"\n…and {len(lines) - index} more lines; the HTML report has them all.")
            break
        kept.append(line)
    return "\n".join(kept) + "\n"
