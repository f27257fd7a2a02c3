"""A claim: a sentence of the chapter, the relation that it states, and one block of replicates."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.declaration.book import ClaimError, Cost, Section, book_of, section_of
from harness.declaration.exhibits import Sides
from harness.declaration.relations import Relation
from harness.declaration.roles import ROLES, unknown_role
from harness.statistics.evidence import StatisticalTest, Verdict
from harness.text import Text

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Claim", "ClaimError", "Untestable", "Verdict", "claim"]

RESERVED = frozenset({"replicates", "stream", "device", "images"})
SUFFIX = re.compile(r"\.(?=[A-Za-z])")  # a suffix is a word: the dot of 14.7 is the figure's own
COSTS = frozenset(one.name for one in fields(Cost))
CHINESE = re.compile("[\u4e00-\u9fff]")


def _not_yet(**arguments: Any) -> Any:
    """What a declaration measures before it decorates a function."""
    raise TypeError("a claim is a decorator: write @claim(...) above the function that measures")


@dataclass(frozen=True)
class Claim:
    """A sentence on trial, declared above the function that measures one block of replicates.

    The function's arguments are injected by name: roles of the implementation under test, the
    setting's values, and `replicates`, `stream`, `device`, `images`. A claim whose function takes
    no `device` is examined on the CPU alone.
    Raises ClaimError with file and line when a part is missing or contradicts another.
    """

    id: str
    """The sentence's id, with a suffix after a dot for further claims about the same sentence."""
    sentence: Text
    """What the chapter says."""
    _: KW_ONLY
    source: str
    """Where it says so: edition, section title, and the words."""
    holds: Relation
    """The relation, with margin and indifference zone."""
    formula: str | None = None
    """The same in symbols."""
    given: Mapping[str, SearchStrategy[Any]] = field(default_factory=dict)
    """Hypothesis strategies of plain values (numbers, strings, lists), one per argument."""
    always: tuple[Mapping[str, Any], ...] = ()
    """Settings that are examined before the drawn ones, the edges above all."""
    expected: Verdict = Verdict.CONFIRMED
    """The verdict, written down before a result is seen."""
    twin: str | None = None
    """For an expected REFUTED: the id of the corrected or conditional claim that holds."""
    why: Text | None = None
    """For an expected REFUTED: the mechanism, in a sentence."""
    condition: Text | None = None
    """Under which the claim is examined."""
    inside: Callable[..., bool] | None = None
    """The condition on settings as code: a function of some of a setting's values."""
    deep_only: bool = False
    """Examined in the profile `deep` alone."""
    spends: Cost = field(default_factory=Cost)
    """What a run spends on it; for a claim of a book, that is the row in its table of costs."""
    compares: tuple[Sides, ...] = ()
    """The names of what `exceeds` and `ratio_exceeds` compare, in their order: a reader is shown
    each replicate and told how much; for a claim of a book they stand in its `compared.tsv`."""
    measure: Callable[..., Any] = _not_yet
    """The decorated function."""

    def __call__(self, measure: Callable[..., Any]) -> Claim:
        """Complete the declaration with the function that measures."""
        made = replace(self, measure=measure)
        book = book_of(measure.__module__)
        if book is not None:
            compares = book.compared.get(self.id, self.compares)
            made = replace(made, spends=book.costs.get(self.id, self.spends), compares=compares)
        problem = next(_problems(made), None)
        if problem is not None:
            raise ClaimError(f"{made.place}: claim {self.id!r} {problem}")
        for setting in made.always:
            made.check_setting(setting)
        return made

    def check_setting(self, setting: Mapping[str, Any]) -> None:
        """Raise ClaimError for a setting that the claim's condition excludes."""
        if self.inside is None:
            return
        asked = inspect.signature(self.inside).parameters
        if not set(asked) <= set(setting):
            fault = f"has a condition on {', '.join(asked)} but sets {', '.join(setting)}"
        elif not self.inside(**{name: setting[name] for name in asked}):
            said = self.condition.en if self.condition else ""
            fault = f"is examined at {dict(setting)!r}, outside its condition ({said})"
        else:
            return
        raise ClaimError(
            f"{self.place}: claim {self.id!r} {fault}; change given=, always= or inside="
        )

    @property
    def name(self) -> str:
        """The function's name: the sentence in Python."""
        return self.measure.__name__

    @property
    def row(self) -> str:
        """The sentence's id: the claim's id without the suffix after the dot."""
        return SUFFIX.split(self.id)[0]

    @property
    def section(self) -> Section:
        """The section of the book that its file is in."""
        return section_of(self.measure.__module__)

    @property
    def topic(self) -> str:
        """The folder of the book that its file is in; the file's own name outside of a book."""
        return _topic(self.measure.__module__)

    @property
    def faults(self) -> tuple[str, ...]:
        """The planted faults that it refutes, ROLE=MODULE:ATTR."""
        book = book_of(self.measure.__module__)
        return book.refuted_by.get(self.id, ()) if book else ()

    @property
    def cost(self) -> float:
        """Seconds that a block takes."""
        return self.spends.seconds

    @property
    def block(self) -> int:
        """Observations that one call of the function measures."""
        return self.spends.block

    def test(self, setting: Mapping[str, Any]) -> StatisticalTest:
        """The test of what holds at the setting, where a weaker truth is no refutation."""
        return self.holds.test(setting).with_three_answers()

    @property
    def share(self) -> float | None:
        """The largest part of settings and generator states that may break the sentence unseen.

        None for a sentence that does not quantify over them (it states a probability, or has no
        more instances than its listed settings), and where the cost of an instance forbids it.
        """
        many = bool(self.given) or "stream" in self.needs
        return self.spends.share if self.holds.instance and many else None

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The measure's argument names."""
        return tuple(inspect.signature(self.measure).parameters)

    @cached_property
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
    def place(self) -> str:
        """File and line, for messages."""
        return f"{'/'.join(Path(self.file).parts[-2:])}:{self.line}"

    @property
    def code(self) -> str:
        """The claim's source text, empty where the file cannot be read."""
        try:
            return textwrap.dedent(inspect.getsource(self.measure))
        except (OSError, TypeError):
            return ""


