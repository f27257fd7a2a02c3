"""Primitives, training, and objects as roles stay on the device that they are given.

On a device that is emulated, so that a machine without one walks these paths: those of torch's
objects and of Keras'. JAX's adapters decline every device but the CPU.
"""

import json
from importlib.util import find_spec
from typing import Any

import pytest

from tests.harness.emulated import DEVICE
from tests.harness.emulated_walks import OF_KERAS, OF_TORCH, WALKS
from tests.processes import printed


@pytest.fixture(scope="module")
def walked() -> dict[str, Any]:
    """What came of each walk, in a process in which torch knows the device."""
    keras: dict[str, Any] = (
        {"KERAS_BACKEND": "torch", "KERAS_TORCH_DEVICE": DEVICE} if find_spec("keras") else {}
    )
    found: dict[str, Any] = json.loads(printed("-m", "tests.harness.emulated_walks", **keras))
    return found


@pytest.mark.parametrize("name", [*WALKS, *OF_TORCH, *OF_KERAS])
def test_what_is_walked_stays_on_the_device(walked: dict[str, Any], name: str) -> None:
    if name in OF_KERAS and find_spec("keras") is None:
        pytest.skip("Keras is not here")

    assert walked[name] == [DEVICE]
    assert walked["without doubles"][name] == [DEVICE]


def test_a_sum_in_doubles_is_seen_where_there_are_none(walked: dict[str, Any]) -> None:
    assert walked["a sum in doubles"] == [DEVICE]
    assert "has no float64" in walked["without doubles"]["a sum in doubles"]


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
