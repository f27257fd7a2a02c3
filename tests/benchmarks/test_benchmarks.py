"""What each benchmark tells beside its time: steps, work and the share of the device's limits."""

import json
import math
from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.limits import SMALLEST, copies, fraction, products
from tests.processes import printed, python

SMALL = "not cuda and not 1024 and not 4096 and not 784 and not chapter and not 256-cpu and not -8-"
NO_LIMIT = "test_yardstick[interpret]"  # a loop of the interpreter: no limit to compare with

Work = Mapping[str, Any]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Work]:
    """The small rows on the CPU, each timed as shortly as can be."""
    file = tmp_path_factory.mktemp("benchmarks") / "benchmark.json"
    words = ["-m", "pytest", "benchmarks", "-k", SMALL, "-q"]
    words += ["--benchmark-only", "--benchmark-min-rounds=1", f"--benchmark-json={file}"]
    words += ["-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-W", "default"]
    printed(*words, CLAIMS_BENCHMARK_SECONDS="1e-6", OMP_NUM_THREADS="1")
    listed = json.loads(file.read_text(encoding="utf-8"))["benchmarks"]
    return {row["name"]: row["extra_info"] for row in listed}


def test_every_row_tells_its_steps_its_work_and_its_device(rows: dict[str, Work]) -> None:
    assert len(rows) > 60
    for name, work in rows.items():
        assert work["replica_steps"] >= 1, name
        assert work["replica_steps_per_second"] > 0, name
        assert work["device"], name
        assert ("flop" in work or "bytes" in work) == (name != NO_LIMIT), name


def test_every_row_stands_beside_the_measured_limit(rows: dict[str, Work]) -> None:
    for name, work in rows.items():
        assert ("fraction_of_limit" in work) == (name != NO_LIMIT), name
        if name != NO_LIMIT:
            assert 0 < work["fraction_of_limit"] < math.inf, name


@pytest.mark.parametrize(("name", "least", "most"), [
    # Two products of 64 examples forward and back, 256 wide, 50 deep, and the norms.
    ("test_deep_chain[1-cpu]", 4 * 64 * 256**2 * 50, 6 * 64 * 256**2 * 50),
    # Of 4 batches of 16: 64-16-10, forward, back to the weights, and back to the signal.
    ("test_dropout_net[small-64-16-10-1-cpu]", 4 * 64 * 1184, 6 * 64 * 1184),
    # 100 steps of 10 examples with 20 features: the fit and its gradient.
    ("test_polynomial_regression[20-1]", 100 * 4 * 10 * 20, 100 * 4 * 10 * 20),
    # QR of 100 examples with 20 columns, without and with Q.
    ("test_least_squares[19-1]", 2 * 100 * 20**2, 5 * 100 * 20**2),
])  # fmt: skip
def test_operations_are_the_products(
    rows: dict[str, Work], name: str, least: float, most: float
) -> None:
    assert least <= rows[name]["flop"] <= most


def test_the_fraction_is_that_of_the_nearer_limit() -> None:
    flop, moved = products("cpu") * 1e-3, copies("cpu", SMALLEST) * 1e-9

    assert fraction({"flop": flop, "bytes": moved}, 2e-3, "cpu") == pytest.approx(0.5)
    assert fraction({"bytes": 1.0}, 1 / copies("cpu", SMALLEST), "cpu") == pytest.approx(1.0)
    assert fraction({"replica_steps": 3}, 1.0, "cpu") is None


def test_collecting_loads_no_framework() -> None:
    done = python("-X", "importtime", "-m", "pytest", "benchmarks", "--collect-only", "-q")

    assert done.returncode == 0
    for library in ("torch", "jax", "numba"):
        assert f" {library}\n" not in done.stderr
