"""What the runs at fresh salts come to: how far they agree, and how often a verdict is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.text import Text
from reports.tables import Table
from studies.calibration.known import largest_rate
from studies.calibration.suite_runs import SuiteRun, read_runs
from studies.calibration.truths import KINDS, Cause, causes
from studies.tables import made

UNSURE = 0.05  # of a bound


def sums(
    runs: Sequence[SuiteRun], known: Mapping[tuple[str, str], Cause] | None = None
) -> dict[str, int]:
    """The counts of all runs, and of verdicts whose truth is known.

    A planted fault that left its sentence true, by causes.tsv, is not counted among the false ones.
    """
    told = causes() if known is None else known
    names = ("decided", "unlike", "undecided", "errors", "known", "known_wrong", "planted")
    found = {name: sum(getattr(run, name) for run in runs) for name in (*names, "planted_wrong")}
    harmless = sum(_kind(told, one) == "fault" for one in disagreements(runs))
    for name in ("planted", "planted_wrong"):
        found[name] -= harmless
    return {**found, "harmless": harmless, "runs": len(runs)}


def disagreements(runs: Sequence[SuiteRun]) -> list[tuple[str, str, str]]:
    """Salt, claim and verdict of what was not as expected, what was not decided left out."""
    named = [
        (run.salt, *remark.rpartition("=")[::2]) for run in runs for remark in run.remarks.split()
    ]
    return [one for one in named if one[2] != "UNDECIDED"]


def unexplained(
    runs: Sequence[SuiteRun], known: Mapping[tuple[str, str], Cause] | None = None
) -> list[str]:
    """The disagreements that causes.tsv does not speak of, as 'salt claim=VERDICT'.

    Remarks name some of a run; what is left is 'salt and N more'.
    """
    told = causes() if known is None else known
    named = disagreements(runs)
    found = [
        f"{salt} {claim}={verdict}" for salt, claim, verdict in named if (salt, claim) not in told
    ]
    for run in runs:
        left = run.unlike + run.errors + run.planted_wrong
        left -= sum(salt == run.salt for salt, *_ in named)
        if left > 0:
            found.append(f"{run.salt} and {left} more")
    return found


def table(
    runs: Sequence[SuiteRun] | None = None,
    known: Mapping[tuple[str, str], Cause] | None = None,
) -> Table:
    """The counts and bounds, by default of the runs that are kept: a row a cause of disagreement.

    It holds where every disagreement is explained, and no verdict contradicts a known truth.
    """
    runs = read_runs() if runs is None else runs
    told = causes() if known is None else known
    counted = sums(runs, told)
    values: dict[str, Any] = {
        **counted,
        "texts": runs[0].texts if runs else "–",
        "commits": ", ".join(dict.fromkeys(run.commit for run in runs)) or "–",
        "named": ", ".join(unexplained(runs, told)) or None,
        **bounds(counted),
    }
    rows: list[tuple[Text | str | int, ...]] = []
    for kind, said in KINDS.items():
        where = [one for one in disagreements(runs) if _kind(told, one) == kind]
        for found in dict.fromkeys(told[salt, claim].found for salt, claim, _ in where):
            here = [one for one in where if told[one[:2]].found == found]
            places = ", ".join(f"{claim} ({salt.rpartition('-')[2]})" for salt, claim, _ in here)
            rows.append((said, len(here), places, found))
    wrong = counted["known_wrong"] + counted["planted_wrong"]
    return made("suite", rows, values, holds=not unexplained(runs, told) and not wrong)


def bounds(counted: Mapping[str, int]) -> dict[str, float]:
    """The rates above which are excluded at 95 % (Clopper and Pearson 1934, one side)."""
    return {
        f"{name}_bound": largest_rate(counted[wrong], counted[name], UNSURE)
        for name, wrong in (
            ("decided", "unlike"), ("known", "known_wrong"), ("planted", "planted_wrong"),
        )
    }  # fmt: skip


def _kind(told: Mapping[tuple[str, str], Cause], one: tuple[str, str, str]) -> str:
    cause = told.get(one[:2])
    return cause.kind if cause else ""
