"""The checkout that is under test, and who draws from a random generator of the whole process."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GENERATORS = {"default_rng", "Generator", "SeedSequence", "SFC64", "PCG64", "Philox"}


def sources(folders: Iterable[str]) -> dict[str, str]:
    """The text of every Python file in these folders of the checkout, by its path."""
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def global_randomness(texts: dict[str, str]) -> list[str]:
    """Each place that seeds or draws from a random generator of the whole process."""
    places = []
    for name, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and _is_global(ast.unparse(node.func)):
                places.append(f"{name}:{node.lineno} calls {ast.unparse(node.func)}")
    return places


def _is_global(called: str) -> bool:
    if called.endswith(".manual_seed") or called in {"torch.seed", "torch.initial_seed"}:
        return True
    for module in ("np.random.", "numpy.random."):
        if called.startswith(module):
            return re.split(r"[.(]", called.removeprefix(module))[0] not in GENERATORS
    return called.startswith("random.") and not called.startswith("random.Random")
