"""What a Python file imports, read from its text; it is not run.

What a text alone does not tell (a name that is computed, code that is loaded from elsewhere) is
said with its line, so that nobody takes the answer for whole.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

IMPORTERS = ("import_module", "__import__")
# What runs code that stands in no import, as a name or as an attribute.
LOADERS = frozenset(
    {"exec", "eval", "load_library", "run_module", "run_path", "spec_from_file_location"}
)
LOADS = re.compile(rb"\b(?:%s)\s*\(" % "|".join((*IMPORTERS, *sorted(LOADERS))).encode())
STATEMENT = re.compile(
    rb"^[ \t]*((?:from[ \t]+[.\w]+[ \t]+)?import[ \t]+(?:\([^()]*\)|[^\n]*))", re.MULTILINE
)
FOREIGN = frozenset({"cffi", "ctypes", "runpy", "torch.utils.cpp_extension"})


@dataclass(frozen=True)
class Imports:
    """The modules that a text imports, those that it may (a submodule or a name), and a doubt."""

    modules: frozenset[str]
    perhaps: frozenset[str]
    doubt: str = ""  # the line that imports what the text does not name, and what it does


def imports_of(text: bytes, module: str, *, is_package: bool = False) -> Imports:
    """What the text of the module imports, wherever in it; all that a text of no Python may do."""
    tree = _tree_of(text)
    if tree is None:
        return Imports(frozenset(), frozenset(), "it is no Python of this version")
    package = module if is_package else module.rpartition(".")[0]
    modules: set[str] = set()
    perhaps: set[str] = set()
    doubts: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            modules.add(base)
            perhaps.update(f"{base}.{alias.name}" for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Call):
            named = _literal(node)
            if named:
                modules.add(named)
            else:
                doubts += _doubts(node)
    doubts += [f"it imports {name}" for name in sorted(FOREIGN & (modules | perhaps))]
    return Imports(frozenset(modules - {""}), frozenset(perhaps), next(iter(doubts), ""))


def _tree_of(text: bytes) -> ast.Module | None:
    """The syntax tree: where that is the same to us, of the import statements alone.

    It is if they have every `import` of the text and nothing else in it may load code; to parse
    them takes a tenth of the time.
    """
    statements = b"\n".join(STATEMENT.findall(text))
    tries = [text]
    if statements.count(b"import") == text.count(b"import") and not LOADS.search(text):
        tries.insert(0, statements)
    for one in tries:
        try:
            return ast.parse(one)
        except (SyntaxError, ValueError, RecursionError):
            continue
    return None


def _base(node: ast.ImportFrom, package: str) -> str:
    """The absolute name of the module that a `from ... import` names."""
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _literal(node: ast.Call) -> str:
    """The module that import_module or __import__ is given by an absolute name."""
    first = node.args[0] if node.args else None
    if _called(node) not in IMPORTERS or not isinstance(first, ast.Constant):
        return ""
    name = str(first.value)
    return "" if name.startswith(".") else name


def _doubts(node: ast.Call) -> Iterator[str]:
    called = _called(node)
    if called in IMPORTERS:
        yield f"line {node.lineno} imports a name that is computed"
    elif called in LOADERS and not (called == "eval" and isinstance(node.func, ast.Attribute)):
        yield f"line {node.lineno} runs code by {called}"
