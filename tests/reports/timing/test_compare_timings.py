"""Timings: base and head in turn, or by yardsticks, and what cannot be compared."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.statistics.comparison.confirmation import look_sizes
from harness.statistics.comparison.slowdown import Margins
from reports.benchmark_json import TimingsError, read_process
from reports.commands import main
from reports.statuses import GREEN, NOTHING, RED, UNDECIDED, UNUSABLE
from reports.timing.fork_server import FOLDER
from reports.timing.interleaved import Enough, Measured, Plan, interleaved_timer
from reports.timing.rounds import CONFIRM_STARTS, SCREEN, rounds
from reports.timing.work_trees import work_tree
from reports.timings_file import Timed, read_timings, write_timings
from studies.report.records import write
from tests.processes import python
from tests.reports.place import Place, expected_records

Capture = pytest.CaptureFixture[str]
NAMES = [f"benchmarks/test_toy.py::test_row[{i}]" for i in range(12)]


class Machine:
    """Two trees whose rows take one second with 1 % noise, but for what is slower in the head."""

    def __init__(self, slower: Mapping[str, float], noise: float = 0.01) -> None:
        self.slower = slower
        self.noise = noise
        self.rng = np.random.default_rng(0)
        self.calls: list[tuple[list[str], list[str]]] = []
        self.plans: list[Plan] = []

    def __call__(
        self, trees: Sequence[Path], chosen: Sequence[str], plan: Plan, enough: Enough
    ) -> Measured:
        names = NAMES if chosen[0] == FOLDER else list(chosen)
        self.calls.append(([tree.name for tree in trees], list(chosen)))
        logs = {
            name: [[self.process(tree, name, plan) for tree in trees] for _ in plan.starts]
            for name in names
        }
        self.plans.append(plan)
        return Measured(logs, [frozenset(names)] * len(trees))

    def process(self, tree: Path, name: str, plan: Plan) -> list[float]:
        factor = self.slower.get(name, 1.0) if tree.name == "head" else 1.0
        return list(self.rng.normal(np.log(factor), self.noise, plan.children))


def timed(machine: Machine, budget: int = 24) -> Timed:
    return rounds(Path("base"), Path("head"), "", Margins(), budget, lambda _: None, machine)


def test_base_and_head_are_timed_side_by_side() -> None:
    machine = Machine({})
    timed(machine)
    assert [trees for trees, _ in machine.calls] == [["base", "head"]]


def test_only_the_rows_that_the_screen_leaves_are_confirmed_at_new_starts() -> None:
    machine = Machine({NAMES[3]: 1.10})

    result = timed(machine)

    assert [chosen for _, chosen in machine.calls[1:]] == [[NAMES[3]]]
    first = look_sizes(1, Margins(), 24, CONFIRM_STARTS)[0]
    assert [plan.children for plan in machine.plans] == [SCREEN.children, first]
    assert [len(stratum) for stratum in result.rows[NAMES[3]].looks] == [CONFIRM_STARTS]
    assert len(result.rows[NAMES[3]].looks) == 1
    assert all(not result.rows[name].looks for name in NAMES if name != NAMES[3])


def judged(place: Place, result: Timed) -> int:
    place.accept(expected_records())
    file = place.folder / "timings.json"
    write_timings(file, result)
    return place.gate(expected_records(), "--timings", str(file))


@pytest.mark.parametrize(("slower", "noise", "status", "said"), [
    ({}, 0.01, GREEN, "12 of 12 benchmarks are not slower by 10 %"),
    ({NAMES[2]: 1.12}, 0.01, RED, "test_row[2]: is slower: 1.1"),
    ({}, 0.3, UNDECIDED, "is UNDECIDED: "),
])  # fmt: skip
def test_the_gate_judges_the_rows(
    place: Place, capsys: Capture, slower: dict[str, float], noise: float, status: int, said: str
) -> None:
    result = timed(Machine(slower, noise))

    assert judged(place, result) == status

    told = capsys.readouterr().out
    assert said in told
    assert (status == GREEN) or "--rounds 48" in told


def test_a_vanished_benchmark_is_red_and_a_new_one_is_new(place: Place, capsys: Capture) -> None:
    result = Timed(timed(Machine({})).rows, [NAMES[0]], [NAMES[1]])

    assert judged(place, result) == RED

    told = capsys.readouterr().out
    assert "test_row[0]: the benchmark has vanished" in told
    assert "1 benchmarks have no baseline" in told


def benchmark_file(path: Path, slower: Mapping[str, float], load: float, seed: int) -> Path:
    """pytest-benchmark's JSON of one process on a machine under a load of its own."""
    rng = np.random.default_rng(seed)
    rows = [*NAMES, "benchmarks/test_yardsticks.py::test_yardstick[copy]"]
    entries: list[dict[str, Any]] = [
        {
            "fullname": name,
            "params": {"device": "cpu"},
            "extra_info": {"device": "a processor"},
            "options": {"timer": "perf_counter"},
            "stats": {"median": load * slower.get(name, 1.0) * float(np.exp(rng.normal(0, 0.01)))},
        }
        for name in rows
    ]
    about = {"cpu": {}, "python_version": "3.11.2", "torch": "2.13.0", "torch_threads": 1}
    path.write_text(json.dumps({"machine_info": about, "benchmarks": entries}), encoding="utf-8")
    return path


