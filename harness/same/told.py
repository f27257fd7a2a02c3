"""A comparison in sentences: one for the whole, one for each statistic, one for what comes next."""

import enum
import math
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from harness.statistics.comparison.margins import Margin
from harness.statistics.comparison.sameness import Answer, Found, Part
from harness.text import counted

WAYS = {1: "above", -1: "below", 0: "apart from"}
MOST = 12  # lines of statistics
FIRST = (Answer.CHANGED, Answer.UNDECIDED, Answer.SAME)  # where there are more


class Rest(enum.Enum):
    """How an undecided comparison goes on; the value is a sentence of its number of pairs."""

    FILE = "call again for {pairs} pairs with the same file"
    NO_FILE = "call again for {pairs} pairs, and name a file to go on from what has run"
    STORED = "the stored runs are used up: record {pairs} for a new comparison"


def sentence(found: Found, before: str, after: str, rest: Rest) -> str:
    """The answer, then each statistic's, then how many more pairs would decide."""
    said = {
        Answer.SAME: "behaves the same",
        Answer.CHANGED: "has changed",
        Answer.UNDECIDED: "is undecided",
    }[found.answer]
    pairs = counted(found.pairs, "pair")
    lines = [f"{found.answer}: {after} {said}, against {before}, in {pairs} of runs"]
    lines += [f"  {line}" for line in parts_told(found)]
    if found.answer is Answer.UNDECIDED:
        lines.append(f"  {what_next(found, rest)}")
    return "\n".join(lines)


def parts_told(found: Found) -> Iterator[str]:
    """A line for each statistic; of a curve for its points that decide."""
    lines: list[tuple[Answer, str]] = []
    for _, group in groupby(found.parts, lambda part: part.margin.name):
        points = list(group)
        shown = points if len(points) <= 3 else _telling(points)
        end = f" (of {len(points)} points)" if len(shown) < len(points) else ""
        lines += [(part.answer, part_told(part) + end) for part in shown]
    if len(lines) > MOST:
        lines.sort(key=lambda line: FIRST.index(line[0]))
    yield from (line for _, line in lines[:MOST])
    if left := Counter(answer for answer, _ in lines[MOST:]):
        yield "and " + ", ".join(f"{number} more {answer}" for answer, number in left.items())


def _telling(points: list[Part]) -> list[Part]:
    """Of a curve's points the one that changed most surely, else the one that agrees least."""
    changed = [part for part in points if part.answer is Answer.CHANGED]
    return [max(changed, key=lambda p: p.changed) if changed else min(points, key=lambda p: p.same)]


def part_told(part: Part) -> str:
    """One statistic: its answer, median difference and interval, and runs that diverged."""
    of = part.margin
    low, high = (_shown(of, end) for end in part.interval)
    middle = "–" if part.estimate is None else _shown(of, part.estimate)
    said = f"{of.of}: {part.answer}, median {middle} [{low}, {high}] within ±{_size(of)}"
    if part.answer is Answer.CHANGED and part.way:
        said += f": {WAYS[part.way]} in {counted(max(part.signs.above, part.signs.below), 'pair')}"
    if part.signs.apart:
        said += f"; one side alone diverged in {counted(part.signs.apart, 'pair')}"
    if part.signs.lost:
        said += f"; both sides diverged in {counted(part.signs.lost, 'pair')}, which decide nothing"
    return said


def what_next(found: Found, rest: Rest) -> str:
    """How many more pairs would decide, or that no number promises to."""
    more = found.forecast
    if more is None:
        return (
            "the pairs lie on both sides of a margin's edge; widen the margin for a new "
            "comparison, or give it many more pairs"
        )
    goes_on = rest.value.format(pairs=found.pairs + more)
    return f"about {counted(more, 'more pair')} would decide at this rate; {goes_on}"


def _shown(margin: Margin, difference: float) -> str:
    if math.isinf(difference):
        return "−∞" if difference < 0 else "∞"
    value = margin.shown(difference)
    text = f"{100 * value:+.3g} %" if margin.unit == "%" else f"{value:+.3g}"
    return text.replace("-", "−")


def _size(margin: Margin) -> str:
    return f"{100 * margin.size:g} %" if margin.unit == "%" else f"{margin.size:g}"
