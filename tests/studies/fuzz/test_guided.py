"""Fuzzing led by coverage starts, counts, and leaves what crashed; its own mutations are sound."""

import importlib.util
import random
import sys
from pathlib import Path

import pytest

from studies.fuzz import guided
from studies.fuzz.mutations import inputs, one_mutation
from tests.processes import python

needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris is not installed (the extra 'fuzz'; Linux on x86-64, Python < 3.14)",
)
# A reader that fails on the byte "!", in place of the suite's: all else is as it is.
FRAGILE = """
import sys, types
def read(data, file):
    if b"!" in data:
        raise ZeroDivisionError
    return ""
fake = types.ModuleType("studies.fuzz.targets")
fake.targets = lambda: {"fragile": types.SimpleNamespace(read=read, seeds=(b"{}",))}
sys.modules["studies.fuzz.targets"] = fake
from studies.fuzz import guided
sys.exit(guided.main(["fragile", "--inputs", "200000", "--corpus", sys.argv[1]]))
"""


@needs_atheris
def test_a_reader_is_tried_on_so_many_inputs(tmp_path: Path) -> None:
    done = python(
        "-m", "studies.fuzz.guided", "user file", "--inputs", "500", "--corpus", str(tmp_path),
        OMP_NUM_THREADS="1",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    assert "stat::number_of_executed_units: 500" in done.stderr
    assert (tmp_path / "seed-0").exists()


@needs_atheris
def test_the_input_that_crashed_a_reader_is_left(tmp_path: Path) -> None:
    done = python("-c", FRAGILE, str(tmp_path))

    assert done.returncode == 77
    assert "ZeroDivisionError" in done.stdout + done.stderr
    (crash,) = tmp_path.glob("crash-*")
    assert b"!" in crash.read_bytes()


def test_without_atheris_it_is_told_which_extra_has_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "atheris", None)
    assert guided.main(["idx"]) == 2
    assert "the extra 'fuzz'" in capsys.readouterr().out


@pytest.mark.parametrize(
    "data", [b"", b"3", b"[]", b'"x"', b"[" * 5000, b'{"a": [1, {"b": ' + b"9" * 5000 + b"}]}"]
)
def test_any_bytes_can_be_mutated(data: bytes) -> None:
    dice = random.Random(0)

    found = {one_mutation(data, dice) for _ in range(200)}

    assert len(found) > 1
    assert list(inputs((data,), 20, "a")) == list(inputs((data,), 20, "a"))
