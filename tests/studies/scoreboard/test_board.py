"""The list of objects, the file of records, and the command."""

import ast
import importlib
from pathlib import Path

import pytest

from examples.frameworks.cases import CASES
from harness.declaration.roles import ROLES
from reports.html.scoreboard import FAILING, Entry
from studies.scoreboard import __main__ as command
from studies.scoreboard import judging, objects
from tests.checkout import ROOT

BEYOND = [one for one in objects.listed() if ".pypi." in one.target]


def test_every_listed_object_is_where_the_table_says() -> None:
    for one in objects.listed():
        module, _, name = one.target.partition(":")
        assert one.role in ROLES
        assert one.shown
        assert one.package
        file = ROOT / f"{module.replace('.', '/')}.py"
        defined = set[str]()
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                defined.add(node.name)
            elif isinstance(node, ast.Assign):
                defined |= {each.id for each in node.targets if isinstance(each, ast.Name)}
        assert name in defined, one.target


@pytest.mark.parametrize("module", sorted({one.target.partition(":")[0] for one in BEYOND}))
@pytest.mark.filterwarnings("default")  # theirs to mend
def test_objects_of_packages_beyond_the_extras_load_where_they_are_installed(module: str) -> None:
    of_it = [one for one in BEYOND if one.target.startswith(f"{module}:")]
    if objects.version(of_it[0].package) is None:
        pytest.skip(f"{of_it[0].package} is not installed")
    made = importlib.import_module(module)

    for one in of_it:
        assert callable(getattr(made, one.target.partition(":")[2]))


def test_no_object_is_listed_twice_and_twenty_packages_are_there() -> None:
    keys = [(one.role, one.target) for one in objects.listed()]

    assert len(keys) == len(set(keys))
    assert len({one.package for one in objects.listed()}) >= 20


def test_every_finding_is_a_heading_of_the_findings() -> None:
    known = command.anchors(command.FINDINGS.read_text(encoding="utf-8"))

    assert {name for one in objects.listed() for name in one.findings} <= set(known)


def test_what_the_cases_document_is_linked_from_the_board() -> None:
    documented = {
        (role, f"examples.frameworks.{module}:{name}")
        for module, role, name, findings in CASES
        if findings
    }

    for one in objects.listed():
        if (one.role, one.target) in documented:
            assert one.findings, one.target


def test_versions_of_what_is_listed_beyond_the_extras_are_pinned() -> None:
    file = ROOT / "studies" / "scoreboard" / "requirements.txt"
    pinned = {line.partition("==")[0] for line in file.read_text(encoding="utf-8").splitlines()}

    beyond = {one.package for one in objects.listed() if ".pypi." in one.target} - {"scipy"}
    assert beyond <= pinned


def test_every_finding_has_a_reproduction_of_at_most_ten_lines() -> None:
    for section in command.FINDINGS.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        program = section.partition("```python\n")[2].partition("```")[0]
        assert 0 < len(list(filter(str.strip, program.splitlines()))) <= 10, heading


def test_packages_are_chosen_by_name_in_any_case() -> None:
    assert {one.package for one in objects.chosen(["TIMM"])} == {"timm"}
    assert objects.chosen([]) == list(objects.listed())
    with pytest.raises(ValueError, match="no object of 'nothing'; there are: "):
        objects.chosen(["nothing"])


def test_anchors_are_those_that_markdown_readers_make() -> None:
    assert command.anchors("# Page\n\n## He's: an Init, twice\n\n### below\n") == {
        "He's: an Init, twice": "hes-an-init-twice"
    }


@pytest.fixture(scope="module")
def judged_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("board") / "records.jsonl"
    (one,) = [one for one in objects.chosen(["torch"]) if one.role == "rms_norm"]
    assert judging.run([one], ["board-1", "board-2"], file, lambda _: None) == 1
    return file


def test_an_object_is_judged_from_every_salt_and_read_back(judged_once: Path) -> None:
    (entry,) = judging.read(judged_once)

    assert entry.salts == ["board-1", "board-2"]
    assert entry.version == objects.version("torch")
    assert entry.versions["chapter-and-verse"]
    assert entry.processor
    assert {one.claim for one in entry.claims} == {"tl-norm.rms", "tl-norm.rms-edges"}
    for one in entry.claims:
        assert one.outcomes == ["passes", "passes"]
        assert "--claims-implementation=rms_norm=examples.frameworks.torch_roles" in one.replay


def test_the_page_is_written_by_the_command(judged_once: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"

    assert command.main(["--records", str(judged_once), "page", "--output", str(page)]) == 0
    assert "torch.nn.RMSNorm" in page.read_text(encoding="utf-8")
    row = "| `rms_norm` | torch"
    assert row in page.with_name("README.md").read_text(encoding="utf-8")


def test_an_object_that_is_judged_again_takes_its_own_place(judged_once: Path) -> None:
    kept = judging.read(judged_once)
    other = Entry(**{name: getattr(kept[0], name) for name in kept[0].__struct_fields__})

    assert judging.joined(kept, other) == [other]


def test_a_package_that_is_not_installed_keeps_what_was_known(tmp_path: Path) -> None:
    said: list[str] = []
    absent = objects.Listed("no-such-package", "relu", "nowhere:relu", "nowhere.relu", ())

    assert judging.run([absent], ["a"], tmp_path / "records.jsonl", said.append) == 0
    assert said == ["no-such-package is not installed: nowhere.relu keeps what was known of it"]


def test_a_damaged_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text('{"package": 1}\n', encoding="utf-8")

    assert command.main(["--records", str(file), "page"]) == 2
    assert "records.jsonl, line 1: " in capsys.readouterr().err


def main_of(html: str) -> str:
    return html[html.index("<main>") : html.index("</main>")]


def test_the_committed_pages_are_of_the_committed_records() -> None:
    html, markdown = command.pages(command.RECORDS)

    # Style and script are those of the day on which the page was written.
    assert main_of(command.PAGE.read_text(encoding="utf-8")) == main_of(html)
    assert command.PAGE.with_name("README.md").read_text(encoding="utf-8") == markdown


def test_the_committed_board_has_what_is_listed() -> None:
    known = {(one.role, one.target) for one in objects.listed()}
    judged = judging.read(command.RECORDS)

    assert {(one.role, one.target) for one in judged} <= known
    assert len({one.package for one in judged}) >= 20


def test_what_fails_on_the_committed_board_has_a_finding() -> None:
    listed = {(one.role, one.target): one for one in objects.listed()}

    for entry in judging.read(command.RECORDS):
        failing = [one.claim for one in entry.claims if one.outcome in FAILING]
        assert not failing or listed[entry.role, entry.target].findings, (entry.target, failing)
