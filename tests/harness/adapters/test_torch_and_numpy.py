"""Torch's own objects and plain NumPy functions, judged through their adapters."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from harness.adapters.adapter import adapter
from harness.run.api import check_implementation
from tests.harness.adapters import numpy_roles, torch_roles
from tests.harness.adapters.judged import as_documented, surprises

# The findings that docs/findings.md reproduces by hand: no others are allowed.
NAN = {"do-keep-rule.infinite": "REFUTED"}
SHORT = {"ns-explode-breaks.clip": "REFUTED"}
TRANSPOSED = {"in-forward.kernels": "REFUTED"}
GROUPS = {"in-xavier-formula.kernels": "REFUTED"}

CORRECT: list[tuple[Any, ...]] = [
    ("dropout", torch_roles, "dropout_module", NAN),
    ("dropout", torch_roles, "dropout_keep", NAN),
    ("channel_dropout", torch_roles, "channel_dropout"),
    ("xavier_uniform", torch_roles, "xavier_uniform"),
    ("xavier_normal", torch_roles, "xavier_normal"),
    ("he_uniform", torch_roles, "he_uniform"),
    ("he_normal", torch_roles, "he_normal"),
    ("relu", torch_roles, "relu"),
    ("relu", torch_roles, "relu_module"),
    ("sigmoid", torch_roles, "sigmoid"),
    ("tanh", torch_roles, "tanh"),
    ("sgd", torch_roles, "sgd"),
    ("momentum_sgd", torch_roles, "momentum_sgd"),
    ("adam", torch_roles, "adam"),
    ("nesterov_sgd", torch_roles, "nesterov_sgd"),
    ("adam", torch_roles, "adamw"),
    ("adamw", torch_roles, "adamw_role"),
    ("he_kernel", torch_roles, "he_kernel", TRANSPOSED),
    ("xavier_kernel", torch_roles, "xavier_kernel", GROUPS),
    ("smoothed_cross_entropy", torch_roles, "smoothed_cross_entropy"),
    ("clip_gradient_norm", torch_roles, "clip_gradient_norm", SHORT),
    ("permutation", torch_roles, "permutation"),
    ("minibatches", torch_roles, "minibatches"),
    ("dropout", numpy_roles, "dropout"),
    ("channel_dropout", numpy_roles, "channel_dropout"),
    ("split_uniforms", numpy_roles, "split_uniforms"),
    ("relu", numpy_roles, "relu"),
    ("tanh", numpy_roles, "tanh"),
    ("l2_penalty", numpy_roles, "l2_penalty"),
    ("sgd", numpy_roles, "sgd"),
]


@pytest.mark.parametrize(
    ("role", "module", "name", "findings"),
    [
        pytest.param(*case[:3], *(case[3:] or ({},)), id=f"{case[1].__name__[15:20]}-{case[2]}")
        for case in CORRECT
    ],
)
def test_a_correct_object_is_refuted_only_where_a_finding_says_so(
    role: str, module: object, name: str, findings: dict[str, str]
) -> None:
    found = surprises(role, getattr(module, name))
    assert as_documented(found, findings), found


def test_a_rate_declared_wrongly_is_refuted() -> None:
    records = check_implementation(dropout=torch_roles.wrong_rate, claims=("do-keep-rule",))

    assert records[0].verdict == "REFUTED"


def test_a_layout_declared_wrongly_is_refuted() -> None:
    records = check_implementation(
        he_normal=torch_roles.wrong_layout, claims=("ac-relu.he-normal",)
    )

    assert records[0].verdict == "REFUTED"


def test_a_mode_and_a_gradient_that_are_missing_are_not_applicable() -> None:
    ids = ("do-eval", "do-grad-vanish")
    records = check_implementation(dropout=numpy_roles.dropout_without_mode, claims=ids)

    verdicts = {record.claim: record.verdict for record in records}
    assert verdicts["do-eval"] == "NOT APPLICABLE"
    assert verdicts["do-grad-vanish"] == "NOT APPLICABLE"


def test_a_function_that_writes_into_its_input_is_an_error_in_one_sentence() -> None:
    (record,) = check_implementation(dropout=numpy_roles.dropout_in_place, claims=("do-printed",))[
        :1
    ]

    assert record.verdict == "ERROR"
    assert record.error is not None
    assert "as 'dropout' changed its input" in record.error["message"]


def test_an_adapter_leaves_torchs_global_generator_as_it_was() -> None:
    before = torch.get_rng_state()
    generator = torch.Generator().manual_seed(1)

    first = torch_roles.dropout_module(torch.ones(64), 0.5, generator)
    second = torch_roles.dropout_module(torch.ones(64), 0.5, generator)

    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, second)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"role": "dropout", "rate": "retain"}, "there are: drop, keep"),
        ({"role": "dropout", "arrays": "mlx"}, "there are: torch, numpy, jax"),
        ({"role": "propagate"}, "no adapter from torch to the role 'propagate'"),
    ],
)
def test_a_wrong_convention_is_told_in_one_sentence(arguments: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        adapter(thing=torch.nn.Dropout, **arguments)
