"""What a person reads in the terminal: a meter while a claim runs, a line per claim at the end."""

from __future__ import annotations

import contextlib
import math
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.records.record import Record
from harness.statistics.planning import more_observations
from harness.trial.conditions import Progress

Line = tuple[str, dict[str, bool]]

QUIET_SECONDS = 1.0  # a claim that is done by then needs no meter
REFRESH_SECONDS = 0.2
MARKS = {
    "CONFIRMED": "✓",
    "REFUTED": "✗",
    "UNDECIDED": "?",
    "ERROR": "!",
    "NOT TESTABLE": "-",
    "NOT APPLICABLE": "·",
}
COLOURS = {
    "CONFIRMED": "green",
    "REFUTED": "cyan",
    "UNDECIDED": "yellow",
    "ERROR": "red",
    "NOT TESTABLE": "white",
    "NOT APPLICABLE": "white",
}


class Meter:
    """A line that shows how far a long claim is; only where a person watches a terminal."""

    def __init__(self, reporter: Any, capture: Any, file: str) -> None:
        self.reporter = reporter
        self.capture = capture
        self.file = file
        self.started = time.monotonic()
        self.drawn = 0.0

    @classmethod
    def of(cls, config: Any, file: str) -> Meter | None:
        """A meter, or None where nobody watches (no TTY, a worker of xdist, quiet mode)."""
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or hasattr(config, "workerinput") or config.option.verbose < 0:
            return None
        if not reporter.isatty:
            return None
        return cls(reporter, config.pluginmanager.get_plugin("capturemanager"), file)

    def __call__(self, progress: Progress) -> None:
        """Draw the progress unless it was drawn a moment ago."""
        now = time.monotonic()
        if now - self.started < QUIET_SECONDS or now - self.drawn < REFRESH_SECONDS:
            return
        text = progress_text(progress, now - self.started)
        with self._uncaptured():
            if not self.drawn:
                self.reporter.ensure_newline()
            line = _fit(text, self.reporter._tw.fullwidth - 1)
            self.reporter.rewrite(line, erase=True)
            self.reporter.flush()
        self.drawn = now

    def clear(self) -> None:
        """Take the line away, so that what pytest prints next stands alone."""
        if self.drawn:
            with self._uncaptured():
                self.reporter.rewrite("", erase=True)
                # pytest writes the outcome where the cursor stands: after the file's name, as ever.
                self.reporter.rewrite(f"{self.file} " if self.reporter.verbosity == 0 else "")
                self.reporter.flush()

    def _uncaptured(self) -> contextlib.AbstractContextManager[None]:
        # While a test runs, pytest captures the terminal's own descriptor too.
        if self.capture is None:
            return contextlib.nullcontext()
        uncaptured: contextlib.AbstractContextManager[None] = (
            self.capture.global_and_fixture_disabled()
        )
        return uncaptured


def progress_text(progress: Progress, seconds: float) -> str:
    """Replicates done of the most that there can be, and evidence so far of what is needed."""
    setting = (
        f" setting {progress.setting + 1}/{progress.settings}" if progress.settings > 1 else ""
    )
    evidence, needed = progress.evidence, progress.needed
    return (
        f"  {progress.claim}{setting}: {evidence.observations} of at most {progress.cap} "
        f"replicates, evidence for {_nats(evidence.confirm)} of {needed[0]:.1f} nats, "
        f"against {_nats(evidence.refute)} of {needed[1]:.1f}, {seconds:.0f} s"
    )


def summary_lines(records: Sequence[Mapping[str, Any]], session: Any, width: int) -> Iterator[Line]:
    """One line per claim in the chapter's order, the counts, and where the records are."""
    for record in sorted(records, key=lambda r: (r["order"], r["device"])):
        yield _line(record, width)
        if record["verdict"] == "NOT APPLICABLE" and record.get("error"):
            yield f"    {record['error']['message']}", {}
    counts = Counter(record["verdict"] for record in records)
    unexpected = sum(not record["as_expected"] for record in records)
    shown = ", ".join(f"{counts[name]} {name.lower()}" for name in MARKS if counts[name])
    yield "", {}
    yield (
        f"{len(records)} claims: {shown}; "
        + (f"{unexpected} not as expected" if unexpected else "all as expected"),
        {"bold": True, "red" if unexpected else "green": True},
    )
    spent = sum(record["alpha"] + record["beta"] for record in records)
    yield f"expected wrong verdicts in 10 000 such runs: at most {1e4 * spent:.2g}", {}
    yield f"records: {session.file.path}", {}


