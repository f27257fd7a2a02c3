"""What a person reads in the terminal: a line per claim, what differs, and why an item fails."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from harness.records.covered import applying, covered
from harness.records.got import got
from harness.records.likely import likely_causes, looks_like
from harness.records.record import Mismatch, Part, Record
from harness.statistics.evidence import Verdict
from harness.statistics.planning import more_observations
from harness.text import counted

Line = tuple[str, dict[str, bool]]

MOST_SURPRISES = 5  # told with their sentence; pytest has told each of them above
MOST_REASONS = 3
MOST_LINES = 3  # of names

# What a line may begin with: a word, or one Chinese character with the marks that belong to it.
OPENING, CLOSING, WIDE = "（《「", "，。；：、！？）》」…", "\u2e80-\u9fff"
UNIT = re.compile(rf"\s*[{OPENING}]*(?:[{WIDE}]|[^\s{WIDE}{OPENING}{CLOSING}]+)[{CLOSING}]*|\s*\S")

MARKS = {  # mark and colour
    Verdict.CONFIRMED: ("✓", "green"),
    Verdict.WEAKER: ("↓", "purple"),
    Verdict.REFUTED: ("✗", "cyan"),
    Verdict.UNDECIDED: ("?", "yellow"),
    Verdict.ERROR: ("!", "red"),
    Verdict.NOT_TESTABLE: ("-", "white"),
    Verdict.NOT_APPLICABLE: ("·", "white"),
}


def summary_lines(
    records: Sequence[Record], file: Path, width: int, verbosity: int = 0
) -> Iterator[Line]:
    """A line per claim in the chapter's order, then what fits a screen: surprises and counts.

    Below a `verbosity` of 0 claims that are as expected have no line, above it their sentence too.
    """
    ordered = sorted(records, key=lambda r: (r.order, r.device))
    odd = [record for record in ordered if not record.as_expected]
    lacking = [record for record in ordered if record.verdict is Verdict.NOT_APPLICABLE]
    table = Table(ordered, width)
    if verbosity >= 0:
        hidden = [*odd, *(lacking if verbosity == 0 else ())]
        for record in (one for one in ordered if one not in hidden):
            yield table.row(record)
            if verbosity > 0:
                yield from _wrapped(_verbosely(record), width)
            elif where := applying(record):  # a setting that was set aside is no pass
                yield from _wrapped([where.en], width)
    yield from _surprises(odd, table)
    yield from _reasons(lacking, width)
    yield "", {}
    for line, markup in _outcome(records):
        yield from _wrapped([line], width, markup, "")
    if program := next((r.counterexample for r in records if r.counterexample), None):
        yield "a program that fails without this package:", {"bold": True}
        yield from ((line, {}) for line in program.splitlines())  # as it is pasted into a file
    yield f"records: {file}", {}


def _surprises(odd: Sequence[Record], table: Table) -> Iterator[Line]:
    for record in odd[:MOST_SURPRISES]:
        yield table.row(record)
        yield from _wrapped([f"expected {record.expected}: {record.sentence.en}"], table.width)
    if len(odd) > MOST_SURPRISES:
        more = ", ".join(record.claim for record in odd[MOST_SURPRISES:])
        shown = [f"and {len(odd) - MOST_SURPRISES} more not as expected: {more}"]
        lines = list(_wrapped(shown, table.width, {"red": True}, ""))
        yield from lines[:MOST_LINES]
        if len(lines) > MOST_LINES:
            yield "  …", {"red": True}


def _reasons(lacking: Sequence[Record], width: int) -> Iterator[Line]:
    """What the implementation lacks, and how many claims that leaves unjudged."""
    reasons = Counter(record.error.message if record.error else "" for record in lacking)
    for reason, count in reasons.most_common(MOST_REASONS):
        claims = counted(count, "claim")
        yield from _wrapped([f"· {claims} not applicable: {reason or 'no setting is'}"], width)


def _outcome(records: Sequence[Record]) -> Iterator[Line]:
    counts = Counter(record.verdict for record in records)
    unexpected = sum(not record.as_expected for record in records)
    shown = ", ".join(f"{counts[name]} {name.lower()}" for name in MARKS if counts[name])
    judged = any(record.verdict.judged for record in records)
    outcome = f"{unexpected} not as expected" if unexpected else "all as expected"
    yield (
        f"{counted(len(records), 'claim')}: {shown}; {outcome if judged else 'none judged'}",
        {"bold": True, "red" if unexpected or not judged else "green": True},
    )
    for cause in likely_causes(records):
        yield f"{cause.implementation} {looks_like(cause).en}", {"red": True}
    spent = sum(record.alpha + record.beta for record in records)
    yield f"expected wrong verdicts in 10 000 such runs: at most {1e4 * spent:.2g}", {}


def _verbosely(record: Record) -> Iterator[str]:
    yield record.sentence.en
    if record.verdict is Verdict.NOT_APPLICABLE and record.error:
        yield record.error.message
    elif reach := covered(record):
        yield f"covers: {reach.en}"


def _wrapped(
    texts: Iterable[str],
    width: int,
    markup: dict[str, bool] | None = None,
    indent: str = "    ",
    hanging: str = "  ",
) -> Iterator[Line]:
    """Lines of whole words, in the cells of a terminal: a Chinese character takes two."""
    for text in texts:
        line = indent
        for unit in UNIT.findall(re.sub(r"[\t-\r]", " ", text)):
            if line.strip() and _cells(line + unit) >= width:
                yield line, markup or {}
                line = (indent or hanging) + unit.lstrip()
            else:
                line += unit
        if line.strip():
            yield line, markup or {}


def failure_text(record: Record, width: int = 80) -> str:
    """Why the item fails: statement, setting, evidence, implementation, command to repeat it.

    Only the command may be wider than the terminal: it is there to be copied.
    """
    shown = ", ".join(f"{role}={target}" for role, target in record.implementation.items())
    named = [
        ("claim", f"{record.claim}  ({record.file}:{record.line})"),
        ("states", record.relation.words.en),
        *([("covers", reach.en)] if (reach := covered(record)) else []),
        *_findings(record),
        ("implementation", f"{shown or 'reference'} on {record.device}"),
    ]
    said = f"{record.verdict}, expected {record.expected}: {record.sentence.en}"
    texts = [f"  {name:<14} {told}" for name, told in named]
    lines = [
        *_wrapped([said], width, indent=""),
        *_wrapped([record.sentence.zh], width, indent="  "),
        *_wrapped(texts, width, indent="", hanging=" " * 17),
        (f"  repeat         {record.rerun}", {}),
    ]
    return "\n".join(line for line, _ in lines)


def _findings(record: Record) -> Iterator[tuple[str, str]]:
    """What was found, by name: each number stands below the setting that it is of."""
    error, deciding, smallest = record.error, record.decisive, record.smallest_refuting
    relation, setting = record.relation, deciding.setting if deciding is not None else {}
    simpler = smallest is not None and smallest.setting not in ({}, setting)
    if error is not None:
        yield "error", f"{error.type} at {error.where}: {error.message}"
    if record.verdict is Verdict.WEAKER:
        yield "means", "the sentence holds, weaker than declared"
    elif record.falls_short and record.verdict is Verdict.UNDECIDED:
        yield "means", "what is declared is excluded; whether anything weaker holds is open"
    if setting:
        yield "setting", _setting(setting)
    if record.mismatch is not None and not simpler:
        yield from _mismatch(record.mismatch, "got")
    if record.interval is not None:  # without an estimate it is not finite
        of = f"{relation.part}: " if relation.part else ""
        yield "estimate", f"{of}{_within(record.estimate, record.interval)} {relation.unit}"
        if relation.true_zone is not None:
            low, high = _ends(relation.true_zone)
            yield "right", f"{of}{low} to {high}" if low != high else f"{of}{low}"
        yield (
            "evidence",
            f"for {nats(record.confirm.reached)} of {record.confirm.needed:.1f} nats, against "
            f"{nats(record.refute.reached)} of {record.refute.needed:.1f}, after "
            f"{counted(record.replicates, 'observation')}",
        )
    for part in deciding.parts if deciding is not None else ():
        if part.interval is not None:
            shown = _within(part.estimate, part.interval)
            yield "", f"{part.name:<12} {_came_to(record, part):<6} {shown}"
    if simpler and smallest is not None:
        yield "fails too at", _setting(smallest.setting)
        if record.mismatch is not None:
            yield from _mismatch(record.mismatch, "got there")
    if record.verdict is Verdict.UNDECIDED and deciding is not None:
        yield "next", _advice(record, deciding.observations)


def _mismatch(seen: Mismatch, name: str) -> Iterator[tuple[str, str]]:
    yield name, got(seen).en
    if seen.compared:
        yield "compared in", seen.compared


def _setting(setting: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in setting.items())


def _came_to(record: Record, part: Part) -> str:
    """What one of several statements came to, at the share of the evidence that it is given."""
    several = len(record.decisive.parts) if record.decisive is not None else 1
    needed = record.refute.needed + math.log(several)
    if part.refute is None or part.refute >= needed:
        return "fails"
    return "holds" if part.confirm is None or part.confirm >= record.confirm.needed else "open"


def _advice(record: Record, observations: int) -> str:
    """How many more replicates are predicted to decide the setting that the verdict rests on."""
    sides = [(side.reached, side.needed) for side in (record.confirm, record.refute)]
    more = more_observations(observations, *sides)
    if more is None:
        return "the evidence points neither way: the truth may lie between the two zones"
    replicates = counted(more, "more replicate is", "more replicates are")
    return f"about {replicates} predicted; continue with --claims-continue"


class Table:
    """Columns that fit the terminal: verdict, id, effect, replicates, time."""

    def __init__(self, records: Sequence[Record], width: int) -> None:
        self.width = width
        self._devices = len({record.device for record in records}) > 1
        self._ids = max((_cells(self._named(record)) for record in records), default=0)

    def row(self, record: Record) -> Line:
        """The record on one line; the effect gives way where the terminal is narrow."""
        mark, colour = MARKS[record.verdict]
        head = f"{mark} {record.verdict:<9} {self._named(record):<{self._ids}}  "
        time = _seconds(record.seconds)
        facts = f"  {'n=' + _count(record.replicates):>7} {time:>5}" if record.replicates else ""
        room = self.width - 1 - _cells(head + facts)
        if not facts or room < 0:
            head, facts, room = fit(head.rstrip(), self.width - 1), "", 0
        effect = next((shown for shown in _effects(record) if _cells(shown) <= room), "")
        line = f"{head}{effect}{' ' * (room - _cells(effect))}{facts}"
        return line, {colour if record.as_expected else "red": True}

    def _named(self, record: Record) -> str:
        return f"{record.claim} [{record.device}]" if self._devices else record.claim


def _effects(record: Record) -> Iterator[str]:
    """Estimate and interval, ever shorter."""
    if record.interval is None:
        yield record.error.type if record.error else ""
        return
    low, high = record.interval
    for digits in (4, 3, 2):
        if None not in (record.estimate, low, high) and low != high:
            yield f"{record.estimate:.{digits}g} [{low:.{digits}g}, {high:.{digits}g}]"
    yield _number(record.estimate)


def _count(observations: int) -> str:
    for size, unit in ((10**6, "M"), (10**3, "k")):
        if observations >= 10 * size:
            return f"{observations // size}{unit}"
    return str(observations)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}s" if seconds < 100 else f"{seconds:.0f}s"


def _within(estimate: float | None, interval: tuple[float | None, float | None]) -> str:
    low, high = _ends(interval)
    return _number(estimate) if low == high else f"{_number(estimate)} in [{low}, {high}]"


def _ends(interval: tuple[float | None, float | None]) -> tuple[str, str]:
    low, high = interval
    return _number(-math.inf if low is None else low), _number(high)


def _number(value: float | None) -> str:
    if value is None or abs(value) > 1e300:
        return "infinite" if value is None or value > 0 else "-infinite"
    return f"{value:.6g}"


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
