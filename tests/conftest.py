"""What takes minutes begins first, so that no process is left alone with it at the end."""

import pytest

from tests.checkout import ROOT

# The wheel's tests stand together: one process builds it and its environment for them all.
FIRST = (
    "tests/harness/adapters/test_frameworks.py", "tests/wheel", "tests/studies/kills",
    "tests/docs/test_docs_are_followed.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The rest stays in the order that it has, at random or as written."""
    items.sort(key=lambda item: _place(item.path.relative_to(ROOT).as_posix()))


def _place(file: str) -> int:
    return next((n for n, part in enumerate(FIRST) if file.startswith(part)), len(FIRST))
