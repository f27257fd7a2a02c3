"""Writes docs/for_the_authors.md from a run's records: `python -m studies.authors RECORDS`.

It lists what the editions print and a run of the claims does not confirm as printed, beside what
was measured. What the newest edition still prints comes first.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from harness.declaration.editions import EDITIONS, Citation, citations
from harness.records.record import Record
from harness.statistics.evidence import Verdict
from reports.records import read_records
from studies.tables import ROOT

PAGE = ROOT / "docs" / "for_the_authors.md"
NEWEST = EDITIONS[-1]
HEAD = """<!-- generated: python -m studies.authors RECORDS; do not edit -->

# For the authors of the book

Sentences that an edition prints and that hold under a condition only, or not.
Each stands with what was measured and the command that repeats it.
Quotes are looked up at the addresses (`python -m studies.editions`).
Verdicts and figures are a run's records.
A sentence that every edition has right is not here, and neither is one that only the notes have.
"""


def page(records: Iterable[Record], cited: Iterable[Citation]) -> str:
    """The page that the records make of the sentences that the editions have."""
    editions: dict[str, list[Citation]] = {}
    for one in cited:
        editions.setdefault(one.row, []).append(one)
    by_row: dict[str, list[Record]] = {}
    for record in records:
        row = record.claim if record.claim in editions else record.row
        by_row.setdefault(row, []).append(record)
    open_rows = {
        row: by_row[row]
        for row in editions
        if any(record.verdict is Verdict.REFUTED for record in by_row.get(row, ()))
        and any(one.state == "printed" for one in editions[row])
    }
    still = [row for row in open_rows if _prints(editions[row], NEWEST)]
    older = [row for row in open_rows if row not in still]
    parts = [HEAD, _table(open_rows, editions)]
    for title, rows in ((f"Still printed in {NEWEST}", still), ("In older editions", older)):
        parts.append(f"\n## {title}\n")
        parts += [_sentence(row, open_rows[row], editions[row]) for row in rows]
    return "".join(parts)


def _prints(cited: Iterable[Citation], edition: str) -> bool:
    return any(one.edition == edition and one.state == "printed" for one in cited)


def _table(rows: Iterable[str], editions: Mapping[str, Sequence[Citation]]) -> str:
    lines = [f"\n| Sentence | {' | '.join(EDITIONS)} |", f"|---|{'---|' * len(EDITIONS)}"]
    for row in rows:
        states = {one.edition: f"[{one.state}]({one.address})" for one in editions[row]}
        cells = " | ".join(states.get(edition, "not found") for edition in EDITIONS)
        lines.append(f"| `{row}` | {cells} |")
    return "\n".join(lines) + "\n"


def _sentence(row: str, records: Sequence[Record], cited: Sequence[Citation]) -> str:
    quotes = "".join(
        f"- {one.edition} ({one.state}): [{one.quote}]({one.address})\n" for one in cited
    )
    return f"\n### `{row}`\n\n{quotes}\n" + "\n".join(map(_record, records))


def _record(record: Record) -> str:
    condition = f" Where: {record.condition.en}." if record.condition else ""
    why = f"  {record.why.en}\n" if record.why and record.verdict is Verdict.REFUTED else ""
    return (
        f"- **{record.verdict.value}** {record.sentence.en}.{condition}\n{why}"
        f"  {record.relation.en}; measured: {_effect(record)}.\n"
        f"  `{record.rerun}`\n"
    )


def _effect(record: Record) -> str:
    if record.estimate is None:
        return f"{record.replicates} observations"
    low, high = record.interval or (None, None)
    within = "" if low is None or high is None else f" ({low:.3g} to {high:.3g})"
    return f"{record.estimate:.3g}{within} of {record.replicates} observations"


def main(words: Sequence[str]) -> int:
    """Write the page; exit 2 where no records were named."""
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    records = read_records(Path(words[0])).records
    PAGE.write_text(page(records, citations(ROOT / "claims")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
