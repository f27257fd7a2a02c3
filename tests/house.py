"""Reads who imports whom, for the test that holds the floors of the house."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("claims", "harness", "reports")
GENERATORS = {"default_rng", "Generator", "SeedSequence", "SFC64", "PCG64", "Philox"}

Sources = Mapping[str, str]  # module name -> its text


@dataclass(frozen=True)
class Import:
    """One name that one module imports; `late` if not when the importer itself is loaded."""

    importer: str
    imported: str
    line: int
    late: bool

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.imported}"


def sources() -> dict[str, str]:
    """The text of every module of the house, tests left out."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    files.append(ROOT / "conftest.py")
    return {_name(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def imports(texts: Sources) -> list[Import]:
    """Every import of every module, with `from a import b` as a.b where that is a module."""
    return [found for name, text in texts.items() for found in _imports_of(name, text, texts)]


def circles(found: list[Import], texts: Sources) -> list[list[str]]:
    """The groups of modules that know each other in a circle (Tarjan 1972), late imports too."""
    knows: dict[str, set[str]] = {name: set() for name in texts}
    for one in found:
        if one.imported in knows:
            knows[one.importer].add(one.imported)
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for known in sorted(knows[name]):
            if known not in order:
                visit(known)
                lowest[name] = min(lowest[name], lowest[known])
            elif known in stack:
                lowest[name] = min(lowest[name], order[known])
        if lowest[name] == order[name]:
            at = stack.index(name)
            if len(stack) - at > 1 or name in knows[name]:
                groups.append(sorted(stack[at:]))
            del stack[at:]

    for name in sorted(knows):
        if name not in order:
            visit(name)
    return groups


def global_randomness(texts: Sources) -> list[str]:
    """Each place that seeds or draws from a random generator of the whole process."""
    places = []
    for name, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and _is_global(ast.unparse(node.func)):
                places.append(f"{name}, line {node.lineno}, calls {ast.unparse(node.func)}")
    return places


def _is_global(called: str) -> bool:
    if called.endswith(".manual_seed") or called in {"torch.seed", "torch.initial_seed"}:
        return True
    for module in ("np.random.", "numpy.random."):
        if called.startswith(module):
            return re.split(r"[.(]", called.removeprefix(module))[0] not in GENERATORS
    return called.startswith("random.") and not called.startswith("random.Random")


def _imports_of(name: str, text: str, texts: Sources) -> Iterator[Import]:
    tree = ast.parse(text)
    late = {id(inner) for node in ast.walk(tree) if _is_late(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}, line {node.lineno}: write imports absolutely"
            module = node.module or ""
            full = [f"{module}.{alias.name}" for alias in node.names]
            names = [one if one in texts else module for one in full]
        else:
            continue
        for imported in dict.fromkeys(names):
            yield Import(name, imported, node.lineno, id(node) in late)


def _is_late(node: ast.AST) -> bool:
    """A function, or what only type checkers read."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test).endswith("TYPE_CHECKING") and not node.orelse
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
