"""A claim: a sentence of the chapter, the relation that it states, and one block of replicates."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.declaration.relations import Relation
from harness.declaration.roles import ROLES, unknown_role
from harness.statistics.evidence import Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Claim", "ClaimError", "Section", "Untestable", "Verdict", "claim", "untestable"]

RESERVED = frozenset({"replicates", "stream", "device", "images"})
SUFFIX = re.compile(r"\.(?=[A-Za-z])")  # a suffix is a word: the dot of 14.7 is the figure's own
CHINESE = re.compile("[\u4e00-\u9fff]")


class ClaimError(ValueError):
    """A claim is declared wrongly; the message gives file, line and what to write instead."""


@dataclass(frozen=True)
class Section:
    """A section of the chapter: its key, its titles and its place in the chapter's order."""

    key: str
    en: str
    zh: str
    order: int


@dataclass(frozen=True)
class Claim:
    """A sentence on trial. Its fields are what `claim` was called with; see there."""

    id: str
    sentence: str
    zh: str
    section: Section
    source: str
    holds: Relation
    measure: Callable[..., Any]
    formula: str | None = None
    given: Mapping[str, SearchStrategy[Any]] = field(default_factory=dict)
    always: tuple[Mapping[str, Any], ...] = ()
    expected: Verdict = Verdict.CONFIRMED
    twin: str | None = None
    why: str | None = None
    why_zh: str | None = None
    condition: str | None = None
    condition_zh: str | None = None
    inside: Callable[..., bool] | None = None
    mutants: tuple[str, ...] = ()
    block: int = 8
    cost: float = 1.0
    draws: int | None = None
    shrink: bool = True
    devices: str = "any"
    deep_only: bool = False

    def check_setting(self, setting: Mapping[str, Any]) -> None:
        """Raise ClaimError for a setting that the claim's condition excludes."""
        if self.inside is None:
            return
        asked = inspect.signature(self.inside).parameters
        if not set(asked) <= set(setting):
            fault = f"has a condition on {', '.join(asked)} but sets {', '.join(setting)}"
        elif not self.inside(**{name: setting[name] for name in asked}):
            fault = f"is examined at {dict(setting)!r}, outside its condition ({self.condition})"
        else:
            return
        place = f"{Path(self.file).name}:{self.line}"
        raise ClaimError(f"{place}: claim {self.id!r} {fault}; change given=, always= or inside=")

    @property
    def name(self) -> str:
        """The function's name: the sentence in Python."""
        return self.measure.__name__

    @property
    def row(self) -> str:
        """The catalogue's id: the claim's id without the suffix after the dot."""
        return SUFFIX.split(self.id)[0]

    @property
    def topic(self) -> str:
        """The claim file's name."""
        return self.measure.__module__.rpartition(".")[2]

    @property
    def needs(self) -> tuple[str, ...]:
        """The measure's argument names."""
        return tuple(inspect.signature(self.measure).parameters)

    @property
    def roles(self) -> tuple[str, ...]:
        """The primitives under test that the claim asks for."""
        return tuple(name for name in self.needs if name in ROLES)

    @property
    def file(self) -> str:
        """The path of the file that declares the claim."""
        return self.measure.__code__.co_filename

    @property
    def line(self) -> int:
        """The line in that file."""
        return self.measure.__code__.co_firstlineno

    @property
    def code(self) -> str:
        """The claim's source text, empty where the file cannot be read."""
        try:
            return textwrap.dedent(inspect.getsource(self.measure))
        except (OSError, TypeError):
            return ""


def claim(
    id: str,
    sentence: str,
    *,
    zh: str,
    section: Section,
    source: str,
    holds: Relation,
    formula: str | None = None,
    given: Mapping[str, SearchStrategy[Any]] | None = None,
    always: tuple[Mapping[str, Any], ...] = (),
    expected: Verdict = Verdict.CONFIRMED,
    twin: str | None = None,
    why: str | None = None,
    why_zh: str | None = None,
    condition: str | None = None,
    condition_zh: str | None = None,
    inside: Callable[..., bool] | None = None,
    mutants: tuple[str, ...] = (),
    block: int = 8,
    cost: float = 1.0,
    draws: int | None = None,
    shrink: bool = True,
    devices: str = "any",
    deep_only: bool = False,
) -> Callable[[Callable[..., Any]], Claim]:
    """Declare a claim; the decorated function measures one block of replicates.

    Args:
        id: the catalogue's id, with a suffix after a dot for further claims of the same row.
        sentence, zh: what the chapter says, in English and in Chinese.
        section, source: where it says so.
        holds: the relation, with margin and indifference zone.
        formula: the same in symbols.
        given: Hypothesis strategies of plain values (numbers, strings, lists), one per argument.
        always: settings that are examined before the drawn ones, the edges above all.
        expected: the verdict, written down before a result is seen.
        twin: for an expected REFUTED: the id of the corrected or conditional claim that holds.
        why, why_zh: for an expected REFUTED: the mechanism, in a sentence.
        condition, condition_zh: under which the claim is examined.
        inside: the condition on settings as code: a function of some of a setting's values, true
            where the condition holds. No setting outside it is ever examined.
        mutants: faults that refute the claim, ROLE=MODULE:ATTR; at least one unless expected
            REFUTED.
        block: observations that one call of the function measures.
        cost: rough seconds that a block takes, for the ledger of error shares.
        draws: at most so many settings are drawn, whatever the profile.
        shrink: look for the smallest setting that refutes (cheap claims only).
        devices: "any", or "cpu" for a claim without tensors.
        deep_only: examined in the profile `deep` alone.

    The function's arguments are injected by name: roles of the implementation under test, the
    setting's values, and `replicates`, `stream`, `device`, `images`.
    Raises ClaimError with file and line when a part is missing or contradicts another.
    """

    def declare(measure: Callable[..., Any]) -> Claim:
        made = Claim(
            id=id,
            sentence=sentence,
            zh=zh,
            section=section,
            source=source,
            holds=holds,
            measure=measure,
            formula=formula,
            given=dict(given or {}),
            always=always,
            expected=expected,
            twin=twin,
            why=why,
            why_zh=why_zh,
            condition=condition,
            condition_zh=condition_zh,
            inside=inside,
            mutants=mutants,
            block=block,
            cost=cost,
            draws=draws,
            shrink=shrink,
            devices=devices,
            deep_only=deep_only,
        )
        problem = next(iter(_problems(made)), None)
        if problem is not None:
            place = f"{Path(made.file).name}:{made.line}"
            raise ClaimError(f"{place}: claim {id!r} {problem}")
        for setting in always:
            made.check_setting(setting)
        return made

    return declare


