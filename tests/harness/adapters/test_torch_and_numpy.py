"""Torch's own objects and plain NumPy functions, judged through their adapters."""

from typing import Any

import pytest
import torch

from examples.frameworks import numpy_roles, torch_roles
from examples.frameworks.cases import CASES, NEEDS, as_documented, surprises, thing
from harness.adapters.adapter import adapter
from harness.run.api import check_implementation


@pytest.mark.parametrize(
    ("module", "role", "name", "findings"),
    [
        pytest.param(*case, id=f"{case[0].removesuffix('_roles')}-{case[2]}")
        for case in CASES
        if case[0] not in NEEDS
    ],
)
def test_a_correct_object_is_refuted_only_where_a_finding_says_so(
    module: str, role: str, name: str, findings: dict[str, str]
) -> None:
    found = surprises(role, thing(module, name))
    assert as_documented(found, findings), found


def test_a_rate_declared_wrongly_is_refuted() -> None:
    found = check_implementation(dropout=torch_roles.wrong_rate, claims=("do-keep-rule",))
    assert found[0].verdict == "REFUTED"


def test_a_layout_declared_wrongly_is_refuted() -> None:
    found = check_implementation(he_normal=torch_roles.wrong_layout, claims=("ac-relu.he-normal",))
    assert found[0].verdict == "REFUTED"


def test_a_mode_and_a_gradient_that_are_missing_are_not_applicable() -> None:
    ids = ("do-eval", "do-grad-vanish", "do-printed")
    records = check_implementation(dropout=numpy_roles.dropout_without_mode, claims=ids)

    verdicts = {record.claim: record.verdict for record in records}
    assert verdicts["do-eval"] == "NOT APPLICABLE"
    assert verdicts["do-grad-vanish"] == "NOT APPLICABLE"


def test_a_function_that_writes_into_its_input_is_an_error_in_one_sentence() -> None:
    record = check_implementation(dropout=numpy_roles.dropout_in_place, claims=("do-printed",))[0]

    assert record.verdict == "ERROR"
    assert record.error is not None
    assert "as 'dropout' changed its input" in record.error.message


def test_an_adapter_leaves_torchs_global_generator_as_it_was() -> None:
    before = torch.get_rng_state()
    generator = torch.Generator().manual_seed(1)

    first = torch_roles.dropout_module(torch.ones(64), 0.5, generator)
    second = torch_roles.dropout_module(torch.ones(64), 0.5, generator)

    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, second)


@pytest.mark.parametrize(("arguments", "says"), [
    ({"role": "dropout", "rate": "retain"}, "there are: drop, keep"),
    ({"role": "dropout", "arrays": "mlx"}, "there are: torch, numpy, jax"),
    ({"role": "propagate"}, "no adapter from torch to the role 'propagate'"),
])  # fmt: skip
def test_a_wrong_convention_is_told_in_one_sentence(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        adapter(thing=torch.nn.Dropout, **arguments)