PARTS = frozenset(one.name for one in fields(Claim)) - {"id", "sentence", "measure"}


def claim(id: str, en: str, zh: str = "", /, **declared: Any) -> Claim:
    """Declare a claim by its id and its sentence in two languages; the rest is Claim's own.

    Outside of a book, which has a table of costs and a reader of Chinese, what Cost holds may be
    given here as well, and the second language left out.
    """
    for name in declared.keys() - PARTS - COSTS:
        near = get_close_matches(name, [*PARTS, *COSTS], n=1)
        caller = inspect.stack()[1]
        raise ClaimError(
            f"{'/'.join(Path(caller.filename).parts[-2:])}:{caller.lineno}: claim {id!r} has no "
            f"part {name!r}; "
            + (f"did you mean {near[0]!r}?" if near else f"there are {sorted(PARTS)}")
        )
    spent = {name: declared.pop(name) for name in COSTS & declared.keys()}
    if spent:
        declared["spends"] = Cost(**spent)
    return Claim(id, Text(en, zh or en), **declared)


@dataclass(frozen=True)
class Untestable:
    """A sentence that no experiment can settle: listed with the reason, never dropped.

    Bind it to a name in its claim file. Raises ClaimError with file and line if a part is missing.
    """

    id: str
    sentence: Text
    _: KW_ONLY
    source: str
    """Where the chapter says so."""
    reason: Text
    """Why no experiment settles it."""
    citation: str
    """Where a reader finds what is known about it."""
    file: str = ""
    line: int = 0
    module: str = ""

    def __post_init__(self) -> None:
        """Note where it stands, and raise ClaimError for a part that is missing."""
        caller = inspect.stack()[2]  # behind the __init__ that dataclass writes
        for name, value in (
            ("file", caller.filename),
            ("line", caller.lineno),
            ("module", caller.frame.f_globals.get("__name__", "")),
        ):
            object.__setattr__(self, name, value)
        parts = {
            "id": self.id,
            "sentence": self.sentence.en and self.sentence.zh,
            "source": self.source,
            "reason": self.reason.en and self.reason.zh,
            "citation": self.citation,
        }
        missing = [name for name, value in parts.items() if not value.strip()]
        if missing:
            raise ClaimError(
                f"{'/'.join(Path(self.file).parts[-2:])}:{self.line}: untestable {self.id!r} lacks "
                f"{', '.join(missing)}; say why no experiment settles it and where to read more"
            )

    @property
    def row(self) -> str:
        """The sentence's id."""
        return SUFFIX.split(self.id)[0]

    @property
    def section(self) -> Section:
        """The section of the book that its file is in."""
        return section_of(self.module)

    @property
    def topic(self) -> str:
        """The folder of the book that its file is in."""
        return _topic(self.module)


def _topic(module: str) -> str:
    return module.split(".")[-2] if book_of(module) else module.rpartition(".")[2]


def _problems(claim: Claim) -> Iterator[str]:
    if not claim.id or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9>.<_-]*", claim.id):
        yield "has no usable id; give letters, digits, '-' and '.', like 'do-unbiased'"
    if not isinstance(claim.sentence, Text) or not claim.sentence.en.strip():
        yield "has no sentence; write what the chapter says as Text('English', '中文')"
    elif book_of(claim.measure.__module__) and not CHINESE.search(claim.sentence.zh):
        yield "has no Chinese sentence; give it as the second part of Text('English', '中文')"
    if not isinstance(claim.holds, Relation):
        yield "states no relation and so no margin; give holds=, for example mean_equals(...)"
    if not claim.source.strip():
        yield "names no source; give edition and section title as source='...'"
    if claim.expected is Verdict.REFUTED and not (claim.twin and claim.why):
        yield "is expected REFUTED but lacks a twin or the reason; give twin= and why=Text(...)"
    if claim.inside is not None and not claim.condition:
        yield "bounds its settings but states no condition; give condition=Text(...)"
    if claim.spends.share is not None and not 0 < claim.spends.share < 1:
        yield (
            f"has a share of {claim.spends.share!r}; give the part of all instances that may "
            "break the sentence unseen, between 0 and 1, like share=0.01"
        )
    if claim.block < 1:
        yield f"measures {claim.block} replicates a block; give a block of at least 1"
    known = RESERVED | set(ROLES) | set(claim.given) | {n for s in claim.always for n in s}
    for name in claim.needs:
        if name not in known:
            yield f"asks for {name!r}: {unknown_role(name)}"
    for name in claim.given:
        if name not in claim.needs:
            yield f"draws {name!r} but its function does not take it as an argument"
    drawn = set(claim.given) or (set(claim.always[0]) if claim.always else set())
    for setting in claim.always:
        if set(setting) != drawn:
            yield f"always examines {dict(setting)!r}, which does not set exactly {sorted(drawn)}"
