"""From an examination to its record: numbers, trails, pictures and the command that repeats it."""

import hashlib
import os
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite, isnan
from pathlib import Path
from typing import Any

from harness.blocks.capabilities import digest_of
from harness.blocks.settings import canonical
from harness.declaration.claim import Claim, Untestable
from harness.declaration.numbers import at, filled
from harness.environment import device_name, versions
from harness.failures import place_of, type_name
from harness.implementation.user_file import KnownFailure
from harness.metrics.mismatches import Mismatch
from harness.records import record as kept
from harness.records.dots import dots_of
from harness.records.plots import pictures_of
from harness.records.record import Record
from harness.records.sizes import sizes_of
from harness.records.statistics import statistics_of
from harness.statistics.evidence import Evidence, Verdict
from harness.statistics.tests.composite import AllOf
from harness.text import Text
from harness.trial.conditions import Conditions
from harness.trial.examination import Examination
from harness.trial.one_setting import Trial
from harness.trial.sweep import Sweep

THERE = Text(
    "numbers that depend on the setting are those of the one that the verdict rests on",
    "随设置而变的数取自判定所依据的设置",
)


def record_of(
    examination: Examination,
    order: int,
    root: Path,
    known: KnownFailure | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Record:
    """The record of an examination; `order` is the claim's place in the chapter."""
    claim, conditions, trials = examination.claim, examination.conditions, examination.trials
    deciding = trials[examination.deciding]
    evidence, plan = deciding.evidence, deciding.plan
    verdict, share, parts = examination.verdict, examination.share, examination.parts
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
        alpha=share.alpha * parts,
        beta=share.beta * parts,
        replicates=sum(observations(trial.evidence) for trial in trials),
        cap=plan.cap if plan else 0,
        detectable=plan.detectable if plan else None,
        settings=_settings(examination),
        deciding=examination.deciding,
        smallest_refuting=_smallest(examination.smallest),
        digest=_digest(examination),
        sweep=_sweep(examination.sweep),
        mismatch=_mismatch(examination.mismatch),
        counterexample=examination.counterexample,
        falls_short=examination.falls_short,
        implementation=dict(conditions.implementation.replaced),
        seconds=round(examination.seconds, 3),
        curves=curves,
        histograms=histograms,
        grids=grids,
        dots=dots_of(deciding),
        sizes=sizes_of(examination.effects),
        sizing=round(examination.effects.seconds, 3),
        rerun=rerun_command(claim, conditions, root),
        error=_error(deciding.error),
        faults=list(claim.faults),
        code=claim.code,
        block=claim.block,
        statistics=statistics_of(trials[0], claim.block),
        known_failure=known.as_dict() if known else None,
        calls=_calls(examination),
        inputs=dict(inputs or {}),
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
        "section": kept.Section(
            section.key, section.title.en, section.title.zh, section.order, section.beyond
        ),
        "order": order,
        "row": sentence.row,
        "sentence": sentence.sentence,
        "salt": conditions.salt,
        "device": conditions.device,
        "device_name": device_name(conditions.device),
        "capability": digest_of(conditions.capability),
        "versions": versions(),
        "profile": conditions.profile.name,
        "file": file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name,
        "line": sentence.line,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def rerun_command(claim: Claim, conditions: Conditions, root: Path) -> str:
    """The command that repeats the trial bit for bit, from the folder where it was given.

    Where the kit's own command runs, which the environment says, it is that one.
    """
    replaced = conditions.implementation.replaced.items()
    kit = os.environ.get("CLAIMS_COMMAND")
    prefix = "--" if kit else "--claims-"
    options = [f"{prefix}profile={conditions.profile.name}", f"{prefix}salt={conditions.salt}"]
    if conditions.devices != ("cpu",):  # all of them, since they share the error rates
        options += [f"{prefix}device={device}" for device in conditions.devices]
    if conditions.capabilities.file:
        options.append(f"{prefix}capabilities={conditions.capabilities.file}")
    if "images" in claim.needs and conditions.images != "slice":
        options.append(f"{prefix}data={conditions.images}")
    if kit:
        objects = [f"{role}={target}" for role, target in replaced]
        words = [*kit.split(), *objects, f"--only={claim.id}", *options]
    else:
        file = Path(claim.file)
        place = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
        objects = [f"--claims-implementation={role}={target}" for role, target in replaced]
        item = f"{place}::{claim.name}[{conditions.device}]"
        words = ["python", "-m", "pytest", item, *options, *objects]
    return shlex.join(words)


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
        test = claim.test(trial.setting)
        numbers = [f"{at(one, trial.setting):.4g}" for one in holds.functions]
    except Exception:  # the trial's own error is told; this only draws a picture
        return kept.Relation(*words, unit, "unknown", None, ())
    tests = dict(test.tests) if isinstance(test, AllOf) else {}
    named = part.name if part is not None and part.name in tests else None
    if named is not None:
        test, unit = tests[named], holds.parts[named].unit if named in holds.parts else ""
    zones = test.true_zone, test.false_zone
    there = None
    if numbers:
        en, zh = (filled(one, holds.functions, numbers) for one in words)
        there = Text(f"{en} ({THERE.en})", f"{zh}（{THERE.zh}）")
    return kept.Relation(*words, unit, test.name, *zones, named, there)


def _settings(examination: Examination) -> list[kept.Trial]:
    """The trials, of which those at settings that the claim does not list were drawn."""
    listed = {canonical(setting) for setting in examination.claim.always}
    return [
        _trial(trial, bool(trial.setting) and canonical(trial.setting) not in listed)
        for trial in examination.trials
    ]


def _trial(trial: Trial, drawn: bool) -> kept.Trial:
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
        drawn=drawn,
        calls=dict(trial.calls),
    )


def _calls(examination: Examination) -> dict[str, int]:
    found = [trial.calls for trial in examination.trials]
    if examination.sweep is not None:
        found.append(examination.sweep.calls)
    roles = examination.conditions.implementation.on_trial(examination.claim.roles)
    return {role: sum(calls.get(role, 0) for calls in found) for role in roles}


def _digest(examination: Examination) -> str:
    digests = [trial.digest for trial in examination.trials]
    if examination.sweep is not None and examination.sweep.failed is None:
        digests.append(examination.sweep.digest)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _sweep(swept: Sweep | None) -> kept.Sweep | None:
    if swept is None:
        return None
    failed = None if swept.failed is None else dict(swept.failed.setting)
    return kept.Sweep(swept.plan.share, swept.clean, swept.plan.needed, failed, swept.skipped)


def _smallest(trial: Trial | None) -> kept.Smallest | None:
    if trial is None or trial.evidence is None:
        return None
    return kept.Smallest(dict(trial.setting), trial.evidence.estimate)


def _mismatch(found: Mismatch | None) -> kept.Mismatch | None:
    if found is None:
        return None
    allowed = found.allowed if isfinite(found.allowed) else None
    return kept.Mismatch(
        _number(found.got), _number(found.right), allowed, list(found.place), list(found.shape),
        found.off, found.fact, found.compared,
    )  # fmt: skip


def _number(value: float) -> kept.Number:
    if isfinite(value):
        return value
    return "NaN" if isnan(value) else "infinity" if value > 0 else "-infinity"


def _error(error: BaseException | None) -> kept.Error | None:
    if error is None:
        return None
    return kept.Error(type_name(error), _one_line(error) or type_name(error), place_of(error))


def _one_line(error: BaseException | None) -> str:
    return " ".join(str(error).split())
