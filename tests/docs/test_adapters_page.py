"""The page of adapters is the one that their docstrings make."""

import pytest

from studies.adapters_page import PAGE, page


@pytest.mark.filterwarnings("default")  # of the libraries, when they are imported
def test_the_page_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    for library in ("flax", "keras", "optax", "sklearn"):
        pytest.importorskip(library)

    written = PAGE.read_text(encoding="utf-8")

    assert written == page(), "docs/adapters.md is out of date: run python -m studies.adapters_page"