@dataclass(frozen=True)
class Untestable:
    """A sentence that no experiment can settle: it is listed with the reason, never dropped."""

    id: str
    sentence: str
    zh: str
    section: Section
    source: str
    reason: str
    reason_zh: str
    citation: str
    file: str
    line: int

    @property
    def row(self) -> str:
        """The catalogue's id."""
        return SUFFIX.split(self.id)[0]

    @property
    def topic(self) -> str:
        """The claim file's name."""
        return Path(self.file).stem


def untestable(
    id: str,
    sentence: str,
    *,
    zh: str,
    section: Section,
    source: str,
    reason: str,
    reason_zh: str,
    citation: str,
) -> Untestable:
    """Declare a sentence that no experiment can settle; bind it to a name in its claim file.

    `reason` says why not, `citation` where a reader finds what is known about it.
    Raises ClaimError with file and line when a part is missing.
    """
    caller = inspect.stack()[1]
    made = Untestable(
        id, sentence, zh, section, source, reason, reason_zh, citation,
        caller.filename, caller.lineno,
    )  # fmt: skip
    missing = [
        name
        for name in ("id", "sentence", "zh", "source", "reason", "reason_zh", "citation")
        if not getattr(made, name).strip()
    ]
    if missing:
        raise ClaimError(
            f"{Path(made.file).name}:{made.line}: untestable {id!r} lacks {', '.join(missing)}; "
            "say why no experiment settles it, and where to read about it"
        )
    return made


def _problems(claim: Claim) -> list[str]:
    problems = []
    if not claim.id or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9>.<_-]*", claim.id):
        problems.append("has no usable id; give letters, digits, '-' and '.', like 'do-unbiased'")
    if not claim.sentence.strip():
        problems.append("has no English sentence; write what the chapter says")
    if not CHINESE.search(claim.zh):
        problems.append("has no Chinese sentence; give it as zh='...'")
    if not isinstance(claim.holds, Relation):
        problems.append(
            "states no relation and so no margin; give holds=, for example mean_equals(...)"
        )
    if not claim.source.strip():
        problems.append("names no source; give edition and section title as source='...'")
    if claim.expected is Verdict.REFUTED and not (claim.twin and claim.why and claim.why_zh):
        problems.append(
            "is expected REFUTED but lacks a twin or the reason; give twin=, why= and why_zh="
        )
    if claim.expected is Verdict.CONFIRMED and not claim.mutants:
        problems.append(
            "names no mutant that it refutes; give mutants=('role=tests.mutants.topic:fault',)"
        )
    if bool(claim.condition) is not bool(claim.condition_zh):  # it may be symbols alone
        problems.append("has a condition in one language; give condition= and condition_zh=")
    if claim.inside is not None and not claim.condition:
        problems.append("bounds its settings but states no condition; give condition= in words")
    if claim.block < 1:
        problems.append(f"measures {claim.block} replicates a block; give block= of at least 1")
    problems.extend(_argument_problems(claim))
    for mutant in claim.mutants:
        if not re.fullmatch(r"\w+=[\w.]+:\w+", mutant):
            problems.append(f"names the mutant {mutant!r}; write it as ROLE=MODULE:ATTR")
        elif mutant.partition("=")[0] not in claim.roles:
            problems.append(
                f"names the mutant {mutant!r} but does not take that role as an argument"
            )
    return problems


def _argument_problems(claim: Claim) -> list[str]:
    problems = []
    known = RESERVED | set(ROLES) | set(claim.given)
    for setting in claim.always:
        known |= set(setting)
    for name in claim.needs:
        if name not in known:
            problems.append(f"asks for {name!r}: {unknown_role(name)}")
    for name in claim.given:
        if name not in claim.needs:
            problems.append(f"draws {name!r} but its function does not take it as an argument")
    drawn = set(claim.given) or (set(claim.always[0]) if claim.always else set())
    for setting in claim.always:
        if set(setting) != drawn:
            problems.append(
                f"always examines {dict(setting)!r}, which does not set exactly {sorted(drawn)}"
            )
    return problems
