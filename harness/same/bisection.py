"""`bisect`: the first commit that behaves otherwise than a good one, by pairs of training runs."""

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.records.compared_runs import Head, KeptRunsError, RunsError, RunsFile, read_runs
from harness.records.continuation import drop_half_line
from harness.same.comparison import Asked, examined, found_in, head_of
from harness.same.returned import check_alike, numbers, points
from harness.same.seeds import seeds
from harness.same.sides import Side
from harness.same.told import parts_told
from harness.statistics.comparison.first_change import Search
from harness.statistics.comparison.margins import MarginError
from harness.statistics.comparison.sameness import Answer, Rates
from harness.text import counted

OPEN = 3  # commits that are built and imported at one time: the search goes to and fro between two


@dataclass(frozen=True)
class Commit:
    """A commit between good and bad: its id, and what people call it."""

    id: str
    name: str


Opener = Callable[[Commit], contextlib.AbstractContextManager[Side]]


class GoodFailsError(RunsError):
    """The good side cannot run, so that nothing can be compared with it."""


@dataclass
class Bisected:
    """What a search came to: the first commit that CHANGED, or between which it lies.

    `unusable` says of a commit why it cannot be run.
    """

    good: str
    commits: Sequence[Commit]
    asked: Asked
    search: Search
    unusable: dict[int, str] = field(default_factory=dict)

    @property
    def pairs(self) -> int:
        """The pairs of runs of all commits."""
        return sum(one.pairs for one in self.search.looked.values())

    @property
    def answer(self) -> Answer:
        """CHANGED where the first is known, SAME where the bad commit is, else UNDECIDED."""
        same, first = self.search.between
        if first - same > 1:
            return Answer.UNDECIDED
        return Answer.CHANGED if first <= len(self.commits) else Answer.SAME

    def __str__(self) -> str:
        """The answer in sentences."""
        same, first = self.search.between
        spent = (
            f"{counted(self.pairs, 'pair')} of runs at {len(self.search.looked)} of "
            f"{counted(len(self.commits), 'commit')}; wrong with probability "
            f"{self.asked.rates.same:g} at most"
        )
        if self.answer is Answer.SAME:
            return (
                f"SAME: {self._name(len(self.commits))} behaves the same as {self.good}, so that "
                f"there is no change to look for ({spent}); name the statistic that changed, a "
                "smaller margin, or the commit that is bad"
            )
        if self.answer is Answer.CHANGED:
            lines = [f"CHANGED: {self._name(first)} is the first that has changed ({spent})"]
            return "\n".join([*lines, *self._parts(first), *self._parts(same)])
        return "\n".join([self._undecided(same, first, spent), *self._parts(first)])

    def _undecided(self, same: int, first: int, spent: str) -> str:
        left = [self._name(at) for at in range(same + 1, min(first, len(self.commits)) + 1)]
        which = ", ".join(left[:3]) + (f" and {len(left) - 3} more" if len(left) > 3 else "")
        said = f"UNDECIDED: the first change is one of {len(left)} commits: {which} ({spent})"
        if first > len(self.commits):
            said = f"UNDECIDED: no commit has changed for certain; left are {which} ({spent})"
        if self.search.next() is None:
            return (
                f"{said}; those without runs cannot be run: mend --build or give a longer --limit, "
                "and call again, which goes on from the runs that are kept"
            )
        return f"{said}; call again with more --pairs than {self.asked.pairs} to go on"

    def _name(self, at: int) -> str:
        return self.commits[at - 1].name if at else self.good

    def _parts(self, at: int) -> Iterator[str]:
        """A commit's own answer, where it has had pairs."""
        one = self.search.looked.get(at)
        if one and one.found:
            yield f"  {self._name(at)}, in {counted(one.pairs, 'pair')}:"
            yield from (f"    {line}" for line in parts_told(one.found))


