"""From an examination to its record: numbers, trails, curves and the command that repeats it."""

from __future__ import annotations

import hashlib
import math
import os
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.blocks.failures import place_of, type_name
from harness.declaration.book import Section
from harness.declaration.claim import Claim, Untestable
from harness.environment import device_name, versions
from harness.records.plots import pictures_of
from harness.records.record import Record, plain_json
from harness.records.statistics import statistics_of
from harness.statistics.evidence import Evidence, Verdict
from harness.statistics.tests.composite import AllOf
from harness.trial.conditions import Conditions
from harness.trial.examination import Examination
from harness.trial.one_setting import Trial

NOT_TESTABLE = "NOT TESTABLE"


def record_of(examination: Examination, order: int, root: Path, images: str) -> Record:
    """The record of an examination; `order` is the claim's place in the chapter."""
    claim, conditions = examination.claim, examination.conditions
    deciding = examination.trials[examination.deciding]
    evidence, plan = deciding.evidence, deciding.plan
    verdict, share, settings = examination.verdict, examination.share, examination.settings
    shown = headline(evidence)
    curves, histograms, grids = pictures_of(deciding)
    return Record(
        claim=claim.id,
        name=claim.name,
        topic=claim.topic,
        section=_section(claim.section),
        order=order,
        row=claim.row,
        sentence=asdict(claim.sentence),
        source=claim.source,
        formula=claim.formula,
        why=asdict(claim.why) if claim.why else None,
        condition=asdict(claim.condition) if claim.condition else None,
        twin=claim.twin,
        expected=claim.expected.value,
        verdict=verdict.value,
        # What an implementation lacks is no surprise; that it is no pass either is its own verdict.
        as_expected=verdict in (claim.expected, Verdict.NOT_APPLICABLE),
        relation=_relation(claim, deciding),
        estimate=shown.estimate if shown else None,
        interval=shown.interval if shown else None,
        confirm=_reached(evidence.confirm if evidence else 0.0, share.needed[0]),
        refute=_reached(evidence.refute if evidence else 0.0, share.needed[1]),
        alpha=share.alpha * settings,
        beta=share.beta * settings,
        replicates=sum(observations(trial.evidence) for trial in examination.trials),
        cap=plan.cap if plan else 0,
        detectable=plan.detectable if plan else None,
        settings=tuple(_setting(trial) for trial in examination.trials),
        deciding=examination.deciding,
        smallest_refuting=_smallest(examination),
        salt=conditions.salt,
        digest=_digest(examination.trials),
        implementation=dict(conditions.implementation.replaced),
        device=conditions.device,
        device_name=device_name(conditions.device),
        versions=versions(),
        profile=conditions.profile.name,
        seconds=round(examination.seconds, 3),
        curves=curves,
        histograms=histograms,
        grids=grids,
        rerun=rerun_command(claim, conditions, root, images),
        error=_error(deciding),
        mutants=claim.faults,
        code=claim.code,
        file=_place(Path(claim.file), root),
        line=claim.line,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        block=claim.block,
        statistics=statistics_of(examination.trials[0], claim.block),
    )