def files(place: Place, name: str, slower: Mapping[str, float], load: float) -> list[str]:
    seeds = range(12)
    made = (
        benchmark_file(
            place.folder / f"{name}{i}.json", slower, load * (1 + i / 9), 31 * i + len(name)
        )
        for i in seeds
    )
    return [str(file) for file in made]


@pytest.mark.parametrize(("factor", "status"), [(1.0, GREEN), (1.15, RED)])
def test_yardsticks_take_the_load_of_the_machine_out(
    place: Place, capsys: Capture, factor: float, status: int
) -> None:
    place.accept(expected_records(), "--benchmarks", *files(place, "base", {}, 1.0))

    slower = files(place, "head", {NAMES[5]: factor}, 2.5)
    reached = place.gate(expected_records(), "--benchmarks", *slower)

    assert reached == status
    assert ("test_row[5]: is slower" in capsys.readouterr().out) == (status == RED)


def test_another_machine_is_new(place: Place, capsys: Capture) -> None:
    place.accept(expected_records(), "--benchmarks", *files(place, "base", {}, 1.0))
    others = files(place, "head", {}, 1.0)
    for file in others:
        text = Path(file).read_text(encoding="utf-8")
        Path(file).write_text(text.replace("a processor", "another one"), encoding="utf-8")

    assert place.gate(expected_records(), "--benchmarks", *others) == GREEN
    assert "12 benchmarks have no baseline on another one, python 3.11.2" in capsys.readouterr().out


def test_one_process_is_told_not_to_be_enough(place: Place, capsys: Capture) -> None:
    place.accept(expected_records(), "--benchmarks", *files(place, "base", {}, 1.0))

    one = files(place, "head", {}, 1.0)[0]
    assert place.gate(expected_records(), "--benchmarks", one) == NOTHING

    assert "one process says nothing about noise" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"benchmarks": [{}]}', '{"benchmarks": 3}'])
def test_what_is_no_benchmark_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(TimingsError, match="is not pytest-benchmark's JSON"):
        read_process(file)


@pytest.mark.parametrize("text", ["", "[]", '{"timings": 1}', '{"rows": {}}'])
def test_what_is_no_comparison_is_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(TimingsError, match="holds no timings of compare-timings"):
        read_timings(file)


# Its clock goes by the work done, so that no other load of the machine decides.
BENCHMARK = """
import random

import pytest

CLOCK = [0.0]

def clock():
    CLOCK[0] += 1e-9
    return CLOCK[0]

def work():
    CLOCK[0] += {loops} * random.uniform(0.99e-7, 1.01e-7)

@pytest.mark.benchmark(timer=clock)
def test_work(benchmark):
    benchmark(work)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose first commit is tagged base, and whose head works half as much again."""
    folder = tmp_path / "benchmarks"
    folder.mkdir(parents=True)
    git(tmp_path, "init", "-q")
    for name, loops in (("base", 20_000), ("slower", 30_000)):
        (folder / "test_work.py").write_text(BENCHMARK.format(loops=loops))
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", name)
        git(tmp_path, "tag", name)
    return tmp_path


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True)