def failure_text(record: Record) -> str:
    """Why the item fails: statement, setting, evidence, implementation, command to repeat it."""
    deciding = record.settings[record.deciding or 0] if record.settings else {}
    lines = [
        f"{record.verdict}, expected {record.expected}: {record.sentence['en']}",
        f"  {record.sentence['zh']}",
        f"  claim          {record.claim}  ({record.file}:{record.line})",
        f"  states         {record.relation['en']}",
    ]
    if record.error is not None:
        lines.append(
            f"  error          {record.error['type']} at {record.error['where']}: "
            f"{record.error['message']}"
        )
    if deciding.get("setting"):
        lines.append(f"  setting        {dict(deciding['setting'])}")
    if record.smallest_refuting and record.smallest_refuting["setting"]:
        lines.append(f"  smallest       {dict(record.smallest_refuting['setting'])}")
    if record.estimate is not None and record.interval is not None:
        lines.append(
            f"  estimate       {_within(record.estimate, record.interval)} "
            f"{record.relation['unit']}"
        )
        lines.append(
            f"  evidence       for {_nats(record.confirm['reached'])} of "
            f"{record.confirm['needed']:.1f} nats, against {_nats(record.refute['reached'])} of "
            f"{record.refute['needed']:.1f}, after {record.replicates} observations"
        )
    for part in deciding.get("parts", ()):
        lines.append(f"    {part['name']:<12} {_within(part['estimate'], part['interval'])}")
    if record.verdict == "UNDECIDED":
        lines.append(f"  next           {undecided_advice(record)}")
    shown = ", ".join(f"{role}={target}" for role, target in record.implementation.items())
    lines.append(f"  implementation {shown or 'reference'} on {record.device}")
    lines.append(f"  repeat         {record.rerun}")
    return "\n".join(lines)


def undecided_advice(record: Record) -> str:
    """How many more replicates are predicted to decide the setting that the verdict rests on."""
    seen = record.settings[record.deciding or 0]["observations"]
    sides = [(side["reached"], side["needed"] or 0.0) for side in (record.confirm, record.refute)]
    more = more_observations(seen, *sides)
    if more is None:
        return "the evidence points neither way: the truth may lie between the two zones"
    return f"about {more} more replicates are predicted; continue with --claims-continue"


def _line(record: Mapping[str, Any], width: int) -> Line:
    verdict = record["verdict"]
    mark = MARKS[verdict]
    head = f"{mark} {verdict:<14} {record['claim']:<28} "
    facts = f"{_estimate(record)}  n={record['replicates']}  {record['seconds']:.1f}s"
    if record["device"] != "cpu":
        facts += f"  {record['device']}"
    note = "" if record["as_expected"] else f"  expected {record['expected']}"
    room = width - _cells(head) - len(facts) - len(note) - 3
    sentence = _fit(record["sentence"]["en"], room) if room > 12 else ""
    padding = " " * max(1, width - 1 - _cells(head + sentence) - len(facts) - len(note))
    colour = COLOURS[verdict] if record["as_expected"] else "red"
    return f"{head}{sentence}{padding}{facts}{note}", {colour: True}


def _estimate(record: Mapping[str, Any]) -> str:
    if record["verdict"] == "NOT APPLICABLE":
        return ""
    if record["estimate"] is None or record["interval"] is None:
        return record["error"]["type"] if record.get("error") else ""
    low, high = record["interval"]
    if low is None or high is None or low == high:
        return _number(record["estimate"])
    return f"{record['estimate']:.4g} [{low:.4g}, {high:.4g}]"


def _within(estimate: float, interval: Sequence[float]) -> str:
    low, high = (_number(value) for value in interval)
    return _number(estimate) if low == high else f"{_number(estimate)} in [{low}, {high}]"


def _number(value: float | None) -> str:
    return "infinite" if value is None or abs(value) > 1e300 else f"{value:.6g}"


def _nats(value: float | None) -> str:
    return "exact" if value is None or math.isinf(value) else f"{value:.1f}"


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fit(text: str, width: int) -> str:
    if _cells(text) <= width:
        return text
    while text and _cells(text) > width - 1:
        text = text[:-1]
    return text + "…"
