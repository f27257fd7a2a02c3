"""The book that claims belong to: its sections in order, what its claims cost, its planted faults.

A book is a package with a module `contents` whose topics are its folders. Planted faults are read
from their decorators as text, so that nobody loads torch in order to know who breaks what.
"""

import ast
import csv
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from harness.declaration.exhibits import Sides
from harness.text import Text

Planted = TypeVar("Planted", bound=Callable[..., object])


class ClaimError(ValueError):
    """A claim or its book is declared wrongly; the message gives file, line and what to write."""


@dataclass(frozen=True)
class Section:
    """A section of the book: its key, its title and the claim files that hold it."""

    key: str
    title: Text
    files: tuple[str, ...]
    order: int = 0  # its place in the book, counted from 1; 0 outside a book
    beyond: bool = False  # nothing in it is the chapter's own


@dataclass(frozen=True)
class Topic:
    """A folder of claim files and its sections, in the order in which the book has them."""

    folder: str
    title: Text
    sections: tuple[Section, ...]
    beyond: bool = False  # the chapter: what engineers add to it


@dataclass(frozen=True)
class Cost:
    """What a run spends on a claim: nothing of it is part of the sentence."""

    seconds: float = 1.0
    """Seconds that a block takes, as measured; a claim's error shares follow from it."""
    block: int = 8
    """Observations that one call of the claim's function measures."""
    draws: int | None = None
    """At most so many settings are drawn, whatever the profile."""
    share: float | None = 0.1
    """The part of all settings and generator states that may break a universal sentence unseen."""
    instance: float | None = None
    """Seconds that one instance of it takes, as measured; the share follows from it."""
    shrink: bool = True
    """Look for the smallest setting that refutes (cheap claims only)."""


@dataclass(frozen=True)
class Fault:
    """A planted fault: where it is, the role that it stands in for, the claims that refute it."""

    target: str  # MODULE:ATTR
    role: str
    breaks: tuple[str, ...]
    file: str
    line: int

    @property
    def named(self) -> str:
        """ROLE=MODULE:ATTR, as the option that puts an implementation on trial takes it."""
        return f"{self.role}={self.target}"


def fault(role: str, *, breaks: str) -> Callable[[Planted], Planted]:
    """Mark a planted fault: a wrong stand-in for `role`, refuted by the claims `breaks`.

    `breaks` holds ids of claims between spaces. A fault is marked again for another role, and for
    more claims than a line holds.
    """

    def mark(planted: Planted) -> Planted:
        return planted

    return mark


