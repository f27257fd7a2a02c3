"""JAX with Flax and Optax, Keras 3 and scikit-learn, judged through their adapters.

Skipped where a framework is not installed; `tox -e frameworks` installs them all.
"""

from __future__ import annotations

import importlib
import os

import pytest

from tests.harness.adapters.judged import as_documented, surprises

os.environ.setdefault("KERAS_BACKEND", "torch")

# The findings that docs/findings.md reproduces by hand: no others are allowed.
TRUNCATED = {"in-xavier-formula": "REFUTED"}
FLOAT32_RATE = dict.fromkeys(
    ("wd-update", "wd-any-loss", "wd-bias.step", "wd-identities.zero", "wd-free.corrected"),
    "REFUTED",
)
GROUPS = {"in-xavier-formula.kernels": "REFUTED"}
RECIPROCAL = {"do-unbiased.sixteen-bit": "REFUTED"}

CASES = [
    ("jax_roles", "dropout", "linen_dropout", RECIPROCAL),
    ("jax_roles", "dropout", "nnx_dropout", RECIPROCAL),
    ("jax_roles", "channel_dropout", "channel_dropout", {}),
    ("jax_roles", "path_dropout", "path_dropout", {}),
    ("jax_roles", "he_kernel", "he_kernel", {}),
    ("jax_roles", "xavier_kernel", "xavier_kernel", GROUPS),
    ("jax_roles", "split_uniforms", "split_uniforms", {}),
    ("jax_roles", "folded_uniforms", "folded_uniforms", {}),
    ("jax_roles", "xavier_uniform", "xavier_uniform", {}),
    ("jax_roles", "xavier_normal", "xavier_normal", {}),
    ("jax_roles", "xavier_normal", "glorot_normal", TRUNCATED),
    ("jax_roles", "he_uniform", "he_uniform", {}),
    ("jax_roles", "he_normal", "he_normal", {}),
    ("jax_roles", "relu", "relu", {}),
    ("jax_roles", "sigmoid", "sigmoid", {}),
    ("jax_roles", "tanh", "tanh", {}),
    ("jax_roles", "sgd", "sgd", {}),
    ("jax_roles", "adam", "adamw", {}),
    ("jax_roles", "adamw", "adamw_role", {}),
    ("jax_roles", "nesterov_sgd", "nesterov_sgd", {}),
    ("keras_roles", "dropout", "dropout", {}),
    ("keras_roles", "channel_dropout", "channel_dropout", {}),
    ("keras_roles", "path_dropout", "path_dropout", {}),
    ("keras_roles", "xavier_uniform", "xavier_uniform", {}),
    ("keras_roles", "xavier_normal", "glorot_normal", TRUNCATED),
    ("keras_roles", "he_uniform", "he_uniform", {}),
    ("keras_roles", "relu", "relu", {}),
    ("keras_roles", "sigmoid", "sigmoid", {}),
    ("keras_roles", "tanh", "tanh", {}),
    ("keras_roles", "sgd", "sgd", FLOAT32_RATE),
    ("sklearn_roles", "polynomial_features", "polynomial_features", {}),
    ("sklearn_roles", "k_fold", "k_fold", {}),
    ("sklearn_roles", "stratified_k_fold", "stratified_k_fold", {}),
]
NEEDS = {
    "jax_roles": ("jax", "flax", "optax"),
    "keras_roles": ("keras",),
    "sklearn_roles": ("sklearn",),
}


@pytest.mark.parametrize(
    ("module", "role", "name", "findings"),
    [pytest.param(*case, id=f"{case[0][:-6]}-{case[2]}") for case in CASES],
)
@pytest.mark.filterwarnings("default")  # theirs to mend
def test_the_framework_is_refuted_only_where_a_finding_says_so(
    module: str, role: str, name: str, findings: dict[str, str]
) -> None:
    for needed in NEEDS[module]:
        pytest.importorskip(needed)
    from harness.run.api import chosen_claims

    if not chosen_claims((role,)):
        pytest.skip(f"no claim of the quick profile takes {role}")
    thing = getattr(importlib.import_module(f"tests.harness.adapters.{module}"), name)

    found = surprises(role, thing)
    assert as_documented(found, findings), found
