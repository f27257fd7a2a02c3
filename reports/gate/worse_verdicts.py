"""The gate's first part: verdicts worse than expected or than the baseline, or vanished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reports.cleaning import one_line
from reports.gate.baseline import Accepted, Baseline
from reports.gate.finding import Finding, Level
from reports.html.pictures import open_words, text
from reports.keys import group_of, key_of, meaning_of, split_key
from reports.words import NOT_TESTABLE

Record = dict[str, Any]

RUN_ALL = "python -m pytest claims"


def judge(records: Sequence[Record], baseline: Baseline, whole: bool) -> list[Finding]:
    """A finding per verdict that is worse, undecided, new or gone, then the rest in one line.

    `whole`: the run examined everything, so that what is missing has vanished.
    """
    found: list[Finding] = []
    same = 0
    for record in records:
        if record["verdict"] == NOT_TESTABLE:
            continue
        told = list(_about(record, baseline.verdicts.get(key_of(record))))
        found += told
        same += not told
    found += _missing(records, baseline, whole)
    if same:
        found.append(Finding(Level.OK, "verdicts", f"{same} verdicts are as expected"))
    return found


def _about(record: Record, before: Accepted | None) -> Iterator[Finding]:
    verdict, expected = record["verdict"], record["expected"]
    sentence = f"“{one_line(text(record['sentence']).en)}”"
    place: Record = {"file": record.get("file"), "line": record.get("line")}
    about, again = key_of(record), record.get("rerun") or RUN_ALL
    known = record.get("known_failure") or {}
    if known:
        reason = f"a known failure until {known.get('expiry')}: {known.get('reason')}"
        yield Finding(Level.OPEN, about, f"{sentence} is {verdict}, {reason}", **place)
    elif verdict == "UNDECIDED":
        seen = open_words(record).en.removesuffix(" Continue with --claims-continue.")
        yield Finding(
            Level.UNDECIDED, about, f"{sentence} is UNDECIDED. {seen}", _continued(again), **place
        )
    elif not record["as_expected"]:
        was = f", {before.verdict} in the baseline" if before else ""
        why = (record.get("error") or {}).get("message")
        said = f"{sentence} is {verdict}, expected {expected}{was}"
        yield Finding(Level.RED, about, f"{said}: {one_line(why)}" if why else said, again, **place)
    elif before is None:
        yield Finding(Level.NEW, about, f"{sentence} is {verdict}; there is no baseline for it")
    elif before.verdict != verdict:
        yield Finding(
            Level.RED,
            about,
            f"{sentence} is {verdict}, {before.verdict} in the baseline",
            f"{again}; if it is meant: python -m reports accept",
            **place,
        )
    elif before.meaning != meaning_of(record):
        yield Finding(
            Level.RED,
            about,
            f"the name stayed and the meaning changed: it now says {sentence}",
            "give the new meaning a name of its own; if it is meant: python -m reports accept",
            **place,
        )


def _continued(again: str) -> str:
    return again if again.endswith("--claims-continue") else f"{again} --claims-continue"


def _missing(records: Sequence[Record], baseline: Baseline, whole: bool) -> Iterator[Finding]:
    here = {key_of(record) for record in records}
    groups = {group_of(record) for record in records}
    gone = [key for key in baseline.verdicts if key not in here]
    for key in gone:
        claim, group = split_key(key)
        if whole and group in groups:
            was = baseline.verdicts[key].verdict
            yield Finding(
                Level.RED,
                key,
                f"the claim has vanished: {was} in the baseline, not examined in this run",
                f"{RUN_ALL} --claims-only={claim}; if it is meant: python -m reports accept",
            )
    apart = sum(not whole or split_key(key)[1] not in groups for key in gone)
    if apart:
        said = (
            f"{apart} verdicts of the baseline were not asked for (another device, profile, part)"
        )
        yield Finding(Level.OPEN, "verdicts", said)
