"""`same`: do two training runs behave the same? Runs in pairs, until their signs decide."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from harness.records.compared_runs import (
    FORMAT,
    PLACES,
    Head,
    KeptSide,
    Place,
    Run,
    RunsError,
    RunsFile,
    Value,
)
from harness.same.returned import check_alike, numbers, points
from harness.same.seeds import seeds
from harness.same.sides import Given, Side, side_of
from harness.same.told import Rest, sentence
from harness.statistics.comparison.margins import Margin, MarginError, margins, margins_in
from harness.statistics.comparison.sameness import Answer, Found, Rates, compared, fewest

PAIRS = 64

Values = Mapping[str, Value]


@dataclass(frozen=True)
class Asked:
    """What is asked of two sides."""

    margins: tuple[Margin, ...]
    rates: Rates
    pairs: int = PAIRS
    salt: str = ""
    paired: bool = True


@dataclass(frozen=True)
class Comparison:
    """What two sides came to: the answer, each statistic's, and all runs, pair by pair.

    `unseen` says in words of which code kept runs may be, where that cannot be known, and `rest`
    how one goes on.
    """

    head: Head
    found: Found
    runs: tuple[tuple[Values, Values], ...]
    unseen: tuple[str, ...] = ()
    rest: Rest = Rest.NO_FILE

    @property
    def answer(self) -> Answer:
        """SAME, CHANGED or UNDECIDED."""
        return self.found.answer

    def __str__(self) -> str:
        """The answer in sentences."""
        said = sentence(self.found, self.head.before.name, self.head.after.name, self.rest)
        lines = [f"  kept runs may be of other code: {one}" for one in self.unseen]
        return "\n".join([said, *lines])


def same(
    before: Given,
    after: Given,
    within: Mapping[str, str | float],
    *,
    pairs: int = PAIRS,
    error: float = 1e-3,
    salt: str = "",
    paired: bool = True,
    file: str | PathLike[str] | None = None,
) -> Comparison:
    """Compare two training functions, or one with stored runs, until it is decided.

    Args:
        before: a function of a seed, an integer below 2^31, or of a stream, where its first
            argument is called so; it returns a mapping of numbers and curves. Or a file of stored
            runs, FILE, FILE:before or FILE:after.
        after: the same. Both sides of a pair are given the same seed.
        within: how far the median of a statistic may move: "5%" (a ratio), "1 point" (of a share)
            or a number (a difference), by statistic, or by a point of a curve, "loss[-1]". The
            name of a curve alone means each of its points.
        pairs: where an undecided comparison stops; with `file`, a larger one goes on from there.
        error: the probability of a wrong SAME, and that of a wrong CHANGED.
        salt: another salt gives other seeds.
        paired: False gives the sides independent seeds.
        file: where runs are kept, a line of JSON each; the same call goes on from them.

    Raises ValueError with one sentence for what cannot be compared; runs are kept.
    """
    asked = Asked(margins(within), Rates(error, error), pairs, salt, paired)
    return examined(side_of(before), side_of(after), asked, None if file is None else Path(file))


def head_of(before: Side, after: Side, asked: Asked) -> Head:
    """What is compared, as the head of the file of its runs says it."""
    return Head(
        format=FORMAT,
        before=KeptSide(before.name, before.digest),
        after=KeptSide(after.name, after.digest),
        within=tuple(margin.text for margin in asked.margins),
        same=asked.rates.same,
        changed=asked.rates.changed,
        salt=asked.salt,
        paired=asked.paired,
    )


def examined(before: Side, after: Side, asked: Asked, file: Path | None = None) -> Comparison:
    """Run both sides in pairs until they are decided, or `asked.pairs` are through."""
    if asked.pairs < 1:
        raise RunsError(f"pairs={asked.pairs!r}: a comparison takes at least one pair, usually 64")
    sides, head = {"before": before, "after": after}, head_of(before, after, asked)
    kept = RunsFile(file)
    known = {(run.pair, run.side): run.values for run in kept.begin(head)}
    unseen = [f"{side.name}: {side.unseen}" for side in (before, after) if known and side.unseen]
    runs: list[tuple[Values, Values]] = []
    pairs: dict[Margin, tuple[list[float], list[float]]] = {}
    least = min(fewest(asked.rates, len(asked.margins)))
    planned = seeds((before, after), asked.salt, asked.pairs, paired=asked.paired)
    for pair, given in enumerate(planned):
        for place, seed in zip(PLACES, given, strict=True):
            if (pair, place) not in known:
                with _told_where(file):
                    run = _run(sides[place], place, pair, seed)
                kept.append(run)
                known[pair, place] = run.values
        runs.append((known[pair, "before"], known[pair, "after"]))
        with _told_where(file):
            _add(pairs, *runs[-1], runs[0][0], asked.margins, (before.name, after.name))
        if len(runs) >= least or len(runs) == len(planned):
            found = compared(pairs, asked.rates)
            if found.answer is not Answer.UNDECIDED:
                break
    rest = Rest.NO_FILE if file is None else Rest.FILE
    if len(planned) < asked.pairs:
        rest = Rest.STORED
    return Comparison(head, found, tuple(runs), tuple(dict.fromkeys(unseen)), rest)


def found_in(head: Head, runs: Sequence[Run]) -> tuple[Found | None, list[tuple[Values, Values]]]:
    """What kept runs come to, and their whole pairs; no answer where there is none."""
    known = {(run.pair, run.side): run.values for run in runs}
    whole = [pair for pair, side in known if side == "before" and (pair, "after") in known]
    both: list[tuple[Values, Values]] = [
        (known[pair, "before"], known[pair, "after"]) for pair in sorted(whole)
    ]
    asked, names = margins_in(head.within), (head.before.name, head.after.name)
    pairs: dict[Margin, tuple[list[float], list[float]]] = {}
    for one, other in both:
        _add(pairs, one, other, both[0][0], asked, names)
    return (compared(pairs, Rates(head.same, head.changed)) if both else None), both


@contextlib.contextmanager
def _told_where(file: Path | None) -> Iterator[None]:
    """Errors say where the runs are kept."""
    try:
        yield
    except (RunsError, MarginError) as error:
        if file is None:
            raise
        raise RunsError(f"{error}; runs are kept in {str(file)!r}") from error


def _run(side: Side, place: Place, pair: int, seed: int | None) -> Run:
    """One run. Raises RunsError for one that fails, or returns what is no number."""
    begun = time.perf_counter()
    where = f"{place} ({side.name}), pair {pair}, seed {seed}"
    try:
        returned = side.run(pair, seed)
    except RunsError:
        raise
    except Exception as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise RunsError(
            f"{where}, raised {told}; mend it, or return NaN for a run that diverges"
        ) from error
    return Run(place, pair, seed, numbers(returned, where), round(time.perf_counter() - begun, 3))


def _add(
    pairs: dict[Margin, tuple[list[float], list[float]]],
    one: Values,
    other: Values,
    first: Values,
    asked: Sequence[Margin],
    names: tuple[str, str],
) -> None:
    """Add a pair's numbers to those before. Raises RunsError, or MarginError."""
    check_alike(one, other, asked, names)
    check_alike(first, one, asked, (names[0], names[0]))
    for margin in asked:
        before, after = (points(margin, values[margin.name]) for values in (one, other))
        for of, number in before.items():
            of.differences([number], [after[of]])
            columns = pairs.setdefault(of, ([], []))
            columns[0].append(number)
            columns[1].append(after[of])
