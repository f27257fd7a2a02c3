"""What a person reads in the terminal: a line per claim at the end, and why an item fails."""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness.records.covered import applying, covered, covered_shortly
from harness.records.got import got
from harness.records.likely import likely_causes, looks_like
from harness.records.record import Record
from harness.statistics.evidence import Verdict
from harness.statistics.planning import more_observations

Line = tuple[str, dict[str, bool]]

MARKS = {  # mark and colour
    Verdict.CONFIRMED: ("✓", "green"),
    Verdict.WEAKER: ("↓", "purple"),
    Verdict.REFUTED: ("✗", "cyan"),
    Verdict.UNDECIDED: ("?", "yellow"),
    Verdict.ERROR: ("!", "red"),
    Verdict.NOT_TESTABLE: ("-", "white"),
    Verdict.NOT_APPLICABLE: ("·", "white"),
}


def summary_lines(records: Sequence[Record], file: Path, width: int) -> Iterator[Line]:
    """One line per claim in the chapter's order, the counts, and where the records are."""
    for record in sorted(records, key=lambda r: (r.order, r.device)):
        yield _line(record, width)
        if record.verdict is Verdict.NOT_APPLICABLE and record.error:
            yield f"    {record.error.message}", {}
        elif where := applying(record):
            yield f"    {where.en}", {}
    counts = Counter(record.verdict for record in records)
    unexpected = sum(not record.as_expected for record in records)
    shown = ", ".join(f"{counts[name]} {name.lower()}" for name in MARKS if counts[name])
    yield "", {}
    judged = any(record.verdict.judged for record in records)
    outcome = f"{unexpected} not as expected" if unexpected else "all as expected"
    yield (
        f"{len(records)} claims: {shown}; {outcome if judged else 'none judged'}",
        {"bold": True, "red" if unexpected or not judged else "green": True},
    )
    for cause in likely_causes(records):
        yield f"{cause.implementation} {looks_like(cause).en}", {"red": True}
    if program := next((r.counterexample for r in records if r.counterexample), None):
        yield "a program that fails without this package:", {"bold": True}
        yield from ((f"    {line}", {}) for line in program.splitlines())
    if any(record.sweep for record in records):
        yield (
            "all but q: a part q of such settings and generator states, at most, could fail unseen",
            {},
        )
    spent = sum(record.alpha + record.beta for record in records)
    yield f"expected wrong verdicts in 10 000 such runs: at most {1e4 * spent:.2g}", {}
    yield f"records: {file}", {}


def failure_text(record: Record) -> str:
    """Why the item fails: statement, setting, evidence, implementation, command to repeat it."""
    shown = ", ".join(f"{role}={target}" for role, target in record.implementation.items())
    lines = [
        f"{record.verdict}, expected {record.expected}: {record.sentence.en}",
        f"  {record.sentence.zh}",
        f"  claim          {record.claim}  ({record.file}:{record.line})",
        f"  states         {record.relation.en}",
        *([f"  covers         {reach.en}"] if (reach := covered(record)) else []),
        *_findings(record),
        f"  implementation {shown or 'reference'} on {record.device}",
        f"  repeat         {record.rerun}",
    ]
    return "\n".join(lines)


def _findings(record: Record) -> Iterable[str]:
    error, deciding, smallest = record.error, record.decisive, record.smallest_refuting
    if error is not None:
        yield f"  error          {error.type} at {error.where}: {error.message}"
    if record.verdict is Verdict.WEAKER:
        yield "  means          the sentence holds, weaker than declared"
    elif record.falls_short and record.verdict is Verdict.UNDECIDED:
        yield "  means          what is declared is excluded; whether anything weaker holds is open"
    if deciding is not None and deciding.setting:
        yield f"  setting        {deciding.setting}"
    if smallest is not None and smallest.setting:
        yield f"  smallest       {smallest.setting}"
    if record.mismatch is not None:
        yield f"  got            {got(record.mismatch).en}"
    if record.estimate is not None and record.interval is not None:
        within = _within(record.estimate, record.interval)
        yield f"  estimate       {within} {record.relation.unit}"
        if record.relation.true_zone is not None and record.mismatch is None:
            low, high = (_number(value) for value in record.relation.true_zone)
            yield f"  right          {low} to {high}"
        yield (
            f"  evidence       for {nats(record.confirm.reached)} of "
            f"{record.confirm.needed:.1f} nats, against {nats(record.refute.reached)} of "
            f"{record.refute.needed:.1f}, after {record.replicates} observations"
        )
    for part in deciding.parts if deciding is not None else ():
        if part.interval is not None:
            yield f"    {part.name:<12} {_within(part.estimate, part.interval)}"
    if record.verdict is Verdict.UNDECIDED and deciding is not None:
        yield f"  next           {_advice(record, deciding.observations)}"


def _advice(record: Record, observations: int) -> str:
    """How many more replicates are predicted to decide the setting that the verdict rests on."""
    sides = [(side.reached, side.needed) for side in (record.confirm, record.refute)]
    more = more_observations(observations, *sides)
    if more is None:
        return "the evidence points neither way: the truth may lie between the two zones"
    return f"about {more} more replicates are predicted; continue with --claims-continue"


def _line(record: Record, width: int) -> Line:
    mark, colour = MARKS[record.verdict]
    head = f"{mark} {record.verdict:<14} {record.claim:<28} "
    told = (_estimate(record), f"n={record.replicates}", covered_shortly(record))
    facts = "  ".join([*filter(None, told), f"{record.seconds:.1f}s"])
    if record.device != "cpu":
        facts += f"  {record.device}"
    note = "" if record.as_expected else f"  expected {record.expected}"
    room = width - _cells(head) - len(facts) - len(note) - 3
    sentence = fit(record.sentence.en, room) if room > 12 else ""
    padding = " " * max(1, width - 1 - _cells(head + sentence) - len(facts) - len(note))
    return f"{head}{sentence}{padding}{facts}{note}", {
        colour if record.as_expected else "red": True
    }


def _estimate(record: Record) -> str:
    if record.verdict is Verdict.NOT_APPLICABLE:
        return ""
    if record.estimate is None or record.interval is None:
        return record.error.type if record.error else ""
    low, high = record.interval
    if low is None or high is None or low == high:
        return _number(record.estimate)
    return f"{record.estimate:.4g} [{low:.4g}, {high:.4g}]"


def _within(estimate: float | None, interval: tuple[float | None, float | None]) -> str:
    low, high = (_number(value) for value in interval)
    return _number(estimate) if low == high else f"{_number(estimate)} in [{low}, {high}]"


def _number(value: float | None) -> str:
    return "infinite" if value is None or abs(value) > 1e300 else f"{value:.6g}"


def nats(value: float | None) -> str:
    """Evidence in nats; what is infinite decides exactly."""
    return "exact" if value is None or math.isinf(value) else f"{value:.1f}"


def fit(text: str, width: int) -> str:
    """The text, cut where it takes more cells of the terminal."""
    if _cells(text) <= width:
        return text
    while text and _cells(text) > width - 1:
        text = text[:-1]
    return text + "…"


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
