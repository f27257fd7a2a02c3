"""A place to accept and to gate in, outside GitHub."""

from pathlib import Path

import pytest

from tests.reports.place import Place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return Place(tmp_path)
