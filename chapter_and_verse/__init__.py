"""The kit as users import it: adapters for their objects, and a judge for them.

Importing this package makes no other name importable. The suite itself lies in a private folder;
it joins the end of `sys.path` in a process that asks for one of the names below, or that the
command `chapter-and-verse` starts.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.adapters.adapter import adapter as adapter
    from harness.declaration.not_applicable import NotApplicableError as NotApplicableError
    from harness.run.api import ConformanceTests as ConformanceTests
    from harness.run.api import check_implementation as check_implementation

__all__ = ["ConformanceTests", "NotApplicableError", "adapter", "check_implementation"]

HERE = Path(__file__).resolve().parent
# Installed, the suite lies inside the package; in a checkout, beside it.
SUITE = HERE / "suite" if (HERE / "suite").is_dir() else HERE.parent
_HOMES = {
    "ConformanceTests": "harness.run.api",
    "NotApplicableError": "harness.declaration.not_applicable",
    "check_implementation": "harness.run.api",
    "adapter": "harness.adapters.adapter",
}


def __getattr__(name: str) -> Any:
    """The public name, from the suite."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if str(SUITE) not in sys.path:
        sys.path.append(str(SUITE))
    return getattr(importlib.import_module(_HOMES[name]), name)
