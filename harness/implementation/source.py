"""Which code stands behind a module: its file and what it imports of its own tree, by digest.

Nothing is run or imported. Packages that were installed are known by their list of files, which
has a hash of each. What cannot be known is unknown, and equals nothing, not even itself.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path

from harness.environment import PACKAGES
from harness.implementation.imports import Imports, imports_of

ROOT = Path(__file__).resolve().parents[2]
HARNESS = ROOT / "harness"
# What users import: beside the harness in a checkout, the folder around it where it is installed.
FACADE = ROOT / "chapter_and_verse" if (ROOT / "chapter_and_verse").is_dir() else ROOT
INSTALLED = frozenset({"site-packages", "dist-packages"})  # folders that nobody writes code in
MOST = 500  # files that are followed: a whole framework is nobody's own tree
UNKNOWN, ABSENT = "unknown", "absent"
DIGITS = 12

Place = Path | str | None  # a file; what else is known of a module; or that there is none


def short(*parts: str | bytes) -> str:
    """A digest of the parts, each with its length."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()[:DIGITS]


def is_known(digest: str) -> bool:
    """False for the digest of what cannot be known."""
    return not digest.startswith(UNKNOWN)


class Sources:
    """Python files as they were when they were first looked at, and what they import.

    A file that has changed since is unknown: nobody can tell which of its texts was run.
    """

    def __init__(self) -> None:
        self._folders: dict[Path, tuple[list[Path], str]] = {}
        self._texts: dict[Path, tuple[tuple[int, int], bytes]] = {}
        self._where: dict[str, Place] = {}
        self._imports: dict[Path, Imports] = {}
        self._places: dict[str, dict[str, Place]] = {}

    def look(self, folder: Path) -> str:
        """The digest of all Python files in a folder; from now on they count as they are now."""
        if folder not in self._folders:
            files = sorted(folder.rglob("*.py"))
            self._folders[folder] = files, short(*(self._digest(file) for file in files))
        files, digest = self._folders[folder]
        return next((self._digest(file) for file in files if self._text(file) is None), digest)

    def behind(self, module: str, file: Path | None = None) -> dict[str, str]:
        """{"module NAME": digest} of a module and all that it imports of its own tree.

        Beside them {"package NAME": digest} of what was installed, save the packages whose
        versions every record has; the kit itself is left out.
        """
        if module not in self._places:
            self._places[module] = dict(self._followed(module, file))
        return {
            name: self._digest(place) if isinstance(place, Path) else str(place)
            for name, place in self._places[module].items()
        }

    def _digest(self, file: Path) -> str:
        text = self._text(file)
        return f"{UNKNOWN}: {file.name} changed while it ran" if text is None else short(text)

    def _text(self, file: Path) -> bytes | None:
        """The text as it was first read; None once the file is another one."""
        try:
            status = os.stat(file)
            if file not in self._texts:
                self._texts[file] = (status.st_mtime_ns, status.st_size), file.read_bytes()
        except OSError:
            return None
        before, text = self._texts[file]
        return text if (status.st_mtime_ns, status.st_size) == before else None

    def _followed(self, module: str, file: Path | None) -> Iterator[tuple[str, Place]]:
        """The places of the module and of what it imports, as `behind` names them."""
        todo: list[tuple[str, bool]] = [(module, True)]
        seen: set[str] = set()
        files = 0
        while todo:
            name, surely = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            if name not in self._where:
                self._where[name] = file if file and name == module else place_of(name)
            place = self._where[name]
            if isinstance(place, Path):
                files += 1
                found = self._imports_of(name, place)
                todo += [(one, True) for one in (*_parents(name), *found.modules)]
                todo += [(one, False) for one in found.perhaps]
                if found.doubt:
                    place = f"{UNKNOWN}: {place.name}, {found.doubt}"
                if files > MOST:
                    yield f"module {module}", f"{UNKNOWN}: it imports more than {MOST} files"
                    return
            if place is None and (surely or name == module):  # else it is a name in a module
                place = UNKNOWN if name == module else ABSENT
            if place:
                yield _named(name, place)

    def _imports_of(self, name: str, file: Path) -> Imports:
        if file not in self._imports:
            text = self._text(file) or b""
            self._imports[file] = imports_of(text, name, is_package=file.name == "__init__.py")
        return self._imports[file]


def _named(name: str, place: Path | str) -> tuple[str, Path | str]:
    if isinstance(place, str) and place.startswith("package "):
        return place, _installed(place.removeprefix("package "))
    return f"module {name}", place


def place_of(name: str) -> Place:
    """Where the module is: its file, "package NAME", "" for what is not followed, or unknown."""
    top = name.partition(".")[0]
    if name == "__main__":
        return UNKNOWN  # of a notebook or an interactive session, or run under another name
    if top in sys.stdlib_module_names:
        return ""
    spec = _spec_of(name)
    if spec is None:
        return UNKNOWN if name in sys.modules else None
    if not spec.has_location or spec.origin is None:
        return ""  # built in, frozen, or a folder without a file of its own
    file = Path(spec.origin).resolve()
    if file.is_relative_to(HARNESS) or file.parent == FACADE:
        return ""
    inside = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    if INSTALLED.intersection(inside.parts):
        return "" if top in PACKAGES else f"package {top}"
    return file if file.suffix == ".py" else f"{UNKNOWN}: {file.name} is compiled"


def packages_digest(names: Iterable[str]) -> str:
    """A digest of the installed packages' lists of files; of one that is not there, of nothing."""
    return short(*(_installed(name) for name in names))


@cache
def _installed(package: str) -> str:
    """The digest of an installed package's list of files, by the name that it is imported by."""
    try:
        record = metadata.distribution(package).read_text("RECORD")
    except metadata.PackageNotFoundError:
        record = _record_with(package)
    return short(record) if record else f"{UNKNOWN}: it is in no installed list of files"


def _record_with(package: str) -> str | None:
    """The list of files that has the package, which was installed under another name."""
    spec = _spec_of(package)
    if spec is None or spec.origin is None:
        return None
    inside = Path(spec.origin).parent
    folder = inside.parent if spec.submodule_search_locations else inside
    wanted = Path(spec.origin).relative_to(folder).as_posix().encode() + b","
    for file in folder.glob("*.dist-info/RECORD"):
        text = file.read_bytes()
        if text.startswith(wanted) or b"\n" + wanted in text:
            return text.decode("utf-8", "replace")
    return None


def _spec_of(name: str) -> ModuleSpec | None:
    """The module's spec; its packages are not imported, as importlib's own find_spec does."""
    loaded = getattr(sys.modules.get(name), "__spec__", None)
    if loaded is not None:
        return loaded  # type: ignore[no-any-return]
    parent, _, _ = name.rpartition(".")
    path = None
    if parent:
        package = _spec_of(parent)
        if package is None or package.submodule_search_locations is None:
            return None
        path = list(package.submodule_search_locations)
    for finder in sys.meta_path:
        try:
            found = finder.find_spec(name, path)
        except Exception:  # of another library's finder
            continue
        if found is not None:
            return found
    return None


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
