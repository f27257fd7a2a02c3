"""The mutation run is itself held: mutants change what runs, arguments are about real lines."""

from pathlib import Path

import pytest

from studies.mutation.equivalents import is_argued, read_equivalents
from studies.mutation.killed import Killed
from studies.mutation.mutants import Mutant, running
from studies.mutation.runner import survives
from studies.mutation.scores import (
    Score,
    every_module,
    file_of,
    keep,
    killers_of,
    read_scores,
    shown_name,
)
from studies.tables import ROOT

SOURCE = '''"""Said."""
def twice(x: int | None) -> int:
    """Said."""
    return 2 * x
'''

# A library that another test has loaded (JAX) warns of every fork, at a place that cannot raise.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*os.fork:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


def test_annotations_and_docstrings_are_no_part_of_what_runs() -> None:
    renamed = SOURCE.replace("int | None", "int & None").replace("Said", "Told")
    assert running(renamed) == running(SOURCE)
    assert running(SOURCE.replace("2 * x", "3 * x")) != running(SOURCE)


def test_every_mutant_that_is_argued_equivalent_is_of_a_line_of_its_module() -> None:
    gone = []
    for entry in read_equivalents():
        source = file_of(entry.module).read_text("utf-8")
        lines = " ".join(line.strip() for line in source.splitlines())
        if entry.before not in lines or not entry.reason or entry.before == entry.after:
            gone.append(entry)

    assert gone == []


def test_an_argument_is_for_one_module_and_one_change() -> None:
    argued = read_equivalents()
    entry = argued[0]
    mutant = Mutant("operator", 0, 1, entry.before, entry.after, "")

    assert is_argued(f"harness.statistics.tests.{entry.module}", mutant, argued)
    assert not is_argued("harness.statistics.other", mutant, argued)


def test_no_module_that_was_judged_has_a_survivor() -> None:
    assert [score.module for score in read_scores() if score.survived] == []
    assert all(s.mutants == s.killed + s.equivalent + s.survived for s in read_scores())


def test_every_module_to_be_judged_and_every_test_of_it_is_there() -> None:
    modules = every_module()
    tests = {test.split("::")[0] for module in modules for test in killers_of(module)}

    assert [name for name in modules if not file_of(shown_name(name)).exists()] == []
    assert [test for test in tests if not Path(test).exists()] == []
    assert {score.module for score in read_scores()} <= set(modules)


def test_scores_are_kept_by_module(tmp_path: Path) -> None:
    file = tmp_path / "scores.tsv"
    keep(Score("b", 3, 2, 1, 0, "d"), file)
    keep(Score("a", 3, 3, 0, 0, "d"), file)
    keep(Score("b", 4, 4, 0, 0, "e"), file)

    assert [(s.module, s.mutants) for s in read_scores(file)] == [("a", 3), ("b", 4)]


def test_what_was_killed_in_the_same_module_is_remembered(tmp_path: Path) -> None:
    mutant, other = Mutant("Number", 3, 1, "a", "b", ""), Mutant("Number", 4, 1, "a", "b", "")
    Killed("m", "digest", forget=True, folder=tmp_path).add(mutant)

    again = Killed("m", "digest", forget=False, folder=tmp_path)
    assert again.has(mutant)
    assert not again.has(other)
    assert not Killed("m", "another", forget=False, folder=tmp_path).has(mutant)
    assert not Killed("m", "digest", forget=True, folder=tmp_path).has(mutant)


CHANGES = [("", "", True), ("1 - product", "1 + product", False)]


@pytest.mark.parametrize(("old", "new", "lives"), CHANGES)
def test_a_module_survives_and_a_planted_fault_does_not(old: str, new: str, lives: bool) -> None:
    module = "harness.statistics.float_error"
    file = ROOT / "harness" / "statistics" / "float_error.py"
    code = file.read_text(encoding="utf-8").replace(old, new)

    assert survives(module, str(file), code, killers_of(module)[:1], 60) is lives
