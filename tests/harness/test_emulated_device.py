"""Primitives, training, and torch's objects as roles stay on the device that they are given.

On a device that is emulated, so that a machine without one walks these paths.
"""

import json
from typing import Any

import pytest

from tests.harness.emulated import DEVICE
from tests.harness.emulated_walks import OF_TORCH, WALKS
from tests.processes import printed


@pytest.fixture(scope="module")
def walked() -> dict[str, Any]:
    """What came of each walk, in a process in which torch knows the device."""
    found: dict[str, Any] = json.loads(printed("-m", "tests.harness.emulated_walks"))
    return found


@pytest.mark.parametrize("name", [*WALKS, *OF_TORCH])
def test_what_is_walked_stays_on_the_device(walked: dict[str, Any], name: str) -> None:
    assert walked[name] == [DEVICE]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a sum", "at least two devices, emulated:0 and cpu"),
        ("an optimiser's state", "at least two devices, cpu and emulated:0"),
        ("a draw", "rand draws for cpu from a generator on emulated:0"),
    ],
)
def test_a_tensor_on_another_device_is_seen(walked: dict[str, Any], name: str, says: str) -> None:
    assert says in walked[name]


def test_a_device_of_another_package_is_known_by_its_own_name(walked: dict[str, Any]) -> None:
    assert walked["name"] == DEVICE
