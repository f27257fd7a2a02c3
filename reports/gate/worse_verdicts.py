"""The gate's first part: verdicts worse than expected or than the baseline, or vanished."""

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.records.record import Record
from harness.statistics.evidence import Verdict
from harness.text import counted
from reports.cleaning import one_line
from reports.forecast import open_words
from reports.gate.baseline import Accepted, Baseline
from reports.gate.finding import Finding, Level
from reports.keys import group_of, key_of, meaning_of, split_key

RUN_ALL = "python -m pytest claims"


def judge(records: Sequence[Record], baseline: Baseline, whole: bool) -> list[Finding]:
    """A finding per verdict that is worse, undecided, new or gone, then the rest in one line.

    `whole`: the run examined everything, so that what is missing has vanished.
    """
    tested = [record for record in records if record.verdict.judged or _was(record, baseline)]
    told = [_about(record, baseline.verdicts.get(key_of(record))) for record in tested]
    found = [finding for finding in told if finding is not None]
    found += _missing(records, baseline, whole)
    if same := told.count(None):
        found.append(
            Finding(
                Level.OK, "verdicts", f"{counted(same, 'verdict is', 'verdicts are')} as expected"
            )
        )
    if lacking := sum(record.verdict is Verdict.NOT_APPLICABLE for record in records):
        said = (
            f"{counted(lacking, 'claim is', 'claims are')} NOT APPLICABLE: the implementation "
            "lacks what they examine, so that nothing of them was judged"
        )
        found.append(Finding(Level.OPEN, "verdicts", said))
    return found


def nothing_judged(records: Sequence[Record]) -> Iterator[Finding]:
    """The finding that no record is of a trial."""
    if any(record.verdict.judged for record in records):
        return
    counts = Counter(record.verdict.value for record in records)
    shown = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    those = counted(len(records), "record is", "records are")
    said = f"no claim was judged: the run's {those} {shown}"
    yield Finding(
        Level.NOTHING, "verdicts", said, f"examine claims that apply to what is on trial: {RUN_ALL}"
    )


def nothing_compared(records: Sequence[Record], baseline: Baseline) -> Iterator[Finding]:
    """The finding that the baseline holds verdicts of other kinds of runs alone."""
    run = {group_of(record) for record in records if record.verdict.judged}
    held = {split_key(key)[1] for key in baseline.verdicts}
    if not held or not run or held & run:
        return
    shown = [" and ".join(f"[{group}]" for group in sorted(groups)) for groups in (held, run)]
    yield Finding(
        Level.NOTHING,
        "verdicts",
        f"nothing was compared: the baseline holds verdicts of {shown[0]}, the run is {shown[1]}",
        "name a baseline of this kind of run, or write one: python -m reports accept",
    )


def _was(record: Record, baseline: Baseline) -> bool:
    """Whether the baseline has another verdict where nothing was judged now."""
    before = baseline.verdicts.get(key_of(record))
    return before is not None and before.verdict != record.verdict


def _about(record: Record, before: Accepted | None) -> Finding | None:
    verdict, again = record.verdict, record.rerun or RUN_ALL
    sentence = f"“{one_line(record.sentence.en)}”"
    said = f"{sentence} is {verdict}"

    def found(level: Level, text: str, next: str = "") -> Finding:
        return Finding(level, key_of(record), text, next, record.file, record.line)

    if known := record.known_failure:
        until = f"a known failure until {known.get('expiry')}: {known.get('reason')}"
        return found(Level.OPEN, f"{said}, {until}")
    if verdict is Verdict.UNDECIDED:
        seen = open_words(record).en.removesuffix(" Continue with --claims-continue.")
        short = record.falls_short and record.expected is Verdict.CONFIRMED
        level = Level.RED if short else Level.UNDECIDED
        return found(level, f"{said}. {seen}", _continued(again))
    if not record.as_expected:
        was = f", {before.verdict} in the baseline" if before else ""
        why = f": {one_line(record.error.message)}" if record.error else ""
        return found(Level.RED, f"{said}, expected {record.expected}{was}{why}", again)
    if before is None:
        return found(Level.NEW, f"{said}; there is no baseline for it")
    if before.verdict != verdict:
        drop = "" if verdict.judged else f" --drop {record.claim}"
        meant = f"{again}; if it is meant: python -m reports accept{drop}"
        return found(Level.RED, f"{said}, {before.verdict} in the baseline", meant)
    if before.meaning != meaning_of(record.sentence.en, record.relation.en, record.formula):
        return found(
            Level.RED,
            f"the name stayed and the meaning changed: it now says {sentence}",
            "give the new meaning a name of its own; if it is meant: python -m reports accept",
        )
    return None


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
                f"{RUN_ALL} --claims-only={claim}; "
                f"if it is meant: python -m reports accept --drop {claim}",
            )
    apart = sum(not whole or split_key(key)[1] not in groups for key in gone)
    if apart:
        said = (
            f"{apart} verdicts of the baseline were not asked for (another device, profile, part)"
        )
        yield Finding(Level.OPEN, "verdicts", said)
