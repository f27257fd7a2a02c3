"""The page of many objects beside each other: what each claim of its role said of each of them.

Objects stand in the order of their roles and names. There is no score over claims and no rank:
claims differ in what they ask, and roles in how many claims they have.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from markupsafe import Markup

from harness.records.record import Interval, Record
from harness.statistics.evidence import Verdict
from harness.text import Text, counted
from reports import numbers
from reports.cleaning import clean_all
from reports.html.assets import KEY_STYLES, policy, script, style
from reports.html.claim_view import FAILS, PASSES, on_trial_outcome
from reports.html.templating import environment

SHOWN = (PASSES, FAILS, Verdict.ERROR, Verdict.UNDECIDED, Verdict.NOT_APPLICABLE)
FAILING = (Verdict.ERROR, FAILS)
WORST_FIRST = (*FAILING, Verdict.UNDECIDED, PASSES, Verdict.NOT_APPLICABLE)


class Judged(msgspec.Struct, frozen=True):
    """A claim about an object: its outcome from each salt, and the evidence of the worst one."""

    claim: str
    sentence: Text
    outcomes: list[str]
    estimate: float | None
    interval: Interval | None
    unit: str
    confirm: float | None  # nats for the sentence; null is infinite
    refute: float | None
    observations: int
    said: str  # what was raised or is lacking, if something was
    replay: str  # the command that repeats the trial of the worst outcome

    @property
    def outcome(self) -> str:
        """The worst of the outcomes: what failed once has failed."""
        return min(self.outcomes, key=WORST_FIRST.index)


class Entry(msgspec.Struct, frozen=True):
    """An object in its role, and what its claims said; `findings` are headings of a page."""

    package: str
    version: str
    role: str
    shown: str
    target: str
    findings: list[str]
    salts: list[str]
    profile: str
    processor: str
    versions: dict[str, str]
    started: str
    claims: list[Judged]


@dataclass(frozen=True)
class ClaimRow:
    """A claim of an object as its row prints it."""

    judged: Judged
    only_here: bool
    times: str  # at how many of the salts, where they differ
    evidence: tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Cell:
    """An object with its counts of outcomes and its claims, those that fail first."""

    id: str
    entry: Entry
    counts: Sequence[tuple[str, int]]
    rows: Sequence[ClaimRow]
    findings: Sequence[tuple[str, str]]  # heading and address

    @property
    def failing(self) -> list[ClaimRow]:
        """The claims that the object fails."""
        return [row for row in self.rows if row.judged.outcome in FAILING]


def judged(records: Sequence[Record]) -> Judged:
    """One claim's records, one a salt, as a line of the board."""
    outcomes = [on_trial_outcome(record) for record in records]
    worst = min(range(len(records)), key=lambda place: WORST_FIRST.index(outcomes[place]))
    record = records[worst]
    return Judged(
        claim=record.claim, sentence=record.sentence, outcomes=[str(one) for one in outcomes],
        estimate=record.estimate, interval=record.interval, unit=record.relation.unit,
        confirm=record.confirm.reached, refute=record.refute.reached,
        observations=record.replicates,
        said=record.error.message if record.error else "", replay=record.rerun,
    )  # fmt: skip


def scoreboard_page(
    entries: Iterable[Entry], findings: str, addresses: Mapping[str, str], command: str
) -> str:
    """The page as text.

    `findings` is the address of the page that has the findings, `addresses` the anchor of each of
    its headings; a finding without one is not linked. `command` is what makes the page.
    """
    cleaned = [msgspec.convert(clean_all(msgspec.to_builtins(one)), Entry) for one in entries]
    board = sorted(cleaned, key=lambda one: (one.role, one.package.lower(), one.shown))
    alone = _only_here(board)
    cells = [_cell(place, one, alone, findings, addresses) for place, one in enumerate(board, 1)]
    roles: dict[str, list[Cell]] = {}
    for cell in cells:
        roles.setdefault(cell.entry.role, []).append(cell)
    title = headline(board)
    return environment().get_template("scoreboard.html.jinja").render(
        policy=policy(), style=style(), script=script(),
        key_styles=KEY_STYLES, title=title, roles=roles,
        failing=[cell for cell in cells if cell.failing], facts=_facts(board),
        packages=sorted({(one.package, one.version) for one in board}, key=_by_name),
        evidence=("estimate", "interval", "for", "against", "replicates"), command=command,
    )  # fmt: skip


