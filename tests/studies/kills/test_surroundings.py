"""Clocks that jump, odd paths, no home, no terminal, an old locale: the same verdicts."""

import os
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from examples import toys
from harness.records.from_examination import record_of
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import examine
from studies.kills.toy import Results, Toy, coin
from tests.checkout import ROOT

COINS = (coin(1), coin(2, bias=0.9), coin("false", bias=0.1))
ESCAPE = "\x1b"


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The results of an ordinary run."""
    toy = Toy(tmp_path_factory.mktemp("ordinary"), *COINS)
    toy.run("-q")
    return toy.results()


JUMPING = """
import itertools, time
_now, _step = time.time(), itertools.count()
# Ten years back and forth at every reading.
time.time = lambda: _now + 3e8 * (-1) ** next(_step)
time.time_ns = lambda: int(time.time() * 1e9)
"""


def test_a_clock_that_jumps_changes_no_verdict(tmp_path: Path, expected: Results) -> None:
    toy = Toy(tmp_path / "toy", *COINS)
    conftest = toy.folder / "conftest.py"
    conftest.write_text(JUMPING + conftest.read_text())

    status, text = toy.run()

    assert status == 1, text  # the false coin is refuted
    assert toy.results() == expected
    assert all(record["seconds"] >= 0 for record in toy.records())


def test_a_clock_that_jumps_in_between_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    claim, conditions = toys.coin(0.95), Conditions()
    plain = examine(claim, conditions, Shares(1e-6, 1e-6))

    steps = count()
    monkeypatch.setattr(time, "time", lambda: 1e9 * (-1) ** next(steps))
    jumped = examine(claim, conditions, Shares(1e-6, 1e-6))

    assert jumped.trials[0].digest == plain.trials[0].digest
    assert jumped.trials[0].trail == plain.trials[0].trail
    assert record_of(jumped, 0, ROOT).seconds >= 0


@pytest.mark.parametrize("name", ["two words", "дом и 测试 é", "a'b\"c$d;e", "#%&"])
def test_odd_paths_work_from_run_to_report(tmp_path: Path, expected: Results, name: str) -> None:
    toy = Toy(tmp_path / name, *COINS)
    output = f"out {name}"

    status, text = toy.run(f"--claims-output={output}")

    file = toy.folder / output / "records.jsonl"
    assert status == 1, text
    assert toy.results(file) == expected
    page = toy.folder / output / "page.html"
    done = subprocess.run(
        [sys.executable, "-m", "reports", "html", "--records", str(file), "--output", str(page)],
        cwd=toy.folder, env=toy.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert page.stat().st_size > 0


def test_without_a_home_the_verdicts_are_the_same(tmp_path: Path, expected: Results) -> None:
    toy = Toy(tmp_path / "toy", *COINS)
    gone = dict.fromkeys(("HOME", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"))

    status, text = toy.run(environment=toy.environment(**gone))

    assert status == 1, text
    assert toy.results() == expected


def test_a_home_that_cannot_be_written_is_none(tmp_path: Path, expected: Results) -> None:
    toy = Toy(tmp_path / "toy", *COINS)

    status, text = toy.run(environment=toy.environment(HOME="/proc/nowhere"))

    assert status == 1, text
    assert toy.results() == expected


def test_without_a_terminal_there_is_no_meter_or_colour(tmp_path: Path, expected: Results) -> None:
    slow = coin("slow", before="import time; time.sleep(0.5)")
    toy = Toy(tmp_path / "toy", *COINS, slow)

    status, text = toy.run(environment=toy.environment(TERM=None, FORCE_COLOR=None))

    assert status == 1
    assert ESCAPE not in text
    assert "\r" not in text
    assert "nats for" not in text
    assert {name: r for name, r in toy.results().items() if name in expected} == expected


def test_with_a_terminal_the_meter_is_drawn_and_taken_away(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    toy = Toy(tmp_path / "toy", coin("slow", before="import time; time.sleep(0.4)"))
    ours, theirs = pty.openpty()

    process = toy.start(
        stdout=theirs, stderr=theirs, environment=toy.environment(TERM="xterm", CI=None)
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    process.wait(60)
    os.close(ours)

    assert process.returncode == 0
    assert b"nats for" in shown


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii:strict"},
    ],
    ids=["as Python helps", "ascii", "strict ascii"],
)
def test_the_c_locale_changes_no_record_and_breaks_no_report(
    tmp_path: Path, expected: Results, changes: dict[str, str]
) -> None:
    toy = Toy(tmp_path / "toy", *COINS)
    environment = toy.environment(LC_ALL="C", LANG="C", LANGUAGE=None, **changes)

    status, text = toy.run(environment=environment)

    assert status == 1, text
    assert toy.results() == expected
    assert toy.records()[0]["sentence"]["zh"] == "玩具论断"
    page = toy.folder / "page.html"
    for command in (["html", "--output", str(page)],):
        done = subprocess.run(
            [sys.executable, "-m", "reports", *command], cwd=toy.folder, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert "玩具论断" in page.read_text(encoding="utf-8")
