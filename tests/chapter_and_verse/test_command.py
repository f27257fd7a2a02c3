"""The command: what pytest is called with, what is listed, and what a wrong word is told."""

import ast
import contextlib
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chapter_and_verse import SUITE, __version__, lists
from chapter_and_verse.__main__ import main
from harness.declaration.roles import ROLES
from harness.run import suite
from tests.processes import python

Calls = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What pytest was called with, and its environment."""
    calls: Calls = []

    @contextlib.contextmanager
    def run(words: list[str], env: dict[str, str]) -> Iterator[Any]:
        calls.append((words[3:], env))
        yield SimpleNamespace(wait=lambda: 7)

    monkeypatch.setattr("subprocess.Popen", run)
    return calls


def judged(called: Calls, *words: str) -> list[str]:
    """Pytest's own options of the suite, and what follows the folder of the claims."""
    assert main(["judge", *words]) == 7
    given = called[-1][0]
    return [word for word in given if word.startswith("--claims")] + given[
        given.index(str(SUITE / "claims")) + 1 :
    ]


def test_objects_and_options_are_handed_to_pytest(
    called: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    words = judged(called, "dropout=a:b", "mine.toml", "--only", "do-eval", "--only=x", "--all")

    assert words == [
        "--claims-implementation=dropout=a:b", "--claims-implementation=mine.toml",
        "--claims-profile=quick", "--claims-all", f"--claims-output={tmp_path / 'out'}",
        "--claims-only=do-eval", "--claims-only=x",
    ]  # fmt: skip


def test_an_option_may_have_the_name_that_pytest_and_its_messages_give_it(called: Calls) -> None:
    assert judged(called, "--claims-all", "--claims-only=x") == judged(called, "--all", "--only=x")


def test_without_objects_the_reference_is_examined(called: Calls) -> None:
    words = judged(called, "--profile=dev", "--output=/o", "--gate", "--baseline=/b")

    assert words == [
        "--claims-profile=dev", "--claims-output=/o", "--claims-gate", "--claims-baseline=/b",
    ]  # fmt: skip


def test_what_follows_two_dashes_is_pytest_s(called: Calls) -> None:
    assert judged(called, "--output=/o", "--", "-n", "2", "-k", "a") == [
        "--claims-output=/o", "-n", "2", "-k", "a",
    ]  # fmt: skip


def test_modules_are_found_in_the_folder_and_in_src(
    called: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/before")
    found = []

    for _ in range(2):
        judged(called)
        found.append(called[-1][1]["PYTHONPATH"])
        (tmp_path / "src").mkdir(exist_ok=True)

    assert found == [f"{tmp_path}:/before", f"{tmp_path}:{tmp_path / 'src'}:/before"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("/bin/chapter-and-verse", "chapter-and-verse"),
        ("/a/__main__.py", "python -m chapter_and_verse"),
    ],
)
def test_a_run_is_repeated_as_it_was_called(
    called: Calls, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    monkeypatch.setattr("sys.argv", [script, "judge"])

    judged(called)

    assert called[-1][1]["CLAIMS_COMMAND"] == f"{said} judge"


def test_roles_are_listed_with_what_they_return(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roles"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == list(ROLES)
    assert all(len(line.split()) > 3 for line in lines)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_shown_as_its_reference_is(role: str) -> None:
    module, _, name = ROLES[role].partition(":")
    reference = getattr(importlib.import_module(module), name)

    signature, said = lists.protocol(role)

    (shown,) = ast.parse(f"def {signature}: ...").body
    assert isinstance(shown, ast.FunctionDef)
    arguments = [*shown.args.posonlyargs, *shown.args.args, *shown.args.kwonlyargs]
    assert [one.arg for one in arguments] == [
        one.name
        for one in inspect.signature(reference).parameters.values()
        if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    assert said == inspect.getdoc(reference)


def test_claims_are_listed_by_role(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "dropout", "relu"]) == 0
    some = capsys.readouterr().out.splitlines()
    assert main(["claims"]) == 0
    every = capsys.readouterr().out.splitlines()

    expected = [c.id for c in suite.whole_suite() if {"dropout", "relu"} & set(c.roles)]
    assert [line.split()[0] for line in some[:-1]] == expected
    assert len(every) == len(suite.whole_suite()) + 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["roles", "dropuot"], "did you mean 'dropout'?"),
        (["claims", "dropuot"], "did you mean 'dropout'?"),
        (["judged"], "invalid choice: 'judged'"),
        (["roles", "--", "-x"], "is for pytest, which roles does not run"),
        (["judge", "--sallt=a"], "unrecognized arguments: --sallt=a"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_a_wrong_word_ends_with_status_2(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"chapter-and-verse {__version__}\n"


@pytest.mark.parametrize("command", ["report", "gate", "accept"])
def test_reports_say_what_is_missing(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)

    assert main([command]) == 2

    assert "run the claims first" in capsys.readouterr().err


def test_a_shell_is_told_how_a_word_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("argcomplete")
    asked: dict[str, Any] = {
        "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": " ", "COMP_LINE": "chapter-and-verse ro",
        "COMP_POINT": "20", "_ARGCOMPLETE_STDOUT_FILENAME": str(tmp_path / "answer"),
    }  # fmt: skip

    python("-m", "chapter_and_verse", **asked)

    assert (tmp_path / "answer").read_text().split() == ["roles"]