def bisected(
    good: Side,
    commits: Sequence[Commit],
    opened: Opener,
    asked: Asked,
    folder: Path,
    say: Callable[[str], None] = lambda said: None,
) -> Bisected:
    """Search the commits, oldest first, for the first that CHANGED against the good side.

    Args:
        good: the side that every commit is compared with.
        commits: behind it, oldest first; the last is the bad one.
        opened: makes a commit's side; RunsError where it cannot.
        asked: margins and rates; of all commits together, `rates.same` is the probability of a
            wrong answer and `pairs` the number of pairs at most.
        folder: where each commit's runs are kept, in a file of its own; the same call goes on.
        say: is told of each commit that cannot be run.

    Raises RunsError where the good side fails, or the runs that are kept are of another question.
    """
    found = Bisected(good.name, commits, asked, Search(len(commits), asked.rates.same))
    guarded = replace(good, run=_guarded(good))
    _check_good(guarded, asked)
    _take_up(found, good, folder)
    with _Sides(opened) as sides:
        while found.pairs < asked.pairs and (at := found.search.next()) is not None:
            commit, one = commits[at - 1], found.search.looked[at]
            try:
                question = _of_commit(asked, commit, one.share, one.pairs + 1)
                side = sides.side(commit)
                compared = examined(guarded, side, question, _file(folder, commit))
                found.search.learn(at, compared.found)
            except (RunsError, MarginError) as error:
                if any(
                    isinstance(e, GoodFailsError | KeptRunsError) for e in (error, error.__cause__)
                ):
                    raise
                found.search.unusable.add(at)
                found.unusable[at] = str(error)
                say(f"{commit.name} is passed over: {error}")
    return found


def _check_good(good: Side, asked: Asked) -> None:
    """Raise where the good side does not run, or returns no statistic that has a margin."""
    pair, (seed, _) = 0, seeds((good, good), asked.salt, 1, paired=True)[0]
    values = numbers(good.run(pair, seed), good.name)
    check_alike(values, values, asked.margins, (good.name, good.name))
    for margin in asked.margins:
        for of, number in points(margin, values[margin.name]).items():
            of.differences([number], [number])


def _guarded(good: Side) -> Callable[[int, int | None], object]:
    def run(pair: int, seed: int | None) -> object:
        try:
            return good.run(pair, seed)
        except Exception as error:
            raise GoodFailsError(f"the good side fails: {error}") from error

    return run


def _of_commit(asked: Asked, commit: Commit, share: float, pairs: int) -> Asked:
    """A commit's own question: its share of the rate, and seeds of its own."""
    salt = f"{asked.salt} {commit.id}"
    return replace(asked, rates=Rates(share, share), pairs=pairs, salt=salt)


def _file(folder: Path, commit: Commit) -> Path:
    return folder / f"{commit.id}.jsonl"


def _take_up(found: Bisected, good: Side, folder: Path) -> None:
    """Go on from the runs that are kept, with the shares that their commits have."""
    for at, commit in enumerate(found.commits, start=1):
        file = _file(folder, commit)
        if not file.exists():
            continue
        drop_half_line(file)
        kept, _ = read_runs(file)
        of_commit = _of_commit(found.asked, commit, kept.same, 1)
        side = Side(kept.after.name, kept.after.digest, good.run)
        head: Head = head_of(good, side, of_commit)
        answer, _ = found_in(head, RunsFile(file).begin(head))
        found.search.take(at, kept.same, answer)
    if found.search.left < -1e-9 * found.asked.rates.same:
        raise KeptRunsError(
            f"the runs in {str(folder)!r} were begun with a larger rate of errors than "
            f"{found.asked.rates.same:g}; give the same --error, or another --folder"
        )


class _Sides:
    """The sides of the commits last used, kept open; the one unused longest is closed first."""

    def __init__(self, opened: Opener) -> None:
        self._opened = opened
        self._open: OrderedDict[str, tuple[Side, contextlib.ExitStack]] = OrderedDict()

    def __enter__(self) -> "_Sides":
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._open.popitem()[1][1].close()

    def side(self, commit: Commit) -> Side:
        if commit.id not in self._open:
            while len(self._open) >= OPEN:
                self._open.popitem(last=False)[1][1].close()
            with contextlib.ExitStack() as stack:
                side = stack.enter_context(self._opened(commit))
                self._open[commit.id] = side, stack.pop_all()
        self._open.move_to_end(commit.id)
        return self._open[commit.id][0]
