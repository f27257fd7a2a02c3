"""The floors of the house hold: top knows bottom, nothing runs back up, nothing heavy comes early.

Each rule is shown twice: the house keeps it, and a planted breach is seen.
"""

import configparser
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.house import FOLDERS, ROOT, Import, circles, global_randomness, imports, sources

# Who may know whom. The longest name that fits a module decides; a name covers all below it.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "claims": (
        "harness.metrics.arrays",
        "harness.rulers",
        "harness.declaration.strategies",
        "harness.declaration.claim",
        "harness.declaration.exhibits",
        "harness.declaration.relations",
    ),
    "benchmarks": (
        "benchmarks",
        "harness.data",
        "harness.devices",
        "harness.primitives",
        "harness.training",
        "harness.blocks.streams",
    ),
    "conftest": (),
    "harness.adapters": ("harness.adapters", "harness.primitives"),
    "harness.run.conformance": ("harness.statistics.ledger", "harness.trial"),
    "harness.data": ("harness.data", "harness.primitives"),
    "harness.devices": (),
    "harness.metrics.arrays": (
        "harness.declaration.not_applicable",
        "harness.statistics",
        "harness.declaration.exhibits",
    ),
    "harness.run.plugin": ("harness.devices", "harness.statistics.evidence", "harness.trial"),
    "harness.primitives": ("harness.primitives",),
    "studies.roles_page": ("harness.trial",),
    "harness.rulers": (
        "harness.metrics.arrays",
        "harness.rulers",
        "harness.statistics",
        "harness.training.history",  # a ruler reads what a training run leaves behind
        "harness.declaration.exhibits",
        "harness.blocks.streams",
    ),
    "harness.statistics": ("harness.statistics",),
    "harness.declaration.strategies": (),
    "harness.training": ("harness.training", "harness.primitives", "harness.data"),
    "harness.trial": (
        "harness.adapters",
        "harness.data",
        "harness.devices",
        "harness.primitives",
        "harness.statistics",
        "harness.training",
        "harness.trial",
    ),
    "harness.run.suite": (
        "claims",  # the one that looks through the folder of claims for the whole list
        "harness.statistics",
        "harness.trial",
    ),
    "reports": ("reports", "harness.statistics", "harness.records.record"),
}
HEAVY = ("torch", "scipy", "sklearn", "jax", "keras", "numba", "pandas", "matplotlib")
MAY_BE_HEAVY = (
    "studies.peers",  # run by hand, never collected
    "harness.adapters",
    "harness.primitives",
    "harness.training",
)
TORCHLESS = ("harness.statistics", "reports")
SEEDS = ("harness.blocks.streams", "harness.adapters")


def is_in(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def allowed_for(module: str) -> tuple[str, ...]:
    fitting = [name for name in MAY_IMPORT if is_in(module, (name,))]
    assert fitting, f"{module} has no floor; give it one in MAY_IMPORT"
    return MAY_IMPORT[max(fitting, key=len)]


def climbs(found: list[Import]) -> list[str]:
    """The imports of our own modules that the table does not allow."""
    ours = [one for one in found if is_in(one.imported, (*FOLDERS, "conftest", "tests"))]
    return [str(one) for one in ours if not is_in(one.imported, allowed_for(one.importer))]


def early_and_heavy(found: list[Import]) -> list[str]:
    """The imports through which a module that must stay light loads something heavy."""
    early = [one for one in found if not one.late]
    heavy = {one.importer for one in early if is_in(one.imported, HEAVY)}
    while more := {one.importer for one in early if one.imported in heavy} - heavy:
        heavy |= more
    return [
        str(one)
        for one in early
        if (is_in(one.imported, HEAVY) or one.imported in heavy)
        and not is_in(one.importer, MAY_BE_HEAVY)
    ]


@pytest.fixture(scope="module")
def house() -> dict[str, str]:
    return sources()


@pytest.fixture(scope="module")
def found(house: dict[str, str]) -> list[Import]:
    return imports(house)


def test_every_import_goes_down(found: list[Import]) -> None:
    assert climbs(found) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("harness.statistics.planted", "import harness.declaration.claim"),
        ("harness.primitives.planted", "from harness.data.idx import read_idx"),
        ("claims.planted", "from harness.primitives.dropout import dropout"),
        ("claims.planted", "def late():\n    import harness.training.linear"),
        ("reports.planted", "from harness.trial.examination import examine"),
        ("harness.trial.planted", "from harness import plugin"),
        ("harness.trial.planted", "import tests.house"),
    ],
)
def test_an_import_that_climbs_is_seen(house: dict[str, str], module: str, text: str) -> None:
    planted = {module: text}

    assert len(climbs([one for one in imports(house | planted) if one.importer == module])) == 1


def test_no_circle(found: list[Import], house: dict[str, str]) -> None:
    assert circles(found, house) == []


def test_a_circle_is_seen_even_through_a_late_import() -> None:
    planted = {
        "a": "import b\nimport d",
        "b": "def late():\n    from c import x",
        "c": "from a import y",
        "d": "",
    }

    assert circles(imports(planted), planted) == [["a", "b", "c"]]


def test_nothing_heavy_is_imported_early(found: list[Import]) -> None:
    assert early_and_heavy(found) == []


def test_statistics_and_reports_never_import_torch(found: list[Import]) -> None:
    places = [
        str(one)
        for one in found
        if is_in(one.importer, ("harness.statistics", "reports"))
        and is_in(one.imported, ("torch",))
    ]

    assert places == []


def test_an_early_heavy_import_is_seen() -> None:
    planted = {
        "claims.planted": "import torch.nn",
        "harness.trial.planted": "def late():\n    import torch",
        "harness.metrics.arrays": "from scipy import stats",
        "harness.primitives.planted": "import torch",
        "reports.planted": "import harness.primitives.planted",
    }

    assert early_and_heavy(imports(planted)) == [
        "claims.planted, line 1, imports torch.nn",
        "harness.metrics.arrays, line 1, imports scipy",
        "reports.planted, line 1, imports harness.primitives.planted",
    ]


def test_nobody_touches_the_random_state_of_the_process(house: dict[str, str]) -> None:
    texts = {name: text for name, text in house.items() if not is_in(name, SEEDS)}

    assert global_randomness(texts) == []


def test_a_global_seed_or_draw_is_seen() -> None:
    planted = {
        "a": "torch.manual_seed(0)",
        "b": "x = np.random.normal(size=3)",
        "c": "random.shuffle(x)",
        "d": "np.random.Generator(np.random.SFC64(1)).normal(); np.random.default_rng(0).normal()",
        "e": "random.Random('a').random()",
    }

    assert [place.split(",")[0] for place in global_randomness(planted)] == ["a", "b", "c"]


def test_package_files_stay_empty() -> None:
    packages = [file for folder in FOLDERS for file in (ROOT / folder).rglob("__init__.py")]

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


def test_the_commands_of_the_readme_have_their_environments() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")

    for name in ("claims", "tests", "lint", "bench"):
        assert f"testenv:{name}" in tox
