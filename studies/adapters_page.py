"""Writes docs/adapters.md from the adapters' docstrings: `python -m studies.adapters_page`."""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from harness.adapters.adapter import ARRAYS, adapter
from studies.tables import ROOT

PAGE = ROOT / "docs" / "adapters.md"
HEAD = """<!-- generated: python -m studies.adapters_page; do not edit -->

# What each adapter takes

`adapter(role, thing, arrays=...)` of `chapter_and_verse` gives an object the signature of a role.
Here is which objects fit which roles; [what an object means by its arguments][means] is declared.
For a role that is not here write a function with the role's signature: [roles](roles.md).

[means]: your_own_implementation.md#what-your-object-means-by-its-arguments

```python
"""


def page() -> str:
    """The page as it should read now; all libraries have to be installed."""
    call = f"adapter{inspect.signature(adapter)}"
    told = "\n\n".join((inspect.getdoc(adapter) or "").split("\n\n")[1:])
    named = f"{HEAD}{call}\n```\n\n```text\n{told}\n```\n"
    return named + "".join(_library(name) for name in ARRAYS)


def _library(name: str) -> str:
    room = import_module(f"harness.adapters.from_{name}")
    heading = (room.__doc__ or "").splitlines()[0]
    rows = "".join(
        f"| {', '.join(f'`{role}`' for role in roles)} | {' '.join(str(made.__doc__).split())} |\n"
        for made, roles in _by_adapter(room.ADAPTERS).items()
    )
    return f"\n## `arrays={name!r}`\n\n{heading}\n\n| roles | an object |\n|---|---|\n{rows}"


def _by_adapter(adapters: Mapping[str, Callable[..., Any]]) -> dict[Callable[..., Any], list[str]]:
    found: dict[Callable[..., Any], list[str]] = {}
    for role, made in adapters.items():
        found.setdefault(made, []).append(role)
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
