"""`same` and `record` as people call them: revisions of a real repository, and their statuses."""

import subprocess
import sys
from pathlib import Path

import pytest

from chapter_and_verse.__main__ import main

TRAIN = """
import random, time
FACTOR = {factor}

def run(seed):
    print("what it prints is no answer")
    return {{"loss": FACTOR * random.Random(seed).uniform(0.9, 1.1)}}

def hangs(seed):
    time.sleep(60)

def on_device(seed, device):
    return {{"loss": 1.0}}
"""
ASKED = ["--run", "train:run", "--within", "loss 5%"]


def git(folder: Path, *words: str) -> str:
    named = ["-c", "user.name=a", "-c", "user.email=a@b"]
    command = ["git", "-C", str(folder), *named, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of four commits: as it was, a ten-thousandth more, a fifth more, broken."""
    git(tmp_path, "init", "-q")
    for factor in ("1.0", "1.0001", "1.2", "("):
        (tmp_path / "train.py").write_text(TRAIN.format(factor=factor), encoding="utf-8")
        git(tmp_path, "add", "train.py")
        git(tmp_path, "commit", "-qm", f"factor {factor}")
    git(tmp_path, "checkout", "-q", "HEAD~1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_revisions_are_the_same_or_changed_and_leave_no_work_tree(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["same", "HEAD~2", "HEAD~1", *ASKED]) == 0
    assert "SAME" in capsys.readouterr().out
    assert main(["same", "HEAD~1", ".", *ASKED]) == 1
    assert "loss: CHANGED, median +20 %" in capsys.readouterr().out
    assert main(["same", "HEAD~1", ".", *ASKED, "--report", "page.html"]) == 1
    page = (project / "page.html").read_text(encoding="utf-8")
    assert ". has changed, against" in page
    assert "loss 5%" in page
    assert main(["same", "HEAD~2", "HEAD~1", *ASKED, "--pairs", "5", "--salt", "x"]) == 3
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_a_python_variables_and_a_device_are_sides(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["same", sys.executable, "OMP_NUM_THREADS=2,A=b", *ASKED]) == 0
    asked = ["--run", "train:on_device", "--within", "loss 5%"]
    assert main(["same", "cpu", "cpu", *asked]) == 0


def test_a_module_that_names_a_file_which_is_none_is_no_code(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = "import sys, types\nsys.modules['made'] = types.ModuleType('made')\n"
    made += "sys.modules['made'].__file__ = '_made.py'\n"  # as torch.ops, of every module of torch
    (project / "train.py").write_text(made + TRAIN.format(factor=1), encoding="utf-8")

    assert main(["same", "A=b", "A=c", *ASKED]) == 0


def test_recorded_runs_are_a_side(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "HEAD~2", "--run", "train:run", "--output", "golden.jsonl"]) == 0
    assert main(["same", "golden.jsonl", "HEAD~1", *ASKED]) == 0
    assert main(["same", "golden.jsonl", ".", *ASKED]) == 1


def test_code_that_a_run_imports_late_does_not_go_on_from_the_file(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = "def run(seed):\n    import behind\n    return {'loss': behind.LOSS}\n"
    (project / "late.py").write_text(late, encoding="utf-8")
    (project / "behind.py").write_text("LOSS = 1.0\n", encoding="utf-8")
    words = ["same", ".", ".", "--run", "late:run", "--within", "loss 5%", "--file", "runs.jsonl"]
    assert main(words) == 0
    (project / "behind.py").write_text("LOSS = 2.0\n", encoding="utf-8")

    assert main(words) == 2
    assert "holds runs of another before" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["HEAD", "nowhere", *ASKED], "'nowhere' is no revision"),
        (["HEAD", "master", *ASKED], "train:run cannot be imported (SyntaxError"),
        (["HEAD", ".", "--run", "train:run"], "no margin was given"),
        (["HEAD", ".", "--run", "train", "--within", "loss 1%"], "names no function"),
        (["HEAD~1", "HEAD", *ASKED, "--build", "false"], "does not build: 'false' ends with 1"),
        (
            ["HEAD", ".", "--run", "train:hangs", "--within", "loss 1%", "--limit", "15"],
            "did not run pair 0",
        ),
        (["gone.jsonl", ".", *ASKED], "cannot be read"),
        (["HEAD", ".", *ASKED, "--error", "0"], "a rate of errors"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_compared_is_one_sentence_and_status_2(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["same", *words]) == 2
    *_, last = capsys.readouterr().err.strip().split("\n")
    assert said in last
    assert len(git(project, "worktree", "list").splitlines()) == 1