class Book:
    """A package of topics: what its `contents` says, beside what lies in its folders."""

    def __init__(self, package: str, contents: Sequence[Topic], folder: Path) -> None:
        self.package = package
        self.contents = contents
        self.folder = folder

    @cached_property
    def sections(self) -> Mapping[str, Section]:
        """The section of every claim file, by TOPIC.FILE."""
        found: dict[str, Section] = {}
        order = 0
        for topic in self.contents:
            for section in topic.sections:
                order += 1
                placed = replace(section, order=order, beyond=topic.beyond)
                for file in section.files:
                    if f"{topic.folder}.{file}" in found:
                        raise ClaimError(
                            f"{self.package}/contents.py: the file {topic.folder}/{file}.py is in "
                            f"two sections, the second is {section.key!r}; split the file"
                        )
                    found[f"{topic.folder}.{file}"] = placed
        return found

    @cached_property
    def costs(self) -> Mapping[str, Cost]:
        """What a run spends on each claim, by the claim's id: the table `costs.tsv`."""
        with (self.folder / "costs.tsv").open(encoding="utf-8", newline="") as file:
            return {
                row["claim"]: Cost(
                    seconds=float(row["seconds"]),
                    block=int(row["block"]),
                    draws=int(row["draws"]) if row["draws"] else None,
                    share=float(row["share"]) if row["share"] else None,
                    instance=float(row["instance"]) if row["instance"] else None,
                    shrink=row["shrink"] == "yes",
                )
                for row in csv.DictReader(file, delimiter="	")
            }

    @cached_property
    def compared(self) -> Mapping[str, tuple[Sides, ...]]:
        """What each claim compares, by the claim's id: the table `compared.tsv`."""
        found: dict[str, list[Sides]] = {}
        if not (table := self.folder / "compared.tsv").exists():
            return {}
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="	"):
                above, below, unit = (
                    Text(row[name], row[f"{name}_zh"]) for name in ("above", "below", "unit")
                )
                marks = {Text(row["mark"], row["mark_zh"]): float(row["at"])} if row["at"] else {}
                found.setdefault(row["claim"], []).append(Sides(above, below, unit, marks))
        return {claim: tuple(sides) for claim, sides in found.items()}

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Every planted fault of every topic."""
        return tuple(
            planted
            for file in sorted(self.folder.glob("*/faults/[!_]*.py"))
            for planted in _marked(file, f"{self.package}.{file.parts[-3]}.faults.{file.stem}")
        )

    @cached_property
    def refuted_by(self) -> Mapping[str, tuple[str, ...]]:
        """ROLE=MODULE:ATTR of the faults that each claim refutes, by the claim's id."""
        found: dict[str, list[str]] = {}
        for planted in self.faults:
            for claim in planted.breaks:
                found.setdefault(claim, []).append(planted.named)
        return {claim: tuple(faults) for claim, faults in found.items()}

    def files(self) -> Iterator[str]:
        """The claim files as TOPIC.FILE, in the order of the contents.

        Raises ClaimError for one that lies outside a topic, or in no section, or is not there.
        """
        lying = {
            f"{file.parent.name}.{file.stem}"
            for file in self.folder.glob("*/[!_]*.py")
            if not file.name.startswith("conftest")
        }
        for file in sorted(self.folder.glob("[!_]*.py")):
            if file.stem not in ("contents", "conftest"):
                raise ClaimError(
                    f"{self.package}/{file.name}: a claim file outside a topic; move it into a "
                    f"folder and name it in a section of {self.package}/contents.py"
                )
        for name in sorted(lying - set(self.sections)):
            raise ClaimError(
                f"{self.package}/{name.replace('.', '/')}.py: no section of the contents has this "
                f"file; name it in a Section of {self.package}/contents.py"
            )
        for name in sorted(set(self.sections) - lying):
            raise ClaimError(
                f"{self.package}/contents.py: the section {self.sections[name].key!r} names "
                f"{name.replace('.', '/')}.py, which is not there; take it out or write the file"
            )
        yield from self.sections


def book_of(module: str) -> Book | None:
    """The book that a module PACKAGE.TOPIC.FILE is in; None for a module outside of any."""
    return _book(module.rsplit(".", 2)[0]) if module.count(".") > 1 else None


@cache
def _book(package: str) -> Book | None:
    try:
        spec = find_spec(f"{package}.contents")
    except ModuleNotFoundError:  # a file that was loaded by its path has no package to look in
        return None
    if spec is None or not (table := Path(str(spec.origin)).with_name("costs.tsv")).exists():
        return None
    return Book(package, importlib.import_module(spec.name).CONTENTS, table.parent)


def section_of(module: str) -> Section:
    """The section that a claim file is in; a file outside of any book is a section of its own.

    Raises ClaimError where the file's book does not know it.
    """
    book = book_of(module)
    name = module.rpartition(".")[2]
    if book is None:
        words = name.removeprefix("test_").replace("_", " ")
        return Section(name, Text(words, words), (name,), beyond=True)
    place = ".".join(module.split(".")[-2:])
    if place not in book.sections:
        raise ClaimError(
            f"{place.replace('.', '/')}.py: no section of the contents has this file; "
            f"name it in a Section of {book.package}/contents.py"
        )
    return book.sections[place]


def _marked(file: Path, module: str) -> Iterator[Fault]:
    """The faults that a file marks with @fault("ROLE", breaks="ID ID")."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        breaks: dict[str, tuple[str, ...]] = {}
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "fault":
                role, ids = map(ast.literal_eval, (mark.args[0], mark.keywords[0].value))
                breaks[role] = (*breaks.get(role, ()), *ids.split())
        for role, broken in breaks.items():
            yield Fault(f"{module}:{node.name}", role, broken, str(file), node.lineno)
