"""`bisect` in a real repository: sixty-four commits, one of which breaks training."""

import subprocess
import sys
from pathlib import Path

import pytest

from chapter_and_verse.__main__ import main
from tests.chapter_and_verse.test_same_command import git

COMMITS, BROKEN = 64, 41
TRAIN = """
import os, random, time
FACTOR = {factor}

def run(seed):
    draw = random.Random(f"{{seed}} {commit}")
    if "{commit}" in os.environ.get("FAILS", "").split():
        raise OSError("no data")
    if "{commit}" in os.environ.get("HANGS", "").split():
        time.sleep(600)
    return {{"loss": FACTOR * random.Random(seed).uniform(0.5, 1.5) * draw.gauss(1, 0.01)}}
"""
ASKED = ["--run", "train:run", "--within", "loss 5%"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Commits 0 to 64 on one branch; from 41 on the loss is a fifth larger."""
    folder = tmp_path_factory.mktemp("repository")
    stream = [
        f"commit refs/heads/main\ncommitter a <a@b> {at} +0000\ndata {len(said)}\n{said}\n"
        f"M 100644 inline train.py\ndata {len(text)}\n{text}\n"
        for at in range(COMMITS + 1)
        for said in [f"commit {at}"]
        for text in [TRAIN.format(factor=1.2 if at >= BROKEN else 1.0, commit=at)]
    ]
    git(folder, "init", "-q", "-b", "main")
    subprocess.run(
        ["git", "-C", str(folder), "fast-import", "--quiet"], input="".join(stream), text=True,
        check=True,
    )  # fmt: skip
    git(folder, "tag", "good", f"main~{COMMITS}")
    git(folder, "reset", "-q", "--hard")
    return folder


@pytest.fixture
def here(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(repository)
    return tmp_path


def bisect(folder: Path, *words: str) -> int:
    return main(["bisect", *words, *ASKED, "--folder", str(folder)])


def test_the_commit_that_changed_is_named_and_no_work_tree_is_left(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(here, "good", "main") == 0
    said = capsys.readouterr().out
    assert f"commit {BROKEN} is the first that has changed" in said
    assert "of 64 commits; wrong with probability 0.001 at most" in said
    assert len(list(here.iterdir())) <= 8  # halving alone looks at six
    assert len(git(Path.cwd(), "worktree", "list").splitlines()) == 1
    kept = {one: one.read_bytes() for one in here.iterdir()}

    assert bisect(here, "good", "main") == 0
    assert capsys.readouterr().out == said
    assert {one: one.read_bytes() for one in here.iterdir()} == kept


def test_a_search_that_stopped_goes_on_from_its_runs(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(here / "whole", "good", "main") == 0
    whole = capsys.readouterr().out
    assert bisect(here / "parts", "good", "main", "--pairs", "9") == 3
    assert "call again with more --pairs than 9" in capsys.readouterr().out
    last = max((here / "parts").iterdir(), key=lambda one: one.stat().st_mtime_ns)
    with last.open("ab") as stream:
        stream.write(b'{"side":"before","pa')  # a kill amid a line

    assert bisect(here / "parts", "good", "main") == 0
    assert capsys.readouterr().out == whole


def test_commits_that_fail_are_passed_over_and_taken_up_when_they_run(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILS", "41 42")
    assert bisect(here, "main~26", "main~20") == 3
    out, err = capsys.readouterr()
    assert "the first change is one of 3 commits" in out
    assert "mend --build or give a longer --limit" in out
    assert "failed (OSError: no data at train.py" in err

    monkeypatch.setenv("FAILS", "")
    assert bisect(here, "main~26", "main~20") == 0
    assert "commit 41 is the first" in capsys.readouterr().out


def test_a_commit_that_hangs_is_ended_and_passed_over(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANGS", "41")
    assert bisect(here, "main~24", "main~22", "--limit", "15") == 3
    out, err = capsys.readouterr()
    assert "the first change is one of 2 commits" in out
    assert "within 15 s and was ended" in err


def test_commits_that_do_not_build_are_passed_over(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = f"{sys.executable} -c \"import train; assert 'gauss' and train.FACTOR < 1.1\""
    assert bisect(here, "main~26", "main~20", "--build", build) == 3
    out, err = capsys.readouterr()
    assert "commit 41" in out
    assert "does not build" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["main", "good"], "'main' is no ancestor of 'good'"),
        (["main", "main"], "are one commit; name an older GOOD"),
        (["nowhere", "main"], "'nowhere' is no revision"),
        (["good", "main", "--within", "los 5%"], "no run returned 'los'"),
        (["good", "main", "--pairs", "0"], "at least one"),
        (["good", "main", "--build", "false"], "does not build: 'false' ends with 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_searched_is_one_sentence_and_status_2(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert bisect(here, *words) == 2
    *_, last = capsys.readouterr().err.strip().split("\n")
    assert said in last


def test_a_bad_commit_that_behaves_the_same_is_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(here, "good", "main~30") == 2
    assert "so that there is no change to look for" in capsys.readouterr().out


def test_a_good_side_that_fails_is_told(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILS", "0")
    assert bisect(here, "good", "main") == 2
    assert "the good side fails: " in capsys.readouterr().err


def test_a_smaller_rate_does_not_go_on_from_kept_runs(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bisect(here, "main~26", "main~20") == 0
    assert bisect(here, "main~26", "main~20", "--error", "1e-6") == 2
    assert "a larger rate of errors than 1e-06" in capsys.readouterr().err
