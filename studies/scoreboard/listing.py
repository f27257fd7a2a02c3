"""The board as a page of Markdown: for readers of a repository, where HTML is shown as text."""

from collections import Counter
from collections.abc import Iterable, Mapping

from reports.html.scoreboard import FAILING, SHOWN, Entry, headline
from studies.tables import line

KIT = ("chapter-and-verse", "python", "torch")
HEAD = """<!-- generated: python -m studies.scoreboard page; do not edit -->

# The scoreboard: objects of many packages under the claims of their roles

{headline}
[index.html](index.html) has each claim's verdict, its evidence and the command that repeats it, \
and marks what fails for one object of its role alone.
There is no overall score and no ranking: roles have few claims or many, and a claim that fails \
may never matter to you.
What fails is a difference that [the findings](../findings.md) reproduce in at most ten lines; \
some are conventions that the package documents, and the finding says so.

`python -m studies.scoreboard run [PACKAGE ...]` judges what is installed and keeps the records \
(`studies/scoreboard/requirements.txt` has the versions); \
`python -m studies.scoreboard page` writes these pages from them.
Objects are listed in `studies/scoreboard/objects.tsv`; their adapters are in \
`examples/frameworks`.

Judged on {processors}, profile `{profile}`, with {kit}.

"""


def listing(entries: Iterable[Entry], anchors: Mapping[str, str], findings: str) -> str:
    """The page: a line an object, by role and name. `findings` is the address of their page."""
    board = sorted(entries, key=lambda one: (one.role, one.package.lower(), one.shown))
    kits = {f"{n} {v}" for one in board for n, v in one.versions.items() if n in KIT}
    head = HEAD.format(
        headline=headline(board).en,
        processors=" and ".join(sorted({one.processor for one in board})) or "nothing",
        profile=", ".join(sorted({one.profile for one in board})),
        kit=", ".join(sorted(kits)),
    )
    rows = [("role", "package", "object", *map(str.lower, SHOWN), "which", "salts")]
    rows.append(("---",) * len(rows[0]))
    rows += [_row(one, anchors, findings) for one in board]
    return head + "".join(f"{line(row)}\n" for row in rows)


def _row(one: Entry, anchors: Mapping[str, str], findings: str) -> tuple[str, ...]:
    counts = Counter(claim.outcome for claim in one.claims)
    failing = [f"`{claim.claim}`" for claim in one.claims if claim.outcome in FAILING]
    links = [f"[{_short(name)}]({findings}#{anchors[name]})" for name in one.findings
             if name in anchors and failing]  # fmt: skip
    return (
        f"`{one.role}`",
        f"{one.package} {one.version}",
        f"`{one.shown}`",
        *(str(counts[outcome] or "") for outcome in SHOWN),
        "; ".join(filter(None, (", ".join(failing), ", ".join(links)))),
        str(len(one.salts)),
    )


def _short(heading: str) -> str:
    return heading.partition(": ")[2] or heading