def test_two_revisions_are_timed_in_their_own_work_trees(repository: Path) -> None:
    words = ("-m", "reports", "compare-timings", "base", "slower", "--rounds", "8")

    done = python(
        *words, folder=repository, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", GITHUB_STEP_SUMMARY=None
    )

    assert done.returncode == RED, done.stderr
    assert "test_work.py::test_work: is slower: 1." in done.stdout
    assert "next: python -m reports compare-timings base slower --rounds 16" in done.stdout
    listed = subprocess.run(
        ["git", "-C", str(repository), "worktree", "list"], capture_output=True, text=True
    )
    assert len(listed.stdout.splitlines()) == 1


def test_an_unknown_revision_is_one_sentence(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    assert main(["compare-timings", "no-such-branch", "--rounds", "3"]) == UNUSABLE
    assert "'no-such-branch' is neither a revision" in capsys.readouterr().err


def test_a_comparison_of_no_benchmark_is_no_pass(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)

    assert main(["compare-timings", "base", "slower", "--only", "nothingmatches"]) == NOTHING
    told = capsys.readouterr().out
    assert "The gate has judged nothing." in told
    assert "no benchmark was compared: none that was chosen is in both base and head" in told


def test_a_revision_without_benchmarks_is_one_sentence(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "claims").mkdir()
    git(repository, "mv", "benchmarks", "claims/benchmarks")
    git(repository, "commit", "-q", "-m", "early")
    monkeypatch.chdir(repository)

    assert main(["compare-timings", "HEAD", "base"]) == UNUSABLE
    assert "'HEAD' has no folder benchmarks/" in capsys.readouterr().err


def test_a_revision_is_never_an_option(repository: Path) -> None:
    with (
        pytest.raises(TimingsError, match="is neither a revision"),
        work_tree("--upload-pack=x", repository),
    ):
        pass


def test_benchmarks_that_fail_are_no_timings(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "benchmarks" / "test_work.py").write_text("import nothing_such\n")
    monkeypatch.chdir(repository)

    assert main(["compare-timings", ".", ".", "--rounds", "3"]) == UNUSABLE
    assert "run them there by themselves" in capsys.readouterr().err


def test_a_benchmark_that_fails_is_named_with_the_command_that_repeats_it(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = BENCHMARK.format(loops=9).replace("benchmark(work)", "benchmark(nothing_such)")
    (repository / "benchmarks" / "test_work.py").write_text(broken)
    monkeypatch.chdir(repository)

    assert main(["compare-timings", "base", ".", "--rounds", "3"]) == UNUSABLE
    name = "benchmarks/test_work.py::test_work"
    assert f"run it there by itself: python -m pytest '{name}'" in capsys.readouterr().err


SKIPS = """
import pytest

def test_skips(benchmark):
    pytest.skip("no GPU here")
"""


def test_a_row_that_skips_itself_is_not_timed(repository: Path) -> None:
    (repository / "benchmarks" / "test_skips.py").write_text(SKIPS)
    asked: list[str] = []

    def enough(row: str, _: object) -> bool:
        asked.append(row)
        return True

    with interleaved_timer() as measure:
        measured = measure([repository] * 2, [FOLDER], Plan((0,), 3, (0.001, 0.001)), enough)

    (row,) = measured.logs
    assert row.endswith("::test_work")
    assert [[len(logs) for logs in start] for start in measured.logs[row]] == [[3, 3]]
    assert asked == [row]
    assert any(name.endswith("::test_skips") for name in measured.listed[0])


def test_a_line_of_rounds_is_never_a_file_of_records(place: Place) -> None:
    write(place.records, expected_records())
    assert main(["gate", "--records", str(place.records), "--timings", str(place.records)]) == 2
