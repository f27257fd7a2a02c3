"""Who may import whom, what loads nothing heavy, and where randomness comes from.

The contracts are import-linter's, in pyproject.toml. Each rule is shown twice: the checkout keeps
it, and a planted breach is seen.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from shutil import copy, copytree, ignore_patterns

import pytest
from packaging.requirements import Requirement

from tests.checkout import ROOT, global_randomness, sources
from tests.processes import python

FOLDERS = ("chapter_and_verse", "claims", "harness", "reports")
MODULES_ALONE = ("benchmarks", "studies", "tests", "examples")
# A file to plant, what it says, and the arrow that must be seen in it.
BREACHES = {
    "harness/statistics/planted.py": "import harness.declaration.relations",
    "harness/statistics/tests/planted.py": "def late():\n    import torch",
    "harness/primitives/planted.py": "from harness.data.idx import read_idx",
    "harness/trial/planted.py": "from harness.run import plugin",
    "harness/text_of_reports.py": "import reports.records",
    "claims/dropout/planted.py": "from harness.primitives.dropout import dropout",
    "claims/dropout/planted_late.py": "def late():\n    import harness.training.linear.linear",
    "claims/dropout/experiments/planted.py": "import harness.training.linear.linear",
    "claims/dropout/faults/planted.py": "import harness.run.session",
    "claims/weight_decay/planted.py": "import claims.dropout.experiments.pairs",
    "reports/planted.py": "from harness.trial.examination import examine",
    "reports/html/planted.py": "import tests.checkout",
}
CIRCLES = {
    "harness/records/planted.py": "def late():\n    import harness.trial.planted_too",
    "harness/trial/planted_too.py": "import harness.records.planted",
    "harness/training/planted.py": "import harness.training.planted_too",
    "harness/training/planted_too.py": "import harness.training.planted",
}
HEAVY = ("torch", "scipy", "sklearn", "jax", "keras", "numba", "pandas", "matplotlib")
MAY_BE_HEAVY = re.compile(
    r"harness\.(adapters|primitives|training)\b|claims\.\w+\.faults\b"
    r"|reports\.timing\.start$"  # a program of its own, run from a copy
)
MAY_SEED = re.compile(r"harness/(adapters|blocks/streams)|claims/\w+/faults")


def linted(checkout: Path) -> subprocess.CompletedProcess[str]:
    """What lint-imports says of a checkout."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--no-cache"],
        cwd=checkout, capture_output=True, text=True, check=False,
    )  # fmt: skip


def planted(files: dict[str, str], folder: Path) -> str:
    """What lint-imports says of a copy of this checkout with these files in it."""
    for name in (*FOLDERS, *MODULES_ALONE):
        copytree(ROOT / name, folder / name, ignore=ignore_patterns("__pycache__", "slice"))
    copy(ROOT / "pyproject.toml", folder)
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")
    return linted(folder).stdout


def first_heavy(modules: list[str], folder: Path = ROOT) -> str:
    """The first of the modules, loaded one after another, that loads a heavy package; or none."""
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
        f"    if loaded := sorted(set({HEAVY!r}) & set(sys.modules)):\n"
        "        sys.exit(f'{name} loads {loaded}')\n"
    )
    return python("-c", code, folder=folder).stderr.strip()


def test_every_contract_of_imports_is_kept() -> None:
    done = linted(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def said_of_breaches(tmp_path_factory: pytest.TempPathFactory) -> str:
    return planted(BREACHES, tmp_path_factory.mktemp("breaches"))


@pytest.mark.parametrize("path", BREACHES)
def test_an_import_that_breaks_a_contract_is_seen(said_of_breaches: str, path: str) -> None:
    module = path.removesuffix(".py").replace("/", ".")
    assert re.search(rf"^- +{module} -> ", said_of_breaches, re.MULTILINE)


def test_a_wing_without_a_floor_is_seen(tmp_path: Path) -> None:
    said = planted({"harness/attic.py": ""}, tmp_path)
    assert "harness.attic" in said


def test_circles_of_files_and_of_folders_are_seen(tmp_path: Path) -> None:
    said = planted(CIRCLES, tmp_path)
    assert "No cycles are allowed in harness." in said
    assert "No cycles are allowed in harness.training." in said


def test_nothing_heavy_is_loaded_early() -> None:
    names = [path.removesuffix(".py").replace("/", ".") for path in sources(FOLDERS)]
    light = [name for name in names if not MAY_BE_HEAVY.match(name) and "__" not in name]
    assert first_heavy(light) == ""


def test_a_module_that_loads_something_heavy_is_seen(tmp_path: Path) -> None:
    (tmp_path / "light.py").write_text("def late():\n    import scipy.stats")
    (tmp_path / "through.py").write_text("import heavy")
    (tmp_path / "heavy.py").write_text("import scipy")

    assert first_heavy(["light", "through"], tmp_path) == "through loads ['scipy']"


def test_nobody_touches_the_random_state_of_the_process() -> None:
    texts = {path: text for path, text in sources(FOLDERS).items() if not MAY_SEED.match(path)}
    assert global_randomness(texts) == []


def test_a_global_seed_or_draw_is_seen() -> None:
    texts = {
        "a": "torch.manual_seed(0)",
        "b": "x = np.random.normal(size=3)",
        "c": "random.shuffle(x)",
        "d": "np.random.Generator(np.random.SFC64(1)).normal(); np.random.default_rng(0).normal()",
        "e": "random.Random('a').random()",
    }

    assert [place.split(":")[0] for place in global_randomness(texts)] == ["a", "b", "c"]


def test_package_files_stay_empty() -> None:
    packages = [file for folder in FOLDERS[1:] for file in (ROOT / folder).rglob("__init__.py")]
    assert [str(file) for file in packages if file.stat().st_size] == []


def test_the_pinned_versions_lie_in_the_supported_ranges() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [
        Requirement(text) for text in [*project["dependencies"], *extras["test"], *extras["lint"]]
    ]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.lower().split("==") for line in lines if not line.startswith("#"))

    outside = [str(one) for one in wanted if pins.get(one.name.lower(), "0") not in one.specifier]

    assert outside == []
