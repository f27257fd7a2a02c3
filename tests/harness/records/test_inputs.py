"""What a record is computed from: twelve kinds of change, each seen by its own name alone."""

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.implementation.named import Implementation, of_objects
from harness.records import inputs as inputs_module
from harness.records.inputs import Inputs
from harness.trial.conditions import Conditions, Shares
from tests.harness.scripted import SHARES

CLAIM = """
import numpy as np
from examples import toys
from inputs_experiment import BIAS

@toys.toy("toy", "A coin shows heads", "硬币出正面")
def a_coin_shows_heads(relu, replicates, stream, images=None):
    return stream.numpy().random(replicates) < BIAS
"""
TEXTS = {
    "inputs_claim.py": CLAIM, "inputs_experiment.py": "BIAS = 0.97\n",
    "inputs_mine.py": "from inputs_helpers import relu\nother = relu\n",
    "inputs_helpers.py": "def relu(x):\n    return x\n", "harness/engine.py": "x = 1\n",
    "claims/none.py": "", "data/train-images-idx3-ubyte": "pixels",
}  # fmt: skip
MINE = Implementation({"relu": "inputs_mine:relu"})


@pytest.fixture
def claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Claim:
    """A claim in a folder of its own, beside a harness, images, and the module on trial."""
    for name, text in TEXTS.items():
        edit(tmp_path / name, text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(inputs_module, "ROOT", tmp_path)
    claim: Claim = importlib.import_module("inputs_claim").a_coin_shows_heads
    for name in ("inputs_claim", "inputs_experiment"):  # the next test has its own
        sys.modules.pop(name)
    return claim


def edit(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    edits = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text)
    os.utime(file, ns=(0, edits + 10**9))


def inputs_of(claim: Claim, shares: Shares = SHARES, **conditions: Any) -> dict[str, str]:
    """The inputs of a run with the module on trial that begins now."""
    images = str(Path(claim.file).parent / "data")
    run: dict[str, Any] = {"implementation": MINE, "images": images} | conditions
    inputs = Inputs(MINE)
    inputs.look()
    return inputs.of(claim, Conditions(**run), shares)


def differing(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before.keys() | after if before.get(name) != after.get(name)}


def test_the_same_run_has_the_same_inputs(claim: Claim) -> None:
    found = inputs_of(claim)

    assert found == inputs_of(claim)
    assert set(found) == {
        "claim", "experiments", "harness", "data", "versions", "kernels", "device", "profile",
        "salt", "options", "shares", "module inputs_mine", "module inputs_helpers",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("inputs_mine.py", "module inputs_mine"),
        ("inputs_helpers.py", "module inputs_helpers"),
        ("inputs_claim.py", "claim"),
        ("inputs_experiment.py", "experiments"),
        ("harness/engine.py", "harness"),
        ("data/train-images-idx3-ubyte", "data"),
    ],
)
def test_a_file_that_changed_is_seen(claim: Claim, file: str, name: str) -> None:
    before = inputs_of(claim)
    edit(Path(claim.file).parent / file, TEXTS[file] + "# another text\n")
    assert differing(before, inputs_of(claim)) == {name}


@pytest.mark.parametrize(
    ("function", "name"), [("packages", "versions"), ("kernels", "kernels"), ("chosen", "options")]
)
def test_surroundings_that_changed_are_seen(
    claim: Claim, function: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = inputs_of(claim)
    given: Callable[[], Any] = (lambda: "another") if function == "chosen" else (lambda: {"a": "2"})
    monkeypatch.setattr(inputs_module, function, given)

    assert differing(before, inputs_of(claim)) == {name}


def test_another_processor_is_another_device(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    before = inputs_of(claim)
    monkeypatch.setattr(inputs_module, "device_name", lambda device: "another processor")
    assert differing(before, inputs_of(claim)) == {"device"}


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"salt": "another"}, "salt"),
        ({"profile": PROFILES["deep"]}, "profile"),
        ({"implementation": Implementation({"relu": "inputs_mine:other"})}, "options"),
        ({"shares": SHARES.over(2)}, "shares"),
    ],
)
def test_another_run_is_seen(claim: Claim, options: dict[str, Any], name: str) -> None:
    assert differing(inputs_of(claim), inputs_of(claim, **options)) == {name}


def test_an_error_share_may_differ_in_its_last_digits(claim: Claim) -> None:
    almost = Shares(SHARES.alpha * (1 + 1e-13), SHARES.beta)
    assert inputs_of(claim) == inputs_of(claim, almost)


def test_an_object_that_only_this_process_has_is_unknown(claim: Claim) -> None:
    mine = of_objects({"relu": lambda x: x})
    assert inputs_of(claim, implementation=mine)[f"module {__name__}"] == "unknown"


def test_a_role_that_the_claim_does_not_take_is_no_input_of_it(claim: Claim) -> None:
    both = Implementation({"relu": "inputs_mine:relu", "tanh": "inputs_claim:nothing"})
    assert differing(inputs_of(claim), inputs_of(claim, implementation=both)) == {"options"}
