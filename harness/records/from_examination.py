"""From an examination to its record: numbers, trails, pictures and the command that repeats it."""

from __future__ import annotations

import hashlib
import os
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.blocks.failures import place_of, type_name
from harness.declaration.claim import Claim, Untestable
from harness.environment import device_name, versions
from harness.implementation.user_file import KnownFailure
from harness.records import record as kept
from harness.records.plots import pictures_of
from harness.records.record import Record
from harness.records.statistics import statistics_of
from harness.statistics.evidence import Evidence, Verdict
from harness.statistics.tests.composite import AllOf
from harness.trial.conditions import Conditions
from harness.trial.examination import Examination
from harness.trial.one_setting import Trial


def record_of(
    examination: Examination, order: int, root: Path, known: KnownFailure | None = None
) -> Record:
    """The record of an examination; `order` is the claim's place in the chapter."""
    claim, conditions, trials = examination.claim, examination.conditions, examination.trials
    deciding = trials[examination.deciding]
    evidence, plan = deciding.evidence, deciding.plan
    verdict, share, settings = examination.verdict, examination.share, examination.settings
    nats = (evidence.confirm, evidence.refute) if evidence else (0.0, 0.0)
    confirm, refute = (kept.Reached(*side) for side in zip(nats, share.needed, strict=True))
    shown = headline(evidence)
    curves, histograms, grids = pictures_of(deciding)
    return Record(
        **_common(claim, conditions, order, root),
        name=claim.name,
        source=claim.source,
        formula=claim.formula,
        why=claim.why,
        condition=claim.condition,
        twin=claim.twin,
        expected=claim.expected,
        verdict=verdict,
        # What an implementation lacks is no surprise; that it is no pass either is its own verdict.
        as_expected=verdict in (claim.expected, Verdict.NOT_APPLICABLE),
        relation=_relation(claim, deciding),
        estimate=shown.estimate if shown else None,
        interval=shown.interval if shown else None,
        confirm=confirm,
        refute=refute,
        alpha=share.alpha * settings,
        beta=share.beta * settings,
        replicates=sum(observations(trial.evidence) for trial in trials),
        cap=plan.cap if plan else 0,
        detectable=plan.detectable if plan else None,
        settings=[_trial(trial) for trial in trials],
        deciding=examination.deciding,
        smallest_refuting=_smallest(examination.smallest),
        digest=hashlib.sha256("".join(trial.digest for trial in trials).encode()).hexdigest(),
        implementation=dict(conditions.implementation.replaced),
        seconds=round(examination.seconds, 3),
        curves=curves,
        histograms=histograms,
        grids=grids,
        rerun=rerun_command(claim, conditions, root),
        error=_error(deciding.error),
        faults=list(claim.faults),
        code=claim.code,
        block=claim.block,
        statistics=statistics_of(trials[0], claim.block),
        known_failure=known.as_dict() if known else None,
    )


def untestable_record(
    sentence: Untestable, conditions: Conditions, order: int, root: Path
) -> Record:
    """The record of a sentence that no experiment can settle: the reason stands where why does."""
    none = kept.Reached(0.0, 0.0)
    nothing: dict[str, Any] = {
        **dict.fromkeys(("alpha", "beta", "seconds"), 0.0),
        **dict.fromkeys(("replicates", "cap"), 0),
        **dict.fromkeys(("digest", "rerun", "code"), ""),
        **{name: [] for name in ("settings", "curves", "histograms", "grids", "faults")},
        **{name: {} for name in ("implementation", "statistics")},
    }
    return Record(
        **_common(sentence, conditions, order, root),
        **nothing,
        name=sentence.id,
        source=f"{sentence.source}; see {sentence.citation}",
        formula=None,
        why=sentence.reason,
        condition=None,
        twin=None,
        expected=Verdict.NOT_TESTABLE,
        verdict=Verdict.NOT_TESTABLE,
        as_expected=True,
        relation=kept.Relation("", "", "", "none", None, ()),
        estimate=None,
        interval=None,
        confirm=none,
        refute=none,
        detectable=None,
        deciding=None,
        smallest_refuting=None,
        error=None,
        block=None,
    )


