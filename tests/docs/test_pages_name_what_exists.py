"""Pages, layout and commands say the same: what a page names is there, and is drawn as it is."""

import configparser
import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import ROOT

PAGES = [
    *ROOT.glob("*.md"),
    *ROOT.glob("tests/*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "docs").glob("*/*.md"),
]
HOMES = ("benchmarks", "chapter_and_verse", "claims", "examples", "harness", "reports", "studies")
TOOLS = ("mpi4py.futures", "mypy", "pip", "pytest", "ruff", "tox", "venv")
NAMED = (*HOMES, "docs", "tests")
INSTALLED = re.compile(r"chapter_and_verse\.(?=(?:claims|harness|reports)\b)")  # see hatch_build.py
MODULE = re.compile(rf"(?<![\w/.-])(?:{'|'.join((*HOMES, 'tests'))})(?:\.\w+)+")
PLACE = re.compile(rf"(?<![\w/.-])(?:{'|'.join(NAMED)})/[\w./-]*\w/?")
RUN = re.compile(r"python -m ([\w.]+)")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
TOX = re.compile(r"tox -e ([\w-]+)")
WRITTEN_BY_THE_READER = {"claims/coins.py"}
ENTRY_POINTS = "chapter_and_verse.implementations"  # a group that other packages declare


def exists(module: str) -> bool:
    """Whether that module, or the name in the module before the last dot, is there."""
    try:
        if importlib.util.find_spec(module) is not None:
            return True
    except ModuleNotFoundError:
        pass
    home, _, name = module.rpartition(".")
    path = ROOT / (home.replace(".", "/") + ".py")
    return path.exists() and re.search(rf"\b{name}\b", path.read_text(encoding="utf-8")) is not None


def gone(text: str, folder: Path) -> Iterator[str]:
    """What a page in the folder names and the checkout lacks."""
    for place in PLACE.findall(text):
        there = (ROOT / place).exists() or (folder / place).exists()
        if not there and place not in WRITTEN_BY_THE_READER:
            yield place
    for module in MODULE.findall(INSTALLED.sub("", text)):
        if module != ENTRY_POINTS and not (ROOT / module).exists() and not exists(module):
            yield module
    for module in RUN.findall(text):
        if module not in TOOLS and not module.startswith(NAMED):
            yield f"python -m {module}"
    for link in LINK.findall(text):
        if not (folder / link).exists():
            yield f"a link to {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    assert sorted(set(gone(page.read_text(encoding="utf-8"), page.parent))) == []


@pytest.mark.parametrize("text", [
    "see `harness/trial/claim.py`", "`harness.trial.claim`",
    "`harness.trial.examination.no_such_name`", "python -m no_such_command", "[a page](nowhere.md)",
])  # fmt: skip
def test_what_is_gone_is_seen(text: str) -> None:
    assert len(list(gone(text, ROOT))) == 1


def is_there(name: str, tox: configparser.ConfigParser) -> bool:
    """Whether tox knows the environment: those of a Python need no section."""
    return f"testenv:{name}" in tox or re.fullmatch(r"py3\d+", name) is not None


@pytest.fixture(scope="module")
def tox() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini", encoding="utf-8")
    return parser


def test_there_are_few_tox_environments_and_each_says_why(tox: configparser.ConfigParser) -> None:
    environments = [name for name in tox.sections() if name.startswith("testenv:")]
    assert len(environments) <= 12
    assert [name for name in environments if len(tox[name]["description"].split()) < 4] == []


def test_the_main_job_installs_no_more_than_it_needs(tox: configparser.ConfigParser) -> None:
    assert tox["testenv:claims"]["extras"] == "parallel, fast"


def test_every_tox_environment_that_a_page_names_is_there(tox: configparser.ConfigParser) -> None:
    named = {name for page in PAGES for name in TOX.findall(page.read_text(encoding="utf-8"))}
    assert named >= {"claims", "tests", "lint", "bench"}
    assert [name for name in sorted(named) if not is_there(name, tox)] == []


def drawn() -> list[list[str]]:
    """The folders of each line of the drawing in docs/architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = text.split("```text\n")[1].split("```")[0].splitlines()
    return [re.findall(r"(\w+)(?:/|\.py)", line.strip().split("  ")[0]) for line in lines]


def test_every_folder_of_the_layout_is_drawn() -> None:
    packages = [*ROOT.glob("*/__init__.py"), *ROOT.glob("*/*/__init__.py")]
    paths = [one.parent.relative_to(ROOT).parts for one in packages]
    product = ("claims", "harness", "reports")
    folders = {path[-1] for path in paths if len(path) == 1 or path[0] in product}
    names = {name for line in drawn() for name in line}

    assert folders - names == set()


def test_the_harness_is_drawn_as_its_contract_says() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contracts = tool["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["id"] == "harness")
    lines = drawn()
    first = lines.index(["harness"]) + 1

    wings = [line for line in lines[first:] if line not in ([], ["tests", "comparison"])]

    assert wings == [layer.split(" | ") for layer in layers]


def test_every_page_is_in_the_index() -> None:
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = {(ROOT / "docs" / link).resolve() for link in LINK.findall(text)}

    pages = [page for page in (ROOT / "docs").glob("*.md") if page.name != "README.md"]

    assert [page.name for page in pages if page not in listed] == []
