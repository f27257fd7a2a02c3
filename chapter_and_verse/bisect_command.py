"""`bisect`: which commit changed how training behaves?"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from chapter_and_verse.same_command import add_function, add_question, how_of
from harness.implementation.source import short
from harness.records.compared_runs import RunsError
from harness.same.bisection import Bisected, Commit, bisected
from harness.same.comparison import Asked, head_of
from harness.same.places import opened
from harness.same.sides import Side
from harness.same.work_tree import commit_of, git
from harness.statistics.comparison.margins import margins_in
from harness.statistics.comparison.sameness import Answer, Rates
from reports.commands import Command
from reports.statuses import BISECT, GREEN, UNDECIDED, UNUSABLE, told

PAIRS = 256
STATUSES = {Answer.CHANGED: GREEN, Answer.SAME: UNUSABLE, Answer.UNDECIDED: UNDECIDED}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Between which commits, and what is asked."""
    parser.add_argument("good", metavar="GOOD", help="a revision that behaves as it should")
    parser.add_argument("bad", metavar="BAD", nargs="?", default="HEAD", help="a later one")
    add_function(parser)
    add_question(parser)
    parser.add_argument(
        "--pairs", type=int, default=PAIRS, metavar="N", help="of all commits, at most"
    )
    parser.add_argument("--independent", action="store_true", help="the sides have other seeds")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="where runs are kept")


def run(options: argparse.Namespace) -> int:
    """Search, print the answer, and return its status."""
    try:
        found = search(options, Path.cwd())
    except ValueError as error:
        print(f"bisect: {error}", file=sys.stderr)
        return UNUSABLE
    print(found)
    return STATUSES[found.answer]


def search(options: argparse.Namespace, here: Path) -> Bisected:
    """The search between two revisions. Raises ValueError."""
    if options.pairs < 1:
        raise RunsError(f"--pairs {options.pairs}: a search takes at least one, usually {PAIRS}")
    asked = Asked(
        margins_in(options.within), Rates(options.error, options.error), options.pairs,
        options.salt, not options.independent,
    )  # fmt: skip
    commits = commits_between(options.good, options.bad, here)
    how = how_of(options, here)

    @contextmanager
    def of_commit(commit: Commit) -> Iterator[Side]:
        with opened(commit.id, how) as side:
            yield side

    with opened(commit_of(options.good, here), how) as good:
        question = short(msgspec.json.encode(head_of(good, good, asked)), commits[-1].id)
        folder = options.folder or here / "out" / f"bisect-{question}"
        _say(f"runs are kept in {folder}")
        return bisected(good, commits, of_commit, asked, folder, _say)


def commits_between(good: str, bad: str, here: Path) -> list[Commit]:
    """The commits behind good up to bad, oldest first; of a merge the merge itself.

    Raises RunsError.
    """
    ends = [commit_of(one, here) for one in (good, bad)]
    if git(here, "merge-base", "--is-ancestor", *ends) is None:
        fork = git(here, "merge-base", *ends)
        raise RunsError(
            f"{good!r} is no ancestor of {bad!r}, so that no commit leads from one to the other; "
            f"name an older GOOD{f', as {fork[:10]}, where they part' if fork else ''}"
        )
    lines = git(
        here, "log", "--first-parent", "--reverse", "--format=%H %h %s", f"{ends[0]}..{ends[1]}"
    )
    if not lines:
        raise RunsError(f"{good!r} and {bad!r} are one commit; name an older GOOD or a later BAD")
    return [Commit(*line.split(" ", 1)) for line in lines.split("\n")]


def _say(said: str) -> None:
    print(said, file=sys.stderr)


DESCRIPTION = f"""Find the first commit between GOOD and BAD that trains otherwise than GOOD.

Each commit that is looked at is compared with GOOD by pairs of runs, as `same` does it, and the
next pair is of the commit that it tells most about. The first commit that has CHANGED is named
where the one before it is the SAME; both together are wrong with probability --error at most.
Commits that do not build, fail or hang are passed over. The same call goes on from what is kept.

{told(BISECT)}"""
COMMAND = Command("which commit trains otherwise?", DESCRIPTION, add_arguments, run)
