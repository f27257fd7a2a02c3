"""A project with packages named as the suite's folders: the ways in, from the wheel."""

import json
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.wheel.installed import run
from tests.wheel.stranger import FILES, write

QUIET = ("-p", "no:randomly", "--no-cov", "-q")


def results(output: Path) -> set[tuple[str, str]]:
    lines = (output / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return {(record["claim"], record["verdict"]) for record in map(json.loads, lines)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pytest_cov")
    pytest.importorskip("pytest_timeout")
    return write(tmp_path_factory.mktemp("stranger"))


def test_her_tests_judge_state_and_claim_beside_other_plugins(python: Path, project: Path) -> None:
    """In worker processes, in random order, with coverage and a time limit."""
    done = run(python, project, "-m", "pytest", "-n", "2")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed, 1 xfailed" in done.stdout
    assert "2 statements: expected wrong answers" in done.stdout
    assert "src/strangers/layers.py" in done.stdout
    assert results(project / "out") == {
        ("do-eval", "CONFIRMED"),
        ("do-unbiased.variance", "CONFIRMED"),
        ("do-unbiased.variance", "REFUTED"),
        ("her-half", "CONFIRMED"),
    }


def test_her_object_is_judged_by_an_option(python: Path, project: Path) -> None:
    """In worker processes of the suite's own, which look modules up by name."""
    claims = ("--pyargs", "chapter_and_verse.claims.dropout", "--claims-only=do-eval")
    options = ("--claims-implementation=mine.toml", "--claims-executor=processes:2")

    done = run(python, project, "-m", "pytest", *QUIET, *claims, *options, "--claims-output=o")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert ("do-eval", "CONFIRMED") in results(project / "o")


def test_claims_of_her_own_are_measured_in_processes_where_they_can_be_found(
    python: Path, project: Path
) -> None:
    words = ("-P", "-m", "pytest", *QUIET, "tests/test_own.py", "--import-mode=importlib")
    hidden = ("-o", "pythonpath=src", "--noconftest")

    done = run(python, project, *words, *hidden, "--claims-executor=processes:2")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert "1e-09 for the one claim or test of your own" in done.stdout


def test_two_installations_in_one_run_are_told_in_a_sentence(
    python: Path, project: Path, tmp_path: Path
) -> None:
    """A conftest brings a checkout's plugin, and the wheel's fixture is asked for."""
    (tmp_path / "conftest.py").write_text(
        f"import sys\nsys.path.append({str(ROOT)!r})\npytest_plugins = ['harness.run.plugin']\n"
    )
    (tmp_path / "test_two.py").write_text(FILES["tests/test_own.py"])
    (tmp_path / "strangers").symlink_to(project / "src" / "strangers")

    done = run(python, tmp_path, "-m", "pytest", "-q")

    assert "chapter-and-verse is loaded twice, from" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
