"""How the gate speaks: in the terminal, as Markdown, and to GitHub where it runs there."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from reports.atomic import write_whole
from reports.cleaning import clean, one_line
from reports.gate.finding import STATUSES, Finding, Level, status_of
from reports.statuses import GREEN, NOTHING, RED, UNDECIDED
from reports.summary import LIMIT, plain

MOST = 9  # annotations of a kind: GitHub drops what is over ten in a step without a word
LONGEST = 600  # characters of an annotation
MOST_NEW = 5  # named; the rest is counted
MOST_LOUD = 3  # of what is no pass, told in the terminal with what to run next
MOST_LINES = 9  # in the terminal; the Markdown has them all
COUNTED = ("statistics", "timings", "verdicts")  # findings that are counts already
HEADLINES: Mapping[int, str] = {
    GREEN: "The gate is green.",
    RED: "The gate is red.",
    UNDECIDED: "The gate is undecided: continue with --claims-continue (timings: with more "
    "--rounds), do not run it again until it is green.",
    NOTHING: "The gate has judged nothing.",
}


def tell(findings: Sequence[Finding], summary: Path) -> None:
    """Print the findings, write them as Markdown, and annotate where GitHub runs this."""
    print("\n".join(lines(findings)))
    write_whole(summary, markdown(findings))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print("\n".join(annotated(findings)))
    if target := os.environ.get("GITHUB_STEP_SUMMARY"):
        append_summary(Path(target), markdown(findings))


def lines(findings: Sequence[Finding]) -> list[str]:
    """The headline, then the worst findings, with what to run next: what a glance takes in."""
    told = [f"{headline(findings)} {_counts(findings)}"]
    shown = _shown(findings)
    loud = [finding for finding in shown if finding.level in STATUSES]
    for finding in [*loud[:MOST_LOUD], *(one for one in shown if one not in loud)]:
        told.append(f"{finding.level.value} {_safe(finding.about)}: {_safe(finding.said)}")
        if finding.next:
            told.append(f"    next: {_safe(finding.next)}")
    if (more := len(loud) - MOST_LOUD) > 0:
        told.insert(1 + 2 * MOST_LOUD, f"and {more} more like these; gate.md has them all")
    return told[:MOST_LINES]


def headline(findings: Sequence[Finding]) -> str:
    """Green, red, undecided or nothing judged, in a sentence."""
    return HEADLINES[status_of(findings)]


def markdown(findings: Sequence[Finding]) -> str:
    """The same as a section for a job summary."""
    told = [f"## {headline(findings)}", "", plain(_counts(findings)), ""]
    for finding in _shown(findings):
        told.append(f"- {finding.level.value} **{plain(finding.about)}** {plain(finding.said)}")
        if finding.next:
            told.append(f"  next: `{_safe(finding.next).replace('`', chr(39))}`")
    return "\n".join(told) + "\n"


def annotated(findings: Sequence[Finding]) -> list[str]:
    """At most nine of GitHub's annotations for what is no pass; the rest is counted."""
    loud = [finding for finding in _shown(findings) if finding.level in STATUSES]
    made = [
        command(
            "warning" if finding.level is Level.UNDECIDED else "error",
            finding.about,
            f"{finding.said}. Next: {finding.next}",
            finding.file,
            finding.line,
        )
        for finding in loud[:MOST]
    ]
    if len(loud) > MOST:
        made.append(f"::notice::{len(loud) - MOST} more findings; the job summary lists them")
    return made


def command(level: str, title: str, message: str, file: str | None, line: int | None) -> str:
    """One annotation, at its place in the code where that is known."""
    place = [f"title={_property(title)}"]
    if file:
        place.append(f"file={_property(file)}")
        if line:
            place.append(f"line={line}")
    return f"::{level} {','.join(place)}::{_data(message)}"


def append_summary(target: Path, text: str) -> None:
    """Append to the job summary as far as its size allows: above 1 MiB all of it is dropped."""
    there = target.stat().st_size if target.exists() else 0
    kept = text.encode("utf-8")[: max(0, LIMIT - there)].decode("utf-8", "ignore")
    with target.open("a", encoding="utf-8") as stream:
        stream.write(kept + "\n")


def _shown(findings: Sequence[Finding]) -> list[Finding]:
    order = list(Level)
    ranked = sorted(findings, key=lambda finding: order.index(finding.level))
    new = [f for f in ranked if f.level is Level.NEW and f.about not in COUNTED]
    if len(new) <= MOST_NEW:
        return ranked
    more = Finding(Level.NEW, "new", f"and {len(new) - MOST_NEW} more have no baseline yet")
    left_out = {id(finding) for finding in new[MOST_NEW:]}
    at = ranked.index(new[-1]) + 1
    return [
        finding for finding in [*ranked[:at], more, *ranked[at:]] if id(finding) not in left_out
    ]


def _counts(findings: Sequence[Finding]) -> str:
    named = ((Level.RED, "red"), (Level.UNDECIDED, "undecided"), (Level.NEW, "new"))
    counted = [(sum(f.level is level for f in findings), name) for level, name in named]
    return ", ".join(f"{count} {name}" for count, name in counted)


def _data(value: str) -> str:
    """Escaped as the runner wants a message: a line break would start another command."""
    return one_line(value)[:LONGEST].replace("%", "%25")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _safe(text: str) -> str:
    return one_line(clean(text))
