"""The gate's second part: has a training statistic drifted from the baseline's law?

Runs of one salt share their random streams: they are pairs, compared as `same` compares them.
Runs of other salts are independent: rank tests, exact at any size. The margin of each statistic
stands in the baseline and can be edited there. Over the whole family the chance of a false drift
is at most RATE a run.
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from harness.records.record import Record
from harness.statistics.comparison.margins import Margin
from harness.statistics.comparison.sameness import Answer, Rates, compared
from harness.statistics.comparison.two_sample import DriftTest
from harness.text import counted
from reports.gate.baseline import Baseline, Statistic, shortened
from reports.gate.finding import Finding, Level
from reports.keys import key_of
from reports.numbers import number

RATE = 1e-3  # of a run without any change: the chance that anything is called drifted
SAME_RATE = 1e-2  # of a statistic that has drifted by its margin: the chance that it is called same
MOST = 128  # values of a sample; more cost time and tell little
DIVERGED = sys.float_info.max / 4  # what is not finite counts as the largest, and keeps its rank
FEWEST = 4

Values = Sequence[float | None]


@dataclass(frozen=True)
class Question:
    """One statistic of one claim: the baseline's values and this run's, in pairs or independent."""

    about: str
    baseline: Values
    candidate: Values
    margin: float
    record: Record
    paired: bool


def judge(records: Sequence[Record], baseline: Baseline) -> list[Finding]:
    """A finding per statistic that drifted, then the others counted."""
    asked: list[Question] = []
    told: list[Finding] = []
    new = identical = gone = 0
    for record in records:
        before = baseline.statistics.get(key_of(record), {})
        gone += sum(name not in record.statistics for name in before)
        for name, values in record.statistics.items():
            about = f"{key_of(record)}: {name}"
            known = before.get(name)
            if known is None:
                new += 1
            elif _same(known.values, values):
                identical += 1
            else:
                asked += _question(record, about, known, values, told)
    told += _answers(asked)
    if identical:
        told.append(
            Finding(
                Level.OK, "statistics", f"{identical} statistics are the baseline's bit for bit"
            )
        )
    if new:
        told.append(Finding(Level.NEW, "statistics", f"{new} statistics have no baseline"))
    if gone:
        said = (
            f"{gone} statistics of the baseline were not left behind by this run, as by a trial "
            "that was continued"
        )
        told.append(Finding(Level.OPEN, "statistics", said))
    return told


def _question(
    record: Record,
    about: str,
    known: Statistic,
    values: Values,
    told: list[Finding],
) -> list[Question]:
    setting = record.settings[0].setting if record.settings else {}
    if known.setting != setting:
        said = "was accepted at another setting and cannot be compared; accept it anew"
        told.append(Finding(Level.OPEN, about, said))
        return []
    paired = known.salt == record.salt
    if paired and known.block != record.block:
        said = "comes from the baseline's random streams in blocks of another size"
        advice = "run the claims with another --claims-salt than the baseline's"
        told.append(Finding(Level.OPEN, about, f"{said}; {advice}"))
        return []
    before, after = known.values[:MOST], [shortened(value) for value in values[:MOST]]
    fewest = 1 if paired else FEWEST
    if min(len(before), len(after)) < fewest:
        told.append(
            Finding(Level.OPEN, about, f"has fewer than {counted(fewest, 'run')} to compare")
        )
        return []
    return [Question(about, before, after, known.margin, record, paired)]


def _answers(asked: Sequence[Question]) -> list[Finding]:
    told: list[Finding] = []
    same = unclear = 0
    share = RATE / max(len(asked), 1)
    for one in asked:
        found = _paired(one, share) if one.paired else _independent(one, share)
        if found.answer is Answer.CHANGED:
            told.append(_drifted(one, found.shift, share))
        elif found.answer is Answer.SAME:
            same += 1
        else:
            unclear += 1
    if same:
        told.append(
            Finding(
                Level.OK, "statistics", f"{same} statistics lie within the margin of the baseline"
            )
        )
    if unclear:
        said = f"{unclear} statistics show no drift, in too few runs to exclude one by the margin"
        told.append(Finding(Level.OPEN, "statistics", said))
    return told


@dataclass(frozen=True)
class Shift:
    """The answer on one statistic, and by how much it moved; infinite where runs diverged."""

    answer: Answer
    shift: float


def _paired(one: Question, share: float) -> Shift:
    """The median of the difference within a pair."""
    sides = zip(*zip(one.baseline, one.candidate, strict=False), strict=True)
    before, after = ([math.nan if value is None else value for value in side] for side in sides)
    found = compared({Margin(one.about, one.margin): (before, after)}, Rates(SAME_RATE, share))
    shift = found.parts[0].estimate
    return Shift(found.answer, math.inf if shift is None else shift)


def _independent(one: Question, share: float) -> Shift:
    before, after = _ranked(one.baseline), _ranked(one.candidate)
    evidence = DriftTest(one.margin).evidence(before, after, SAME_RATE, share)
    answer = Answer.UNDECIDED
    if evidence.refute >= -math.log(share):
        answer = Answer.CHANGED
    elif evidence.confirm >= -math.log(SAME_RATE):
        answer = Answer.SAME
    return Shift(answer, evidence.estimate)


def _drifted(one: Question, shift: float, share: float) -> Finding:
    typical = sorted(_ranked(one.baseline))[len(one.baseline) // 2]
    runs = f"{counted(len(one.candidate), 'run')} against {len(one.baseline)}"
    if one.paired:
        runs = f"{counted(min(len(one.candidate), len(one.baseline)), 'pair')} of runs"
    said = (
        f"has drifted: {number(shift)} from the baseline's {number(typical)}, beyond the margin of "
        f"{number(one.margin)} ({runs}, chance at most {share:.1g})"
    )
    again = f"{one.record.rerun}; if it is meant: python -m reports accept"
    return Finding(Level.RED, one.about, said, again, one.record.file, one.record.line)


def _ranked(values: Values) -> list[float]:
    return [DIVERGED if value is None else float(value) for value in values]


def _same(before: Values, after: Values) -> bool:
    common = min(len(before), len(after))
    return common > 0 and list(before[:common]) == [shortened(value) for value in after[:common]]
