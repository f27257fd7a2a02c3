"""The wheel of this tree, and a Python of its own that has it installed: made once a process."""

from pathlib import Path

import pytest

from tests.wheel.installed import build, fresh_python


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the wheel's build backend is not installed here")
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fresh_python(wheel, tmp_path_factory.mktemp("fresh") / "venv")
