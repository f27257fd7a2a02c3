"""The mutants of a module: Cosmic Ray's operators, less those that change nothing that runs."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

# What each operator becomes: its opposite, and where that alone could hide, one more. Comparisons
# move their boundary or turn round (as in PIT's default set), bits become other bits.
ARITHMETIC = {
    "Add": ("Sub", "Mul"), "Sub": ("Add", "Div"), "Mul": ("Div", "Add"), "Div": ("Mul", "FloorDiv"),
    "FloorDiv": ("Div", "Mul"), "Mod": ("Mul",), "Pow": ("Mul", "Div"), "BitAnd": ("BitOr",),
    "BitOr": ("BitAnd",),
}  # fmt: skip
COMPARISONS = {
    "Lt": ("LtE", "GtE"), "LtE": ("Lt", "Gt"), "Gt": ("GtE", "LtE"), "GtE": ("Gt", "Lt"),
    "Eq": ("NotEq",), "NotEq": ("Eq",), "Is": ("IsNot",), "IsNot": ("Is",),
}  # fmt: skip
# Variables put in place of others need arguments per project; exceptions are replaced by a name
# that does not exist.
LEFT_OUT = ("VariableReplacer", "VariableInserter", "ExceptionReplacer")


@dataclass(frozen=True)
class Mutant:
    """One change of one module: `before` and `after` are the changed lines, stripped."""

    operator: str
    occurrence: int
    line: int
    before: str
    after: str
    code: str


def operators() -> list[str]:
    """The operators of Cosmic Ray that are used, by name."""
    from cosmic_ray import plugins

    return [name for name in sorted(plugins.operator_names()) if _sensible(name.split("/")[-1])]


def _sensible(name: str) -> bool:
    family, _, change = name.partition("Operator_")
    table = {"ReplaceBinary": ARITHMETIC, "ReplaceComparison": COMPARISONS}.get(family)
    if table is None:
        return name not in LEFT_OUT
    old, _, new = change.partition("_")
    return new in table.get(old, ())


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of the source whose running code differs from it."""
    import parso
    from cosmic_ray import plugins
    from cosmic_ray.ast import ast_nodes
    from cosmic_ray.mutating import mutate_code

    original = running(source)
    seen = {original}
    for name in operators():
        operator = plugins.get_operator(name)()
        count = sum(
            1 for node in ast_nodes(parso.parse(source)) for _ in operator.mutation_positions(node)
        )
        for occurrence in range(count):
            code = mutate_code(source, operator, occurrence)
            if code is None:
                continue
            try:
                what_runs = running(code)
            except SyntaxError:
                continue
            if what_runs in seen:
                continue
            seen.add(what_runs)
            line, before, after = _change(source, code)
            yield Mutant(name.split("/")[-1], occurrence, line, before, after, code)


def running(source: str) -> str:
    """What of a module runs: its syntax tree without annotations and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant("")
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
            and isinstance(node.body[0].value, ast.Constant)
        ):
            node.body[0].value = ast.Constant("")
    return ast.dump(tree)


def _change(source: str, code: str) -> tuple[int, str, str]:
    old, new = source.splitlines(), code.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    edits = [edit for edit in matcher.get_opcodes() if edit[0] != "equal"]
    first, last = edits[0], edits[-1]
    return first[1] + 1, _joined(old[first[1] : last[2]]), _joined(new[first[3] : last[4]])


def _joined(lines: list[str]) -> str:
    return " ".join(filter(None, (line.strip() for line in lines)))
