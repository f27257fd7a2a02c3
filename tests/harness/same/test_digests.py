"""What a digest of a function cannot see is said: code whose imports nobody can read."""

import importlib
from pathlib import Path

import pytest

from harness.same.digests import code_of

COMPUTED = """
import importlib

FACTOR = {factor}


def train(seed):
    importlib.import_module("js" + "on")
    return {{"loss": FACTOR}}
"""


def test_a_module_that_imports_a_computed_name_is_said_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    found = []
    for factor in (1, 2):
        name = f"computed_{factor}"
        (tmp_path / f"{name}.py").write_text(COMPUTED.format(factor=factor), encoding="utf-8")
        function = importlib.import_module(name).train
        function.__module__ = function.__qualname__ = "computed"
        found.append(code_of(function))

    one, other = found
    assert "line 8 imports a name that is computed" in one.unseen
    assert one.digest != other.digest


def test_a_function_of_a_script_is_known_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(seed: int) -> dict[str, float]:
        return {"loss": 1.0}

    monkeypatch.setattr(train, "__module__", "__main__")

    assert "of __main__" in code_of(train).unseen
    assert "put it into a module" in code_of(train).unseen