def _common(
    sentence: Claim | Untestable, conditions: Conditions, order: int, root: Path
) -> dict[str, Any]:
    """What a record says of any sentence, and of the run."""
    section, file = sentence.section, Path(sentence.file)
    return {
        "claim": sentence.id,
        "topic": sentence.topic,
        "section": kept.Section(section.key, section.title.en, section.title.zh, section.order),
        "order": order,
        "row": sentence.row,
        "sentence": sentence.sentence,
        "salt": conditions.salt,
        "device": conditions.device,
        "device_name": device_name(conditions.device),
        "versions": versions(),
        "profile": conditions.profile.name,
        "file": file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name,
        "line": sentence.line,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def rerun_command(claim: Claim, conditions: Conditions, root: Path) -> str:
    """The command that repeats the trial bit for bit, from the folder of the suite."""
    file = Path(claim.file)
    place = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
    words = [
        # The installed kit has a command of its own, which says so.
        *os.environ.get("CLAIMS_COMMAND", "python -m pytest").split(),
        f"{place}::{claim.name}[{conditions.device}]",
        f"--claims-profile={conditions.profile.name}",
        f"--claims-salt={conditions.salt}",
    ]
    if conditions.device != "cpu":
        words.append(f"--claims-device={conditions.device}")
    if "images" in claim.needs and conditions.images != "slice":
        words.append(f"--claims-data={conditions.images}")
    words += [
        f"--claims-implementation={role}={target}"
        for role, target in conditions.implementation.replaced.items()
    ]
    return " ".join(shlex.quote(word) for word in words)


def headline(evidence: Evidence | None) -> Evidence | None:
    """The evidence itself, or of a composite the part that its verdict rests on.

    That is the part with the most evidence against it where there is any to speak of, else the
    one with the least evidence for it.
    """
    if evidence is None or not evidence.parts:
        return evidence
    worst = max(evidence.parts, key=lambda part: part.refute)
    if worst.refute > max(worst.confirm, 1.0):
        return worst
    return min(evidence.parts, key=lambda part: part.confirm)


def observations(evidence: Evidence | None) -> int:
    """How many observations were made: of a composite, those of its largest part."""
    if evidence is None:
        return 0
    return max([evidence.observations, *(part.observations for part in evidence.parts)])


def _relation(claim: Claim, trial: Trial) -> kept.Relation:
    holds, part, unit = claim.holds, headline(trial.evidence), claim.holds.unit
    words = holds.words.en, holds.words.zh
    try:
        test = holds.test(trial.setting)
    except Exception:  # the trial's own error is told; this only draws a picture
        return kept.Relation(*words, unit, "unknown", None, ())
    tests = dict(test.tests) if isinstance(test, AllOf) else {}
    named = part.name if part is not None and part.name in tests else None
    if named is not None:
        test, unit = tests[named], holds.parts[named].unit if named in holds.parts else ""
    zones = test.true_zone, test.false_zone
    return kept.Relation(*words, unit, test.name, *zones, named)


def _trial(trial: Trial) -> kept.Trial:
    evidence, shown = trial.evidence, headline(trial.evidence)
    goes_on = trial.summary if trial.verdict is Verdict.UNDECIDED else None
    lacks = trial.verdict is Verdict.NOT_APPLICABLE
    return kept.Trial(
        setting=dict(trial.setting),
        verdict=trial.verdict,
        estimate=shown.estimate if shown else None,
        interval=shown.interval if shown else None,
        observations=observations(evidence),
        blocks=trial.blocks,
        confirm=evidence.confirm if evidence else None,
        refute=evidence.refute if evidence else None,
        digest=trial.digest,
        trajectory=list(trial.trail),
        parts=[
            kept.Part(part.name, part.estimate, part.interval, part.confirm, part.refute)
            for part in (evidence.parts if evidence else ())
        ],
        summary=None if goes_on is None else goes_on.tolist(),
        lacks=_one_line(trial.error) if lacks else None,
    )


def _smallest(trial: Trial | None) -> kept.Smallest | None:
    if trial is None or trial.evidence is None:
        return None
    return kept.Smallest(dict(trial.setting), trial.evidence.estimate)


def _error(error: BaseException | None) -> kept.Error | None:
    if error is None:
        return None
    return kept.Error(type_name(error), _one_line(error) or type_name(error), place_of(error))


def _one_line(error: BaseException | None) -> str:
    return " ".join(str(error).split())
