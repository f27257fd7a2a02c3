"""The plugin in a project that is not the suite: unused, with `judge`, with claims of its own."""

import json
import re
from pathlib import Path
from typing import Any

from tests.processes import python
from tests.runs import run_here

PLUGIN = ("-p", "chapter_and_verse.plugin", "-p", "no:randomly")
HEAVY = ("hypothesis", "msgspec", "numpy", "scipy", "torch")
UNUSED = f"""
import sys

import pytest

status = pytest.main(["-q", "-p", "chapter_and_verse.plugin"])
ours = [name for name in sys.modules if name.split(".")[0] in ("harness", "claims", "reports")]
print(int(status), sorted(set({HEAVY}) & set(sys.modules)), len(ours))
"""
JUDGED = """
import pytest
from examples import toy_faults as toy
from harness.primitives.dropout import dropout as reference

FAST = pytest.mark.claims("do-eval", "do-printed.count")


@FAST
def test_mine(judge):
    record = judge(dropout=reference)
    assert record.as_expected


@FAST
class TestGrouped:
    @pytest.mark.parametrize("again", [1, 2])
    def test_mine(self, judge, again):
        judge(dropout="claims.dropout.faults.layer:forgets_to_rescale")


@pytest.mark.claims("do-eval", roles="dropout")
def test_helped(judge):
    helper(judge)


def helper(judge):
    judge(**{"dropout": toy.knows_no_mode})


@pytest.mark.claims("do-eval")
def test_twice(judge):
    judge(dropout=reference)
    judge(dropout=reference)


@pytest.mark.claims("do-eval")
def test_no_function(judge):
    judge(dropout=3)
"""


def records_in(output: Path) -> list[dict[str, Any]]:
    lines = (output / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_unused_it_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "test_hers.py").write_text("def test_hers():\n    pass\n")

    done = python("-c", UNUSED, folder=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    status, rest = done.stdout.strip().splitlines()[-1].split(" ", 1)
    loaded, count = rest.rsplit(" ", 1)
    assert (status, loaded) == ("0", "[]"), done.stdout + done.stderr
    assert int(count) < 20
    assert not (tmp_path / "out").exists()


def test_a_test_that_judges_is_one_test_a_claim(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(JUDGED)

    done = run_here(*PLUGIN, "-v", "--strict-markers", folder=tmp_path)

    found = re.findall(r"^test_mine\.py::(\S+) ([A-Z]+(?: APPLICABLE)?)", done.stdout, re.MULTILINE)
    assert dict(found) == {
        "test_mine[do-printed.count]": "CONFIRMED",
        "test_mine[do-eval]": "CONFIRMED",
        "TestGrouped::test_mine[do-printed.count-1]": "CONFIRMED",
        "TestGrouped::test_mine[do-printed.count-2]": "CONFIRMED",
        "TestGrouped::test_mine[do-eval-1]": "CONFIRMED",
        "TestGrouped::test_mine[do-eval-2]": "CONFIRMED",
        "test_helped[do-eval]": "NOT APPLICABLE",
        "test_twice[do-eval]": "FAILED",
        "test_no_function[do-eval]": "FAILED",
    }, done.stdout
    assert "1e-06 for each of 6 that `judge` is called with" in done.stdout
    assert "`judge` was called before; write a test for each object" in done.stdout
    assert "role 'dropout': ':int' is int, not something to call" in done.stdout
    assert "nothing about dropout was judged: one claim, NOT APPLICABLE" in done.stdout
    assert "During handling" not in done.stdout
    records = records_in(tmp_path / "out")
    assert len(records) == 8
    assert {one["rerun"].partition(" --claims-salt")[0] for one in records} >= {
        "python -m pytest 'test_mine.py::test_mine[do-eval]'"
    }


def test_of_torch_s_trace_nothing_is_shown_where_a_claim_fails(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("""
import logging
import pytest
from claims.dropout.faults.layer import forgets_to_rescale

@pytest.mark.claims("do-printed")
def test_mine(judge):
    logging.getLogger("torch.__trace").warning("")
    logging.getLogger("mine").warning("said by the object")
    judge(dropout=forgets_to_rescale)
""")

    done = run_here(*PLUGIN, folder=tmp_path)

    assert "said by the object" in done.stdout
    assert "torch.__trace" not in done.stdout


WRONG = {
    "def test_misspelt(judge):\n    judge(dropuot=None)\n": (
        "no primitive named 'dropuot'; did you mean 'dropout'?"
    ),
    "def test_hidden(judge):\n    judge(**{})\n": (
        'name them: @pytest.mark.claims(roles="dropout")'
    ),
    "import pytest\n@pytest.mark.claims('do-evil')\ndef test_it(judge):\n    judge(dropout=0)\n": (
        "claims=['do-evil']: no claim of that id takes one of dropout"
    ),
}
OWN = """
from chapter_and_verse import claim, more_often_than_not


@claim("coin", "A coin of 95 % shows heads", source="a test", holds=more_often_than_not())
def a_coin_shows_heads(replicates, stream):
    return stream.numpy().random(replicates) < 0.95


def test_a_rate(trial):
    trial.rate(lambda n, rng: rng.random(n) < 0.1, equals=0.1, within=0.05)


def test_another(trial):
    trial.rate(lambda n, rng: rng.random(n) < 0.1, equals=0.5, within=0.05)


def test_training(same):
    same(lambda seed: {"loss": 1.0}, lambda seed: {"loss": 1.0001}, {"loss": "5%"})
"""


def test_a_test_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path) -> None:
    for number, text in enumerate(WRONG):
        (tmp_path / f"test_{number}.py").write_text(text)

    done = run_here(*PLUGIN, folder=tmp_path)

    assert "3 errors" in done.stdout
    assert [says for says in WRONG.values() if says not in done.stdout] == [], done.stdout
    assert "Traceback" not in done.stdout


def test_claims_and_statements_of_ones_own_stand_beside_tests(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(OWN)

    whole = run_here(*PLUGIN, folder=tmp_path)
    alone = run_here(*PLUGIN, "-k", "coin", "--claims-output=alone", folder=tmp_path)

    assert "1 failed, 3 passed" in whole.stdout, whole.stdout + whole.stderr
    assert "1e-09 for each of 4 claims or tests of your own" in whole.stdout
    assert "1e-09 for the one claim or test of your own" in alone.stdout
    assert "the rate equals 0.5 within 0.05: is refuted" in whole.stdout
    assert "3 statements: expected wrong answers in 10 000 such runs" in whole.stdout
    assert "1 passed, 3 deselected" in alone.stdout
    (first,), (second,) = (records_in(tmp_path / folder) for folder in ("out", "alone"))
    assert first["alpha"] == second["alpha"] == 1e-9
    assert first["digest"] == second["digest"]
