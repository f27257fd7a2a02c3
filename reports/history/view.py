"""What the page shows of the history: runs, and per claim verdicts, effects, time and steps."""

import itertools
import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.records.record import Series
from harness.statistics.comparison.steps import change_points
from harness.text import Text, counted
from reports.history.store import Past, Point
from reports.numbers import number, seconds
from reports.svg.element import Picture
from reports.svg.lines import line_plot
from reports.tally import MARKS
from reports.words import words

MOST_DRAWN = 40  # pictures; the steps come first
EFFECT, TIME = Text("effect", "效应"), Text("time", "用时")
LAST = 12  # verdicts of the latest runs that a row shows


@dataclass(frozen=True)
class Step:
    """Where a series changed, from which level to which, as words."""

    run: int
    what: Text


@dataclass(frozen=True)
class Trend:
    """One row of the section: a claim or a benchmark over the runs."""

    id: str
    name: Text
    marks: str
    latest: str
    steps: Sequence[Step]
    picture: Picture | None = None


@dataclass(frozen=True)
class History:
    """The section: how many runs from when to when, its claims and its benchmarks."""

    runs: int
    first: str
    last: str
    claims: Sequence[Trend]
    timings: Sequence[Trend]

    def headline(self) -> Text:
        """How many runs there are, and how many series changed."""
        changed = sum(bool(trend.steps) for trend in [*self.claims, *self.timings])
        return Text(
            f"{counted(self.runs, 'run')} from {self.first} to {self.last}; {changed} of "
            f"{len(self.claims) + len(self.timings)} series changed and stayed so.",
            f"共 {self.runs} 次运行，从 {self.first} 到 {self.last}；"
            f"{len(self.claims) + len(self.timings)} 条序列中有 {changed} 条发生了持续的变化。",
        )


def history_of(past: Past) -> History:
    """The section's rows: what changed first, then in the order of their names."""
    claims = [_claim(key, past) for key in sorted(past.claims)]
    timings = [_timing(key, past) for key in sorted(past.timings)]
    dates = [run.started[:10] for run in past.runs] or ["–"]
    return History(len(past.runs), dates[0], dates[-1], _ordered(claims), _ordered(timings))


def _claim(key: str, past: Past) -> Trend:
    points = past.claims[key]
    name = past.sentences[key]
    effects = [(point.run, point.estimate) for point in points if point.estimate is not None]
    times = [(p.run, math.log(p.seconds)) for p in points if p.seconds and p.seconds > 0]
    steps = [
        *_turns(points),
        *_steps(f"{key} effect", effects, EFFECT, number),
        *_steps(f"{key} time", times, TIME, lambda log: seconds(math.exp(log))),
    ]
    return Trend(
        id=key.partition(" [")[0],
        name=name,
        marks="".join(MARKS.get(point.verdict, "·") for point in points[-LAST:]),
        latest=number(points[-1].estimate),
        steps=steps,
        picture=_drawn(name, effects, EFFECT) if len(effects) > 1 else None,
    )


def _timing(key: tuple[str, str], past: Past) -> Trend:
    machine, full = key
    series = past.timings[key]
    short = full.partition("::")[2].removeprefix("test_") or full
    title = Text(f"{short}, over its yardsticks", f"{short}，相对于标尺")
    ratios = [(run, math.exp(log)) for run, log in series]
    return Trend(
        id="",
        name=Text(f"{short} ({machine})", f"{short}（{machine}）"),
        marks="",
        latest=number(ratios[-1][1]),
        steps=_steps(f"{machine} {full}", series, TIME, lambda x: number(math.exp(x), 3)),
        picture=_drawn(title, ratios, Text("ratio", "比值")) if len(ratios) > 1 else None,
    )


def _turns(points: Sequence[Point]) -> list[Step]:
    """Every run whose verdict is not that of the run before."""
    return [
        Step(now.run, _from_to(*(_named(point.verdict) for point in (was, now))))
        for was, now in itertools.pairwise(points)
        if was.verdict != now.verdict
    ]


def _named(verdict: str) -> Text:
    """The verdict's word; what an older history calls otherwise stays as it is."""
    return words(verdict) if verdict in MARKS else Text(verdict, verdict)


def _from_to(was: Text, now: Text) -> Text:
    return Text(f"{was.en} → {now.en}", f"{was.zh} → {now.zh}")


def _steps(
    name: str,
    series: Sequence[tuple[int, float]],
    what: Text,
    shown: Callable[[float], str],
) -> list[Step]:
    """The steps that last, each from the level before it to the level after it."""
    runs = [run for run, _ in series]
    values = np.array([value for _, value in series], dtype=np.float64)
    # The name is the seed: the same history gives the same page.
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    found = change_points(values, generator)
    edges = [0, *found, len(values)]
    steps: list[Step] = []
    for before, at, end in zip(edges, found, edges[2:], strict=False):
        levels = (float(np.median(part)) for part in (values[before:at], values[at:end]))
        was, now = map(shown, levels)
        steps.append(Step(runs[at], Text(f"{what.en} {was} → {now}", f"{what.zh} {was} → {now}")))
    return steps


def _drawn(title: Text, series: Sequence[tuple[int, float]], what: Text) -> Picture:
    return line_plot(
        title,
        [float(run) for run, _ in series],
        [Series(what, [value for _, value in series], None, None)],
        x_label=Text("run", "运行"),
        y_label=what,
    )


def _ordered(trends: Sequence[Trend]) -> list[Trend]:
    """Those with steps first; beyond the first pictures only the numbers stay."""
    ranked = sorted(trends, key=lambda trend: not trend.steps)
    return [
        trend
        if place < MOST_DRAWN
        else Trend(trend.id, trend.name, trend.marks, trend.latest, trend.steps)
        for place, trend in enumerate(ranked)
    ]
