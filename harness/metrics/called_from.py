"""Which comparison of a claim it was: its place, its own words, and the turn of its loop."""

import ast
import linecache
import sys
from collections.abc import Iterator
from itertools import dropwhile, takewhile
from pathlib import Path
from types import FrameType

PACKAGE = Path(__file__).parents[1]
LONGEST = 120  # characters of a call
SCALARS = (bool, int, float, str)


def called_from() -> str:
    """The call that a claim made: "FILE:LINE: the call", and where its loops were.

    Of functions that the claim calls for it, the innermost call and the claim's own.
    Empty where there is no source.
    """
    inner = dropwhile(_is_ours, _outwards(sys._getframe(1)))
    calls = list(takewhile(lambda frame: not _is_ours(frame), inner))
    ends = calls[:1] + calls[1:][-1:]
    return ", of ".join(filter(None, map(_told, ends)))


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_ours(frame: FrameType) -> bool:
    return PACKAGE in Path(frame.f_code.co_filename).parents


def _told(frame: FrameType) -> str:
    file = frame.f_code.co_filename
    source = "".join(linecache.getlines(file, frame.f_globals))
    try:
        module = ast.parse(source)
    except SyntaxError:  # it is being edited while it runs
        return ""
    if not module.body:
        return ""
    line = frame.f_lineno
    call = _call_at(module, list(frame.f_code.co_positions())[frame.f_lasti // 2])
    words = " ".join(((call and ast.get_source_segment(source, call)) or "").split())
    words = words.replace("( ", "(").replace(" )", ")")  # of a call on several lines
    shown = words if len(words) <= LONGEST else words[: LONGEST - 3] + "..."
    turns = [
        f"{'turn' if name == '_' else name}={frame.f_locals[name]}"
        for name in _loop_names(module, line)
        if isinstance(frame.f_locals.get(name), SCALARS)
    ]
    at = f" with {', '.join(turns)}" if turns else ""
    return f"{Path(file).name}:{line}: {shown}{at}"


def _call_at(module: ast.Module, place: tuple[int | None, ...]) -> ast.expr | None:
    """The expression that the interpreter was in."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            at = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
            if at == place:
                return node
    return None


def _loop_names(module: ast.Module, line: int) -> Iterator[str]:
    """What the loops around the line go through, the outermost first."""
    for node in ast.walk(module):
        loops = [node] if isinstance(node, ast.For) else getattr(node, "generators", [])
        if loops and node.lineno <= line <= node.end_lineno:  # type: ignore[attr-defined]
            for loop in loops:
                yield from (one.id for one in ast.walk(loop.target) if isinstance(one, ast.Name))
