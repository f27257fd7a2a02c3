"""What a record says it was made with: packages, and the kernels that libraries chose."""

import json
import platform

import pytest

from harness.environment import device_name, kernels, packages, versions
from tests.processes import printed


def test_a_record_names_packages_and_kernels() -> None:
    found = versions()

    assert found == {**packages(), **kernels()}
    assert {"python", "torch", "numpy", "scipy", "hypothesis"} <= set(packages())
    assert kernels()["torch kernels"]
    assert all(isinstance(version, str) and version for version in found.values())


def test_naming_the_packages_imports_none_of_them() -> None:
    code = (
        "import sys; from harness.environment import packages; packages(); "
        "print(sorted({'torch', 'numpy', 'scipy'} & set(sys.modules)))"
    )

    assert printed("-c", code) == "[]"


def test_kernels_that_a_library_was_told_to_take_are_named() -> None:
    if "openblas" not in kernels() or platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("no OpenBLAS, or one for another architecture, which has no such kernels")
    code = "import json; from harness.environment import kernels; print(json.dumps(kernels()))"

    old = json.loads(
        printed("-c", code, OPENBLAS_CORETYPE="Nehalem", ATEN_CPU_CAPABILITY="default")
    )

    assert old["openblas"].count("Nehalem") == old["openblas"].count("/") + 1
    assert old["torch kernels"] in ("DEFAULT", "NO AVX")


def test_the_processor_is_named_without_its_machine() -> None:
    assert device_name("cpu")
    assert "logical" not in device_name("cpu")
