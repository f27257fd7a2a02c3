"""The shell commands of docs/ci.md and action.yml are run, on a suite of two claims.

What installs is left out, and there are two processes instead of twelve; nothing else differs.
"""

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from studies.kills.toy import COIN, IMPORTS
from tests.checkout import ROOT
from tests.processes import PATIENCE
from tests.reports.timing.test_compare_timings import BENCHMARK, git

BLOCK = re.compile(r"^```(bash|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INSTALLS = "python -m pip install"
BOOK = {
    "__init__.py": "",
    "costs.tsv": "claim\tseconds\tblock\tdraws\tinstance\tshare\tshrink\n"
    "toy-coin\t0.001\t4\t\t\t\tyes\n",
    "contents.py": """
from harness.declaration.book import Section, Topic
from harness.text import Text

CONTENTS = (
    Topic("coins", Text("Coins", "硬币"), (Section("toy", Text("Toys", "玩具"), ("toy",)),)),
)
""",
    "coins/__init__.py": "",
    "coins/toy.py": IMPORTS + COIN,
    "coins/faults/__init__.py": "",
    "coins/faults/negative.py": '''
from harness.declaration.book import fault


@fault("relu", breaks="toy-coin")
def is_negative(x):
    """The other half."""
    return -x
''',
}


def scripts(text: str) -> Iterator[str]:
    """Each shell script of a document: fenced bash, and what `run` and `script` hold in YAML."""
    for language, body in BLOCK.findall(text):
        if language == "bash":
            yield body
        else:
            yield from of_yaml(body)


def of_yaml(body: str) -> Iterator[str]:
    """`run: command`, `run: |` with what is indented below, and the same as items of `script`."""
    lines = body.splitlines()
    listed = -1  # the indentation of the `script:` that we are in
    for number, line in enumerate(lines):
        stripped = line.lstrip()
        indent = len(line) - len(stripped)
        if listed >= 0 and indent <= listed:
            listed = -1
        if stripped in ("script:", "before_script:"):
            listed = indent
        found = re.match(r"(?:- )?run: (.*)", stripped)
        item = re.match(r"- (.*)", stripped) if listed >= 0 and not found else None
        match = found or item
        if match is None or (item and indent > listed + 2):
            continue
        if match[1] != "|":
            yield match[1]
            continue
        below = []
        for following in lines[number + 1 :]:
            if following.strip() and len(following) - len(following.lstrip()) <= indent:
                break
            below.append(following)
        yield textwrap.dedent("\n".join(below))


def numbered(file: str) -> list[object]:
    text = (ROOT / file).read_text(encoding="utf-8")
    found = scripts(text) if file.endswith(".md") else of_yaml(text)
    kept = dict.fromkeys(script for script in found if not script.startswith(INSTALLS))
    return [pytest.param(script, id=f"{file}-{i}") for i, script in enumerate(kept)]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a claim and a benchmark, a run behind it, and the tag `base`."""
    (tmp_path / "benchmarks").mkdir()
    for file, text in BOOK.items():
        (tmp_path / "claims" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "claims" / file).write_text(text)
    sticks = BENCHMARK + BENCHMARK.replace("test_work", "test_yardstick").replace(
        "def test_", "@pytest.mark.parametrize('kernel', ['loop'])\ndef test_"
    ).replace("(benchmark):", "(benchmark, kernel):")
    work = "import pytest\n" + sticks.format(loops=20_000)
    (tmp_path / "benchmarks" / "test_work.py").write_text(work)
    (tmp_path / "conftest.py").write_text(
        'pytest_plugins = ["harness.run.plugin", "reports.gate.in_pytest"]\n'
    )
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npython_files = ["toy*.py", "test_*.py"]\n'
        'addopts = ["--import-mode=importlib"]\n'
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "mine.py").write_text("import torch\n\ntanh = torch.tanh\n")
    (tmp_path / ".gitignore").write_text("out/\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "base")
    git(tmp_path, "tag", "base")
    return tmp_path


def run(script: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    hidden = ("PYTEST", "CLAIMS", "GITHUB", "CI")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    given = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(checkout), str(ROOT)]),
        "PYTEST_XDIST_AUTO_NUM_WORKERS": "1",
        "BASE": "base",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "base",
        "CI_COMMIT_SHA": "0123abc",
        "GITHUB_SHA": "0123abc",
        "GITHUB_OUTPUT": str(checkout / "github_output"),
        "PROFILE": "quick",
        "SALT": "",
        "IMPLEMENTATION": "tanh=mine:tanh\n",
        "OUTPUT": str(checkout / "out"),
        "BASELINE": str(checkout / "baseline.json"),
    }
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script.replace("seq 12", "seq 2")], cwd=checkout,
        env={**environment, **given}, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("script", [*numbered("docs/ci.md"), *numbered("action.yml")])
def test_every_script_runs(script: str, checkout: Path) -> None:
    if not re.search("pytest claims |judge", script) and "compare-timings" not in script:
        run("python -m pytest claims", checkout)

    done = run(script, checkout)

    # Two processes cannot decide: the timings are undecided, and say how to go on.
    wanted = 3 if "seq 12" in script else 0
    assert done.returncode == wanted, done.stdout + done.stderr


def test_the_scripts_are_found() -> None:
    assert len(numbered("docs/ci.md")) == 11
    assert len(numbered("action.yml")) == 2


def test_a_red_gate_fails_its_step(checkout: Path) -> None:
    run("python -m pytest claims && python -m reports accept", checkout)
    baseline = checkout / "baseline.json"
    baseline.write_text(baseline.read_text().replace("toy-coin [", "toy-gone ["))

    records = checkout / "out" / "records.jsonl"
    records.write_text(records.read_text() + records.read_text().replace("toy-coin", "toy-gone"))
    records.write_text("\n".join(records.read_text().splitlines()[:1]) + "\n")
    done = run("python -m reports gate", checkout)

    assert done.returncode == 2
    assert "the baseline is of another suite" in done.stderr