def untestable_record(
    sentence: Untestable, order: int, root: Path, profile: str, salt: str
) -> Record:
    """The record of a sentence that no experiment can settle: the reason stands where why does."""
    return Record(
        claim=sentence.id,
        name=sentence.id,
        topic=sentence.topic,
        section=_section(sentence.section),
        order=order,
        row=sentence.row,
        sentence=asdict(sentence.sentence),
        source=f"{sentence.source}; see {sentence.citation}",
        formula=None,
        why=asdict(sentence.reason),
        condition=None,
        twin=None,
        expected=NOT_TESTABLE,
        verdict=NOT_TESTABLE,
        as_expected=True,
        relation={
            "en": "",
            "zh": "",
            "unit": "",
            "kind": "none",
            "true_zone": None,
            "false_zones": [],
        },
        estimate=None,
        interval=None,
        confirm={"reached": 0.0, "needed": 0.0},
        refute={"reached": 0.0, "needed": 0.0},
        alpha=0.0,
        beta=0.0,
        replicates=0,
        cap=0,
        detectable=None,
        settings=(),
        deciding=None,
        smallest_refuting=None,
        salt=salt,
        digest="",
        implementation={},
        device="cpu",
        device_name=device_name("cpu"),
        versions=versions(),
        profile=profile,
        seconds=0.0,
        curves=(),
        histograms=(),
        rerun="",
        error=None,
        mutants=(),
        code="",
        file=_place(Path(sentence.file), root),
        line=sentence.line,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _section(section: Section) -> Mapping[str, Any]:
    return {"key": section.key, **asdict(section.title), "order": section.order}


def _place(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name


def rerun_command(claim: Claim, conditions: Conditions, root: Path, images: str) -> str:
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
    if "images" in claim.needs and images not in ("", "slice"):
        words.append(f"--claims-data={images}")
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


def _relation(claim: Claim, trial: Trial) -> Mapping[str, Any]:
    holds = claim.holds
    shown: dict[str, Any] = {**asdict(holds.words), "unit": holds.unit}
    try:
        test = holds.test(trial.setting)
    except Exception:  # the trial's own error is told; this only draws a picture
        return {**shown, "kind": "unknown", "true_zone": None, "false_zones": []}
    part = headline(trial.evidence)
    tests = dict(test.tests) if isinstance(test, AllOf) else {}
    if part is not None and part.name in tests:
        test = tests[part.name]
        shown["part"] = part.name
        shown["unit"] = holds.parts[part.name].unit if part.name in holds.parts else ""
    return {
        **shown,
        "kind": test.name,
        "true_zone": plain_json(test.true_zone),
        "false_zones": plain_json(test.false_zone),
    }


def _reached(nats: float, needed: float) -> Mapping[str, float | None]:
    # null stands for an exact decision: infinite evidence.
    return {"reached": nats if math.isfinite(nats) else None, "needed": needed}


def _setting(trial: Trial) -> Mapping[str, Any]:
    evidence = trial.evidence
    shown_part = headline(evidence)
    shown: dict[str, Any] = {
        "setting": dict(trial.setting),
        "verdict": trial.verdict.value,
        "estimate": shown_part.estimate if shown_part else None,
        "interval": shown_part.interval if shown_part else None,
        "observations": observations(evidence),
        "blocks": trial.blocks,
        "confirm": evidence.confirm if evidence else None,
        "refute": evidence.refute if evidence else None,
        "digest": trial.digest,
        "trajectory": [list(point) for point in trial.trail],
        "parts": [_part(part) for part in evidence.parts] if evidence else [],
    }
    if trial.verdict is Verdict.UNDECIDED and trial.summary is not None:
        shown["summary"] = [float(value) for value in trial.summary]
    if trial.verdict is Verdict.NOT_APPLICABLE:
        shown["lacks"] = " ".join(str(trial.error).split())
    return shown


def _part(part: Evidence) -> Mapping[str, Any]:
    return {
        "name": part.name,
        "estimate": part.estimate,
        "interval": part.interval,
        "confirm": part.confirm,
        "refute": part.refute,
    }


def _smallest(examination: Examination) -> Mapping[str, Any] | None:
    trial = examination.smallest
    if trial is None or trial.evidence is None:
        return None
    return {"setting": dict(trial.setting), "estimate": trial.evidence.estimate}


def _digest(trials: tuple[Trial, ...]) -> str:
    return hashlib.sha256("".join(trial.digest for trial in trials).encode()).hexdigest()


def _error(trial: Trial) -> Mapping[str, str] | None:
    error = trial.error
    if error is None:
        return None
    return {
        "type": type_name(error),
        "message": " ".join(str(error).split()) or type_name(error),
        "where": place_of(error),
    }