def headline(board: Sequence[Entry]) -> Text:
    """How many objects of how many packages, and how many of them fail something."""
    packages = len({one.package for one in board})
    failing = sum(any(one.outcome in FAILING for one in entry.claims) for entry in board)
    fail = "fails" if failing == 1 else "fail"
    return Text(
        f"{counted(len(board), 'object')} of {counted(packages, 'package')}: "
        f"{failing} {fail} some claim of the role.",
        f"{packages} 个软件包的 {len(board)} 个对象：{failing} 个未通过其角色的某个论断。",
    )


def _by_name(pair: tuple[str, str]) -> str:
    return pair[0].lower()


def _only_here(board: Sequence[Entry]) -> set[tuple[str, str, str]]:
    """(role, claim, target) of what fails for one object alone while others of its role pass."""
    failing: dict[tuple[str, str], list[str]] = {}
    passing: set[tuple[str, str]] = set()
    for entry in board:
        for one in entry.claims:
            key = entry.role, one.claim
            if one.outcome in FAILING:
                failing.setdefault(key, []).append(entry.target)
            elif one.outcome == PASSES:
                passing.add(key)
    return {
        (*key, targets[0])
        for key, targets in failing.items()
        if len(targets) == 1 and key in passing
    }


def _cell(
    place: int, entry: Entry, alone: set[tuple[str, str, str]], findings: str,
    addresses: Mapping[str, str],
) -> Cell:  # fmt: skip
    counts = Counter(one.outcome for one in entry.claims)
    rows = [
        _row(one, (entry.role, one.claim, entry.target) in alone)
        for one in sorted(entry.claims, key=lambda one: WORST_FIRST.index(one.outcome))
    ]
    return Cell(
        id=f"object-{place}",
        entry=entry,
        counts=[(outcome, counts[outcome]) for outcome in SHOWN if counts[outcome]],
        rows=rows,
        findings=[(one, f"{findings}#{addresses[one]}" if one in addresses else "")
                  for one in entry.findings],
    )  # fmt: skip


def _row(one: Judged, only_here: bool) -> ClaimRow:
    same = sum(outcome == one.outcome for outcome in one.outcomes)
    of_all = len(one.outcomes)
    unit = f" {one.unit}" if one.unit and one.estimate is not None else ""
    decided = one.outcome not in (Verdict.NOT_APPLICABLE, Verdict.ERROR)
    evidence = (
        f"{numbers.number(one.estimate)}{unit}", numbers.interval(one.interval),
        numbers.nats(one.confirm), numbers.nats(one.refute), numbers.count(one.observations),
    )  # fmt: skip
    return ClaimRow(
        judged=one,
        only_here=only_here,
        times=f"{same} / {of_all}" if same < of_all else "",
        evidence=evidence if decided else ("–",) * 5,
    )


def _facts(board: Sequence[Entry]) -> list[tuple[str, Markup]]:
    kit = {
        f"{name} {version}"
        for one in board
        for name, version in one.versions.items()
        if name in ("chapter-and-verse", "python", "torch", "numpy")
    }
    told = {
        "versions": kit,
        "devices": {one.processor for one in board},
        "profile": {one.profile for one in board},
        "salt": {salt for one in board for salt in one.salts},
    }
    facts = [(name, _codes(sorted(values))) for name, values in told.items()]
    days = sorted({one.started[:10] for one in board})
    if days:
        facts.append(("judged on", Markup("{}").format(" – ".join({days[0]: 0, days[-1]: 0}))))
    return facts


def _codes(values: Sequence[str]) -> Markup:
    return Markup(", ").join(Markup("<code>{}</code>").format(value) for value in values)
