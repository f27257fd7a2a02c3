"""The gate's second part: has a training statistic drifted from the baseline's law?

Rank tests on independent runs, exact at any size, with a margin per statistic that stands in the
baseline and can be edited there. Over the whole family the chance of a false drift is at most
RATE a run.
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from harness.records.record import Record
from harness.statistics.comparison.two_sample import DriftTest
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
Samples = tuple[list[float], list[float]]


@dataclass(frozen=True)
class Question:
    """One statistic of one claim: the baseline's values, this run's, and the margin."""

    about: str
    baseline: Sequence[float]
    candidate: Sequence[float]
    margin: float
    record: Record


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


def samples(known: Statistic, record: Record, values: Values) -> Samples:
    """Independent samples of the baseline and of this run; empty where there are none.

    Two runs of one salt share the random stream of each block. Then this run's blocks behind the
    baseline's are compared with it, or else the even blocks of one with the odd blocks of the
    other: streams of different blocks are independent.
    """
    before, after = _ranked(known.values), _ranked(values)
    block = known.block
    if known.salt == record.salt:
        if block != record.block:
            return [], []
        behind = after[-(-len(before) // block) * block :]
        if len(behind) >= len(before) / 2:
            after = behind
        else:
            before, after = _blocks(before, block, 0), _blocks(after, block, 1)
    return before[:MOST], after[:MOST]


def _blocks(values: Sequence[float], block: int, first: int) -> list[float]:
    return [value for i, value in enumerate(values) if (i // block) % 2 == first]


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
    before, after = samples(known, record, values)
    if min(len(before), len(after)) < FEWEST and known.salt != record.salt:
        told.append(Finding(Level.OPEN, about, f"has fewer than {FEWEST} runs to compare"))
        return []
    if min(len(before), len(after)) < FEWEST:
        said = "comes from the baseline's own random streams, so that the runs are not independent"
        advice = "run the claims with another --claims-salt than the baseline's"
        told.append(Finding(Level.OPEN, about, f"{said}; {advice}"))
        return []
    return [Question(about, before, after, known.margin, record)]


def _answers(asked: Sequence[Question]) -> list[Finding]:
    told: list[Finding] = []
    same = unclear = 0
    share = RATE / max(len(asked), 1)
    for one in asked:
        test = DriftTest(one.margin)
        evidence = test.evidence(one.baseline, one.candidate, SAME_RATE, share)
        if evidence.refute >= -math.log(share):
            told.append(_drifted(one, evidence.estimate, evidence.refute))
        elif evidence.confirm >= -math.log(SAME_RATE):
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


def _drifted(one: Question, shift: float, nats: float) -> Finding:
    typical = sorted(one.baseline)[len(one.baseline) // 2]
    said = (
        f"has drifted: {number(shift)} from the baseline's {number(typical)}, beyond the margin of "
        f"{number(one.margin)} ({len(one.candidate)} runs against {len(one.baseline)}, "
        f"chance at most {math.exp(-nats):.1g})"
    )
    again = f"{one.record.rerun}; if it is meant: python -m reports accept"
    return Finding(Level.RED, one.about, said, again, one.record.file, one.record.line)


def _ranked(values: Values) -> list[float]:
    return [DIVERGED if value is None else float(value) for value in values]


def _same(before: Values, after: Values) -> bool:
    common = min(len(before), len(after))
    return common > 0 and list(before[:common]) == [shortened(value) for value in after[:common]]
