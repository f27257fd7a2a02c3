"""Builds the wheel: the three folders of the checkout, under the one name of the package.

`claims`, `harness` and `reports` would be anybody's names in an installed package. So the wheel
holds them as `chapter_and_verse.claims` and so on, and every place that names one of their modules
says so: imports, names of modules in strings, commands in messages. Nothing moves to another line,
so that a traceback from the wheel and one from the checkout name the same lines.
"""

import io
import re
import tempfile
import tokenize
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "chapter_and_verse"
FOLDERS = ("claims", "harness", "reports")
ONE = "|".join(FOLDERS)
IMPORTS = {("from", "from"), ("import", "import"), ("import", ",")}  # first word, word before
READ = (".py", ".jinja")  # the files that name modules or commands
ROOT = Path(__file__).resolve().parent
# In strings and comments: `harness.data.idx` where there is such a module, and lines of code.
DOTTED = re.compile(rf"(?<![\w./-])({ONE})\.(\w+)")
QUOTED_IMPORT = re.compile(rf"\bfrom ({ONE})(?= import )")
COMMANDS = (
    (re.compile(rf"python -m (?=({ONE})\b)"), f"python -m {PACKAGE}."),
    (re.compile(r"\bpytest claims\b"), f"pytest --pyargs {PACKAGE}.claims"),
)


class OneNameHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hands the wheel a copy of each file, with the names that it has there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the copies; an editable installation has the checkout itself."""
        if version == "editable":
            return
        self._copies = tempfile.TemporaryDirectory()
        for file, place in placed(Path(self.root)):
            copy = file
            if file.suffix in READ:
                copy = Path(self._copies.name) / place
                copy.parent.mkdir(parents=True, exist_ok=True)
                text = file.read_text(encoding="utf-8")
                renamed = under_one_name(text, str(place)) if file.suffix == ".py" else said(text)
                copy.write_text(renamed, encoding="utf-8")
            build_data["force_include"][str(copy)] = str(place)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the copies away."""
        if version != "editable":
            self._copies.cleanup()


def placed(root: Path) -> Iterator[tuple[Path, Path]]:
    """Every file of the package, and its place in the wheel."""
    for folder in (PACKAGE, *FOLDERS):
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                inside = file.relative_to(root)
                yield file, inside if folder == PACKAGE else PACKAGE / inside


def under_one_name(source: str, place: str = "") -> str:
    """The source of a module with the names that its imports and strings have in the wheel.

    Raises ValueError for `import harness.x`: the name that it binds could not be kept.
    """
    starts = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
    renamed, end = [], 0
    for token, new in _names_in(source, place):
        first, last = (starts[row - 1] + column for row, column in (token.start, token.end))
        renamed += [source[end:first], new or said(source[first:last])]
        end = last
    return "".join([*renamed, source[end:]])


def _names_in(source: str, place: str) -> Iterator[tuple[tokenize.TokenInfo, str]]:
    """The tokens that may name a module, in order, and what stands in the place of an import's."""
    first = before = ""  # of the statement, and of the token
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = tokenize.tok_name[token.type]
        if kind in ("STRING", "FSTRING_MIDDLE", "COMMENT"):
            yield token, ""
        if kind in ("NEWLINE", "INDENT", "DEDENT"):
            first = ""
        elif kind not in ("NL", "COMMENT"):
            first = first or token.string
            if token.string in FOLDERS and (first, before) in IMPORTS:
                if first == "import" and " as " not in token.line:
                    raise ValueError(
                        f"{place}:{token.start[0]}: {token.line.strip()!r} binds a name that the "
                        "wheel does not have; write `from ... import ...`"
                    )
                yield token, f"{PACKAGE}.{token.string}"
            before = token.string


def said(text: str) -> str:
    """What a string, a comment or a template says of modules and commands, in the wheel."""
    for command, instead in COMMANDS:
        text = command.sub(instead, text)
    text = QUOTED_IMPORT.sub(rf"from {PACKAGE}.\1", text)
    return DOTTED.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    place = ROOT / found[1] / found[2]
    there = place.is_dir() or place.with_suffix(".py").is_file()
    return f"{PACKAGE}.{found[0]}" if there else found[0]
