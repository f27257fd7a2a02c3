"""`same`: do two revisions, environments, devices or files of runs behave the same?"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

import msgspec

from harness.implementation.source import short
from harness.same.comparison import PAIRS, Asked, Comparison, examined, head_of
from harness.same.places import How, opened
from harness.same.worker import LIMIT
from harness.statistics.comparison.margins import margins_in
from harness.statistics.comparison.sameness import Answer, Rates
from harness.text import Text
from reports.atomic import write_whole
from reports.commands import Command
from reports.html.comparison import Sides, comparison_page
from reports.statuses import GREEN, RED, SAME, UNDECIDED, UNUSABLE, told

STATUSES = {Answer.SAME: GREEN, Answer.CHANGED: RED, Answer.UNDECIDED: UNDECIDED}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is compared, and how."""
    parser.add_argument("base", metavar="BASE", help="the side that is known")
    parser.add_argument("head", metavar="HEAD", nargs="?", default=".", help="the other side")
    add_function(parser)
    add_question(parser)
    parser.add_argument("--pairs", type=int, default=PAIRS, metavar="N", help="at most")
    parser.add_argument("--independent", action="store_true", help="the sides have other seeds")
    parser.add_argument("--file", type=Path, metavar="FILE", help="where runs are kept")
    parser.add_argument("--report", type=Path, metavar="FILE", help="a page of it, as HTML")


def add_function(parser: argparse.ArgumentParser) -> None:
    """The function, and how a side runs it."""
    parser.add_argument(
        "--run", required=True, metavar="MODULE:FUNCTION", help="takes a seed, returns numbers",
        dest="target",
    )  # fmt: skip
    parser.add_argument("--salt", default="", help="another salt gives other seeds")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="S", help="seconds of a run")
    parser.add_argument("--build", default="", metavar="COMMAND", help="run in a revision's tree")


def add_question(parser: argparse.ArgumentParser) -> None:
    """The margins and the rate of errors."""
    parser.add_argument(
        "--within",
        action="append",
        default=[],
        metavar="MARGIN",
        help="'test_loss 5%%', 'accuracy 1 point', 'curve[-1] 0.02'; repeat it",
    )
    parser.add_argument(
        "--error", type=float, default=1e-3, metavar="RATE", help="of a wrong answer, each way"
    )


def run(options: argparse.Namespace) -> int:
    """Compare, print the answer, and return its status."""
    try:
        compared = compare(options, Path.cwd())
    except ValueError as error:
        print(f"same: {error}", file=sys.stderr)
        return UNUSABLE
    print(compared)
    if options.report:
        write_whole(options.report, page(compared))
        print(f"the page is {options.report}", file=sys.stderr)
    return STATUSES[compared.answer]


def compare(options: argparse.Namespace, here: Path) -> Comparison:
    """Open both sides, and run them until they are decided. Raises ValueError."""
    asked = Asked(
        margins_in(options.within), Rates(options.error, options.error), options.pairs,
        options.salt, not options.independent,
    )  # fmt: skip
    with ExitStack() as stack:
        before, after = (
            stack.enter_context(opened(word, how_of(options, here)))
            for word in (options.base, options.head)
        )
        question = short(msgspec.json.encode(head_of(before, after, asked)))
        file = options.file or here / "out" / f"same-{question}.jsonl"
        print(f"runs are kept in {file}", file=sys.stderr)
        return examined(before, after, asked, file)


def page(compared: Comparison) -> str:
    """The page of a comparison, in English and Chinese."""
    head = compared.head
    sides = Sides(head.before.name, head.after.name, head.same)
    facts = [
        (Text("before", "之前"), f"{head.before.name} [{head.before.digest}]"),
        (Text("after", "之后"), f"{head.after.name} [{head.after.digest}]"),
        (Text("margins", "界限"), ", ".join(head.within)),
        (Text("salt", "盐"), repr(head.salt)),
    ]
    if compared.unseen:
        said = Text("kept runs may be of other code", "保存的运行可能来自其他代码")
        facts.append((said, "; ".join(compared.unseen)))
    return comparison_page(sides, compared.found, compared.runs, facts)


def how_of(options: argparse.Namespace, here: Path) -> How:
    """How a side is run, from the options of `add_function`."""
    return How(options.target, here, options.limit, options.build)


DESCRIPTION = f"""Compare training runs of BASE and of HEAD, in pairs, until they are decided.

A side is a revision, a folder, the Python of an environment, a device, variables of the environment
(NAME=VALUE,...), or a file of stored runs (.jsonl; of a comparison, FILE.jsonl:before or :after).
The function takes a seed, and on a device that as well; both sides of a pair have one seed.
The same call goes on from the runs that are kept.

{told(SAME)}"""
COMMAND = Command("do two revisions train the same?", DESCRIPTION, add_arguments, run)
