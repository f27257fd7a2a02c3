"""A run that goes on from another one takes over what is the same, and says what is not."""

from pathlib import Path

import pytest

from tests.harness.run.plugin.conftest import Run, Suite

CLAIMS = """
@claim("toy-relu", "The identity is one", "玩具论断",
       holds=exactly_equal(), block=1, seconds=0.001, **COMMON)
def relu_is_one(relu):
    return np.where(relu(np.ones(4)) == 1.0, 0.0, np.inf)

@claim("toy-tanh", "The identity is one", "玩具论断",
       holds=exactly_equal(), block=1, seconds=0.001, **COMMON)
def tanh_is_one(tanh):
    return np.where(tanh(np.ones(4)) == 1.0, 0.0, np.inf)
"""
COUNTED = """
def relu(x):
    with open("called", "a") as file:
        file.write("once ")
    return x
"""
MINE = ("--claims-implementation=relu=mine:relu", "--claims-implementation=tanh=theirs:tanh")
ANEW = "examined anew: "


def lines_of(run: Run) -> list[str]:
    return [line for line in run.text.splitlines() if line.startswith(ANEW)]


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text("from helpers import relu\n")
    (tmp_path / "helpers.py").write_text("def relu(x):\n    return x\n")
    (tmp_path / "theirs.py").write_text("def tanh(x):\n    return x\n")
    return tmp_path


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["here", "xdist"])
def test_what_a_changed_module_is_behind_is_examined_anew(
    suite: Suite, suite_apart: Suite, modules: Path, workers: tuple[str, ...]
) -> None:
    # A worker of pytest-xdist finds what can be imported from where this process began.
    run = suite_apart if workers else suite
    go_on = (*MINE, *workers, "--claims-continue")
    first = run(*MINE, claims=CLAIMS)
    same = run(*go_on, claims=CLAIMS)
    (modules / "helpers.py").write_text("def relu(x):\n    return x * 2\n")
    broken = run(*go_on, claims=CLAIMS)

    assert first.status == same.status == 0, first.text
    assert lines_of(same) == []
    assert lines_of(broken) == ["examined anew: 1 claim, the module helpers changed"]
    assert broken.status == 1
    assert [(r["claim"], r["verdict"]) for r in broken.records] == [
        ("toy-relu", "CONFIRMED"), ("toy-tanh", "CONFIRMED"), ("toy-relu", "REFUTED"),
    ]  # fmt: skip


def test_another_run_is_examined_anew_and_says_why(suite: Suite, modules: Path) -> None:
    suite(*MINE, claims=CLAIMS)

    run = suite(*MINE, "--claims-salt=another", "--claims-continue", claims=CLAIMS + "\nx = 1\n")

    assert lines_of(run) == [
        "examined anew: 2 claims, the claims' own text changed",
        "examined anew: 2 claims, the salt changed",
    ]


def test_what_cannot_be_known_is_never_taken_over(suite: Suite, modules: Path) -> None:
    (modules / "mine.py").write_text("exec('from helpers import relu')\n")
    (modules / "helpers.py").write_text(COUNTED)
    suite(*MINE, claims=CLAIMS)
    called = (modules / "called").read_text()

    run = suite(*MINE, "--claims-continue", claims=CLAIMS)

    assert lines_of(run) == [
        "examined anew: 1 claim, the module mine is unknown: mine.py, line 1 runs code by exec"
    ]
    assert (modules / "called").read_text() == 2 * called
